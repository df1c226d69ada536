"""The tasks for another project's dodo.py, run by plain doit.

Plain doit prints a traceback for every exception and knows none of our commands. Here a person's error becomes doit's
own kind of error, and each command (`why`, `export`, `report`, ...) a task.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from doit.exceptions import InvalidDodoFile, TaskFailed

from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.tasks import arguments, creators, session
from aigchip.tasks.catalogue import ENTRIES, WITH_WORDS

Creator = Callable[[], Iterable[dict[str, Any]]]

#: Commands that are about the project itself: doit and pip have their own.
_LEFT_OUT = ("list", "help")


@functools.cache
def aigchip_tasks() -> Mapping[str, Creator]:
    """Return every task creator by its name, `task_search` and so on, for `globals().update(...)` in a dodo.py."""
    from aigchip.tasks.main import Main

    found: dict[str, Creator] = {}
    for name in vars(creators):
        if name.startswith("task_"):
            found[name] = _plain(getattr(creators, name))
    for command in Main.DOIT_CMDS:
        name = command.get_name()
        if name in ENTRIES and name not in _LEFT_OUT and hasattr(command, "tell"):
            found[f"task_{name}"] = _of_command(name, command)
    return found


def _plain(creator: Callable[[], Any]) -> Creator:
    @functools.wraps(creator)
    def create() -> Iterator[dict[str, Any]]:
        try:
            made = creator()
            for task in [made] if isinstance(made, dict) else made:
                yield _with_end(task)
        except AigchipError as error:
            raise InvalidDodoFile(in_words_typed_here(error)) from None

    return create


def _of_command(name: str, command: Any) -> Creator:
    def act(words: list[str]) -> bool | TaskFailed:
        try:
            _check(name)
            code = command().tell(words)
        except AigchipError as error:
            return TaskFailed(in_words_typed_here(error))
        return True if code == 0 else TaskFailed(f"{name} ended with the code {code}")

    def create() -> Iterator[dict[str, Any]]:
        task: dict[str, Any] = {
            "basename": name,
            "doc": ENTRIES[name].summary,
            "io": {"capture": False},
            "verbosity": 2,
        }
        if name in WITH_WORDS:
            task |= {"actions": [(act,)], "pos_arg": "words"}
        else:
            task["actions"] = [(act, [[]])]
        yield _with_end(task)

    create.__doc__ = ENTRIES[name].summary
    return create


def _check(name: str) -> None:
    """Check that what a command needs is given, as the project's own command line does.

    Raises:
        InputError: An argument is missing or not valid.
    """
    from aigchip.tasks.main import check_fit

    given = arguments.of_command_line()
    taken = {key: value for key, value in given.given.items() if key in ENTRIES[name].arguments}
    check_fit([name], arguments.Arguments(given=taken))


def _with_end(task: dict[str, Any]) -> dict[str, Any]:
    """Let doit end the worker processes after its last task; a process of doit's own (-n) ends its workers at once."""
    actions = [_ending(action) for action in task.get("actions") or ()]
    more: dict[str, Any] = {"teardown": [(session.close,)]} if actions else {}
    return {**task, **({"actions": actions} if actions else {}), **more}


def _ending(action: Any) -> Any:
    function, *rest = action

    @functools.wraps(function)
    def run(*given: Any, **named: Any) -> Any:
        try:
            with as_typed():
                result = function(*given, **named)
        finally:
            if multiprocessing.parent_process() is not None:
                session.close()
        return TaskFailed(in_words_typed_here(result.message)) if isinstance(result, TaskFailed) else result

    return (run, *rest)


def as_typed() -> contextlib.AbstractContextManager[Any]:
    """While it holds, standard output names commands as they are typed in the project at hand."""
    stream: Any = _AsTyped(sys.stdout)
    return contextlib.redirect_stdout(stream)


class _AsTyped:
    """Standard output on which commands stand as they are typed in the project at hand."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text, its commands as they are typed here."""
        self._stream.write(in_words_typed_here(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def in_words_typed_here(error: object) -> str:
    """Write a text with the commands as they are typed in the project at hand."""
    return str(error).replace("./doit ", "doit ") if paths.is_installed() else str(error)
