"""Write the demonstration library from the template: `python -m aigchip.generate.refresh`."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import yaml

from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.space import derive, sampling
from aigchip.template import module as template

PER_MODULE = 4
"""Demonstrations of one module, where its space has that many. Two stay when the question equals one of them."""

_DESIGNS = 400
_SEED = 20231028
_SOURCE = "template/{module}: the expert code at these parameters"


def chosen_parameters() -> dict[str, list[dict[str, int | str]]]:
    """Choose, for every module, the parameters that its demonstrations show.

    Candidates are the local parameters of designs drawn with a fixed seed. One after the other, the candidate is taken
    that shows most parameter values not shown yet, so that few demonstrations show most of the space.

    Returns:
        Module to parameters, in the order in which they were chosen.
    """
    rng = random.Random(_SEED)  # noqa: S311 - no secret
    candidates: dict[str, list[dict[str, int | str]]] = {}
    for _ in range(_DESIGNS):
        for instance, parameters in derive.local_parameters(sampling.sample(rng)).items():
            known = candidates.setdefault(derive.module_of(instance), [])
            if parameters not in known:
                known.append(dict(parameters))
    return {module: _spread([*found, *_beyond(module, found)]) for module, found in candidates.items()}


def _beyond(module: str, found: list[dict[str, int | str]]) -> list[dict[str, int | str]]:
    """Return further values that a module's declaration allows, where the design space uses too few."""
    if len(found) >= PER_MODULE:
        return []
    declared = template.load(module).spec.parameters
    changed = [{**base, name: value} for base in found[:1] for name, spec in declared.items() for value in spec.values]
    return [parameters for parameters in changed if parameters not in found]


def _spread(candidates: list[dict[str, int | str]]) -> list[dict[str, int | str]]:
    taken: list[dict[str, int | str]] = []
    shown: set[tuple[str, int | str]] = set()
    left = list(candidates)
    while left and len(taken) < PER_MODULE:
        best = max(left, key=lambda parameters: len(set(parameters.items()) - shown))
        left.remove(best)
        taken.append(best)
        shown.update(best.items())
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
        f"{module}/expert-{number}": files(module, parameters)
        for module, listed in sorted(chosen_parameters().items())
        for number, parameters in enumerate(listed, 1)
    }


def refresh(root: Path | None = None) -> list[str]:
    """Write every expert demonstration anew; what a person added beside them stays.

    Returns:
        The demonstrations that changed.
    """
    root = root or paths.demos_dir()
    changed = []
    for title, texts in library().items():
        for name, text in texts.items():
            path = root / title / name
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                write_text(path, text)
                changed.append(title)
    return sorted(set(changed))


if __name__ == "__main__":
    for title in refresh():
        print(title)
