"""Make a bitstream with Vivado: the accelerator in its shell as an IP, a block design, implementation, reports.

Vivado writes a bitstream also where the clock is not met; here that is an error, with the number.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import jinja2

from aigchip.board import Board
from aigchip.core import hashing, paths
from aigchip.core.errors import InputError
from aigchip.core.figures import Figure
from aigchip.remote.host import Host
from aigchip.vendor import project, vivado_reports
from aigchip.vendor.errors import VendorRunError
from aigchip.vendor.probe import VendorTool
from aigchip.vendor.run import Bench, Limits
from aigchip.vendor.vivado_reports import Timing, Utilisation

IP = "accelerator"
SCRIPT = "bitstream.tcl"
CONSTRAINTS = "bitstream.xdc"
CONTROL_BYTES = 8192
"""Range of the shell's registers: 13 address bits."""

_PROJECT = "project"
_DESIGN = "system"
_NAME = re.compile(r"[A-Za-z0-9_.:-]*")
_PL_CLOCKS = ("clk_pl_0", "clk_fpga_0")
_SYSTEM = re.compile(r"<SYSTEMINFO\b[^>]*\bDEVICE=\"([^\"]+)\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One register of the accelerator: its name, where it is [bytes], its width [bits]."""

    name: str
    offset: int
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BitstreamRequest:
    """What becomes a bitstream.

    Attributes:
        design: The design's name, part of the files' names.
        rtl: File name to text: the kernel, its cells and the shell.
        top: The shell's module.
        memories: Names of the memory ports, `m_axi_<name>`.
        registers: The register map, for the .hwh.
        board: The board.
        clock_period_ps: What is asked for [ps].
    """

    design: str
    rtl: Mapping[str, str]
    top: str
    memories: tuple[str, ...]
    registers: tuple[Register, ...]
    board: Board
    clock_period_ps: int

    def __post_init__(self) -> None:
        named = (self.design, self.top, *self.rtl, *self.memories, *(register.name for register in self.registers))
        for name in (*named, self.board.part, self.board.board_part):
            if not _NAME.fullmatch(name):
                raise InputError(
                    "bitstream",
                    f"a name is {name!r}; must be letters, digits, dots, colons, dashes and underscores",
                    "Rename it.",
                )

    @property
    def key(self) -> str:
        """Eight hexadecimal digits of what determines the bitstream; they are in the .bit too."""
        return hashing.digest(
            {
                "design": self.design,
                "rtl": {name: hashing.digest_text(text) for name, text in self.rtl.items()},
                "part": self.board.part,
                "board": self.board.name,
                "clock": self.clock_period_ps,
            }
        )[:8]

    @property
    def stem(self) -> str:
        """Name of the .bit and the .hwh, unique for the design: pynq finds the one by the other's name."""
        return f"{self.design}-{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VivadoOverlay:
    """A bitstream whose clock is met.

    Attributes:
        bit: The bitstream.
        hwh: What pynq reads of the block design; the same stem.
        part: The device.
        closed_mhz: The clock that timing was met for [MHz].
        made_by: The tool with its version.
        timing: The timing summary.
        utilisation: What the whole block design takes.
    """

    bit: Path
    hwh: Path
    part: str
    closed_mhz: float
    made_by: str
    timing: Timing
    utilisation: Utilisation

    def figures(self) -> dict[str, Figure]:
        """Return clock, slack and resources; Vivado's analysis after routing is an estimate, nothing ran."""
        rows: dict[str, tuple[float | None, str]] = {
            "clock": (self.closed_mhz, "MHz"),
            "slack": (self.timing.wns_ns, "ns"),
        }
        rows |= {name: (count, name.upper()) for name, count in self.utilisation.used.items()}
        return {
            name: Figure(value=value, unit=unit, kind="estimated", tool=self.made_by)
            for name, (value, unit) in rows.items()
        }


def script(request: BitstreamRequest, *, jobs: int = 2) -> str:
    """Return bitstream.tcl.

    Raises:
        VendorRunError: The board has too few memory ports.
    """
    board = request.board
    if len(request.memories) > board.memory.ports:
        raise VendorRunError(
            f"board={board.name}",
            f"the accelerator has {len(request.memories)} memory ports; the board has {board.memory.ports}",
            "Choose another board.",
            code="input",
        )
    values = {
        "board": board.name,
        "part": board.part,
        "board_part": board.board_part,
        "top": request.top,
        "ip": IP,
        "rtl": sorted(request.rtl),
        "memories": request.memories,
        "registers": request.registers,
        "control_bytes": CONTROL_BYTES,
        "port_width_bits": board.memory.port_width_bits,
        "clock_mhz": f"{1e6 / request.clock_period_ps:.6g}",
        "project": _PROJECT,
        "design": _DESIGN,
        "constraints": CONSTRAINTS,
        "jobs": jobs,
    }
    environment = project.environment()
    family = paths.boards_dir() / board.processing_system / "processing_system.tcl.j2"
    system = environment.from_string(family.read_text(encoding="utf-8")).render(values)
    try:
        return environment.get_template(f"{SCRIPT}.j2").render(values, processing_system=system.rstrip())
    except jinja2.UndefinedError as error:
        raise VendorRunError(SCRIPT, str(error), "Restore src/aigchip/vendor/templates.", code="template") from error


def constraints(request: BitstreamRequest) -> str:
    """Return the constraints: the design's key in the bitstream, so that no two designs have the same one."""
    return (
        f"set_property BITSTREAM.CONFIG.USERID 0x{request.key} [current_design]\n"
        f"set_property BITSTREAM.CONFIG.USR_ACCESS 0x{request.key} [current_design]\n"
    )


def make(
    request: BitstreamRequest,
    *,
    tool: VendorTool,
    host: Host,
    folder: str,
    out: Path,
    logs: Path,
    limits: Limits | None = None,
    jobs: int = 2,
    tell: Callable[[str], None] = print,
) -> VivadoOverlay:
    """Run Vivado from RTL to the bitstream.

    Args:
        request: What becomes a bitstream.
        tool: Vivado.
        host: Where it is.
        folder: Absolute work folder there; emptied first, removed after a success.
        out: Local folder for .bit, .hwh, .xsa and the reports.
        logs: Local folder for whole logs; it stays after a failure.
        limits: Time and patience.
        jobs: Processes.
        tell: Is told of every wait for a licence.

    Raises:
        VendorRunError: A file is missing afterwards, or the clock is not met (code `timing`).
        AigchipError: The host cannot be reached.
    """
    limits = limits or Limits()
    bench = Bench(host=host, folder=folder, logs=logs, where=f"bitstream of {request.design} ({tool.title})", tell=tell)
    files = {f"rtl/{name}": text for name, text in request.rtl.items()}
    files |= {SCRIPT: script(request, jobs=jobs), CONSTRAINTS: constraints(request)}
    with tempfile.TemporaryDirectory(prefix="aigchip-vivado-") as scratch:
        bench.prepare(files, Path(scratch))
    made: list[VivadoOverlay] = []

    def judge(connected: Bench, text: str) -> None:
        made.append(_judge(request, connected, text=text, out=out, tool=tool))

    words = tool.words("-mode", "batch", "-nojournal", "-log", "vivado.log", "-source", SCRIPT)
    bench.execute(
        words,
        name="bitstream",
        seconds=limits.stage_s,
        patience=limits.patience,
        removes=("package", "ip", _PROJECT, "timing.rpt", "utilisation.rpt"),
        judge=judge,
    )
    bench.remove("")  # after a failure it stays, for a person to look into
    return made[-1]


def _judge(request: BitstreamRequest, bench: Bench, *, text: str, out: Path, tool: VendorTool) -> VivadoOverlay:
    """Look at what Vivado left, and fetch it under one stem."""
    fresh = bench.fresh()
    patterns = {
        "timing.rpt": ("timing.rpt",),
        "utilisation.rpt": ("utilisation.rpt",),
        "the bitstream": (f"{_PROJECT}/{_PROJECT}.runs/impl_1/{_DESIGN}_wrapper.bit",),
        "the .hwh": tuple(
            f"{_PROJECT}/{_PROJECT}.{place}/sources_1/bd/{_DESIGN}/hw_handoff/{_DESIGN}.hwh"
            for place in ("gen", "srcs")
        ),
    }
    found = {what: next((name for name in names if name in fresh), None) for what, names in patterns.items()}
    missing = [what for what, name in found.items() if name is None]
    if missing:
        raise bench.failure(f"{', '.join(missing)} was not written", text=text, name="bitstream")
    places = {
        "timing.rpt": out / "timing.rpt",
        "utilisation.rpt": out / "utilisation.rpt",
        "the bitstream": out / f"{request.stem}.bit",
        "the .hwh": out / f"{request.stem}.hwh",
    }
    local = {what: bench.fetch(str(name), places[what]) for what, name in found.items()}
    if f"{_DESIGN}.xsa" in fresh:
        bench.fetch(f"{_DESIGN}.xsa", out / f"{request.stem}.xsa")
    timing = vivado_reports.timing(local["timing.rpt"].read_text(errors="replace"), "timing.rpt")
    closed = _closed_mhz(request, bench, timing)
    _same_device(request, bench, local["the .hwh"].read_text(errors="replace"))
    return VivadoOverlay(
        bit=local["the bitstream"],
        hwh=local["the .hwh"],
        part=request.board.part,
        closed_mhz=closed,
        made_by=tool.title,
        timing=timing,
        utilisation=vivado_reports.utilisation(local["utilisation.rpt"].read_text(errors="replace"), "utilisation.rpt"),
    )


def _closed_mhz(request: BitstreamRequest, bench: Bench, timing: Timing) -> float:
    """Return the clock that timing was met for.

    Raises:
        VendorRunError: It was not met, or nothing was constrained.
    """
    period = next((timing.periods_ns[name] for name in _PL_CLOCKS if name in timing.periods_ns), None)
    if period is None or timing.wns_ns is None:
        clocks = ", ".join(timing.periods_ns) or "none"
        raise VendorRunError(
            bench.where,
            f"the timing report constrains no path of the logic's clock (clocks: {clocks})",
            f"Read {bench.log('bitstream')}.",
            code="timing",
        )
    if timing.worst_ns is not None and timing.worst_ns < 0:
        kinds: Sequence[tuple[str, float | None]] = (
            ("setup", timing.wns_ns),
            ("hold", timing.whs_ns),
            ("pulse width", timing.wpws_ns),
        )
        kind, slack = min(((name, value) for name, value in kinds if value is not None), key=lambda pair: pair[1])
        reachable = period - min(timing.wns_ns, 0.0)
        raise VendorRunError(
            bench.where,
            f"the clock is not met: the worst slack of {kind} is {slack:.3f} ns at {1000 / period:.2f} MHz; must be at least 0",
            f"Set clock: default_period_ps: to {round(1000 * reachable) + 1} or more in boards/{request.board.name}/board.yaml.",
            code="timing",
        )
    return 1000 / period


def _same_device(request: BitstreamRequest, bench: Bench, hwh: str) -> None:
    found = _SYSTEM.search(hwh)
    device = PurePosixPath(found[1].lower()).name if found else ""
    if not device or not request.board.part.lower().removeprefix("xc").startswith(device.removeprefix("xc")):
        raise VendorRunError(
            bench.where,
            f"the .hwh is for the device {device or 'unknown'}; must be of {request.board.part}",
            f"Read {bench.log('bitstream')}.",
        )
