"""Which generator a search uses where nobody names one: recorded replies as long as they can, else the expert."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from aigchip.core import paths
from aigchip.core.errors import InputError
from aigchip.generate.recorded import RecordedGenerator
from aigchip.llm.replay import shipped
from aigchip.search.records import read_settings
from aigchip.search.restricted import having
from aigchip.space.compose import Variant, compose
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import make_generator
from aigchip.tasks.recorded_space import recorded_variants, stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a search uses.

    Attributes:
        given: The arguments, with a generator.
        reason: In one line why it is the expert; empty where it is not, or was asked for.
        known: Module to the settings that recorded replies answer, where that was looked up; else None.
    """

    given: Arguments
    reason: str = ""
    known: Mapping[str, Collection[Variant]] | None = None


def with_generator(given: Arguments, fixed: Mapping[str, int | str]) -> Choice:
    """Choose a generator where the arguments name none.

    A study that was begun keeps its own. A new one replays the replies that ship, where every one of them still answers
    the present template and the designs that they make are enough for what is asked; else the expert writes its modules.

    Args:
        given: The arguments of a search.
        fixed: Design parameters that never vary.
    """
    if "generator" in given.given:
        return Choice(given=given)
    if (begun := _of_study(given)) is not None:
        return Choice(given=_with(given, begun))
    recorded = _with(given, "recorded")
    try:
        known = _known(recorded)
        reason = _too_few(recorded, known, fixed)
    except InputError as error:
        known, reason = None, error.what
    if not reason:
        return Choice(given=recorded, known=known)
    return Choice(given=_with(given, "expert"), reason=f"The expert generator writes the modules: {reason}.")


def _with(given: Arguments, name: str) -> Arguments:
    return replace(given, given={**given.given, "generator": name})


def _of_study(given: Arguments) -> str | None:
    folder = paths.studies_dir() / given.text("study")
    return str(read_settings(folder)["context"]["generator"]) if (folder / "study.json").is_file() else None


def _known(recorded: Arguments) -> dict[str, set[Variant]]:
    """Return module to the settings that the replies which ship answer.

    Raises:
        InputError: None ship, several models' do, or some answer older prompts.
    """
    where = "generator=recorded"
    if not shipped():
        raise InputError(where, "no model's replies ship")
    generator = make_generator(recorded)
    assert isinstance(generator, RecordedGenerator)  # noqa: S101 - asked for by name
    known = recorded_variants(generator)
    if old := stale(generator, known):
        changed = ", ".join(f"{module}: {count}" for module, count in sorted(old.items()))
        raise InputError(where, f"prompts have changed since replies to them were recorded ({changed})")
    return known


def _too_few(recorded: Arguments, known: Mapping[str, Collection[Variant]], fixed: Mapping[str, int | str]) -> str:
    """Say that fewer designs can be made of the replies than are wanted; nothing if there are enough."""
    count = len(having(compose(known), fixed))
    if count >= recorded.number("trials"):
        return ""
    fixed_too = " with the fixed parameters" if fixed else ""
    noun = "design" if count == 1 else "designs"
    return f"{count} {noun}{fixed_too} can be made of recorded replies, {recorded.number('trials')} are wanted"
