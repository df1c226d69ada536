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

_DESIGNS = 2000
_SEED = 20231028
_SOURCE = "template/{module}: the expert code at these parameters"
_PREFIX = "expert-"

Parameters = dict[str, int | str]


def chosen_parameters() -> dict[str, list[Parameters]]:
    """Choose, for every module, the parameters that its demonstrations show.

    Candidates are the local parameters of designs drawn with a fixed seed. One after the other, the candidate is taken
    that shows most values not shown yet, and among these most pairs of values not shown yet, until every value is shown
    and there are `PER_MODULE` of them.

    Returns:
        Module to parameters, in the order in which they were chosen.
    """
    candidates: dict[str, dict[tuple[tuple[str, int | str], ...], None]] = {}
    for design in _designs():
        for instance, parameters in derive.local_parameters(design).items():
            candidates.setdefault(derive.module_of(instance), {})[tuple(parameters.items())] = None
    return {
        module: _spread([*map(dict, found), *_beyond(module, [*map(dict, found)])])
        for module, found in candidates.items()
    }


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
    """Return further values that a module's declaration allows, where the design space uses too few."""
    if len(found) >= PER_MODULE:
        return []
    declared = template.load(module).spec.parameters
    changed = [{**base, name: value} for base in found for name, spec in declared.items() for value in spec.values]
    return [parameters for parameters in changed if parameters not in found]


def _spread(candidates: list[Parameters]) -> list[Parameters]:
    taken: list[Parameters] = []
    values: set[tuple[str, int | str]] = set()
    pairs: set[tuple[object, ...]] = set()
    left = list(candidates)
    wanted = {item for parameters in candidates for item in parameters.items()}

    def news(parameters: Parameters) -> tuple[int, int]:
        return len(set(parameters.items()) - values), len(set(itertools.combinations(parameters.items(), 2)) - pairs)

    while left and (len(taken) < PER_MODULE or values < wanted):
        best = max(left, key=news)
        left.remove(best)
        taken.append(best)
        values.update(best.items())
        pairs.update(itertools.combinations(best.items(), 2))
    return taken


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
