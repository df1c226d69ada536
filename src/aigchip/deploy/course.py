"""The course of a deployment: look, send, start, follow over fresh connections, fetch, clean up or name what is left."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from aigchip.core.errors import AigchipError
from aigchip.deploy import preflight, results
from aigchip.deploy.bundle import Bundle
from aigchip.deploy.errors import DeployError
from aigchip.remote import job as jobs
from aigchip.remote.errors import RemoteError
from aigchip.remote.faults import TRANSIENT, disk_full
from aigchip.remote.ssh import Session, SshHost
from aigchip.remote.upload import free_bytes

BUSY = 75
_TIMED_OUT = {124, 137}  # the host's own `timeout` ended the runner, at once or by force
_AFTER_DEADLINE_S = 30.0  # the runner keeps its own deadline; this is for one that does not
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often to look at a run, and how long to bear a board that cannot be reached [s]."""

    first_s: float = 0.5
    longest_s: float = 5.0
    patience_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a deployment gave.

    Attributes:
        result: What the runner measured; whole and right.
        found: What was on the board before.
        left: Folders that stay on the board, for people.
    """

    result: results.RunnerResult
    found: preflight.Found
    left: tuple[str, ...]


def bundle_folder(host: SshHost, bundle: Bundle) -> str:
    """Return where a bundle lies on the board."""
    return posixpath.join(host.target.folder, bundle.stem)


def deploy(host: SshHost, bundle: Bundle, *, tell: Callable[[str], None], pace: Pace | None = None) -> Ran:
    """Send a bundle to a board and run it.

    Args:
        host: The board.
        bundle: What is sent.
        tell: Told how far it is, in a line.
        pace: How often to look.

    Raises:
        RemoteError: The board cannot be reached or does not take the files.
        DeployError: The board does not fit, or the run failed. Nothing of the run is left on the board, or it is named.
    """
    return _course(host, bundle, tell=tell, pace=pace or Pace(), send=True)


def measure(host: SshHost, bundle: Bundle, *, tell: Callable[[str], None], pace: Pace | None = None) -> Ran:
    """Run again what lies on a board since `deploy`.

    Raises:
        DeployError: It is not there, or not as it was sent (`not-deployed`), or as for `deploy`.
        RemoteError: As for `deploy`.
    """
    return _course(host, bundle, tell=tell, pace=pace or Pace(), send=False)


def _course(host: SshHost, bundle: Bundle, *, tell: Callable[[str], None], pace: Pace, send: bool) -> Ran:
    target, there = host.target, bundle_folder(host, bundle)
    with host.connected() as session:
        found = preflight.look(session, target)
        for line in found.lines():
            tell(line)
        preflight.check(found, bundle, target)
        if send:
            tell(f"sending {len(bundle.files())} files, {bundle.size_bytes / 1e6:,.1f} MB")
            session.put_all({posixpath.join(there, name): path for name, path in bundle.files().items()})
        else:
            _is_there(session, bundle, there)
    run = jobs.Job(folder=posixpath.join(target.folder, "runs", uuid.uuid4().hex[:12]), sudo=target.sudo)
    try:
        _again(host, pace, tell, lambda session: _start(session, host, bundle, there, run))
        seen = _follow(host, bundle, run, tell=tell, pace=pace)
        result = _again(host, pace, tell, lambda session: _fetch(session, bundle, run, seen))
    except BaseException as error:
        trouble = _clean_up(host, run, pace, tell, patience_s=pace.patience_s / 4)
        if trouble is not None and isinstance(error, AigchipError):
            raise _with_left(error, trouble, run.folder) from error
        raise
    trouble = _clean_up(host, run, pace, tell, patience_s=pace.patience_s)
    left = (there,) if trouble is None else (there, run.folder)
    return Ran(result=result, found=found, left=left)


def _is_there(session: Session, bundle: Bundle, there: str) -> None:
    sums = "\n".join(f"{_sha256(path)}  {posixpath.join(there, name)}" for name, path in bundle.files().items())
    told = session.run(
        ["sh", "-c", 'printf "%s\\n" "$1" | sha256sum --check --status --strict', "sh", sums], timeout_s=120.0
    )
    if told.exit_code:
        raise DeployError(
            session.where,
            f"{there} is not there, or not as it was sent",
            f"Run ./doit deploy design={bundle.job['design']} with the same host.",
            code="not-deployed",
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _start(session: Session, host: SshHost, bundle: Bundle, there: str, run: jobs.Job) -> None:
    target = host.target
    jobs.start(
        session,
        run,
        [
            target.python,
            posixpath.join(there, "runner.py"),
            "--job",
            posixpath.join(there, "job.json"),
            "--result",
            posixpath.join(run.folder, "result.json"),
            "--lock",
            preflight.lock_file(target),
            "--runs",
            str(bundle.job["runs"]),
        ],
        environment={"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **target.environment},
        deadline_s=bundle.job["deadline_s"] + _AFTER_DEADLINE_S,
    )


def _follow(host: SshHost, bundle: Bundle, run: jobs.Job, *, tell: Callable[[str], None], pace: Pace) -> jobs.Seen:
    """Look at the run until it ends; at the deadline end it.

    Raises:
        DeployError: It had to be ended (`deadline`), or it is gone without a trace (`run-lost`).
        RemoteError: The board could not be reached for too long; its disk is full.
    """
    overrun = time.monotonic() + bundle.job["deadline_s"]
    end = overrun + _AFTER_DEADLINE_S
    wait_s, last = pace.first_s, ""
    while True:
        seen = _again(host, pace, tell, lambda session: jobs.poll(session, run))
        if seen.last_line and seen.last_line != last:
            last = seen.last_line
            tell(last)
        if seen.state is jobs.State.DONE:
            if seen.exit_code in _TIMED_OUT and time.monotonic() > overrun:
                raise _overrun(host.target.where, bundle, last)
            return seen
        if seen.state is not jobs.State.RUNNING:
            raise _again(host, pace, tell, lambda session: _gone(session, run))
        if time.monotonic() > end:
            _again(host, pace, tell, lambda session: jobs.stop(session, run))
            raise _overrun(host.target.where, bundle, last)
        time.sleep(min(wait_s, max(0.0, end - time.monotonic()) + 0.1))
        wait_s = min(pace.longest_s, wait_s * 1.3)


def _overrun(where: str, bundle: Bundle, last: str) -> DeployError:
    at = f" (at: {last})" if last else ""
    return DeployError(
        where,
        f"the run did not end within {bundle.job['deadline_s']} s and was stopped{at}",
        "Use fewer runs with runs=, or co-simulate the design with ./doit cosim.",
        code="deadline",
    )


def _gone(session: Session, run: jobs.Job) -> AigchipError:
    """Say why a run left no exit code."""
    free = free_bytes(session, run.folder)
    if free is not None and free < 1 << 16:
        return disk_full(session.where, run.folder, needed_bytes=1 << 20, free_bytes=free)
    _, err = jobs.texts(session, run)
    said = f"; its last words: {err.strip().splitlines()[-1][:300]}" if err.strip() else ""
    return DeployError(
        session.where,
        f"the run is gone without an exit code: it was killed, or the board was restarted{said}",
        "Run the same command again; if it stays, look at the board's memory and power.",
        code="run-lost",
    )


def _fetch(session: Session, bundle: Bundle, run: jobs.Job, seen: jobs.Seen) -> results.RunnerResult:
    """Fetch result.json and judge it.

    Raises:
        DeployError: The run failed, by its own word, or left no result.
    """
    remote = posixpath.join(run.folder, "result.json")
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder) / "result.json"
        try:
            session.get(remote, local)
        except RemoteError as error:
            if error.code != "no-file":
                raise
            raise _no_result(session, run, seen) from error
        result = results.parse(local.read_text(encoding="utf-8", errors="replace"), where=session.where)
    if seen.exit_code == BUSY and result.error is not None:
        raise preflight.busy(session.where, result.error.what.partition(": ")[2])
    results.judge(result, bundle.job, where=session.where)
    return result


def _no_result(session: Session, run: jobs.Job, seen: jobs.Seen) -> AigchipError:
    free = free_bytes(session, run.folder)
    _, err = jobs.texts(session, run)
    words = err.strip().splitlines()
    if (free is not None and free < 1 << 16) or (words and words[-1].startswith("disk-full")):
        return disk_full(session.where, run.folder)
    said = f": {words[-1][:300]}" if words else ""
    return DeployError(
        session.where,
        f"the run ended with exit code {seen.exit_code} and without a result{said}",
        "Run the same command again; if it stays, report it with this line.",
        code="no-result",
    )


def _again(host: SshHost, pace: Pace, tell: Callable[[str], None], action: Callable[[Session], _Result]) -> _Result:
    """Do something over a fresh connection; a fault that may pass is tried again until the patience is over."""
    end, wait_s = time.monotonic() + pace.patience_s, pace.first_s
    while True:
        try:
            with host.connected() as session:
                return action(session)
        except RemoteError as error:
            if error.code not in TRANSIENT or time.monotonic() + wait_s > end:
                raise
            tell(f"{error.what}; trying again, the run goes on without us")
        time.sleep(wait_s)
        wait_s = min(pace.longest_s, wait_s * 1.5)


def _clean_up(
    host: SshHost, run: jobs.Job, pace: Pace, tell: Callable[[str], None], *, patience_s: float
) -> AigchipError | None:
    """End the run if it still runs and remove its folder; return why it could not be done."""
    patient = Pace(first_s=pace.first_s, longest_s=pace.longest_s, patience_s=patience_s)

    def end(session: Session) -> None:
        with contextlib.suppress(DeployError):
            jobs.stop(session, run)
        jobs.remove(session, run)

    try:
        _again(host, patient, tell, end)
    except AigchipError as error:
        return error
    return None


def _with_left(error: AigchipError, trouble: AigchipError, folder: str) -> AigchipError:
    return type(error)(
        error.where,
        f"{error.what}; {folder} is left there, the run in it may go on until its deadline ({trouble.what})",
        error.remedy,
        code=error.code,
    )


def said_of(ran: Ran) -> Iterator[str]:
    """Say what is left on the board."""
    bundle, *others = ran.left
    yield f"the bundle stays on the board in {bundle}, for ./doit measure"
    for folder in others:
        yield f"{folder} could not be removed from the board; remove it by hand"
