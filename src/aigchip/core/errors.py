"""The one exception tree of the build system: what a person sees as a single line."""

from __future__ import annotations

import copyreg
from collections.abc import Iterable


class AigchipError(Exception):
    """Report something that a person can put right, in one line.

    The text reads `<where>: <what>. <remedy>`. The command line prints it and exits with 1; every other exception
    type that reaches the command line is a bug of ours.

    Args:
        where: The argument, file and line, task, or node concerned, for example `designs/7/design.yaml:3`.
        what: What is wrong, by preference `<name> is <value>; must be <rule>`, without a final full stop.
        remedy: The smallest step that puts it right, an imperative sentence; may be empty.
        code: A stable word for programs, for example `disk-full`.
    """

    def __init__(self, where: str, what: str, remedy: str = "", *, code: str = "input") -> None:
        self.where = where
        self.what = what.rstrip(".")
        self.remedy = remedy
        self.code = code
        super().__init__(where, what, remedy)

    def __str__(self) -> str:
        return " ".join(f"{self.where}: {self.what}. {self.remedy}".split())

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process, whatever arguments a subclass takes."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__.copy()  # type: ignore[attr-defined]


class InputError(AigchipError):
    """Report an argument, a design or a file of the person's that cannot be used."""


class ToolMissingError(AigchipError):
    """Report a program that a step needs and that is not there."""


class StorageError(AigchipError):
    """Report a file system that does not take what has to be written."""


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Find the candidate that a person most likely meant by `word`.

    Returns:
        The closest candidate, or None when nothing is close.
    """
    import difflib

    names = list(candidates)
    folded = {name.lower(): name for name in names}
    found = difflib.get_close_matches(word.lower(), list(folded), n=1, cutoff=0.55)
    return folded[found[0]] if found else None


def unknown(where: str, noun: str, word: str, candidates: Iterable[str], *, remedy: str = "") -> InputError:
    """Build the error for a name that is not one of a known set.

    Args:
        where: The argument or file that holds the word.
        noun: What the word should name, for example `board`.
        word: What was written.
        candidates: Every valid name.
        remedy: A last resort, printed after the nearest name or the list.
    """
    names = sorted(candidates)
    close = nearest(word, names)
    if close is not None:
        hint = f"Did you mean {close}?"
    elif 0 < len(names) <= 12:
        hint = f"Choose one of {', '.join(names)}."
    else:
        hint = ""
    article = "an" if noun[:1] in "aeiou" else "a"
    return InputError(where, f"{word!r} is not {article} {noun}", f"{hint} {remedy}".strip(), code="unknown-name")
