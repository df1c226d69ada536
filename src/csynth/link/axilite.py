"""An AXI4-Lite register file with the register map of Vitis HLS (UG1399, "S_AXILITE Control Register Map").

0x00 ap_ctrl (start 0, done 1 clear on read, idle 2, ready 3 clear on read, continue 4 with ap_ctrl_chain, auto restart 7, interrupt 9),
0x04 GIER, 0x08 IER, 0x0c ISR (toggle on write), then ap_return and the arguments from 0x10: the words of a value and one word more,
which is reserved or, for an output, says in bit 0 that it was written (clear on read). An output that is no input takes twice the room.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from csynth.errors import CsynthError
from csynth.link.model import Network
from csynth.rtl.text import range_of

ADDRESS_BITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """An argument: byte offset of its first word and its width. `kind` is in, out (with a word that says it was written) or return."""

    name: str
    offset: int
    width_bits: int
    kind: str = "in"

    @property
    def control_offset(self) -> int:
        """Byte offset of the word after the value."""
        return self.offset + 4 * ((self.width_bits + 31) // 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axilite:
    """The register file's module and the text that instantiates it."""

    name: str
    verilog: str
    ports: list[str]
    declarations: list[str]
    instance: list[str]


def layout(arguments: Iterable[tuple[str, int, str]]) -> tuple[Register, ...]:
    """The registers of (name, width in bits, kind), in order; kinds in, out, return and second (the output half of an inout).

    Raises:
        CsynthError: they do not fit into 4 KiB.
    """
    offset, found = 0x10, []
    for name, width_bits, kind in arguments:
        register = Register(name=name, offset=offset, width_bits=width_bits, kind="out" if kind == "second" else kind)
        found.append(register)
        room = register.control_offset + 4 - offset
        offset += 2 * room if kind == "out" else room
    if offset > 1 << ADDRESS_BITS:
        raise CsynthError(
            "registers", f"the arguments in one bundle of registers take {offset} bytes; must be at most {1 << ADDRESS_BITS}", None,
            "Use several bundles.",
        )  # fmt: skip
    return tuple(found)


def register_map(network: Network) -> tuple[Register, ...]:
    """The arguments' registers of a network, in order."""
    arguments = [(scalar.name, scalar.width_bits, "in") for scalar in network.scalars if scalar.constant is None]
    return layout(arguments + [(maxi.name, 64, "in") for maxi in network.maxi])


_AXI_PORTS = (
    ("input", "AWADDR", 12), ("input", "AWVALID", 1), ("output", "AWREADY", 1), ("input", "WDATA", 32), ("input", "WSTRB", 4),
    ("input", "WVALID", 1), ("output", "WREADY", 1), ("output", "BRESP", 2), ("output", "BVALID", 1), ("input", "BREADY", 1),
    ("input", "ARADDR", 12), ("input", "ARVALID", 1), ("output", "ARREADY", 1), ("output", "RDATA", 32), ("output", "RRESP", 2),
    ("output", "RVALID", 1), ("input", "RREADY", 1),
)  # fmt: skip

_AXI_STATE = """\
  reg [11:0] write_address;
  reg address_taken;
  reg write_response;
  reg read_valid;
  reg [31:0] read_data;
  wire address_now = s_axi_AWVALID && s_axi_AWREADY;
  wire write_now = s_axi_WVALID && s_axi_WREADY;
  wire read_now = s_axi_ARVALID && s_axi_ARREADY;
  wire [31:0] mask = {{8{s_axi_WSTRB[3]}}, {8{s_axi_WSTRB[2]}}, {8{s_axi_WSTRB[1]}}, {8{s_axi_WSTRB[0]}}};
  wire [31:0] word = s_axi_WDATA & mask;

  assign s_axi_AWREADY = !address_taken && !write_response;
  assign s_axi_WREADY = address_taken && !write_response;
  assign s_axi_BVALID = write_response;
  assign s_axi_BRESP = 2'd0;
  assign s_axi_ARREADY = !read_valid;
  assign s_axi_RVALID = read_valid;
  assign s_axi_RDATA = read_data;
  assign s_axi_RRESP = 2'd0;
"""
_AXI_RESET = ["address_taken <= 1'd0;", "write_response <= 1'd0;", "read_valid <= 1'd0;"]
_AXI_MOVES = [
    "if (address_now) address_taken <= 1'd1;",
    "else if (write_now) address_taken <= 1'd0;",
    "if (write_now) write_response <= 1'd1;",
    "else if (s_axi_BREADY) write_response <= 1'd0;",
    "if (read_now) read_valid <= 1'd1;",
    "else if (s_axi_RREADY) read_valid <= 1'd0;",
]


@dataclass(slots=True)
class _Parts:
    """Text of a register file, by place."""

    declarations: list[str]
    reset: list[str]
    moves: list[str]
    writes: list[str]
    reads: list[str]


def _control(chain: bool) -> _Parts:
    """The four words of the block's control."""
    parts = _Parts(
        declarations=[
            "reg auto_restart, done_flag, ready_flag, global_interrupt;",
            "reg [1:0] interrupt_enable;",
            "reg [1:0] interrupt_status;",
            "reg start;",
            "wire [1:0] events = {ap_ready, ap_done} & interrupt_enable;",
            "wire [1:0] toggled = write_now && write_address == 12'h00c ? word[1:0] : 2'd0;",
            "assign ap_start = start;",
            "assign interrupt = global_interrupt && (|interrupt_status);",
        ],
        reset=[
            *(f"{name} <= 1'd0;" for name in ("start", "auto_restart", "done_flag", "ready_flag", "global_interrupt")),
            "interrupt_enable <= 2'd0;",
            "interrupt_status <= 2'd0;",
        ],
        moves=[
            "if (ap_ready) start <= auto_restart;",
            "if (read_now && s_axi_ARADDR == 12'h000) begin",
            "  done_flag <= 1'd0;",
            "  ready_flag <= 1'd0;",
            "end",
            "if (ap_done) done_flag <= 1'd1;",
            "if (ap_ready) ready_flag <= 1'd1;",
            "interrupt_status <= (interrupt_status ^ toggled) | events;",
        ],
        writes=[
            "12'h000: begin",
            "  if (word[0]) start <= 1'd1;",
            "  if (s_axi_WSTRB[0]) auto_restart <= word[7];",
            "end",
            "12'h004: if (s_axi_WSTRB[0]) global_interrupt <= word[0];",
            "12'h008: if (s_axi_WSTRB[0]) interrupt_enable <= word[1:0];",
        ],
        reads=[
            "12'h000: read_data <= {22'd0, interrupt, 1'd0, auto_restart, 3'd0, ready_flag, ap_idle, done_flag, start};",
            "12'h004: read_data <= {31'd0, global_interrupt};",
            "12'h008: read_data <= {30'd0, interrupt_enable};",
            "12'h00c: read_data <= {30'd0, interrupt_status};",
        ],
    )
    if chain:
        parts.declarations += ["reg continued, was_done;", "assign ap_continue = continued || auto_restart;"]
        parts.reset += ["continued <= 1'd0;", "was_done <= 1'd0;"]
        parts.moves = [line for line in parts.moves if "done_flag" not in line]
        parts.moves += [
            "continued <= write_now && write_address == 12'h000 && word[4];",
            "was_done <= ap_done && !ap_continue;",
        ]
        parts.declarations[0] = parts.declarations[0].replace(" done_flag,", "")
        parts.declarations[4] = "wire [1:0] events = {ap_ready, ap_done && !was_done} & interrupt_enable;"
        parts.reset.remove("done_flag <= 1'd0;")
        parts.reads[0] = parts.reads[0].replace("done_flag", "ap_done")
    return parts


def _words(register: Register) -> list[tuple[int, str, str, str]]:
    """(byte offset, the part of the register, the same bits of a bus word, the part widened) of each word of a register."""
    found = []
    for index in range((register.width_bits + 31) // 32):
        low = 32 * index
        bits = min(32, register.width_bits - low)
        part = register.name if register.width_bits == 1 else f"{register.name}[{low + bits - 1}:{low}]"
        of_word = "[0]" if bits == 1 else f"[{bits - 1}:0]" if bits < 32 else ""
        found.append((register.offset + 4 * index, part, of_word, f"{{{32 - bits}'d0, {part}}}" if bits < 32 else part))
    return found


def _argument(register: Register, parts: _Parts) -> None:
    name = register.name
    parts.reset.append(f"{name} <= {register.width_bits}'d0;")
    if register.kind != "in":
        parts.declarations.append(f"reg {range_of(register.width_bits)}{name};")
    if register.kind == "return":
        parts.moves.append(f"if (ap_done) {name} <= {name}_value;")
    elif register.kind == "out":
        parts.declarations.append(f"reg {name}_written;")
        parts.reset.append(f"{name}_written <= 1'd0;")
        parts.moves += [
            f"if (read_now && s_axi_ARADDR == 12'h{register.control_offset:03x}) {name}_written <= 1'd0;",
            f"if ({name}_ap_vld) begin",
            f"  {name} <= {name}_value;",
            f"  {name}_written <= 1'd1;",
            "end",
        ]
        parts.reads.append(f"12'h{register.control_offset:03x}: read_data <= {{31'd0, {name}_written}};")
    for offset, part, of_word, widened in _words(register):
        if register.kind == "in":
            parts.writes.append(f"12'h{offset:03x}: {part} <= ({part} & ~mask{of_word}) | word{of_word};")
        parts.reads.append(f"12'h{offset:03x}: read_data <= {widened};")


def _lines(lines: list[str], indent: int) -> str:
    return "".join(" " * indent + line + "\n" for line in lines)


def _body(parts: _Parts) -> str:
    case = ""
    if parts.writes:
        case = "      if (write_now) begin\n        case (write_address)\n" + _lines([*parts.writes, "default: ;"], 10)
        case += "        endcase\n      end\n"
    return (
        _AXI_STATE + _lines(parts.declarations, 2)
        + "\n  always @(posedge ap_clk) begin\n    if (address_now) write_address <= s_axi_AWADDR;\n    if (ap_rst) begin\n"
        + _lines(_AXI_RESET + parts.reset, 6) + "    end else begin\n" + _lines(_AXI_MOVES + parts.moves, 6) + case
        + "    end\n    if (read_now) begin\n      case (s_axi_ARADDR)\n"
        + _lines([*parts.reads, "default: read_data <= 32'd0;"], 8) + "      endcase\n    end\n  end\nendmodule\n"
    )  # fmt: skip


def emit_axilite(network: Network) -> Axilite:
    """The register file of `network`, bundle `control`."""
    return emit_bundle(f"{network.name}_control", "control", register_map(network), control="ap_ctrl_hs")


def emit_bundle(name: str, bundle: str, registers: tuple[Register, ...], *, control: str | None) -> Axilite:
    """A register file as module `name`, with ports `s_axi_<bundle>_*`.

    Args:
        name: of the module.
        bundle: of the ports.
        registers: from `layout`.
        control: ap_ctrl_hs or ap_ctrl_chain when the words below 0x10 start the block; None when they are reserved.
    """
    parts = _control(control == "ap_ctrl_chain") if control else _Parts([], [], [], [], [])
    outer = [register.name for register in registers]
    registers = tuple(
        replace(register, name=f"arg_{register.name}") for register in registers
    )  # a user's name may be ours
    for register in registers:
        _argument(register, parts)
    ports = ["input  ap_clk", "input  ap_rst"]
    ports += [f"{direction:<6} {range_of(bits)}s_axi_{port}" for direction, port, bits in _AXI_PORTS]
    signals = [
        ("output", "interrupt"),
        ("output", "ap_start"),
        ("input", "ap_done"),
        ("input", "ap_idle"),
        ("input", "ap_ready"),
    ]
    signals = signals if control else [("input", "ap_done")] if any(r.kind == "return" for r in registers) else []
    signals += [("output", "ap_continue")] if control == "ap_ctrl_chain" else []
    ports += [f"{direction:<6} {signal}" for direction, signal in signals]
    values: list[tuple[str, str, int]] = []
    for register in registers:
        if register.kind == "in":
            values.append(("output reg", register.name, register.width_bits))
        else:
            values.append(("input ", f"{register.name}_value", register.width_bits))
            values += [("input ", f"{register.name}_ap_vld", 1)] if register.kind == "out" else []
    ports += [f"{direction} {range_of(bits)}{port}" for direction, port, bits in values]
    what = "0x000 ap_ctrl, 0x004 GIER, 0x008 IER, 0x00c ISR," if control else "Below 0x010 reserved,"
    map_lines = [
        f"// 0x{r.offset:03x}  {name} ({r.width_bits} bits{'' if r.kind == 'in' else ', read only'})"
        + (f"; 0x{r.control_offset:03x} bit 0 written (clear on read)" if r.kind == "out" else "")
        for name, r in zip(outer, registers, strict=True)
    ]
    verilog = "\n".join(
        [
            f"// Register map of Vitis HLS. {what}",
            *map_lines,
            f"module {name} (",
            ",\n".join(f"  {port}" for port in ports),
            ");",
            _body(parts),
        ]
    )
    pins = [".ap_clk(ap_clk)", ".ap_rst(ap_rst)"]
    pins += [f".s_axi_{port}(s_axi_{bundle}_{port})" for _, port, _ in _AXI_PORTS]
    pins += [f".{signal}({signal})" for _, signal in signals]
    pins += [f".{port}({port.removeprefix('arg_')})" for _, port, _ in values]
    declared = ["wire ap_start, ap_done, ap_idle, ap_ready;"] if control else []
    declared += ["wire ap_continue;"] if control == "ap_ctrl_chain" else []
    return Axilite(
        name=name,
        verilog=verilog,
        ports=[f"{direction:<6} {range_of(bits)}s_axi_{bundle}_{port}" for direction, port, bits in _AXI_PORTS]
        + (["output interrupt"] if control else []),
        declarations=declared + [f"wire {range_of(bits)}{port.removeprefix('arg_')};" for _, port, bits in values],
        instance=[f"{name} {bundle}_registers (", *(f"  {pin}," for pin in pins[:-1]), f"  {pins[-1]}", ");"],
    )
