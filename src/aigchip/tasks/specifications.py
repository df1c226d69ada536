"""`design prompt=...`: a person's sentence becomes a specification, and what a search takes from one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from aigchip.board import boards
from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.console import print_table
from aigchip.core.errors import InputError
from aigchip.llm import settings as llm_settings
from aigchip.llm.errors import LlmError
from aigchip.requirement import ask, plain
from aigchip.requirement.check import check, described
from aigchip.requirement.plain import Understood
from aigchip.requirement.specification import Specification
from aigchip.tasks.arguments import Arguments, Value, parse
from aigchip.tasks.context import load_workload

_SHARED = ("network", "resolution", "board")


def folder() -> Path:
    """Return where specifications are written."""
    return paths.build_dir() / "specifications"


def run(given: Arguments) -> int:
    """Turn `prompt=` into a specification, show it, and write it for the search.

    Raises:
        AigchipError: It is contradictory or impossible, or nothing of it was understood.
    """
    prompt = given.text("prompt")
    understood, reader = understand(given)
    specification = understood.specification
    if not specification.to_dict():
        raise InputError(
            "prompt",
            f"nothing of it is a requirement: {_listed(understood.not_understood or (prompt,))}",
            "Name for example a network, a board, a latency in ms, a number of DSPs.",
        )
    _show(specification, given)
    print(f"Read by {reader}.")
    _say_what_is_left(understood)
    merged = merge(given, specification)
    board = load_board(merged.text("board"))
    workload = load_workload(merged)
    found = check(specification, workload, board)
    size = f" at {workload.resolution}" if workload.resolution else ""
    print(
        f"No design can take less than {found.latency_ms:.3g} ms for {workload.name}{size} on {board.name} (arithmetic: "
        f"{found.products:,} products a cycle {found.compute_ms:.3g} ms, memory {found.memory_ms:.3g} ms)."
    )
    path = folder() / f"{_slug(prompt)}.yaml"
    specification.write(path, comment=f"{prompt}\nread by {reader}")
    shown = paths.relative(path)
    print(f"Written to {shown}; edit it, or go on.")
    print(f"Next: ./doit search specification={shown} study={_slug(prompt)}")
    return 0


def understand(given: Arguments) -> tuple[Understood, str]:
    """Read `prompt=`: by the model that is named, or without one by fixed phrases.

    Returns:
        What was understood, and who read it.
    """
    prompt, names = given.text("prompt"), boards()
    try:
        settings = llm_settings.load(model=given.given.get("model"))
    except LlmError as error:
        if error.code != "no-model":
            raise
        return plain.read(prompt, names), "fixed phrases; a model would understand more (see ./doit help design)"
    from aigchip.llm.client import Client

    client = Client(settings=settings, scope=str(folder()))
    return ask.ask(client, prompt, names), f"{settings.model}; check it"


def of_search(given: Arguments) -> tuple[Arguments, Specification]:
    """Return a search's arguments with those of its specification, and the specification; an empty one by default.

    Raises:
        InputError: An argument contradicts the specification, or words of the prompt were not understood.
        SpecificationError: The file or the prompt cannot be used.
    """
    if "prompt" in given.given and "specification" in given.given:
        raise InputError("prompt", "a search takes a prompt or a specification, not both", "Leave one out.")
    if "prompt" in given.given:
        understood, _ = understand(given)
        if understood.not_understood:
            raise InputError(
                "prompt",
                f"not understood: {_listed(understood.not_understood)}",
                "Say it otherwise, or see with ./doit design prompt=... what is understood and search for that.",
            )
        specification = understood.specification
        _show(specification, given)
    elif "specification" in given.given:
        path = Path(given.text("specification"))
        specification = Specification.read(path, where=paths.relative(path))
    else:
        return given, Specification()
    return merge(given, specification), specification


def merge(given: Arguments, specification: Specification) -> Arguments:
    """Return the arguments with what a specification says of network, resolution, board and DSPs.

    Raises:
        InputError: An argument says something else.
    """
    said: dict[str, Any] = {name: getattr(specification, name) for name in _SHARED}
    said["max_dsp"] = specification.at_most.get("dsp")
    values: dict[str, Value] = dict(given.given)
    for name, value in parse(f"{name}={value}" for name, value in said.items() if value is not None).given.items():
        if values.setdefault(name, value) != value:
            raise InputError(
                f"{name}={values[name]}",
                f"the specification says {value}",
                f"Leave out {name}=, or change the specification.",
            )
    return Arguments(given=values)


def _show(specification: Specification, given: Arguments) -> None:
    """Print what is asked for, and what holds where nothing is said."""
    rows = described(specification)
    for name in ("network", "board"):
        if getattr(specification, name) is None:
            rows.append((name, f"{given.text(name)} ({'as given' if name in given.given else 'the default'})"))
    print_table("What is asked for", ("what", "requirement"), rows)


def _say_what_is_left(understood: Understood) -> None:
    if understood.not_understood:
        print(f"Not understood, and left out: {_listed(understood.not_understood)}")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _slug(prompt: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-")[:32].strip("-") or "requirement"
