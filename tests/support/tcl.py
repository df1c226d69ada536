"""A real Tcl interpreter whose vendor commands are stand-ins: they know names and options, and fail on anything else."""

from __future__ import annotations

import re
import tkinter
from collections.abc import Callable, Mapping
from pathlib import Path


class Refused(Exception):
    """What a stand-in says of a wrong call."""


Command = Callable[[list[str]], str]


def run(script: Path, commands: Mapping[str, Command], environment: Mapping[str, str] | None = None) -> list[list[str]]:
    """Run a script and return the calls of the vendor's commands, in order.

    Args:
        script: The file.
        commands: What each vendor command does with its words.
        environment: Variables of `::env`; no others are there.

    Raises:
        tkinter.TclError: The script is wrong, or says so itself.
        Refused: A stand-in refused.
    """
    interpreter = tkinter.Tcl()
    calls: list[list[str]] = []
    raised: list[Exception] = []

    def stand_in(name: str) -> Callable[..., str]:
        def call(*words: str) -> str:
            calls.append([name, *map(str, words)])
            try:
                return commands[name]([str(word) for word in words])
            except Exception as error:
                raised.append(error)  # tkinter keeps no word of it
                raise

        return call

    for name in commands:
        interpreter.createcommand(name, stand_in(name))
    interpreter.eval('array unset ::env; proc unknown {args} { error "no such command: $args" }; proc exit {} {}')
    for name, value in (environment or {}).items():
        interpreter.setvar(f"env({name})", value)
    interpreter.eval("rename puts {}; proc puts {args} {}")
    try:
        interpreter.call("source", str(script))
    except tkinter.TclError:
        if raised:
            raise raised[0] from None
        raise
    return calls


def options(
    words: list[str], flags: tuple[str, ...] = (), valued: tuple[str, ...] = ()
) -> tuple[dict[str, str], list[str]]:
    """Split words into options and the rest.

    Raises:
        Refused: An option is unknown or has no value.
    """
    found: dict[str, str] = {}
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word in flags:
            found[word] = ""
        elif word in valued:
            at += 1
            if at == len(words):
                raise Refused(f"{word} has no value")
            found[word] = words[at]
        elif word.startswith("-"):
            raise Refused(f"unknown option {word}")
        else:
            rest.append(word)
        at += 1
    return found, rest


def is_part(word: str) -> bool:
    """Say whether a part is written as the vendor's tools take it: device, package, speed grade, temperature."""
    return re.fullmatch(r"xc[a-z0-9]+-[a-z]+\d+-\d-[a-z]", word) is not None
