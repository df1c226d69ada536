"""Which generator a search uses where nobody names one: recorded replies as long as they can, else the expert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aigchip.core import paths
from aigchip.core.errors import InputError
from aigchip.generate.recorded import RecordedGenerator
from aigchip.llm.replay import shipped
from aigchip.search.records import read_settings
from aigchip.space import Design
from aigchip.space.compose import compose
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import make_generator
from aigchip.tasks.recorded_space import recorded_variants, stale


def with_generator(given: Arguments, fixed: Mapping[str, int | str]) -> tuple[Arguments, str]:
    """Return the arguments with a generator.

    A study that was begun keeps its own. A new one replays the replies that ship, where every one of them still answers
    the present template and the designs that they make are enough for what is asked; else the expert writes its modules.

    Args:
        given: The arguments of a search.
        fixed: Design parameters that never vary.

    Returns:
        The arguments, and in one line why it is the expert; empty where it is not, or was asked for.
    """
    if "generator" in given.given:
        return given, ""
    if (begun := _of_study(given)) is not None:
        return _with(given, begun), ""
    recorded = _with(given, "recorded")
    reason = _why_not(recorded, fixed)
    return (_with(given, "expert"), f"The expert generator writes the modules: {reason}.") if reason else (recorded, "")


def _with(given: Arguments, name: str) -> Arguments:
    return replace(given, given={**given.given, "generator": name})


def _of_study(given: Arguments) -> str | None:
    folder = paths.studies_dir() / given.text("study")
    return str(read_settings(folder)["context"]["generator"]) if (folder / "study.json").is_file() else None


def _why_not(recorded: Arguments, fixed: Mapping[str, int | str]) -> str:
    """Say what keeps the replies that ship from being replayed; nothing if they can be."""
    if not shipped():
        return "no model's replies ship"
    try:
        generator = make_generator(recorded)
        assert isinstance(generator, RecordedGenerator)  # noqa: S101 - asked for by name
        known = recorded_variants(generator)
        if old := stale(generator, known):
            changed = ", ".join(f"{module}: {count}" for module, count in sorted(old.items()))
            return f"prompts have changed since replies to them were recorded ({changed})"
        designs = [design for design in compose(known) if _has(design, fixed)]
    except InputError as error:
        return error.what
    if len(designs) < recorded.number("trials"):
        having = " with the fixed parameters" if fixed else ""
        noun = "design" if len(designs) == 1 else "designs"
        return f"{len(designs)} {noun}{having} can be made of recorded replies, {recorded.number('trials')} are wanted"
    return ""


def _has(design: Design, fixed: Mapping[str, int | str]) -> bool:
    return all(getattr(design, name) == value for name, value in fixed.items())
