"""The command line: doit, with one argument schema for every task and one clear line for every mistake."""

from __future__ import annotations

import abc
import importlib
import io
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from doit.cmd_base import Command, DodoTaskLoader
from doit.cmd_run import Run
from doit.cmdparse import CmdParseError
from doit.doit_cmd import DoitMain
from doit.exceptions import InvalidCommand

from aigchip.core import paths
from aigchip.core.atomic import of_system
from aigchip.core.errors import AigchipError, InputError, unknown
from aigchip.space.derive import INSTANCES
from aigchip.tasks import arguments
from aigchip.tasks.catalogue import CHECKS, ENTRIES, STAGES_OF_MODULES, WITH_WORDS


class CleanRun(Run):
    """`run`, where a mistake of the person ends in one line instead of a traceback."""

    def parse_execute(self, in_args: list[str]) -> int:
        """Parse and run; the error goes up to `main`."""
        return _guarded(super().parse_execute, in_args)

    @classmethod
    def get_name(cls) -> str:
        """Return the name of the command that this class replaces."""
        return "run"


class _Teller(Command, abc.ABC):
    """A command that tells something and runs no task."""

    def parse_execute(self, in_args: list[str]) -> int:
        return _guarded(super().parse_execute, in_args)

    def execute(self, opt_values: Any, pos_args: list[str]) -> int:
        return self.tell(pos_args)

    @abc.abstractmethod
    def tell(self, words: list[str]) -> int:
        """Print it and return the exit code."""


def _command(name: str, where: str, *, given: bool = True) -> type[Command]:
    """Make the command of a task that tells something.

    Args:
        name: The task.
        where: `<module of aigchip.tasks>.<function>`, imported when the command runs.
        given: Whether the function takes the arguments; one of `WITH_WORDS` takes the words that follow first.
    """
    module, _, function = where.partition(".")

    def tell(self: _Teller, words_given: list[str]) -> int:
        del self
        action = getattr(importlib.import_module(f"aigchip.tasks.{module}"), function)
        taken = ([words_given] if name in WITH_WORDS else []) + ([arguments.of_command_line()] if given else [])
        return action(*taken)

    body = {"name": name, "doc_purpose": ENTRIES[name].summary, "__doc__": f"`{name}`.", "tell": tell}
    return type(f"{name.title()}Command", (_Teller,), body)


COMMANDS = (
    _command("list", "overview.print_list", given=False),
    _command("help", "overview.print_help", given=False),
    _command("doctor", "doctor.print_tools", given=False),
    _command("design", "specifications.run"),
    _command("why", "why.print_why"),
    _command("report", "reports.print_report"),
    _command("compare", "comparing.run"),
    _command("export", "exporting.run"),
    _command("deploy", "deploying.run"),
    _command("measure", "deploying.measure"),
    _command("board", "boards.run"),
    _command("accept", "accepting.run"),
    _command("demos", "demos.run", given=False),
    _command("llm", "llm.run", given=False),
    _command("study", "experiments.run"),
    _command("bench", "bench.run"),
)


class Main(DoitMain):
    """doit with the project's commands and argument schema."""

    BIN_NAME = "./doit"
    DOIT_CMDS = (*COMMANDS, CleanRun)
    PLAIN_COMMANDS: ClassVar[tuple[str, ...]] = ("run",)

    def process_args(self, cmd_args: Sequence[str]) -> list[str]:
        """Check every word of the command line before anything runs; return those that are not arguments.

        Raises:
            InputError: A task, an argument or a value is not valid, or an argument is missing.
        """
        words: list[str] = super().process_args(cmd_args)
        given = arguments.parse(word for word in cmd_args if not word.startswith("-") and "=" in word)
        names = _task_names(words, self.PLAIN_COMMANDS)
        check_fit(names, given)
        return words


def _guarded(function: Any, words: list[str]) -> int:
    """Carry a clear error through doit, which prints the traceback of every exception that it does not know."""
    try:
        return function(words)
    except AigchipError as error:
        raise _Carried(error) from error
    except CmdParseError as error:
        found = re.search(r"option (\S+)", str(error))
        where = found[1] if found else " ".join(words)
        refused = InputError(where, "there is no such option", "Arguments are written name=value; see ./doit help.")
        raise _Carried(refused) from error
    except OSError as error:
        stored = of_system(error)
        if stored is None:
            raise
        raise _Carried(stored) from error


class _Carried(BaseException):
    def __init__(self, error: AigchipError) -> None:
        super().__init__(str(error))
        self.error = error


PARTS = {**dict.fromkeys(STAGES_OF_MODULES, INSTANCES), "test": CHECKS}
"""Task to the names that may follow it after a colon."""

_OPTIONS_WITH_VALUE = {"-n", "-P", "-r", "-o", "-v", "-f", "-d", "--process", "--reporter", "--output-file"}


def _task_names(words: Sequence[str], commands: Sequence[str]) -> list[str]:
    names: list[str] = []
    skip = False
    for word in words:
        if skip or word.startswith("-"):
            skip = word in _OPTIONS_WITH_VALUE
            continue
        if not names and word in commands:
            continue
        base, colon, part = word.partition(":")
        if base not in ENTRIES:
            raise unknown(word, "task", base, ENTRIES, remedy="See ./doit list.")
        if colon and base not in PARTS:
            raise InputError(word, f"the task {base} has no parts", f"Write {base} alone.")
        if colon and part not in PARTS[base]:
            raise unknown(word, "module" if base != "test" else "check", part, PARTS[base])
        names.append(base)
        if base in WITH_WORDS:  # the words that follow are their own
            break
    return names


def check_fit(names: Sequence[str], given: arguments.Arguments) -> None:
    """Check that the tasks take the given arguments and have those that they need."""
    if "help" in names:
        return
    taken = {argument for name in names for argument in ENTRIES[name].arguments}
    for argument, value in given.given.items():
        if argument not in taken:
            tasks = ", ".join(names) or "the overview"
            raise InputError(
                f"{argument}={value}",
                f"{tasks} does not take the argument {argument}",
                f"Leave it out, or use it with {_takers(argument)}.",
            )
    for name in names:
        for argument in ENTRIES[name].required:
            if argument not in given.given:
                example = arguments.ARGUMENTS[argument].example
                raise InputError(
                    name, f"the argument {argument} is missing", f"For example ./doit {name} {argument}={example}."
                )


def _takers(argument: str) -> str:
    return ", ".join(name for name, entry in ENTRIES.items() if argument in entry.arguments)


def _print_version() -> int:
    from importlib.metadata import version

    print(f"aigchip {version('aigchip')}, doit {version('doit')}")
    return 0


class _UntilNobodyReads(io.FileIO):
    """Standard output that goes nowhere once its reader (head, less) has gone; the work itself goes on."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def _open_output() -> None:
    raw = _UntilNobodyReads(sys.stdout.fileno(), "w", closefd=False)
    terminal = raw.isatty()
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=sys.stdout.encoding, errors="backslashreplace", line_buffering=terminal
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit code: 0, 1 for a mistake or a failure, 130 after Ctrl-C.
    """
    if argv is None:
        _open_output()
    words = list(sys.argv[1:] if argv is None else argv)
    words = arguments.with_absolute_files(words, Path.cwd())
    if not words:
        words = ["list"]
    if words[0] in {"-h", "--help"}:
        words[0] = "help"
    if words[0] == "--version":
        return _print_version()
    from aigchip.tasks import session

    try:
        os.chdir(paths.root())
        loader = DodoTaskLoader()
        return Main(task_loader=loader, config_filenames=()).run(words)
    except _Carried as carried:
        print(f"doit: {carried.error}", file=sys.stderr)
        return 1
    except AigchipError as error:
        print(f"doit: {error}", file=sys.stderr)
        return 1
    except InvalidCommand as error:
        print(f"doit: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndoit: stopped. Run the same command again to go on; nothing is half written.", file=sys.stderr)
        return 130
    finally:
        session.close()


if __name__ == "__main__":
    sys.exit(main())
