"""`list` and `help`, made from the catalogue and the argument schema."""

from __future__ import annotations

from collections.abc import Sequence

from aigchip.core.errors import unknown
from aigchip.tasks.arguments import ARGUMENTS, Argument
from aigchip.tasks.catalogue import ENTRIES, Entry


def print_list() -> int:
    """Print every task with its summary and arguments."""
    print("Usage: ./doit TASK [name=value ...]        ./doit help TASK")
    group = ""
    for entry in ENTRIES.values():
        if entry.group != group:
            group = entry.group
            print(f"\n{group}")
        print(f"  {entry.name:<10} {entry.summary}")
        if entry.arguments:
            print(f"  {'':<10}   {_usage(entry)}")
    return 0


def _usage(entry: Entry) -> str:
    return " ".join(f"{name}=" if name in entry.required else f"[{name}=]" for name in entry.arguments)


def print_help(words: Sequence[str]) -> int:
    """Print one task in full, or the overview where none is named.

    Raises:
        InputError: There is no such task.
    """
    if not words:
        return print_list()
    name = words[0].partition(":")[0]
    if name not in ENTRIES:
        if name in ARGUMENTS:
            _print_argument(ARGUMENTS[name], required=False)
            return 0
        raise unknown(f"help {words[0]}", "task", name, ENTRIES, remedy="See ./doit list.")
    entry = ENTRIES[name]
    print(f"./doit {entry.name} {_usage(entry)}".rstrip())
    print(f"\n{entry.summary}")
    if entry.details:
        print(entry.details.strip())
    if entry.arguments:
        print("\nArguments")
        for argument in entry.arguments:
            _print_argument(ARGUMENTS[argument], required=argument in entry.required)
    if entry.examples:
        print("\nExamples")
        for example in entry.examples:
            print(f"  {example}")
    return 0


def _print_argument(argument: Argument, *, required: bool) -> None:
    if required:
        default = "required"
    elif argument.otherwise:
        default = argument.otherwise
    elif argument.default is None:
        default = "no default"
    else:
        default = f"default {argument.default}"
    print(f"  {argument.name}=")
    print(f"      {argument.meaning}")
    print(f"      {argument.rule()}; {default}; for example {argument.name}={argument.example}")
