"""`board`: start, stop and show the simulated board."""

from __future__ import annotations

from collections.abc import Sequence

from aigchip.board.board import load as load_board
from aigchip.core import paths
from aigchip.core.errors import InputError, unknown
from aigchip.core.store import Store
from aigchip.simboard import faults, machine, model, server
from aigchip.tasks.arguments import ARGUMENTS, SIMULATED_BOARD, Arguments

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


def _start(given: Arguments) -> int:
    before = server.status().running
    board = load_board(str(ARGUMENTS["board"].default))
    target = server.ensure_running(board, fabrics=model.fabrics_dir(Store(paths.store_dir())))
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
