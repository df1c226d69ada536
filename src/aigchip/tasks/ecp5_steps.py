"""The steps from a design's RTL to the bitstream of an ECP5 board."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aigchip.board import Board
from aigchip.core import hashing, paths
from aigchip.core.atomic import write_bytes, write_json, write_text
from aigchip.core.errors import AigchipError
from aigchip.core.store import Step
from aigchip.tasks import session
from aigchip.tasks.context import make_in_worker
from aigchip.tasks.flow import Flow
from aigchip.toolchain.ecp5 import tools
from aigchip.toolchain.ecp5.pll import Pll, at_most

#: Clocks that are tried, each one that the placement before reached.
_ATTEMPTS = 4
NETLIST, BITSTREAM, SUMMARY = "netlist.json.gz", "system.bit", "bitstream.json"


def _driver(name: str) -> str:
    return hashing.digest_files(paths.source_dir() / "aigchip" / "toolchain" / "ecp5", [f"{name}.py", "tools.py"])


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesiseSystem:
    """Turn an accelerator with its memory and its link into a netlist of ECP5's cells.

    Attributes:
        design: Its name.
        folder: Where the RTL is; no input of its own.
        rtl: The hash of the RTL and its description.
        board: The board.
        pll: How its clock is made.
    """

    design: str
    folder: Path
    rtl: str
    board: Board
    pll: Pll
    kind: str = field(default="ecp5-netlist", init=False)

    @property
    def identity(self) -> int:
        """The 32 bits by which a host knows the design on the board."""
        return int(self.rtl[:8], 16)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the netlist."""
        from aigchip.toolchain.ecp5 import system

        return {
            "design": self.design,
            "rtl": self.rtl,
            "system": {str(paths.relative(path)): hashing.digest_file(path) for path in system.sources(self.board)},
            "pll": asdict(self.pll),
            "tools": tools.versions(),
            "driver": [_driver("system"), _driver("implement")],
        }

    def run(self, out: Path) -> None:
        """Write netlist.json.gz and pins.lpf.

        Raises:
            PlaceAndRouteError: yosys refuses the RTL.
        """
        import gzip
        import tempfile

        from aigchip.toolchain.ecp5 import implement, system

        made = system.render(
            self.board,
            json.loads((self.folder / "network.json").read_text()),
            {path.name: path.read_text() for path in sorted((self.folder / "rtl").glob("*.v"))},
            design=self.design,
            pll=self.pll,
            identity=self.identity,
        )
        with tempfile.TemporaryDirectory(prefix="work-", dir=out.parent) as work:
            netlist = implement.synthesise(made, Path(work)).read_bytes()
        write_bytes(out / NETLIST, gzip.compress(netlist, 6, mtime=0))
        write_text(out / "pins.lpf", made.pins)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAndRoute:
    """Place and route a netlist and pack the bitstream; whether the clock is met stands in the result.

    Attributes:
        folder: Where netlist.json.gz and pins.lpf are; no input of its own.
        netlist: The hash of both.
        part: The device.
        mhz: The clock that is asked for [MHz].
    """

    folder: Path
    netlist: str
    part: str
    mhz: float
    kind: str = field(default="ecp5-bitstream", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the bitstream."""
        return {
            "netlist": self.netlist,
            "part": self.part,
            "mhz": self.mhz,
            "tools": tools.versions(),
            "driver": _driver("implement"),
        }

    def run(self, out: Path) -> None:
        """Write system.bit, bitstream.json, nextpnr's report and log.

        Raises:
            PlaceAndRouteError: The circuit does not fit.
        """
        import gzip
        import shutil
        import tempfile

        from aigchip.toolchain.ecp5 import implement

        with tempfile.TemporaryDirectory(prefix="work-", dir=out.parent) as folder:
            work = Path(folder)
            netlist = work / "netlist.json"
            write_bytes(netlist, gzip.decompress((self.folder / NETLIST).read_bytes()))
            pins = (self.folder / "pins.lpf").read_text()
            made = implement.place_and_route(netlist, part=self.part, pins=pins, mhz=self.mhz)
            implement.pack(work, out / BITSTREAM)
            for name in ("report.json", "nextpnr-ecp5.log"):
                shutil.copyfile(work / name, out / name)
        write_json(
            out / SUMMARY,
            {
                "met": made.met,
                "router": made.router,
                "figures": {name: figure.to_dict() for name, figure in made.figures().items()},
                "critical_path": list(made.critical_path),
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bitstream:
    """A bitstream whose clock is met.

    Attributes:
        folder: Where system.bit, bitstream.json, nextpnr's report and its log are.
        summary: The contents of bitstream.json.
        clock_hz: The clock of its logic [Hz].
        identity: The 32 bits by which a host knows the design on the board.
        missed: Clocks that were not met before [MHz], each with what was reached.
    """

    folder: Path
    summary: dict[str, Any]
    clock_hz: float
    identity: int
    missed: tuple[tuple[float, float], ...]


def in_worker(step: Step) -> Path:
    """Make a step in a worker process; return its result's folder."""
    return session.workers().run(make_in_worker, session.store().root, step)


def make(flow: Flow, board: Board, tell: Callable[[str], None], made: Callable[[Step], Path] = in_worker) -> Bitstream:
    """Make a design's bitstream at the fastest clock that is met; its RTL has to be there.

    Args:
        flow: The design's.
        board: A board with a link.
        tell: Told what takes minutes, and of each clock that is not met.
        made: Makes a step and returns its result's folder.

    Raises:
        PlaceAndRouteError: The circuit does not fit, or no clock is met.
    """
    link, folder = board.link, flow.result("link")
    if link is None or folder is None:
        raise AigchipError("bitstream", "the design's RTL is not made", f"Run ./doit link design={flow.name}.")
    wanted_hz = 1e12 / flow.clock_period_ps
    missed: list[tuple[float, float]] = []
    routed = folder
    for _ in range(_ATTEMPTS):
        pll = at_most(wanted_hz, link.clock_hz)
        mhz = round(pll.output_hz / 1e6, 6)
        netlist = SynthesiseSystem(
            design=flow.name,
            folder=folder,
            rtl=hashing.digest_files(folder, ["rtl/*.v", "network.json"]),
            board=board,
            pll=pll,
        )
        if not session.store().has(netlist):
            tell("synthesising (yosys; a minute or two)")
        synthesised = made(netlist)
        route = PlaceAndRoute(
            folder=synthesised,
            netlist=hashing.digest_files(synthesised, [NETLIST, "pins.lpf"]),
            part=board.part,
            mhz=mhz,
        )
        if not session.store().has(route):
            tell(f"placing and routing for {mhz:g} MHz (nextpnr; some minutes)")
        routed = made(route)
        summary = json.loads((routed / SUMMARY).read_text())
        if summary["met"]:
            return Bitstream(
                folder=routed,
                summary=summary,
                clock_hz=pll.output_hz,
                identity=netlist.identity,
                missed=tuple(missed),
            )
        reached_mhz = summary["figures"]["reached"]["value"]
        missed.append((mhz, reached_mhz))
        tell(f"{mhz:g} MHz are not met: {reached_mhz:g} MHz are reached; trying a slower clock")
        wanted_hz = min(reached_mhz * 1e6, 0.99 * pll.output_hz)
    said = ", ".join(f"{asked:g} MHz (reached {reached:g})" for asked, reached in missed)
    raise tools.PlaceAndRouteError(
        f"design={flow.name}",
        f"the clock is not met: {said}",
        f"Set clock_mhz lower in its design.yaml, or see the slowest path in {paths.relative(routed / SUMMARY)}.",
        code="clock",
    )
