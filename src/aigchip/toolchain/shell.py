"""Render the RTL shell around a kernel from either C-synthesis engine, by the ports that the kernel has."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.toolchain.axi_master import MASTER, MemoryPort, at_rest, width_of
from aigchip.toolchain.stripes import Stripe, stripe_of

VERSION = 0x0001_0001

REGISTER_ID = 0x1000
REGISTER_VERSION = 0x1004
REGISTER_CYCLES_LOW = 0x1008
REGISTER_CYCLES_HIGH = 0x100C
REGISTER_RUNS = 0x1010
REGISTER_PROGRAM = 0x1018
REGISTER_COMMAND = 0x1020
REGISTER_JOBS = 0x1024
REGISTER_TOTAL = 0x1028
REGISTER_ERROR = 0x1030
REGISTER_TAKEN = 0x1034
REGISTER_BASES = 0x1040
ID = 0x41494743  # "AIGC"

CONTROL = {
    "input": ("AWADDR", "AWVALID", "WDATA", "WSTRB", "WVALID", "BREADY", "ARADDR", "ARVALID", "RREADY"),
    "output": ("AWREADY", "WREADY", "BRESP", "BVALID", "ARREADY", "RDATA", "RRESP", "RVALID"),
}


class KernelPortError(AigchipError):
    """Report a kernel that the shell cannot hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the shell does beside holding the kernel.

    Attributes:
        ports: AXI masters on which each memory port of the kernel lies in stripes: 1, 2 or 4. With 1 it is passed through.
        jobs: Whether it runs programs from memory, by one more master, m_axi_gmem_j.
    """

    ports: int = 1
    jobs: bool = False

    def __post_init__(self) -> None:
        if self.ports not in (1, 2, 4):
            raise ValueError(f"ports is {self.ports}; must be 1, 2 or 4")


# Signals of that master which the walker drives or reads; the others are at rest: INCR, 8 bytes a word, every strobe.
_WALKED = frozenset(
    (
        *("ARADDR", "ARLEN", "ARVALID", "ARREADY", "RDATA", "RRESP", "RLAST", "RVALID", "RREADY"),
        *("AWADDR", "AWVALID", "AWREADY", "WDATA", "WVALID", "WREADY", "BRESP", "BVALID", "BREADY"),
    )
)
#: The master that reads programs.
JOBS = MemoryPort(name="gmem_j", width_bits=64)
DEFAULT = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The shell's register that says where a stripe lies: `<name>_<part>` of a memory port, and the offset of its low word."""

    master: str
    register: int


@dataclass(frozen=True, slots=True)
class _AxiPort:
    direction: str
    name: str
    width_bits: int
    constant: str | None


@dataclass(frozen=True, slots=True)
class _Tie:
    port: str
    value: str


def module_ports(verilog: str, module: str) -> dict[str, str]:
    """Read the ports of a Verilog module (either header style): direction by name, in order.

    Raises:
        KernelPortError: the text does not define the module.
    """
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", verilog, flags=re.DOTALL)
    found = re.search(rf"\bmodule\s+\\?{re.escape(module)}\b(.*?)\bendmodule\b", text, flags=re.DOTALL)
    if found is None:
        raise KernelPortError(
            module, "the RTL does not define this module", "Name the kernel's top module.", code="rtl"
        )
    declaration = re.compile(r"\b(input|output)\s+(?:wire\s+|reg\s+|signed\s+)*(?:\[[^\]]*\]\s*)?(\w+)")
    return {name: direction for direction, name in declaration.findall(found.group(1))}


def _control_bits(verilog: str, kernel: str) -> int:
    """Return the width of the address port of s_axi_control, written as a number or as a parameter with a default."""
    found = re.search(r"\binput\s+(?:wire\s+)?\[([^\]]+?)(?:\s*-\s*1)?\s*:\s*0\]\s*s_axi_control_AWADDR\b", verilog)
    high = found.group(1).strip() if found else ""
    if high.isdecimal():
        bits = int(high) + 1
    else:
        value = re.search(rf"\b{re.escape(high)}\s*=\s*(\d+)", verilog) if high else None
        bits = int(value.group(1)) if value else 0
    if not 6 <= bits <= 12:
        raise KernelPortError(
            kernel,
            f"s_axi_control has {bits or 'an unknown number of'} address bits; must have 6 to 12",
            "Use fewer arguments.",
            code="rtl",
        )
    return bits


def masters(memories: Sequence[MemoryPort], options: Options = DEFAULT) -> list[MemoryPort]:
    """Return the shell's AXI4 masters: those of the memory ports, in stripes where there are any, and that of programs."""
    found = list(memories)
    if options.ports > 1:
        found = [
            MemoryPort(name=f"{memory.name}_{part}", width_bits=memory.width_bits // options.ports)
            for memory in memories
            for part in range(options.ports)
        ]
    return [*found, JOBS] if options.jobs else found


def bases(memories: Sequence[MemoryPort], options: Options = DEFAULT) -> list[Base]:
    """Return the registers of the stripes' bases; none with one port."""
    if options.ports == 1:
        return []
    return [
        Base(master=master.name, register=REGISTER_BASES + 8 * index)
        for index, master in enumerate(masters(memories, Options(ports=options.ports)))
    ]


def options_of(text: str) -> Options:
    """Return the options that a shell's text was rendered with."""
    found = re.search(r"^// options: ports=(\d) jobs=(\w+)$", text, flags=re.MULTILINE)
    return Options(ports=int(found[1]), jobs=found[2] != "none") if found else DEFAULT


def outer_ports(memories: Sequence[MemoryPort], options: Options = DEFAULT) -> list[tuple[str, str, int]]:
    """Return the shell's AXI4 ports: direction, name, width [bits]."""
    return [
        (direction, f"m_axi_{memory.name}_{signal}", width_of(width, memory))
        for memory in masters(memories, options)
        for signal, direction, width, _ in MASTER
    ]


def render(
    kernel_verilog: str,
    *,
    kernel: str,
    memories: Sequence[MemoryPort],
    options: Options = DEFAULT,
    template: Path | None = None,
) -> str:
    """Return the Verilog of `<kernel>_shell`.

    Args:
        kernel_verilog: The text that defines the kernel's top module.
        kernel: Its name.
        memories: Its memory ports.
        options: What the shell does beside holding it.
        template: The shell's template; the project's by default.

    Raises:
        KernelPortError: the kernel lacks a port that the shell needs or has one that the shell does not know.
    """
    found = module_ports(kernel_verilog, kernel)
    reset = "ap_rst" if "ap_rst" in found else "ap_rst_n"  # csynth: active high; Vitis HLS: active low
    needed = {"ap_clk": "input", reset: "input", "interrupt": "output"}
    needed |= {f"s_axi_control_{name}": way for way, names in CONTROL.items() for name in names}
    for name, direction in needed.items():
        if found.get(name) != direction:
            raise KernelPortError(
                kernel,
                f"the {direction} {name} is missing",
                "Synthesise the top with s_axilite control in bundle `control`.",
                code="rtl",
            )
    control_bits = _control_bits(kernel_verilog, kernel)
    for memory in memories:
        if memory.width_bits // options.ports not in (32, 64, 128, 256, 512, 1024):
            raise KernelPortError(
                kernel,
                f"{memory.name} has {memory.width_bits} bits on {options.ports} ports; each must have 32 to 1024, a power of two",
                "Use fewer ports.",
                code="rtl",
            )
    rest = {name: direction for name, direction in found.items() if name not in needed}
    axi_ports: list[_AxiPort] = []
    ties: list[_Tie] = []
    unused: list[str] = []
    stripes: list[Stripe] = []
    for memory in memories:
        prefix = f"m_axi_{memory.name}_"
        given = {name.removeprefix(prefix) for name in rest if name.startswith(prefix)}
        known = {
            signal for signal, *_ in MASTER if not signal.endswith("LOCK")
        }  # 2 bits in Vitis HLS (AXI3), 1 in AXI4
        for signal in sorted(given - known):  # LOCK, USER, REGION and WID of Vitis HLS: never driven by either engine
            ties.append(_Tie(prefix + signal, "" if rest[prefix + signal] == "output" else "1'b0"))
        rest = {name: direction for name, direction in rest.items() if not name.startswith(prefix)}
        if options.ports == 1:
            ties += [_Tie(prefix + signal, prefix + signal) for signal, *_ in MASTER if signal in given & known]
            ports, idle = _outside(memory, given & known)
            axi_ports += ports
            unused += idle
        else:
            stripe = stripe_of(memory, given & known, options.ports)
            stripes.append(stripe)
            ties += [
                _Tie(prefix + signal, f"k_{memory.name}_{signal}") for signal, *_ in MASTER if signal in given & known
            ]
            for part in range(options.ports):
                own = MemoryPort(name=f"{memory.name}_{part}", width_bits=memory.width_bits // options.ports)
                ports, _ = _outside(own, {signal for signal, *_ in MASTER})
                axi_ports += ports
            unused += stripe.unused
    if options.jobs:
        ports, idle = _outside(JOBS, _WALKED, {"WSTRB": "8'hff", "WLAST": "1'b1"})
        axi_ports += ports
        unused += idle
    if rest:
        raise KernelPortError(
            kernel, f"the port {next(iter(rest))} is unknown to the shell", "Tie it inside the kernel.", code="rtl"
        )
    source = template or paths.template_dir() / "shell" / "shell.v.j2"
    environment = jinja2.Environment(  # noqa: S701 (Verilog, never HTML)
        loader=jinja2.FileSystemLoader(source.parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(source.name).render(
        name=f"{kernel}_shell",
        kernel=kernel,
        reset=reset,
        control_bits=control_bits,
        version=VERSION,
        axi_ports=axi_ports,
        ties=ties,
        unused_inputs=unused,
        ports=options.ports,
        jobs=JOBS.name if options.jobs else "",
        bases=bases(memories, options),
        stripes=stripes,
    )


def _outside(
    memory: MemoryPort, driven: Collection[str], rests: Mapping[str, str] | None = None
) -> tuple[list[_AxiPort], list[str]]:
    """Return the ports of one of the shell's masters, those that nothing drives at rest, and its inputs that nobody reads.

    Args:
        memory: The master.
        driven: The signals that the shell or the kernel drives or reads.
        rests: Constants of the others that are not the usual ones.
    """
    ports: list[_AxiPort] = []
    idle: list[str] = []
    for signal, direction, width, constant in MASTER:
        name, bits = f"m_axi_{memory.name}_{signal}", width_of(width, memory)
        if signal in driven:
            ports.append(_AxiPort(direction, name, bits, None))
            continue
        value = (rests or {}).get(signal) or at_rest(signal, constant, memory)
        ports.append(_AxiPort(direction, name, bits, value or None))
        if direction == "input":
            idle.append(name)
    return ports, idle
