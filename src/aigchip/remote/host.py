"""A host: a machine that runs programs and takes files; this one, or another over SSH."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aigchip.core.atomic import of_system
from aigchip.remote.errors import RemoteError


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Hold what a program left behind.

    Attributes:
        exit_code: What it returned; negative where a signal ended it.
        out: Its standard output.
        err: Its standard error.
    """

    exit_code: int
    out: str
    err: str


class Host(Protocol):
    """A machine that runs programs and takes files. Every path on it is absolute."""

    def connected(self) -> contextlib.AbstractContextManager[Host]:
        """Open one connection for several calls; this machine needs none.

        Raises:
            RemoteError: It cannot be made; the code names the fault.
        """
        ...

    @property
    def name(self) -> str:
        """What error texts call it."""
        ...

    def run(
        self,
        words: Sequence[str],
        *,
        cwd: str | None = None,
        timeout_s: float = 60.0,
        environment: Mapping[str, str] | None = None,
    ) -> Finished:
        """Run a program to its end, without a shell of its own and with nothing on standard input.

        Args:
            words: The program and its arguments.
            cwd: The folder that it runs in.
            timeout_s: Limit on its time [s]; the program and what it started are ended after that.
            environment: Variables on top of the host's own.

        Returns:
            Exit code and texts; an exit code other than 0 is no error here.

        Raises:
            RemoteError: The host cannot be reached (the fault is the code), or the time is up (`time-out`).
        """
        ...

    def put(self, path: Path, remote: str) -> None:
        """Copy a file to the host; a reader there sees the old file or the whole new one.

        Raises:
            RemoteError: It did not arrive whole; nothing half written is left.
        """
        ...

    def put_all(self, files: Mapping[str, Path]) -> None:
        """Copy files to the host over one connection.

        Args:
            files: Absolute path on the host to the file here.

        Raises:
            RemoteError: They did not arrive whole; nothing half written is left, or it is named.
        """
        ...

    def get(self, remote: str, path: Path) -> None:
        """Copy a file from the host; `path` is replaced only by the whole file.

        Raises:
            RemoteError: There is no such file (`no-file`), or it did not arrive whole.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalHost:
    """This machine as a host."""

    name: str = "this machine"

    @contextlib.contextmanager
    def connected(self) -> Iterator[LocalHost]:
        """Give itself; see `Host.connected`."""
        yield self

    def run(
        self,
        words: Sequence[str],
        *,
        cwd: str | None = None,
        timeout_s: float = 60.0,
        environment: Mapping[str, str] | None = None,
    ) -> Finished:
        """Run a program; see `Host.run`. A program that is not there gives exit code 127, as a shell does."""
        try:
            process = subprocess.Popen(
                list(words),
                cwd=cwd,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            return Finished(exit_code=127, out="", err=f"{words[0]}: {error.strerror}")
        try:
            out, err = process.communicate(timeout=timeout_s)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise time_out(self.name, words, timeout_s) from error
            raise
        return Finished(exit_code=process.returncode, out=out, err=err)

    def put(self, path: Path, remote: str) -> None:
        """Copy a file; see `Host.put`."""
        self._copy(path, Path(remote))

    def put_all(self, files: Mapping[str, Path]) -> None:
        """Copy files; see `Host.put_all`."""
        for remote, path in files.items():
            self._copy(path, Path(remote))

    def get(self, remote: str, path: Path) -> None:
        """Copy a file; see `Host.get`."""
        if not Path(remote).is_file():
            raise no_file(self.name, remote)
        self._copy(Path(remote), path)

    def _copy(self, source: Path, target: Path) -> None:
        beside = target.with_name(f".{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, beside)
            beside.replace(target)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise of_system(error, target) or RemoteError(
                self.name, f"{source} cannot be copied to {target} ({error.strerror})", code="copy"
            ) from error


def time_out(where: str, words: Sequence[str], timeout_s: float) -> RemoteError:
    """Build the error for a program that does not end in time."""
    return RemoteError(
        where,
        f"{words[0]} did not end within {timeout_s:g} s",
        "See whether the host is busy, or allow more time.",
        code="time-out",
    )


def no_file(where: str, remote: str) -> RemoteError:
    """Build the error for a file that is not on the host."""
    return RemoteError(where, f"there is no file {remote}", "Run the step that writes it first.", code="no-file")
