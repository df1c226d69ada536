"""A job on a host that survives a lost connection: started detached, polled over fresh connections, ended as a group."""

from __future__ import annotations

import enum
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aigchip.remote.errors import RemoteError
from aigchip.remote.host import Finished


class State(enum.Enum):
    """What a job is doing: it runs, it ended with an exit code, or it is gone without one."""

    RUNNING = "running"
    DONE = "done"
    LOST = "lost"
    NEVER_STARTED = "never started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job on a host.

    Attributes:
        folder: Its own folder on the host: pid, out, err, and rc once it has ended.
        sudo: Whether it runs as root.
    """

    folder: str
    sudo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a poll saw.

    Attributes:
        state: What the job is doing.
        exit_code: Of a job that is done.
        last_line: The last line of its output.
    """

    state: State
    exit_code: int | None = None
    last_line: str = ""


class Connected(Protocol):
    """An open connection that runs programs, as root where told."""

    @property
    def where(self) -> str:
        """The host in error texts."""
        ...

    def run(
        self, words: Sequence[str], *, cwd: str | None = None, timeout_s: float = 60.0, sudo: bool = False
    ) -> Finished:
        """Run a program."""
        ...


def start(
    host: Connected, job: Job, words: Sequence[str], *, environment: Mapping[str, str], deadline_s: float
) -> None:
    """Start a job in a session of its own; the connection may be lost after that.

    Called again for the same folder it starts nothing, so it can be repeated when its answer was lost.

    Args:
        host: The connection.
        job: Where it goes; its folder is made.
        words: The program and its arguments; it runs in the job's folder.
        environment: Variables for it.
        deadline_s: The host itself ends the program after this, even if nobody comes back [s].

    Raises:
        RemoteError: It cannot be started, or the connection is lost.
    """
    made = host.run(["mkdir", "-p", "--", job.folder])
    if made.exit_code:
        said = " ".join(made.err.split())
        raise RemoteError(host.where, f"{job.folder} cannot be made ({said})", "Make room for it there.", code="copy")
    program = shlex.join(["env", *(f"{name}={value}" for name, value in environment.items()), *words])
    body = (
        "read -r line </proc/$$/stat; set -- ${line##*)}; echo $$ ${20} >pid.tmp && mv pid.tmp pid; "
        f"timeout --foreground -k 5 {deadline_s:g} {program} >out 2>err </dev/null; echo $? >rc.tmp; mv rc.tmp rc"
    )
    launch = f"mkdir started 2>/dev/null || exit 0; exec setsid -f sh -c {shlex.quote(body)} >/dev/null 2>&1 </dev/null"
    told = host.run(["sh", "-c", launch], cwd=job.folder, timeout_s=30.0, sudo=job.sudo)
    if told.exit_code:
        said = " ".join(told.err.split()) or f"exit code {told.exit_code}"
        raise RemoteError(host.where, f"the run cannot be started ({said})", "Look at the board.", code="start")


_POLL = """\
alive() { read -r pid born <pid && read -r line <"/proc/$pid/stat" && set -- ${line##*)} && [ "$1" != Z ] && [ "${20}" = "$born" ]; }
[ -d started ] || { echo never; exit; }
if alive 2>/dev/null; then state=running; else state=lost; fi
if [ -f rc ]; then read -r code <rc; state="done ${code:-}"; fi
if [ ! -f pid ] && [ "$state" = lost ] && [ -z "$(find started -maxdepth 0 -mmin +1)" ]; then state=running; fi
echo "$state"
tail -n 1 out 2>/dev/null
"""


def poll(host: Connected, job: Job) -> Seen:
    """Look at a job.

    Raises:
        RemoteError: The connection is lost, or the job's folder is gone (`no-job`).
    """
    told = host.run(["sh", "-c", _POLL], cwd=job.folder, timeout_s=15.0)
    first, _, rest = told.out.partition("\n")
    word, _, code = first.partition(" ")
    last = rest.strip()
    if word == "done" and code.strip().isdigit():
        return Seen(state=State.DONE, exit_code=int(code), last_line=last)
    if word == "running":
        return Seen(state=State.RUNNING, last_line=last)
    if word == "never":
        return Seen(state=State.NEVER_STARTED)
    if word in {"lost", "done"}:
        return Seen(state=State.LOST, last_line=last)
    raise RemoteError(
        host.where, f"the run's folder {job.folder} is gone", "Run the same command again.", code="no-job"
    )


_STOP = """\
read -r pid born <pid || exit 0
same() { read -r line <"/proc/$pid/stat" && set -- ${line##*)} && [ "${20}" = "$born" ]; }
is_member() { read -r line <"$1" && set -- ${line##*)} && [ "$3" = "$pid" ] && [ "$1" != Z ]; }
members() { for stat in /proc/[0-9]*/stat; do is_member "$stat" && return 0; done; return 1; }
if ! same && ! members; then exit 0; fi
kill -TERM -- "-$pid"
i=0
while members && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
if members; then kill -KILL -- "-$pid"; sleep 0.2; fi
if members; then exit 1; fi
exit 0
"""


def stop(host: Connected, job: Job) -> None:
    """End a job with everything that it started: asked first, forced after 5 s.

    Raises:
        RemoteError: It does not end (`still-runs`), or the connection is lost.
    """
    told = host.run(["sh", "-c", f"{{ {_STOP}}} 2>/dev/null"], cwd=job.folder, timeout_s=30.0, sudo=job.sudo)
    if told.exit_code == 1:
        raise RemoteError(
            host.where,
            f"the run in {job.folder} does not end, even when forced",
            "Restart the board: a process that waits for the programmable logic cannot be ended otherwise.",
            code="still-runs",
        )


def texts(host: Connected, job: Job) -> tuple[str, str]:
    """Return the last 4 kB of the job's output and of its errors."""
    out = host.run(["tail", "-c", "4000", "out"], cwd=job.folder)
    err = host.run(["tail", "-c", "4000", "err"], cwd=job.folder)
    return out.out, err.out


def remove(host: Connected, job: Job) -> None:
    """Remove the job's folder.

    Raises:
        RemoteError: Something of it stays (`left`), or the connection is lost.
    """
    told = host.run(["rm", "-rf", "--", job.folder], sudo=job.sudo)
    if told.exit_code:
        raise RemoteError(host.where, f"{job.folder} cannot be removed", "Remove it by hand.", code="left")
