"""`why`: what a build would run, and which changed input makes it run, before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aigchip.core.errors import AigchipError
from aigchip.core.hashing import digest
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import DesignContext


def flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested mappings with dotted names."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from flat(item, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def changed_inputs(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name the inputs that differ; short values are shown."""
    old, new = dict(flat(before)), dict(flat(now))
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [_change(name, old.get(name), new.get(name)) for name in names]


def _change(name: str, old: Any, new: Any) -> str:
    short = all(len(str(value)) < 30 for value in (old, new))
    return f"{name} ({old} -> {new})" if short and old is not None and new is not None else name


def explain(context: DesignContext) -> tuple[list[str], list[str]]:
    """Find out what a build would run.

    Returns:
        The areas that changed since the last finished build, and one line for each node that would run or may run.
    """
    record = context.record
    before = record.areas if record else {}
    areas = [name for name, value in context.areas.items() if before.get(name) != value] if record else []
    lines: list[str] = []
    pending: set[str] = set()
    for name, node in context.flow.nodes.items():
        waits = [need for need in node.needs if need in pending]
        recorded = record.steps.get(name) if record else None
        try:
            step = node.step()
            inputs = step.inputs() if step is not None else None
        except AigchipError as error:
            lines.append(f"{name:<22} would fail: {error}")
            pending.add(name)
            continue
        if (
            step is not None and context.flow.result(name) is not None
        ):  # what it reads is known, and it was made from it
            continue
        pending.add(name)
        if step is None or inputs is None:
            lines.append(f"{name:<22} after {_few(waits or list(node.needs))}, if that changes what it reads")
        elif recorded is None:
            lines.append(f"{name:<22} was never made for this design")
        elif digest(recorded["inputs"]) == digest(inputs):
            lines.append(f"{name:<22} its result is gone from the store, or damaged")
        else:
            lines.append(f"{name:<22} changed: {', '.join(changed_inputs(recorded['inputs'], inputs))}")
    return areas, lines


def _few(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"


def print_why(given: Arguments) -> int:
    """Print what `build` with the same arguments would do."""
    context = DesignContext(given)
    name = context.chosen.name
    if context.nothing_changed:
        print(f"design={name}: nothing changed since the last build; ./doit build design={name} would do nothing.")
        return 0
    areas, lines = explain(context)
    if context.record is None:
        print(f"design={name} was never built to the end.")
    else:
        print(
            f"Changed since the last build of design={name}: {', '.join(areas) or 'nothing; results are missing or damaged'}."
        )
    if lines:
        print(f"./doit build design={name} would run:")
        for line in lines:
            print(f"  {line}")
    else:
        print(f"No step is concerned; ./doit build design={name} would only write the report anew.")
    return 0
