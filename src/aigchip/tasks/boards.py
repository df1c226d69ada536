"""`board`: start, stop and show simulated boards."""

from __future__ import annotations

from collections.abc import Sequence

from aigchip.board.board import load as load_board
from aigchip.core import paths
from aigchip.core.errors import InputError, unknown
from aigchip.core.store import Store
from aigchip.simboard import faults, machine, model, server
from aigchip.tasks.arguments import SIMULATED_BOARD, Arguments
from aigchip.tasks.designs import as_in_study

ACTIONS = ("start", "stop", "status")


def run(words: Sequence[str], given: Arguments) -> int:
    """Do what the word after `board` says, with the simulated board of the board that `board=` or the design's study names.

    `board=sim`, the simulated one, leaves open which; so does nothing at all.

    Raises:
        AigchipError: The word or the board is unknown, or the board cannot be started.
    """
    action, rest = (words or ["status"])[0], words[1:]
    if action not in ACTIONS:
        raise unknown("board", "action", action, ACTIONS)
    if rest:
        raise InputError(f"board {action}", f"the word {rest[0]} follows", f"Write ./doit board {action} alone.")
    if "fault" in given.given and action != "start":
        raise InputError(f"fault={given.text('fault')}", f"board {action} takes no fault", "Use it with board start.")
    given = Arguments(given={name: value for name, value in given.given.items() if value != SIMULATED_BOARD})
    if action == "status" and not {"board", "design"} & set(given.given):
        return _all()
    board = (as_in_study(given) if "design" in given.given else given).text("board")
    if not load_board(board).has_processing_system:
        raise InputError(
            f"board={board}",
            "it has no system that could be simulated",
            f"Use ./doit deploy design=... board={board}, which simulates its logic.",
        )
    if action == "start":
        return _start(board, given)
    return _stop(board) if action == "stop" else _status(board)


def _start(name: str, given: Arguments) -> int:
    folder = server.folder_of(name)
    before = server.status(folder).running
    target = server.ensure_running(load_board(name), fabrics=model.fabrics_dir(Store(paths.store_dir())))
    if "fault" in given.given:
        faults.ask(folder, given.text("fault"), lock=machine.Machine(folder=folder).lock)
    else:
        faults.clear(folder)
    print(
        f"The simulated {name} {'was running already' if before else 'runs'}; {paths.relative(target)} says how to reach it."
    )
    return _status(name)


def _stop(name: str) -> int:
    if server.stop(server.folder_of(name)):
        print(f"The simulated {name} is stopped.")
        return 0
    print(f"The simulated {name} was not running.")
    for other in _running():
        print(f"The simulated {other} runs; ./doit board stop board={other} stops it.")
    return 0


def _all() -> int:
    running = _running()
    if not running:
        print("No simulated board is running. Start one with ./doit board start board=<name>.")
    for name in running:
        _status(name)
    return 0


def _running() -> list[str]:
    return [name for name in server.made() if server.status(server.folder_of(name)).running]


def _status(name: str) -> int:
    folder = server.folder_of(name)
    found = server.status(folder)
    if not found.running:
        print(f"The simulated {name} is not running. Start it with ./doit board start board={name}.")
        return 0
    used = "in use" if found.used else f"idle; it stops by itself after {server.IDLE_SECONDS / 60:.0f} minutes"
    print(f"{name}: port {found.port} on loopback; {used}")
    print(f"{found.note}")
    fault = faults.asked(folder)
    if fault:
        print(f"fault {fault}: {faults.FAULTS[fault]}")
    print(
        "Simulated: the logic (RTL in Verilator), the memory, the clocks. Real: SSH, pynq, the programs that run on it."
    )
    return 0
