"""The AXI4-Lite register file of a network, with the register map of Vitis HLS (UG1399, "S_AXILITE Control Register Map").

0x00 ap_ctrl (start 0, done 1 clear on read, idle 2, ready 3, auto restart 7), 0x04 GIER, 0x08 IER, 0x0c ISR (toggle on write), then
the arguments from 0x10: 8 bytes for each argument of at most 32 bits, 12 bytes for each one of at most 64.
"""

from __future__ import annotations

from dataclasses import dataclass

from csynth.link.model import Network
from csynth.rtl.text import range_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """An argument: byte offset of its first word and its width."""

    name: str
    offset: int
    width_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Axilite:
    """The register file's module and the text that instantiates it."""

    name: str
    verilog: str
    ports: list[str]
    declarations: list[str]
    instance: list[str]


def register_map(network: Network) -> tuple[Register, ...]:
    """The arguments' registers, in order."""
    arguments = [(scalar.name, scalar.width_bits) for scalar in network.scalars if scalar.constant is None]
    arguments += [(maxi.name, 64) for maxi in network.maxi]
    offset, found = 0x10, []
    for name, width_bits in arguments:
        found.append(Register(name=name, offset=offset, width_bits=width_bits))
        offset += 8 if width_bits <= 32 else 12
    return tuple(found)


_AXI_PORTS = (
    ("input", "AWADDR", 12), ("input", "AWVALID", 1), ("output", "AWREADY", 1), ("input", "WDATA", 32), ("input", "WSTRB", 4),
    ("input", "WVALID", 1), ("output", "WREADY", 1), ("output", "BRESP", 2), ("output", "BVALID", 1), ("input", "BREADY", 1),
    ("input", "ARADDR", 12), ("input", "ARVALID", 1), ("output", "ARREADY", 1), ("output", "RDATA", 32), ("output", "RRESP", 2),
    ("output", "RVALID", 1), ("input", "RREADY", 1),
)  # fmt: skip

_BODY = """\
  reg auto_restart, done_flag, global_interrupt;
  reg [1:0] interrupt_enable;
  reg [1:0] interrupt_status;
  reg start;
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
  assign ap_start = start;
  assign interrupt = global_interrupt && (|interrupt_status);

  always @(posedge ap_clk) begin
    if (address_now) write_address <= s_axi_AWADDR;
    if (ap_rst) begin
      address_taken <= 1'd0;
      write_response <= 1'd0;
      read_valid <= 1'd0;
      start <= 1'd0;
      auto_restart <= 1'd0;
      done_flag <= 1'd0;
      global_interrupt <= 1'd0;
      interrupt_enable <= 2'd0;
      interrupt_status <= 2'd0;
@RESET@
    end else begin
      if (address_now) address_taken <= 1'd1;
      else if (write_now) address_taken <= 1'd0;
      if (write_now) write_response <= 1'd1;
      else if (s_axi_BREADY) write_response <= 1'd0;
      if (read_now) read_valid <= 1'd1;
      else if (s_axi_RREADY) read_valid <= 1'd0;
      if (ap_ready) start <= auto_restart;
      if (read_now && s_axi_ARADDR == 12'h000) done_flag <= 1'd0;
      if (ap_done) done_flag <= 1'd1;
      if (ap_done && interrupt_enable[0]) interrupt_status[0] <= 1'd1;
      if (ap_ready && interrupt_enable[1]) interrupt_status[1] <= 1'd1;
      if (write_now) begin
        case (write_address)
          12'h000: begin
            if (word[0]) start <= 1'd1;
            if (s_axi_WSTRB[0]) auto_restart <= word[7];
          end
          12'h004: if (s_axi_WSTRB[0]) global_interrupt <= word[0];
          12'h008: if (s_axi_WSTRB[0]) interrupt_enable <= word[1:0];
          12'h00c: interrupt_status <= interrupt_status ^ word[1:0];
@WRITES@
          default: ;
        endcase
      end
    end
    if (read_now) begin
      case (s_axi_ARADDR)
        12'h000: read_data <= {24'd0, auto_restart, 3'd0, ap_ready, ap_idle, done_flag, start};
        12'h004: read_data <= {31'd0, global_interrupt};
        12'h008: read_data <= {30'd0, interrupt_enable};
        12'h00c: read_data <= {30'd0, interrupt_status};
@READS@
        default: read_data <= 32'd0;
      endcase
    end
  end
endmodule
"""


def _words(register: Register) -> list[tuple[int, int, int]]:
    """(byte offset, low bit, bits) of each 32-bit word of a register."""
    return [
        (register.offset + 4 * index, 32 * index, min(32, register.width_bits - 32 * index))
        for index in range((register.width_bits + 31) // 32)
    ]


def emit_axilite(network: Network) -> Axilite:
    """The register file of `network`."""
    name = f"{network.name}_control"
    registers = register_map(network)
    reset = [f"      {register.name} <= {register.width_bits}'d0;" for register in registers]
    writes, reads = [], []
    for register in registers:
        for offset, low, bits in _words(register):
            part = register.name if register.width_bits == 1 else f"{register.name}[{low + bits - 1}:{low}]"
            low_bits = "[0]" if bits == 1 else f"[{bits - 1}:0]" if bits < 32 else ""
            writes.append(f"          12'h{offset:03x}: {part} <= ({part} & ~mask{low_bits}) | word{low_bits};")
            pad = f"{{{32 - bits}'d0, {part}}}" if bits < 32 else part
            reads.append(f"        12'h{offset:03x}: read_data <= {pad};")
    ports = ["input  ap_clk", "input  ap_rst"]
    ports += [f"{direction:<6} {range_of(bits)}s_axi_{port}" for direction, port, bits in _AXI_PORTS]
    ports += ["output interrupt", "output ap_start", "input  ap_done", "input  ap_idle", "input  ap_ready"]
    ports += [f"output reg {range_of(register.width_bits)}{register.name}" for register in registers]
    body = (
        _BODY.replace("@RESET@", "\n".join(reset))
        .replace("@WRITES@", "\n".join(writes))
        .replace("@READS@", "\n".join(reads))
    )
    map_lines = [f"// 0x{register.offset:03x}  {register.name} ({register.width_bits} bits)" for register in registers]
    verilog = "\n".join(
        ["// Register map of Vitis HLS. 0x000 ap_ctrl, 0x004 GIER, 0x008 IER, 0x00c ISR,", *map_lines,
         f"module {name} (", ",\n".join(f"  {port}" for port in ports), ");", body]
    )  # fmt: skip
    pins = [".ap_clk(ap_clk)", ".ap_rst(ap_rst)"]
    pins += [f".s_axi_{port}(s_axi_control_{port})" for _, port, _ in _AXI_PORTS]
    pins += [
        ".interrupt(interrupt)",
        *(f".{signal}({signal})" for signal in ("ap_start", "ap_done", "ap_idle", "ap_ready")),
    ]
    pins += [f".{register.name}({register.name})" for register in registers]
    return Axilite(
        name=name,
        verilog=verilog,
        ports=[f"{direction:<6} {range_of(bits)}s_axi_control_{port}" for direction, port, bits in _AXI_PORTS]
        + ["output interrupt"],
        declarations=["wire ap_start, ap_done, ap_idle, ap_ready;"]
        + [f"wire {range_of(register.width_bits)}{register.name};" for register in registers],
        instance=[f"{name} control (", *(f"  {pin}," for pin in pins[:-1]), f"  {pins[-1]}", ");"],
    )
