"""The demonstrations that are made from the template: which parameters they show, and their files."""

from __future__ import annotations

import functools
import itertools
import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.space import Design, derive, sampling
from aigchip.template import module as template
from aigchip.template.errors import TemplateError

PER_MODULE = 6
"""Demonstrations of one module at least, where its space has that many."""

MOST_PER_MODULE = 8
"""Demonstrations of one module that a parameter with many values (sizes of memories) adds; they show only some of them."""

WIDEST_BITS = 1024
"""Widest word of a demonstration, where a narrower one shows the same values: wide ones have long code."""

_DESIGNS = 2000
_SEED = 20231028
_SOURCE = "template/{module}: the expert code at these parameters"
_PREFIX = "expert-"

Parameters = dict[str, int | str]


def chosen_parameters() -> dict[str, list[Parameters]]:
    """Choose, for every module, the parameters that its demonstrations show.

    Candidates are the local parameters of designs drawn with a fixed seed, and for a parameter that has the same value in
    all of them its other values. One after the other, the candidate is taken that shows most values not shown yet, and
    among these most pairs of values not shown yet. Parameters with at most `MOST_PER_MODULE` values come first, and all
    of their values are shown; for those with more there are `MOST_PER_MODULE` demonstrations, and at least `PER_MODULE`
    for all. Words wider than `WIDEST_BITS` are taken only for values that nothing narrower shows.

    Returns:
        Module to parameters, in the order in which they were chosen.
    """
    return {module: _spread(module, found) for module, found in _candidates().items()}


def values() -> dict[str, dict[str, list[int | str]]]:
    """Return, for every module and local parameter, the declared values that demonstrations can show: a design has them."""
    found = {module: _of(candidates) for module, candidates in _candidates().items()}
    return {
        module: {
            name: [value for value in spec.values if value in there[name]]
            for name, spec in template.load(module).spec.parameters.items()
        }
        for module, there in found.items()
    }


@functools.cache
def _candidates() -> dict[str, list[Parameters]]:
    drawn: dict[str, dict[tuple[tuple[str, int | str], ...], None]] = {}
    for design in _designs():
        for instance, parameters in derive.local_parameters(design).items():
            drawn.setdefault(derive.module_of(instance), {})[tuple(parameters.items())] = None
    found = {module: [dict(one) for one in listed] for module, listed in sorted(drawn.items())}
    return {module: [*listed, *_beyond(module, listed)] for module, listed in found.items()}


@functools.cache
def _designs() -> tuple[Design, ...]:
    rng = random.Random(_SEED)  # noqa: S311 - no secret
    return tuple(sampling.sample(rng) for _ in range(_DESIGNS))


def callees(module: str, parameters: Mapping[str, int | str]) -> dict[str, str]:
    """Return the expert's code of the functions that a demonstration calls, by name, callees of callees first.

    They are those of the first design drawn that has a module with these parameters.

    Raises:
        TemplateError: No design has such a module.
    """
    if not template.load(module).spec.calls:
        return {}
    for design in _designs():
        local = derive.local_parameters(design)
        if local[module] == dict(parameters):
            found: dict[str, str] = {}
            for callee in template.load(module).spec.calls:
                found.update(callees(callee, local[callee]))
                found[template.load(callee).function(local[callee])] = template.load(callee).expert_code(local[callee])
            return found
    raise TemplateError(
        f"template module {module}",
        f"no design has these parameters: {', '.join(f'{name} {value}' for name, value in parameters.items())}",
        "Show parameters that a design can have.",
    )


def _beyond(module: str, found: list[Parameters]) -> list[Parameters]:
    """Return the other values that a module declares for parameters that are the same in all designs."""
    declared = template.load(module).spec.parameters
    fixed = [name for name in declared if len({parameters[name] for parameters in found}) == 1]
    changed = [
        {**base, name: value} for base in found[:PER_MODULE] for name in fixed for value in declared[name].values
    ]
    return [parameters for parameters in changed if parameters not in found]


def _spread(module: str, candidates: list[Parameters]) -> list[Parameters]:
    taken: list[Parameters] = []
    shown: set[tuple[str, int | str]] = set()
    pairs: set[tuple[object, ...]] = set()
    source = template.load(module)
    few = {name for name, listed in _of(candidates).items() if len(listed) <= MOST_PER_MODULE}

    def news(parameters: Parameters) -> tuple[int, int, int]:
        new = set(parameters.items()) - shown
        pairs_new = set(itertools.combinations(parameters.items(), 2)) - pairs
        return sum(name in few for name, _ in new), len(new), len(pairs_new)

    def is_wide(parameters: Parameters) -> bool:
        return any(port.width_bits > WIDEST_BITS for port in source.ports(parameters))

    def take(best: Parameters) -> None:
        taken.append(best)
        shown.update(best.items())
        pairs.update(itertools.combinations(best.items(), 2))

    left, wide = list(candidates), []
    while left and len(taken) < MOST_PER_MODULE:
        by_news = sorted(left, key=news, reverse=True)
        if len(taken) >= PER_MODULE and not news(by_news[0])[1]:
            break
        for best in by_news:
            left.remove(best)
            if not is_wide(best):
                take(best)
                break
            wide.append(best)
    left += wide
    while left and news(best := max(left, key=news))[0]:
        left.remove(best)
        take(best)
    return taken


def _of(candidates: list[Parameters]) -> dict[str, set[int | str]]:
    found: dict[str, set[int | str]] = {}
    for parameters in candidates:
        for name, value in parameters.items():
            found.setdefault(name, set()).add(value)
    return found


def files(module: str, parameters: Mapping[str, int | str]) -> dict[str, str]:
    """Return the three files of a demonstration, by name."""
    source = template.load(module)
    data = {
        "module": module,
        "parameters": dict(parameters),
        "made_by": "expert",
        "licence": "Apache-2.0",
        "source": _SOURCE.format(module=module),
    }
    return {
        "instruction.md": source.instruction(parameters),
        "code.cpp": source.expert_code(parameters),
        "demo.yaml": yaml.safe_dump(data, sort_keys=False),
    }


def library() -> dict[str, dict[str, str]]:
    """Return every expert demonstration: `<module>/<name>` to its files."""
    return {
        f"{module}/{_PREFIX}{number}": files(module, parameters)
        for module, listed in sorted(chosen_parameters().items())
        for number, parameters in enumerate(listed, 1)
    }


def refresh(root: Path | None = None) -> list[str]:
    """Write every expert demonstration anew and delete those that are no longer chosen; what a person added stays.

    Returns:
        The demonstrations that changed.
    """
    root = root or paths.demos_dir()
    changed: set[str] = set()
    written = library()
    for title, texts in written.items():
        for name, text in texts.items():
            path = root / title / name
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                write_text(path, text)
                changed.add(title)
    for folder in root.glob(f"*/{_PREFIX}*"):
        title = f"{folder.parent.name}/{folder.name}"
        if title not in written:
            shutil.rmtree(folder)
            changed.add(title)
    return sorted(changed)
