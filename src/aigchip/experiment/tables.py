"""What is compared: the paper's Tables I to IV as data, and the tasks that every cell is measured on."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from aigchip.prompt.render import FORMATS, MOST_DEMONSTRATIONS
from aigchip.space import derive, sampling
from aigchip.template import module as template

INNER_PRODUCT = "inner product"
"""The task of the paper's own examples: a unit whose multipliers form one dot product."""

_DRAWN = 200
_SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One setting that is compared with others.

    Args:
        name: Its heading.
        arguments: The arguments of `./doit study` that it sets.
    """

    name: str
    arguments: Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One comparison.

    Args:
        number: The table of the paper that it repeats.
        title: What is compared.
        cells: The settings; everything else is as usual (demo-augmented, two demonstrations).
    """

    number: int
    title: str
    cells: tuple[Cell, ...]


def tables(models: tuple[str, ...]) -> tuple[Table, ...]:
    """Return the four tables.

    Args:
        models: The models of the fourth. The paper's column of a finetuned model is left out: nothing is finetuned here.
    """
    strategies = ("llm-ranked", "lexical", "embeddings", "random", "dissimilar", "none")
    return (
        Table(
            number=1,
            title="Format of the prompt",
            cells=tuple(Cell(name=name, arguments={"prompt_format": name}) for name in FORMATS),
        ),
        Table(
            number=2,
            title="Selection of the demonstrations",
            cells=tuple(Cell(name=name, arguments={"selection": name}) for name in strategies),
        ),
        Table(
            number=3,
            title="Number of demonstrations",
            cells=tuple(Cell(name=str(n), arguments={"demonstrations": n}) for n in range(MOST_DEMONSTRATIONS + 1)),
        ),
        Table(number=4, title="Model", cells=tuple(Cell(name=model, arguments={"model": model}) for model in models)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One module that is to be written.

    Args:
        name: For tables: the module, or `INNER_PRODUCT`.
        instance: The module's name in a design.
        parameters: Its local parameters.
        callees: The expert's code of the functions that it calls, by name.
    """

    name: str
    instance: str
    parameters: Mapping[str, int | str]
    callees: Mapping[str, str]


def questions(each: int) -> tuple[Question, ...]:
    """Return the tasks: every module that is generated at `each` settings drawn with a fixed seed, and the inner product.

    Modules that have fewer settings are asked for at all of them.
    """
    rng = random.Random(_SEED)  # noqa: S311 - no secret
    found: dict[str, dict[tuple[tuple[str, int | str], ...], Question]] = {}
    inner = None
    for _ in range(_DRAWN):
        design = sampling.sample(rng)
        local = derive.local_parameters(design)
        for instance, parameters in local.items():
            module = derive.module_of(instance)
            if module == "mac" and _is_inner_product(parameters):
                inner = inner or _question(INNER_PRODUCT, instance, local)
                continue
            key = tuple(parameters.items())
            there = found.setdefault(module, {})
            if len(there) < each and key not in there:
                there[key] = _question(module, instance, local)
    listed = [question for module in sorted(found) for question in found[module].values()]
    return (*listed, *([inner] if inner else []))


def _question(name: str, instance: str, local: Mapping[str, Mapping[str, int | str]]) -> Question:
    return Question(name=name, instance=instance, parameters=local[instance], callees=_callees(instance, local))


def _is_inner_product(parameters: Mapping[str, int | str]) -> bool:
    return (parameters["mac_width"], parameters["noc_a_mac"], parameters["noc_b_mac"]) == (4, "unicast", "unicast")


def _callees(instance: str, local: Mapping[str, Mapping[str, int | str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for callee in template.load(instance).spec.calls:
        found.update(_callees(callee, local))
        module = template.load(callee)
        found[module.function(local[callee])] = module.expert_code(local[callee])
    return found
