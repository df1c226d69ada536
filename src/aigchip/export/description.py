"""A built design as an export needs it: frozen, and read from files by the caller."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aigchip.core.errors import AigchipError
from aigchip.template import module as modules
from aigchip.toolchain import shell

Files = dict[str, str | bytes]
"""What a format gives: paths relative to the export's folder, with their content."""

Access = Literal["r", "rw"]

VENDOR, LIBRARY, CORE_VERSION = "aigchip", "accelerators", "1.0"


class ExportError(AigchipError):
    """Report a design that a format cannot hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One text file with its header of provenance."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Some bits of a register.

    Attributes:
        name: Its name.
        low: Its lowest bit.
        width_bits: How many bits.
        access: What software may do.
        meaning: One sentence.
        clears_on_read: Whether reading clears it.
        toggles: Whether writing 1 toggles it.
    """

    name: str
    low: int
    width_bits: int
    access: Access
    meaning: str
    clears_on_read: bool = False
    toggles: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One 32-bit word of the control interface.

    Attributes:
        name: Its name; both words of a 64-bit argument end in `_low` and `_high`.
        offset: Byte offset.
        meaning: One sentence.
        fields: Its bits, low ones first.
    """

    name: str
    offset: int
    meaning: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """An argument of the accelerator: the offset of its first word, and its width."""

    name: str
    offset: int
    width_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port of the shell."""

    name: str
    direction: Literal["input", "output"]
    width_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Everything that the formats write.

    Attributes:
        design: The design's name or number.
        version: The version of aigchip.
        modules: The C++ of every module as it was written, with headers.
        units: The C++ of every process, its callees' code before its own, with the headers of all.
        top: The C++ of the assembled top function.
        includes: Headers that the sources include and that Vitis HLS does not have.
        rtl: The Verilog files, shell included.
        kernel: The HLS top, hence the kernel's module; the RTL's top is `<kernel>_shell`.
        arguments: What the control registers hold, in order.
        memories: The memory ports `m_axi_<name>`.
        part: The device.
        clock_period_ps: The clock for which the design was synthesised [ps].
        licence: The text of aigchip's licence.
        reports: The reports of the build.
        parameters: The design's genome.
        provenance: Who made what.
    """

    design: str
    version: str
    modules: tuple[File, ...]
    units: tuple[File, ...]
    top: File
    includes: tuple[File, ...]
    rtl: tuple[File, ...]
    kernel: str
    arguments: tuple[Argument, ...]
    memories: tuple[shell.MemoryPort, ...]
    part: str
    clock_period_ps: int
    licence: str
    reports: tuple[File, ...]
    parameters: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def __post_init__(self) -> None:
        names = {file.name for file in self.rtl}
        if f"{self.shell}.v" not in names:
            raise ExportError(
                self.design, f"the RTL has no {self.shell}.v", f"Run ./doit build design={self.design}.", code="rtl"
            )

    @property
    def shell(self) -> str:
        """The RTL's top module."""
        return f"{self.kernel}_shell"

    @property
    def identifier(self) -> str:
        """The design's name as an identifier of C, Python, Tcl and IP-XACT."""
        word = re.sub(r"\W", "_", self.design, flags=re.ASCII)
        return word if word[:1].isalpha() else f"design_{word}"

    @property
    def vlnv(self) -> str:
        """Vendor, library, name and version, as IP catalogues and FuseSoC name a core."""
        return f"{VENDOR}:{LIBRARY}:{self.identifier}:{CORE_VERSION}"

    @property
    def clock_period_ns(self) -> str:
        """The clock period as Tcl and configuration files write it [ns]."""
        return f"{self.clock_period_ps / 1000:.3f}"

    @property
    def registers(self) -> tuple[Register, ...]:
        """The control registers in the order of their offsets."""
        return tuple(sorted((*_FIXED, *_words(self.arguments)), key=lambda register: register.offset))

    @property
    def ports(self) -> tuple[Port, ...]:
        """The shell's ports."""
        names = {"AWADDR": 13, "ARADDR": 13, "WDATA": 32, "RDATA": 32, "WSTRB": 4, "BRESP": 2, "RRESP": 2}
        ports = [Port(name=name, direction="input", width_bits=1) for name in ("ap_clk", "ap_rst_n")]
        ways: Sequence[Literal["input", "output"]] = ("input", "output")
        for way in ways:
            ports.extend(
                Port(name=f"s_axi_control_{name}", direction=way, width_bits=names.get(name, 1))
                for name in shell.CONTROL[way]
            )
        ports.extend(
            Port(name=name, direction="input" if way == "input" else "output", width_bits=bits)
            for way, name, bits in shell.outer_ports(self.memories)
        )
        return (*ports, Port(name="interrupt", direction="output", width_bits=1))


def arguments_of(network: Mapping[str, Any]) -> tuple[Argument, ...]:
    """Read the arguments' registers from a network.json, as the co-simulation does."""
    return tuple(
        Argument(name=register["name"], offset=register["offset"], width_bits=register["width_bits"])
        for register in network["registers"]
    )


def _whole(meaning: str, access: Access, width_bits: int = 32) -> tuple[Field, ...]:
    return (Field(name="value", low=0, width_bits=width_bits, access=access, meaning=meaning),)


def _interrupts(meaning: str, *, toggles: bool = False) -> tuple[Field, ...]:
    return tuple(
        Field(name=name, low=bit, width_bits=1, access="rw", meaning=meaning.format(name), toggles=toggles)
        for bit, name in enumerate(("done", "ready"))
    )


_FIXED = (
    Register(
        name="control",
        offset=0x00,
        meaning="Start and state of a run (ap_ctrl of Vitis HLS).",
        fields=(
            Field(name="start", low=0, width_bits=1, access="rw", meaning="Write 1 to start a run; cleared as it starts."),
            Field(
                name="done",
                low=1,
                width_bits=1,
                access="r",
                meaning="A run has ended; reading clears it.",
                clears_on_read=True,
            ),
            Field(name="idle", low=2, width_bits=1, access="r", meaning="No run is under way."),
            Field(name="ready", low=3, width_bits=1, access="r", meaning="The next run may be started."),
            Field(name="auto_restart", low=7, width_bits=1, access="rw", meaning="Start again after every run."),
        ),
    ),
    Register(
        name="interrupt_global",
        offset=0x04,
        meaning="Whether the interrupt pin may rise (GIER).",
        fields=(Field(name="enable", low=0, width_bits=1, access="rw", meaning="Let the pin rise."),),
    ),
    Register(
        name="interrupt_enable",
        offset=0x08,
        meaning="Which events count (IER).",
        fields=_interrupts("Let {} raise the interrupt."),
    ),
    Register(
        name="interrupt_status",
        offset=0x0C,
        meaning="Which events happened (ISR).",
        fields=_interrupts("The event {} happened; writing 1 toggles it.", toggles=True),
    ),
    Register(
        name="id",
        offset=shell.REGISTER_ID,
        meaning=f"0x{shell.ID:08x}, the letters AIGC.",
        fields=_whole("The identification.", "r"),
    ),
    Register(
        name="version",
        offset=shell.REGISTER_VERSION,
        meaning="The shell's version, major in the upper half.",
        fields=_whole("The version.", "r"),
    ),
    Register(
        name="cycles_low",
        offset=shell.REGISTER_CYCLES_LOW,
        meaning="Clock cycles of the last run, bits 31 to 0.",
        fields=_whole("The lower half.", "r"),
    ),
    Register(
        name="cycles_high",
        offset=shell.REGISTER_CYCLES_HIGH,
        meaning="Clock cycles of the last run, bits 63 to 32.",
        fields=_whole("The upper half.", "r"),
    ),
    Register(
        name="runs",
        offset=shell.REGISTER_RUNS,
        meaning="Runs finished since reset.",
        fields=_whole("The count.", "r"),
    ),
)  # fmt: skip

_OF_MEMORIES = {
    "gmem_a": "Byte address of the weights and parameters, a multiple of a memory word.",
    "gmem_b": "Byte address of the input map, a multiple of a memory word.",
    "gmem_c": "Byte address of the output map, a multiple of a memory word.",
}


@functools.cache
def _meanings() -> dict[str, str]:
    """Return a sentence for every argument, those of scalars from the template."""
    scalars = {port.name: port.meaning for port in modules.load("ctrl").spec.ports if port.kind == "scalar_in"}
    return {name: f"{text[:1].upper()}{text[1:]}." for name, text in scalars.items()} | _OF_MEMORIES


def _words(arguments: Sequence[Argument]) -> list[Register]:
    found: list[Register] = []
    for argument in arguments:
        meaning = _meanings().get(argument.name, f"The argument {argument.name}.")
        if argument.width_bits <= 32:
            fields = _whole(meaning, "rw", argument.width_bits)
            found.append(Register(name=argument.name, offset=argument.offset, meaning=meaning, fields=fields))
            continue
        for index, half in enumerate(("low", "high")):
            bits = min(32, argument.width_bits - 32 * index)
            text = f"{meaning[:-1]}, the {'lower' if half == 'low' else 'upper'} word."
            found.append(
                Register(
                    name=f"{argument.name}_{half}",
                    offset=argument.offset + 4 * index,
                    meaning=text,
                    fields=_whole(text, "rw", bits),
                )
            )
    return found
