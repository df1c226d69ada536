"""Look at a board before anything is sent: interpreter, pynq, image, disk, memory, part, clock, other users."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from aigchip.core import paths
from aigchip.deploy.bundle import Bundle
from aigchip.deploy.errors import DeployError
from aigchip.remote.faults import disk_full
from aigchip.remote.host import Finished
from aigchip.remote.target import Target

_MARK = "aigchip-look "
_SPARE_BYTES = 16 << 20


class Running(Protocol):
    """What runs a program on the board."""

    def run(
        self, words: list[str], *, timeout_s: float = 60.0, environment: Mapping[str, str] | None = None
    ) -> Finished:
        """Run it."""
        ...


class Found(BaseModel):
    """What is on the board."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    python: str
    pynq: str | None
    pynq_error: str | None
    image: str | None
    board: str | None
    kernel: str
    disk_free_bytes: int
    cma_free_bytes: int | None
    holder: str | None
    users: list[str]

    def lines(self) -> list[str]:
        """Say it for a person."""
        free = "" if self.cma_free_bytes is None else f", {self.cma_free_bytes / 1e6:,.0f} MB of contiguous memory"
        users = f"logged in: {', '.join(self.users)}" if self.users else "nobody is logged in at a terminal"
        return [
            f"Python {self.python}, pynq {self.pynq}, kernel {self.kernel}, image {self.image or 'not named'}",
            f"{self.disk_free_bytes / 1e6:,.0f} MB of disk free{free}; {users}",
        ]


def lock_file(target: Target) -> str:
    """Return the board's lock: one for all users of hardware, one for each simulated board."""
    return f"{target.folder}/board.lock" if target.simulated else "/run/lock/aigchip-board.lock"


def look(session: Running, target: Target) -> Found:
    """Ask the board what is there.

    Raises:
        DeployError: Its interpreter is not there or too old (`no-python`).
        RemoteError: The board cannot be reached.
    """
    text = (paths.boards_dir() / "runner" / "look.py").read_text(encoding="utf-8")
    told = session.run(
        [target.python, "-c", text, target.folder, lock_file(target)], timeout_s=120.0, environment=target.environment
    )
    line = next((line for line in told.out.splitlines() if line.startswith(_MARK)), None)
    if line is None:
        said = (told.err.strip().splitlines() or [f"exit code {told.exit_code}"])[-1]
        raise DeployError(
            target.where,
            f"{target.python} does not run ({said})",
            "Use a PYNQ image, or correct the interpreter in the board's settings.",
            code="no-python",
        )
    try:
        return Found.model_validate_json(line.removeprefix(_MARK))
    except ValidationError as error:
        raise DeployError(
            target.where, f"it tells something else than was asked ({error.error_count()} entries)", code="no-python"
        ) from None


def check(found: Found, bundle: Bundle, target: Target) -> None:
    """Compare what is there with what the run needs.

    Raises:
        DeployError: Something does not fit; the code says what.
        RemoteError: The disk is full.
    """
    where = target.where
    if found.pynq is None:
        raise DeployError(
            where,
            f"pynq cannot be imported by {target.python} ({found.pynq_error})",
            "Use a PYNQ image, or correct the interpreter in the board's settings.",
            code="no-pynq",
        )
    board = str(bundle.job["board"])
    if not target.simulated and found.board is not None and _plain(found.board) != _plain(board):
        raise DeployError(
            where,
            f"the board calls itself {found.board}; the overlay is for {board}",
            "Correct board=, or host=.",
            code="wrong-board",
        )
    needed = bundle.size_bytes + _SPARE_BYTES
    if found.disk_free_bytes < needed:
        raise disk_full(where, target.folder, needed_bytes=needed, free_bytes=found.disk_free_bytes)
    if found.cma_free_bytes is not None and not target.simulated and found.cma_free_bytes < bundle.memory_bytes:
        raise DeployError(
            where,
            f"{bundle.memory_bytes / 1e6:,.1f} MB of contiguous memory are needed, "
            f"{found.cma_free_bytes / 1e6:,.1f} MB are free",
            "End other programs that use it, or restart the board.",
            code="memory",
        )
    if found.holder is not None:
        raise busy(where, found.holder)


def busy(where: str, holder: str) -> DeployError:
    """Build the error for a board that another run has.

    Args:
        where: The board in error texts.
        holder: What the holder wrote into the lock file, as JSON.
    """
    try:
        data = json.loads(holder)
    except ValueError:
        data = None
    known = data if isinstance(data, dict) else {}
    told = ", ".join(f"{name} {known[name]}" for name in ("user", "design", "since", "pid") if name in known)
    return DeployError(
        where, f"another run has the board ({told or 'it does not say who'})", "Wait until it has ended.", code="busy"
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
