"""Where a design goes: a board over SSH with Vivado's overlay, or the simulated board with one of its own."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aigchip.board import Board
from aigchip.core import paths
from aigchip.core.errors import InputError
from aigchip.core.figures import Kind
from aigchip.deploy.overlay import Overlay, read
from aigchip.remote.target import Target, parse_address
from aigchip.tasks import execute, session
from aigchip.tasks.context import DesignContext, make_in_worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A board, ready for a design.

    Attributes:
        target: How to reach it.
        overlay: The design as it takes it.
        kind: What its figures are: measured, or simulated.
        ran_in: What runs the design there, for the tool of figures.
    """

    target: Target
    overlay: Overlay
    kind: Kind
    ran_in: str


def simulated_target(board: Board, say: Callable[[str], None]) -> Target:
    """Start the simulated board where it does not run, and say how to reach it."""
    from aigchip.simboard import model, server

    path: Path = server.ensure_running(board, fabrics=model.fabrics_dir(session.store()), say=say)
    return Target.from_json(path.read_text(encoding="utf-8"), where=paths.relative(path))


def simulated(context: DesignContext, board: Board, say: Callable[[str], None]) -> Place:
    """Make a design's RTL a model, and start the simulated board."""
    from aigchip.simboard import model, overlay

    link = linked(context)
    say("building the RTL as a model of the simulated board (about a minute when it is new)")
    fabric = model.build(link, session.store())
    made = overlay.write(
        fabric,
        design=context.chosen.name,
        board=board,
        clock_period_ps=context.flow.clock_period_ps,
        network=json.loads((link / "network.json").read_text()),
        synthesis_tool=_synthesis_tool(context, link),
        out=context.chosen.folder / "simulated",
    )
    return Place(
        target=simulated_target(board, say),
        overlay=Overlay(bit=made.bit, hwh=made.hwh, part=made.part, closed_mhz=made.closed_mhz, made_by=made.made_by),
        kind="simulated",
        ran_in=f"simulated {board.name}, {fabric.tool}",
    )


def _synthesis_tool(context: DesignContext, link: Path) -> str:
    """Return what made the RTL: Vitis HLS reports on the whole of it, csynth on each module."""
    for folder in (link, *(context.flow.result(f"csynth:{name}") for name in context.flow.processes)):
        if folder is not None and (folder / "report.json").is_file():
            return str(json.loads((folder / "report.json").read_text()).get("tool", "csynth"))
    return "csynth"


def hardware(context: DesignContext, board: Board, target: Target, bitstream: Path | None) -> Place:
    """Take a design's bitstream, made by Vivado now or before, to a board.

    Args:
        context: The design.
        board: The board.
        target: How to reach it.
        bitstream: A folder that the task bitstream left; None for Vivado's of this design, made now where it is missing.
    """
    if bitstream is None:
        from aigchip.tasks import vendor_steps

        linked(context)
        step = vendor_steps.bitstream_step(context.flow, board)
        bitstream = session.workers().run(make_in_worker, session.store().root, step)
    return Place(target=target, overlay=read(bitstream), kind="measured", ran_in=board.name)


def hardware_target(board: Board, host: str, key: Path | None) -> Target:
    """Say how to reach a board over SSH, with what boards/<board>/board.yaml says of its image.

    Args:
        board: The board.
        host: `user@address:port`; user and port may be left out.
        key: The private key; None for the SSH agent.

    Raises:
        InputError: The host is malformed, or no system runs on the board.
    """
    image = board.image
    if image is None:
        raise InputError(f"board={board.name}", "no system runs on it that SSH reaches", "Name a board with one.")
    user, address, port = parse_address(host, user=image.user)
    return Target(
        name=board.name,
        address=address,
        port=port,
        user=user,
        key_file=key,
        known_hosts=Path.home() / ".ssh" / "known_hosts",
        python=image.python,
        sudo=image.sudo and user != "root",
        environment=dict(image.environment),
        folder=f"/home/{user}/aigchip" if user != "root" else "/root/aigchip",
    )


def linked(context: DesignContext) -> Path:
    """Return the folder of a design's assembled RTL, made where it is missing.

    Raises:
        AigchipError: It cannot be made.
    """
    execute.make_all(context.flow, ["link"])
    folder = context.flow.result("link")
    assert folder is not None  # noqa: S101 - it was just made
    return folder


def sudo_password() -> str | None:
    """Return sudo's password: from AIGCHIP_SUDO_PASSWORD, or asked for at a terminal; never from the command line."""
    given = os.environ.get("AIGCHIP_SUDO_PASSWORD")
    if given or not (sys.stdin and sys.stdin.isatty()):
        return given or None
    return getpass.getpass("password for sudo on the board: ") or None
