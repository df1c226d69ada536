"""Find the design that a person names: a number of the study, or a folder of designs/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from aigchip.core import paths
from aigchip.core.errors import InputError, unknown
from aigchip.search import records
from aigchip.space import Design, files
from aigchip.space.derive import INSTANCES
from aigchip.tasks.arguments import Arguments, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenDesign:
    """One design with the places that belong to it.

    Attributes:
        name: What the person wrote after `design=`.
        design: The genome.
        source: The file that it was read from.
        overrides: Instance to the instruction that a person wrote for this design.
        folder: Where its report goes.
    """

    name: str
    design: Design
    source: Path
    overrides: dict[str, str]
    folder: Path


def choose(given: Arguments) -> ChosenDesign:
    """Read the design that `design=` names, and the instructions that replace the template's.

    Raises:
        InputError: There is no such design, or a file of instructions belongs to no module.
        DesignError: Its file is malformed.
        SearchError: The study has no such design.
    """
    name = given.text("design")
    if re.fullmatch(r"[0-9]+", name):
        study = given.text("study")
        folder = paths.studies_dir() / study
        if not folder.is_dir():
            known = [path.name for path in paths.studies_dir().glob("*") if (path / "designs").is_dir()]
            if not known:
                raise InputError(
                    f"design={name}",
                    f"there is no study {study!r}",
                    "Run ./doit search first, or name a folder of designs/.",
                )
            raise unknown(f"study={study}", "study", study, known)
        number = int(name)
        source = records.design_path(folder, number)
        design = records.read_record(folder, number).design
        build = paths.build_dir() / "designs" / f"{study}-{number}"
    else:
        source = paths.designs_dir() / name / "design.yaml"
        known = sorted(path.parent.name for path in paths.designs_dir().glob("*/design.yaml"))
        if name not in known:
            raise unknown(
                f"design={name}", "design", name, known, remedy="Give a number of the study or a folder of designs/."
            )
        design = files.load(source, shown_as=paths.relative(source))
        build = paths.build_dir() / "designs" / name
    return ChosenDesign(name=name, design=design, source=source, overrides=_overrides(name), folder=build)


_OF_STUDY = (
    "network",
    "resolution",
    "board",
    "generator",
    "model",
    "selection",
    "demonstrations",
    "prompt_format",
    "toolchain",
)


def as_in_study(given: Arguments) -> Arguments:
    """Fill in what a study was asked for, where `design=` is a number and the command line does not say otherwise.

    Raises:
        SearchError: The study's settings are damaged.
        InputError: Its network's file is gone.
    """
    folder = paths.studies_dir() / given.text("study")
    if not given.text("design").isdigit() or not (folder / "study.json").is_file():
        return given
    context = records.read_settings(folder)["context"]
    missing = [name for name in _OF_STUDY if name not in given.given and context.get(name)]
    if "network" in given.given:  # another network has a resolution of its own
        missing = [name for name in missing if name != "resolution"]
    filled = parse(f"{name}={context[name]}" for name in missing)
    return Arguments(given={**filled.given, **given.given})


def _overrides(name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((paths.designs_dir() / name / "instructions").glob("*.md")):
        if path.stem not in INSTANCES:
            raise unknown(paths.relative(path), "module", path.stem, INSTANCES)
        try:
            found[path.stem] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                paths.relative(path), f"the file cannot be read ({error})", "Save it as UTF-8 text."
            ) from error
    return found
