"""`bitstream` for boards without a processing system: the figures that a person sees, and where the bitstream is."""

from __future__ import annotations

import shutil
from pathlib import Path

from aigchip.board import Board
from aigchip.core import paths
from aigchip.core.atomic import storage_errors, write_json
from aigchip.core.console import print_table
from aigchip.core.errors import InputError
from aigchip.core.figures import Figure
from aigchip.tasks import ecp5_steps, execute
from aigchip.tasks.context import DesignContext
from aigchip.toolchain.ecp5 import tools


def make(context: DesignContext, board: Board) -> ecp5_steps.Bitstream:
    """Make a design's bitstream, what it needs first.

    Raises:
        InputError: toolchain=vitis was given.
        AigchipError: A module, the RTL or the bitstream cannot be made.
    """
    if context.uses_vitis:
        raise InputError("toolchain=vitis", f"Vitis HLS knows no part of board={board.name}", "Leave toolchain= out.")
    tools.versions()
    execute.make_all(context.flow, ["link"])
    return ecp5_steps.make(context.flow, board, _tell)


def run(context: DesignContext, board: Board) -> None:
    """Make a design's bitstream, put it beside the design's report, and print its figures.

    Raises:
        AigchipError: As for `make`.
    """
    made = make(context, board)
    bit = keep(context, board, made)
    figures = {name: Figure.from_dict(data) for name, data in made.summary["figures"].items()}
    rows = [(_NAMES.get(name) or name, figure.number(), figure.unit) for name, figure in figures.items()]
    tool = next(iter(figures.values())).tool
    print_table(
        f"design={context.chosen.name} board={board.name}: after place and route ({tool}, {made.summary['router']})",
        ("what", "figure", "unit"),
        rows,
        right=(1,),
        caption=f"Estimated by {tool} from the placed and routed netlist; nothing is measured. LUT counts TRELLIS_COMB, what carry "
        "chains and memory made of LUTs take among them.",
    )
    for asked, reached in made.missed:
        print(
            f"{asked:g} MHz were not met ({reached:g} MHz reached); the PLL makes {made.clock_hz / 1e6:g} MHz instead."
        )
    print(f"The bitstream is {paths.relative(bit)}.")


_NAMES = {"constraint": "clock asked for", "reached": "clock reached"}


def keep(context: DesignContext, board: Board, made: ecp5_steps.Bitstream) -> Path:
    """Copy a bitstream and its figures beside the design's report; return the bitstream."""
    folder = context.chosen.folder / f"bitstream-{board.name}"
    bit = folder / f"{context.chosen.name}.bit"
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        beside = bit.with_suffix(".part")
        shutil.copyfile(made.folder / ecp5_steps.BITSTREAM, beside)
        beside.replace(bit)
    write_json(
        folder / "bitstream.json",
        {**made.summary, "clock_hz": made.clock_hz, "identity": f"{made.identity:08x}", "missed": made.missed},
    )
    return bit


def _tell(line: str) -> None:
    print(f"  {line}", flush=True)
