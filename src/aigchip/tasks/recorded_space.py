"""Which designs can be built from recorded replies alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from aigchip.core.errors import InputError
from aigchip.generate.ask import module_request
from aigchip.generate.recorded import RecordedGenerator
from aigchip.llm.replay import shipped
from aigchip.space import Design
from aigchip.space.compose import Variant, compose, variant
from aigchip.space.derive import module_of
from aigchip.template.errors import TemplateError
from aigchip.template.module import module_names


def recorded_variants(generator: RecordedGenerator) -> dict[str, set[Variant]]:
    """Return module to the local parameters whose present request is answered; older answers do not count."""
    found: dict[str, set[Variant]] = {}
    for module, parameters in _recorded(generator):
        try:
            request = module_request(_instance(module, parameters), parameters)
        except TemplateError:  # a module of an older template, with parameters of its own
            continue
        if generator.has(request):
            found.setdefault(module, set()).add(variant(parameters))
    return found


def stale(generator: RecordedGenerator, present: Mapping[str, Collection[Variant]]) -> dict[str, int]:
    """Count, by module, the settings whose recorded replies answer a request that the template makes no longer.

    Args:
        generator: Whose replies.
        present: What `recorded_variants` says.
    """
    found: dict[str, int] = {}
    for module, parameters in _recorded(generator):
        if variant(parameters) not in present.get(module, ()):
            found[module] = found.get(module, 0) + 1
    return found


def recorded_designs(
    generator: RecordedGenerator, known: Mapping[str, Collection[Variant]] | None = None
) -> list[Design]:
    """Return every design that can be put together from recorded replies, right or wrong, at every clock.

    Args:
        generator: Whose replies.
        known: What `recorded_variants` says, where it was asked already.

    Raises:
        InputError: There is none.
    """
    designs = list(compose(recorded_variants(generator) if known is None else known))
    if not designs:
        raise InputError(
            "generator=recorded",
            f"no design can be put together from the replies of {generator.replay.model!r} to the present prompts",
            "Run ./doit llm export, have the requests answered, and run ./doit llm import; or use generator=expert.",
            code="no-record",
        )
    return designs


def _recorded(generator: RecordedGenerator) -> Iterable[tuple[str, dict[str, int | str]]]:
    replay = generator.replay
    rows = [row for row in shipped(replay.folder).values() if row.model == replay.model]
    rows += [row for row in replay.records.rows() if row.model == replay.model and row.reply is not None]
    modules = set(module_names())
    seen: set[tuple[str, Variant]] = set()
    for row in rows:
        key = (row.module, variant(row.parameters))
        if row.module in modules and len(row.messages) == 2 and key not in seen:
            seen.add(key)
            yield row.module, dict(row.parameters)


def _instance(module: str, parameters: dict[str, int | str]) -> str:
    instance = f"{module}_{parameters.get('operand', '')}"
    return instance if module_of(instance) == module else module
