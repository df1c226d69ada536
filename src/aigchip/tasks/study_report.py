"""What a search prints at its end: tables for the eye, then one line for each thing that a person has to know."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from aigchip.core import paths
from aigchip.core.console import console, print_table
from aigchip.search.settings import StudySettings
from aigchip.search.study import StudyResult
from aigchip.space import array_step
from aigchip.tasks import steps

_BEST_SHOWN = 5
COURSES = {
    "first": "at first",
    "auto-corrected": "corrected",
    "repaired": "repaired",
    "regenerated": "anew",
    "never": "never",
}
"""How a module came out right, as its provenance and as the table says it."""
_LEVELS = {"model": "model", "csynth": "synthesis"}
_HEADINGS = ("design", "latency", "DSP", "LUT", "BRAM18", "m x n x k", "reuse", "checked")


def origin(result: StudyResult) -> str:
    """Say in one line who wrote the modules, which tools were used, and how each figure was obtained."""
    scored = [record for record in result.records if record.figures]
    tools = sorted({figure.tool for record in scored for figure in record.figures.values()})
    return (
        f"Modules by {_author(result)}; latency, DSPs and all resources are "
        f"estimated ({'; '.join(tools)}); co-simulated cycles are simulated (Verilator {steps.version('verilator')})."
    )


def cosimulation_lines(simulated: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Say what the co-simulation of each design said."""
    lines: list[str] = []
    for number, value in simulated.items():
        if "error" in value:
            lines.append(f"Co-simulation of design {number} failed: {value['error']}")
            continue
        last = value["layers"][-1]
        error = value.get("model_error_percent")
        model = "" if error is None else f"; the model estimates {error:+.1f} %"
        lines.append(
            f"Design {number} in RTL: {len(value['layers'])} layers bit-exact; "
            f"{last['name']} took {last['cycles']['value']:,} cycles (simulated){model}."
        )
    return lines


def closing_lines(result: StudyResult, simulated: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Say where the figures come from, what was checked, what was made, and what to type next."""
    settings = result.settings
    count = {word: sum(record.status == word for record in result.records) for word in ("infeasible", "rejected")}
    simulated = {number: simulated[number] for number in result.best if number in simulated}  # fastest first
    passed = [number for number, value in simulated.items() if "error" not in value]
    lines = [*cosimulation_lines(simulated), origin(result)]
    if passed:
        what = "C simulation of the modules and co-simulation" if _is_expert(result) else "Co-simulation"
        lines.append(
            f"{what} ran for {_listed(passed)} only; "
            "the others are scored from "
            f"{'the model' if settings.level == 'model' else 'synthesis and the model'}. ./doit build checks any of them."
        )
    lines.append(
        f"{_designs(result)} ({count['infeasible']} infeasible, {count['rejected']} rejected); "
        f"{result.distinct_modules} distinct modules synthesised for {result.modules} used. "
        f"Seed {settings.seed}. Everything is in {paths.relative(result.folder)}."
    )
    if result.best:
        good = [number for number in result.best if "error" not in simulated.get(number, {})]
        lines.append(f"Next: ./doit build design={(good or result.best)[0]}{_study_words(settings)}")
    return lines


def print_study(result: StudyResult, simulated: Mapping[int, Mapping[str, Any]]) -> None:
    """Print the best designs, the Pareto front, and the closing lines."""
    if result.best:
        rows = [_row(result, simulated, number) for number in result.best[:_BEST_SHOWN]]
        print_table("Best designs", _HEADINGS, rows, right=(0, 1, 2, 3, 4))
        rows = [_row(result, simulated, number) for number in result.front]
        print_table("Pareto front: latency against DSPs", _HEADINGS, rows, right=(0, 1, 2, 3, 4))
    else:
        reason = next((record.reason for record in result.records if record.reason), "no design was scored")
        example = f"; for example design {result.records[0].number}: {reason}" if result.records else ""
        print(f"No design is feasible{example}")
    print_courses(result.courses)
    for line in closing_lines(result, simulated):
        _print_line(line)


def _row(result: StudyResult, simulated: Mapping[int, Mapping[str, Any]], number: int) -> Sequence[str]:
    record = result.record(number)
    figures, design, cosim = record.figures, record.design, simulated.get(number)
    step = array_step(design)
    return [
        str(number),
        f"{figures['latency'].number()} ms",
        *(figures[name].number() if name in figures else "" for name in ("dsp", "lut", "bram18")),
        f"{step.m}x{step.n}x{step.k}",
        design.reuse,
        _LEVELS[record.level] if cosim is None else "FAILED" if "error" in cosim else "bit-exact",
    ]


def _print_line(text: str) -> None:
    """Print one line: broken between words on a terminal, whole where a program reads it."""
    if sys.stdout.isatty():
        console().print(text, markup=False)
    else:
        print(text)


def _author(result: StudyResult) -> str:
    context = result.settings.context
    model = f" ({context['model']})" if "model" in context else ""
    return f"the {context['generator']} generator{model}"


def print_courses(courses: Mapping[str, str]) -> None:
    """Print how many modules that a model wrote were right at first, after correction, after repair, or never."""
    if not courses:
        return
    asked = Counter(name.rpartition("-")[0] for name in courses)
    came = Counter((name.rpartition("-")[0], how) for name, how in courses.items())
    rows = [[name, str(asked[name]), *(str(came[name, how]) for how in COURSES)] for name in sorted(asked)]
    total = Counter(courses.values())
    rows.append(["all", str(len(courses)), *(str(total[how]) for how in COURSES)])
    headings = ("module", "asked for", *COURSES.values())
    print_table("When the model's modules came out right", headings, rows, right=tuple(range(1, len(headings))))


def _is_expert(result: StudyResult) -> bool:
    """Tell whether modules were written without being simulated; other generators check each before they hand it on."""
    return result.settings.context["generator"] == "expert"


def _designs(result: StudyResult) -> str:
    there, wanted = len(result.records), result.settings.trials
    return f"{wanted} designs" if there == wanted else f"{there} of {wanted} designs"


def _listed(numbers: Sequence[int]) -> str:
    words = [str(number) for number in numbers]
    return f"design {words[0]}" if len(words) == 1 else f"designs {', '.join(words[:-1])} and {words[-1]}"


def _study_words(settings: StudySettings) -> str:
    return "" if settings.study == "default" else f" study={settings.study}"
