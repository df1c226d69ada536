"""`board`: start, stop and show the simulated board; and a design's overlay for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from aigchip.board.board import load as load_board
from aigchip.core import paths
from aigchip.core.errors import InputError, unknown
from aigchip.core.store import Store
from aigchip.simboard import faults, machine, model, overlay, server
from aigchip.tasks.arguments import ARGUMENTS, SIMULATED_BOARD, Arguments
from csynth.driver import tool_version

ACTIONS = ("start", "stop", "status")


def run(words: Sequence[str], given: Arguments) -> int:
    """Do what the word after `board` says.

    Raises:
        AigchipError: The word or the board is unknown, or the board cannot be started.
    """
    action, rest = (words or ["status"])[0], words[1:]
    if action not in ACTIONS:
        raise unknown("board", "action", action, ACTIONS)
    if rest:
        raise InputError(f"board {action}", f"the word {rest[0]} follows", f"Write ./doit board {action} alone.")
    name = str(given.given.get("board", SIMULATED_BOARD))
    if name != SIMULATED_BOARD:
        raise InputError(f"board={name}", "only the simulated board is started and stopped here", "Use board=sim.")
    if "fault" in given.given and action != "start":
        raise InputError(f"fault={given.text('fault')}", f"board {action} takes no fault", "Use it with board start.")
    if action == "start":
        return _start(given)
    return _stop() if action == "stop" else _status()


def start_for(board: str) -> Path:
    """Start the simulated board as one of boards/, or find it running; a fault that is asked for stays.

    Args:
        board: The board's name; its part and its memory are simulated.

    Returns:
        target.json, which says how to reach it.

    Raises:
        AigchipError: It cannot be started.
    """
    return server.ensure_running(load_board(board), fabrics=model.fabrics_dir(Store(paths.store_dir())))


def overlay_for(link: Path, *, design: str, board: str, clock_period_ps: int, out: Path) -> overlay.SimulatedOverlay:
    """Build the model of a design, or find it, and write the overlay that names it.

    Args:
        link: The design's assembled RTL, as its step `link` leaves it.
        design: The design's name.
        board: The board's name.
        clock_period_ps: The clock period that C synthesis aimed at [ps].
        out: The folder for the .bit and the .hwh.

    Raises:
        AigchipError: The RTL cannot be built, or does not fit the board.
    """
    return overlay.write(
        model.build(link, Store(paths.store_dir())),
        design=design,
        part=load_board(board).part,
        clock_period_ps=clock_period_ps,
        network=json.loads((link / "network.json").read_text()),
        synthesis_tool=tool_version(),
        out=out,
    )


def _start(given: Arguments) -> int:
    before = server.status().running
    target = start_for(str(ARGUMENTS["board"].default))
    folder = server.folder_of()
    if "fault" in given.given:
        faults.ask(folder, given.text("fault"), lock=machine.Machine(folder=folder).lock)
    else:
        faults.clear(folder)
    print(
        f"The simulated board {'was running already' if before else 'runs'}; {paths.relative(target)} says how to reach it."
    )
    return _status()


def _stop() -> int:
    print("The simulated board is stopped." if server.stop() else "The simulated board was not running.")
    return 0


def _status() -> int:
    found = server.status()
    if not found.running:
        print("The simulated board is not running. Start it with ./doit board start board=sim.")
        return 0
    folder = server.folder_of()
    used = "in use" if found.used else f"idle; it stops by itself after {server.IDLE_SECONDS / 60:.0f} minutes"
    print(f"port {found.port} on loopback; {used}")
    print(f"{found.note}")
    fault = faults.asked(folder)
    if fault:
        print(f"fault {fault}: {faults.FAULTS[fault]}")
    print(
        "Simulated: the logic (RTL in Verilator), the memory, the clocks. Real: SSH, pynq, the programs that run on it."
    )
    return 0
