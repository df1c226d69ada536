"""Run one of the vendor's programs in a folder of a host: time limit, licence queue, whole logs, and what it made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from aigchip.core.atomic import write_text
from aigchip.core.errors import AigchipError
from aigchip.diagnose.message import ToolMessage
from aigchip.diagnose.parse import parse_log
from aigchip.remote.host import Host
from aigchip.vendor import licence
from aigchip.vendor.errors import VendorRunError
from aigchip.vendor.licence import LicenceQueuedError, Patience, queued_line

_STAMP = ".aigchip-started"
_SHORT_SECONDS = 120.0
_EMPTY_WORDS = ("see log", "caught tcl error", "problem running", "for details", "due to earlier errors")
"""What messages that only point to another one say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may take.

    Attributes:
        stage_s: Time of one stage [s].
        patience: How long to wait for a licence.
    """

    stage_s: float = 3600.0
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A folder on a host in which one of the vendor's programs works.

    Attributes:
        host: The machine.
        folder: Absolute path there; its content is ours.
        logs: Local folder for whole logs.
        where: What errors name, for example `csynth of mac (Vitis HLS 2024.2)`.
        tell: Is told of every wait for a licence.
    """

    host: Host
    folder: str
    logs: Path
    where: str
    tell: Callable[[str], None] = print

    def prepare(self, files: dict[str, str], scratch: Path) -> None:
        """Empty the folder and put files into it.

        Args:
            files: Name to text.
            scratch: A local folder for what is copied.
        """
        for name, text in files.items():
            write_text(scratch / name, text)
        folders = {str(PurePosixPath(self.folder, name).parent) for name in files}
        with self.connected() as bench:
            bench.remove("")
            bench._do("mkdir", "-p", "--", self.folder, *sorted(folders))
            bench.host.put_all({f"{self.folder}/{name}": scratch / name for name in files})

    @contextlib.contextmanager
    def connected(self) -> Iterator[Bench]:
        """Give this bench over one connection to its host, for calls that follow on one another."""
        with self.host.connected() as host:
            yield replace(self, host=host)

    def remove(self, name: str) -> None:
        """Remove what an older run left."""
        self._do("rm", "-rf", "--", f"{self.folder}/{name}".rstrip("/"))

    def _do(self, *words: str) -> str:
        done = self.host.run(list(words), timeout_s=_SHORT_SECONDS)
        if done.exit_code != 0:
            raise VendorRunError(
                self.where,
                f"{words[0]} failed in {self.folder} on {self.host.name} ({done.err.strip() or done.exit_code})",
                "Name a folder that can be written in aigchip.yaml (vendor: folder:).",
                code="folder",
            )
        return done.out

    def execute(
        self,
        words: Sequence[str],
        *,
        name: str,
        seconds: float,
        patience: Patience,
        removes: Sequence[str],
        judge: Callable[[Bench, str], None],
    ) -> None:
        """Run a program to its end and judge what it left; wait while all licences are in use.

        Args:
            words: The command line.
            name: What the log is called.
            seconds: Time limit of one try [s].
            patience: How long to wait for a licence.
            removes: What is removed before each try, so that nothing old can count.
            judge: Is given the bench over the connection that fetched the log, and the whole log; raises VendorRunError where
                the program left nothing.

        Raises:
            VendorRunError: The time is up, no licence became free, or what `judge` raises.
        """

        def attempt() -> None:
            with self.connected() as bench:
                for old in removes:
                    bench.remove(old)
                bench._do("touch", f"{self.folder}/{_STAMP}")
            try:
                done = self.host.run(list(words), cwd=self.folder, timeout_s=seconds)
            except AigchipError as error:
                if error.code != "time-out":
                    raise
                with self.connected() as bench:
                    bench._keep(name, f"ended at the limit of {seconds:g} s\n")
                raise VendorRunError(
                    self.where,
                    f"{name} did not end within {seconds:g} s and was stopped",
                    f"Raise vendor: timeout_s: in aigchip.yaml, or make the design smaller. The log is {self.log(name)}.",
                    code="time-out",
                ) from error
            with self.connected() as bench:
                text = bench._keep(name, f"{done.out}{done.err}\n(exit code {done.exit_code})\n")
                try:
                    judge(bench, text)
                except VendorRunError as error:
                    line = queued_line(text)
                    if line is None:
                        raise
                    raise LicenceQueuedError(line) from error

        try:
            licence.wait_for(attempt, patience, lambda line: self.tell(f"{self.where}: {line}"))
        except LicenceQueuedError as error:
            raise VendorRunError(
                self.where,
                f"no licence became free within {patience.total_s:g} s ({error.line})",
                f"Try again later, or raise vendor: licence_wait_s: in aigchip.yaml. The log is {self.log(name)}.",
                code="licence",
            ) from error

    def log(self, name: str) -> Path:
        """Return where the log of a run is kept."""
        return self.logs / f"{name}.log"

    def _keep(self, name: str, printed: str) -> str:
        """Keep the whole log: what was printed, and every log file that the program wrote; return all of it."""
        parts = [printed]
        for path in self.fresh():
            if path.endswith(".log") and not path.startswith("."):
                local = self.logs / name / path.replace("/", "_")
                self.host.get(f"{self.folder}/{path}", local)
                part = f"==== {path}\n{local.read_text(encoding='utf-8', errors='replace')}"
                inner = path.endswith(
                    "/runme.log"
                )  # Vivado's runs: the cause, where the script only says that one failed
                parts.insert(0 if inner else len(parts), part)
        text = "\n".join(parts)
        write_text(self.log(name), text)
        return text

    def fresh(self) -> list[str]:
        """Return every file that was written since the run began, relative to the folder, sorted."""
        words = ["find", self.folder, "-type", "f", "-newer", f"{self.folder}/{_STAMP}"]
        found = self.host.run(words, timeout_s=_SHORT_SECONDS).out.splitlines()
        return sorted(str(PurePosixPath(path).relative_to(self.folder)) for path in found if path)

    def fetch(self, path: str, local: Path) -> Path:
        """Copy a file of the folder here."""
        self.host.get(f"{self.folder}/{path}", local)
        return local

    def failure(self, what: str, *, text: str, name: str, code: str = "no-artefact") -> VendorRunError:
        """Build the error of a run without its artefact: what is missing, and what the tool said first.

        Args:
            what: What is missing or wrong.
            text: The whole log.
            name: The log's name.
            code: The error's code where the log says nothing.
        """
        message = first_error(text)
        said = (
            ""
            if message is None
            else f"; the tool says: {message.location or ''}: {message.message}".replace(": : ", ": ")
        )
        remedy = "" if message is None else message.remedy
        error = VendorRunError(
            self.where,
            f"{what}{said}",
            f"{remedy} The log is {self.log(name)}.".strip(),
            code=code if message is None else "failed",
        )
        error.message = message
        return error


def first_error(text: str) -> ToolMessage | None:
    """Return the first error of a log that says something; None where there is none."""
    errors = [message for message in parse_log(text) if message.severity == "error"]
    telling = [m for m in errors if not any(word in m.message.lower() for word in _EMPTY_WORDS)]
    return next(iter(telling or errors), None)
