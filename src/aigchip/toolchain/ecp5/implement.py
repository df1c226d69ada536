"""Synthesis, place and route, and packing of a system for an ECP5, with its timing read back."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core.atomic import write_text
from aigchip.core.figures import Figure
from aigchip.toolchain.ecp5 import tools
from aigchip.toolchain.ecp5.system import TOP, System

_PACKAGE = re.compile(r"LFE5U-(?P<size>\d+)F-(?P<grade>\d)BG(?P<balls>\d+)[CI]", re.IGNORECASE)
_SYNTHESIS = """\
read_verilog {files}
synth_ecp5 -top {top} -run begin:coarse
flatten
setattr -unset reprocess_after *
synth_ecp5 -top {top} -run coarse: -json {out}
"""
#: Processor time, placement among it, after which nextpnr's first router is given up for the second [s].
FIRST_ROUTER_SECONDS = 1200
_SECOND_ROUTER_SECONDS = 3600
_NAME = 80  # characters of a cell's name that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Implemented:
    """A system that is placed and routed.

    Attributes:
        constraint_mhz: the clock that was asked for [MHz].
        reached_mhz: the fastest clock of the slowest path [MHz].
        used: cells by resource: lut, ff, dsp, bram18.
        critical_path: the slowest path, one line for each part of it.
        router: which of nextpnr's routers.
        tool: nextpnr with its version.
    """

    constraint_mhz: float
    reached_mhz: float
    used: dict[str, int]
    critical_path: tuple[str, ...]
    router: str
    tool: str

    @property
    def met(self) -> bool:
        """Whether the clock that was asked for is reached."""
        return self.reached_mhz >= self.constraint_mhz

    def figures(self) -> dict[str, Figure]:
        """Return what nextpnr reports; nothing of it is measured."""
        rows: dict[str, tuple[float | int, str]] = {
            "constraint": (self.constraint_mhz, "MHz"),
            "reached": (round(self.reached_mhz, 2), "MHz"),
            **{name: (number, name.upper()) for name, number in self.used.items()},
        }
        return {
            name: Figure(value=value, unit=unit, kind="estimated", tool=self.tool)
            for name, (value, unit) in rows.items()
        }


def synthesise(system: System, work: Path, *, top: str = TOP) -> Path:
    """Turn a system's Verilog into a netlist of ECP5's cells; return its JSON file.

    Raises:
        PlaceAndRouteError: yosys refuses it.
    """
    for name, text in system.verilog.items():
        # yosys knows no distributed ROM: it makes such a table of LUTs when asked for logic
        write_text(work / name, text.replace('rom_style = "distributed"', 'rom_style = "logic"'))
    tools.run_yosys(work, _SYNTHESIS.format(files=" ".join(sorted(system.verilog)), top=top, out="netlist.json"))
    return work / "netlist.json"


def place_and_route(netlist: Path, *, part: str, pins: str, mhz: float, seed: int = 1) -> Implemented:
    """Place and route a netlist; write routed.json, routed.config, report.json and nextpnr's log beside it.

    The first router is given up after twenty minutes of processor time for the second, which always ends but is slower in its result.

    Raises:
        PlaceAndRouteError: The circuit does not fit, or a pin is wrong.
    """
    work = netlist.parent
    write_text(work / "pins.lpf", pins)
    options = [
        *_device(part), "--json", netlist.name, "--lpf", "pins.lpf", "--freq", f"{mhz:g}", "--seed", str(seed),
        "--timing-allow-fail", "--write", "routed.json", "--textcfg", "routed.config", "--report", "report.json",
    ]  # fmt: skip
    if not pins:
        options.append("--lpf-allow-unconstrained")
    router = "router1"
    try:
        tools.run_nextpnr(work, [*options, "--router", router], cpu_seconds=FIRST_ROUTER_SECONDS)
    except tools.OutOfTimeError:
        router = "router2"
        tools.run_nextpnr(work, [*options, "--router", router], cpu_seconds=_SECOND_ROUTER_SECONDS)
    return read_report((work / "report.json").read_text(), constraint_mhz=mhz, router=router)


def pack(work: Path, out: Path) -> None:
    """Turn routed.config in `work` into the bitstream `out`.

    Raises:
        PlaceAndRouteError: ecppack fails.
    """
    tools.run_ecppack(work, ["--compress", "--input", "routed.config", "--bit", "system.bit"])
    shutil.copyfile(work / "system.bit", out)


def _device(part: str) -> list[str]:
    found = _PACKAGE.fullmatch(part)
    if found is None:
        raise tools.PlaceAndRouteError(
            "part", f"part is {part!r}; must be as LFE5U-85F-6BG381C", "Correct the board's part.", code="part"
        )
    return [f"--{found['size']}k", "--speed", found["grade"], "--package", f"CABGA{found['balls']}"]


def read_report(text: str, *, constraint_mhz: float, router: str) -> Implemented:
    """Read what nextpnr's --report wrote: the slowest clock, its path, and the cells that are used.

    Raises:
        PlaceAndRouteError: No clock is in it.
    """
    report = json.loads(text)
    clocks: dict[str, dict[str, float]] = report.get("fmax", {})
    if not clocks:
        raise tools.PlaceAndRouteError("nextpnr", "the report names no clock", "Read nextpnr's log.", code="report")
    name, slowest = min(clocks.items(), key=lambda item: item[1]["achieved"])
    cells = {kind: entry["used"] for kind, entry in report["utilization"].items()}
    used = {
        "lut": cells.get("TRELLIS_COMB", 0),
        "ff": cells.get("TRELLIS_FF", 0),
        "dsp": cells.get("MULT18X18D", 0),
        "bram18": cells.get("DP16KD", 0),
    }
    return Implemented(
        constraint_mhz=constraint_mhz,
        reached_mhz=slowest["achieved"],
        used=used,
        critical_path=_critical_path(report.get("critical_paths", []), name),
        router=router,
        tool=f"nextpnr-ecp5 {tools.version()}",
    )


def _critical_path(paths: list[dict[str, Any]], clock: str) -> tuple[str, ...]:
    """Return the parts of the slowest path inside a clock: delay [ns], kind, and where it leads; carries are one part."""
    found: list[tuple[float, str, str]] = []
    for step in next((path["path"] for path in paths if path["from"] == path["to"] == f"posedge {clock}"), []):
        place = step["to"]["cell"].split("_TRELLIS_FF_")[0].split("_LUT4_")[0].split("_CCU2C_")[0][:_NAME]
        is_carry = step["to"]["port"] in {"FCI", "FCO"}
        delay, kind = step["delay"], "carry" if is_carry else step["type"]
        if found and is_carry and found[-1][1] == "carry":
            found[-1] = (found[-1][0] + delay, kind, place)
        elif delay > 0:
            found.append((delay, kind, place))
    return tuple(f"{delay:.2f} ns {kind} to {place}" for delay, kind, place in found)
