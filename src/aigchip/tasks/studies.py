"""`search`: gives the search its evaluation of a design, shows progress, and prints what was found."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from aigchip.board import Board
from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.atomic import write_json, write_text
from aigchip.core.console import progress
from aigchip.core.errors import AigchipError, InputError
from aigchip.core.hashing import digest, digest_file
from aigchip.generate.llm import LlmGenerator
from aigchip.generate.recorded import RecordedGenerator
from aigchip.generate.request import Generator
from aigchip.llm.limits import REACHED
from aigchip.mapping import place
from aigchip.perf.memory import bench_memory, memory_timing
from aigchip.perf.model import CycleModel
from aigchip.perf.network import estimate
from aigchip.report.pareto import OnBoard, Point, pareto_svg
from aigchip.requirement.check import check
from aigchip.requirement.specification import Specification
from aigchip.search.ageing_evolution import Screen
from aigchip.search.promotion import promote
from aigchip.search.records import DesignRecord, read_settings
from aigchip.search.settings import StudySettings
from aigchip.search.study import Progress, StudyResult
from aigchip.search.study import result as sum_up
from aigchip.search.study import run as run_study
from aigchip.space import Design
from aigchip.space.compose import Variant
from aigchip.tasks import execute, session, specifications, steps
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import load_workload, make_generator
from aigchip.tasks.default_generator import with_generator
from aigchip.tasks.evaluation import Evaluator, module_timing, read_reports
from aigchip.tasks.flow import Flow, clock_period_ps
from aigchip.tasks.prompting import words_of
from aigchip.tasks.recorded_space import recorded_designs
from aigchip.tasks.study_report import origin, print_study
from aigchip.workload.layers import Workload

#: How many of the best designs are synthesised and co-simulated at the end of a study.
PROMOTED = 3
#: Children that the performance model screens for each design that is evaluated.
SCREENING = 8


def run(given: Arguments) -> None:
    """Search as the arguments say, then synthesise and co-simulate the best designs and print the study.

    Raises:
        AigchipError: Something that the person can put right.
    """
    if given.text("toolchain") != "csynth":
        raise InputError(
            f"toolchain={given.text('toolchain')}",
            "a search scores designs with csynth only",
            "Leave it out, and build the designs that it finds with toolchain=vitis.",
        )
    given, specification = specifications.of_search(given)
    choice = with_generator(given, specification.fixed)
    given = choice.given
    if choice.reason:
        print(choice.reason)
    board = load_board(given.text("board"))
    workload = load_workload(given)
    check(specification, workload, board)
    generator = make_generator(given)
    allowed, space = _restriction(generator, choice.known)
    settings = _settings(given, specification, board, workload, space)
    evaluator = Evaluator(workload=workload, board=board, generator=generator, level=settings.level)
    limit = _evaluate(settings, evaluator, allowed)
    if limit is None and settings.level == "model":
        limit = _promote(settings, replace(evaluator, level="csynth"))
    result = sum_up(settings, paths.studies_dir() / settings.study)
    synthesised = [number for number in result.best if result.record(number).level == "csynth"]
    simulated = cosimulate_best(result, evaluator, synthesised[:PROMOTED])
    write_summary(result, simulated)
    print_study(result, simulated)
    if limit is not None:
        raise limit
    failed = [number for number, value in simulated.items() if "error" in value]
    if failed:
        raise AigchipError(
            f"search {settings.study}",
            f"co-simulation failed for design {failed[0]}: {simulated[failed[0]]['error']}",
            f"Look at it with ./doit build design={failed[0]}.",
            code="cosim-failed",
        )


def _restriction(
    generator: Generator, known: Mapping[str, Collection[Variant]] | None
) -> tuple[list[Design], dict[str, str]]:
    """Return the only designs that a generator can make, none for the whole space, and what the settings say of it."""
    if isinstance(generator, LlmGenerator):
        return [], {"model": generator.client.model}
    if not isinstance(generator, RecordedGenerator):
        return [], {}
    allowed = recorded_designs(generator, known)
    names = digest([design.to_dict() for design in allowed])[:8]
    model = generator.replay.model
    noun = "design" if len(allowed) == 1 else "designs"
    print(
        f"The space is restricted to what is recorded: {len(allowed)} {noun} by {model}. "
        "generator=expert searches all of it."
    )
    return allowed, {"model": model, "space": f"{len(allowed)} designs recorded of {model} ({names})"}


def _settings(
    given: Arguments, specification: Specification, board: Board, workload: Workload, space: Mapping[str, str]
) -> StudySettings:
    population = given.number("population")
    file = Path(given.text("network"))
    return StudySettings(
        study=given.text("study"),
        seed=given.number("seed"),
        trials=given.number("trials"),
        population=population,
        tournament=min(StudySettings.__dataclass_fields__["tournament"].default, population),
        sampler=given.text("sampler"),
        level=given.text("level"),
        screening=SCREENING if given.text("sampler") == "ageing_evolution" else 1,
        max_dsp=given.number("max_dsp") if "max_dsp" in given.given else board.resources["dsp"],
        limits=_limits(specification, board),
        objective=specification.objective or "latency",
        fixed=specification.fixed,
        context={
            "network": given.text("network"),
            "resolution": str(workload.resolution or ""),
            **({"network_content": digest_file(file)} if file.is_file() else {}),
            "board": board.name,
            "generator": given.text("generator"),
            "toolchain": given.text("toolchain"),
            **words_of(given),
            **space,
        },
    )


def _limits(specification: Specification, board: Board) -> dict[str, float]:
    """Return what the board has, or the person allows where that is less."""
    limits: dict[str, float] = {}
    for name in ("lut", "ff", "bram18", "uram"):
        limits[name] = min(board.resources[name], specification.at_most.get(name, board.resources[name]))
    if specification.latency_ms is not None:
        limits["latency"] = specification.latency_ms
    return limits


def screen_of(workload: Workload, board: Board) -> Screen:
    """Return the estimate by which children are screened, each at its own clock."""
    at_period: dict[int, Screen] = {}

    def screen(design: Design) -> tuple[float, float]:
        period = clock_period_ps(design, board)
        if period not in at_period:
            at_period[period] = estimate(workload, memory_timing(board, period), period)
        return at_period[period](design)

    return screen


def _evaluate(settings: StudySettings, evaluator: Evaluator, allowed: Sequence[Design]) -> AigchipError | None:
    """Evaluate every design that is missing, or as many as the limits on requests to a model allow.

    Returns:
        The limit that was reached, if one was; the same study goes on where it is raised.
    """
    screen = screen_of(evaluator.workload, evaluator.board) if settings.screening > 1 else None
    with (
        progress(f"search {settings.study}", settings.trials) as shown,
        ThreadPoolExecutor(max_workers=session.workers().count) as threads,
    ):

        def on_progress(state: Progress) -> None:
            if state.record is None:
                shown.advance("", units=state.done)
            else:
                shown.advance(f"design {state.record.number}: {state.record.status}")

        return _until_limit(
            lambda: run_study(
                settings,
                evaluator,
                on_progress,
                workers=session.workers().count,
                executor=threads,
                screen=screen,
                allowed=allowed,
            )
        )


def _until_limit(evaluate: Callable[[], object]) -> AigchipError | None:
    """Evaluate designs in threads; where that ends early, the workers end before the threads are joined.

    Returns:
        The limit on requests to a model that was reached, if one was.
    """
    try:
        evaluate()
    except AigchipError as error:
        if error.code in REACHED:
            return error
        session.workers().close()  # a step under way ends at once
        raise
    except BaseException:
        session.workers().close()
        raise
    return None


def _promote(settings: StudySettings, evaluator: Evaluator) -> AigchipError | None:
    """Have the best designs synthesised.

    Returns:
        The limit on requests to a model that was reached, if one was.
    """
    folder = paths.studies_dir() / settings.study
    with (
        progress("synthesise the best", PROMOTED) as shown,
        ThreadPoolExecutor(max_workers=session.workers().count) as threads,
    ):

        def on_made(what: str) -> None:
            shown.advance(what, units=0)

        def on_done(record: DesignRecord) -> None:
            shown.advance(f"design {record.number}: {record.status}", units=int(record.status == "feasible"))

        promoting = replace(evaluator, on_made=on_made)
        return _until_limit(lambda: promote(settings, folder, promoting, threads, wanted=PROMOTED, on_done=on_done))


def cosimulate_best(result: StudyResult, evaluator: Evaluator, numbers: Sequence[int]) -> dict[int, dict[str, object]]:
    """Co-simulate designs in RTL.

    Returns:
        Number to the co-simulation's result, or to {"error": text} for a design that fails.
    """
    simulated: dict[int, dict[str, object]] = {}
    flows = {number: evaluator.flow(result.record(number).design) for number in numbers}
    total = sum(len(execute.with_needs(flow, ["cosim"])) for flow in flows.values())
    with progress("co-simulate the best", total) as shown:
        for number, flow in flows.items():
            try:
                execute.make_all(flow, ["cosim"], lambda name, n=number: shown.advance(f"design {n}: {name}"))
            except AigchipError as error:
                if error.code in {"disk-full", "worker-died", "read-only", "permission"}:
                    raise
                simulated[number] = {"error": str(error)}
                continue
            folder = flow.result("cosim")
            assert folder is not None  # noqa: S101 - just made
            cosim = json.loads((folder / "result.json").read_text())
            simulated[number] = cosim | {"model_error_percent": model_error_percent(flow, cosim)}
    return simulated


def model_error_percent(flow: Flow, cosim: dict[str, Any]) -> float:
    """Hold the performance model against the last co-simulated layer, which ran without stalls [%]."""
    model = CycleModel(flow.design, module_timing(read_reports(flow)), bench_memory(steps.READ_LATENCY_CYCLES))
    job = place(steps.cosim_runs(flow.design)[-1].run.layer, model.geometry)
    return round(100 * (model.cycles_of(job) / cosim["layers"][-1]["cycles"]["value"] - 1), 2)


def write_summary(result: StudyResult, simulated: dict[int, dict[str, object]]) -> None:
    """Write summary.json and pareto.svg into the study's folder."""
    write_json(
        result.folder / "summary.json",
        {
            "settings": result.settings.identity() | {"trials": result.settings.trials},
            "front": list(result.front),
            "best": list(result.best),
            "hypervolume": result.hypervolume,
            "modules": result.modules,
            "distinct_modules": result.distinct_modules,
            "cosimulated": {str(number): value for number, value in simulated.items()},
        },
    )
    write_picture(result)


def write_picture(result: StudyResult, on_boards: Sequence[OnBoard] = ()) -> None:
    """Write pareto.svg into the study's folder."""
    scored = [record for record in result.records if record.status == "feasible"]
    if scored:
        points = [
            Point(
                number=record.number,
                latency_ms=record.objectives[0],
                dsp=int(record.objectives[1]),
                on_front=record.number in result.front,
            )
            for record in scored
        ]
        context = result.settings.context
        at = f" at {context['resolution']}" if context["resolution"] else ""
        title = f"{context['network']}{at} on {context['board']}: study {result.settings.study}"
        write_text(
            result.folder / "pareto.svg", pareto_svg(points, title=title, caption=origin(result), on_boards=on_boards)
        )


def read_summary(folder: Path) -> dict[str, object] | None:
    """Return the summary of a finished study, or None."""
    try:
        return json.loads((folder / "summary.json").read_text())
    except (OSError, ValueError):
        return None


def print_finished(study: str, on_boards: Sequence[OnBoard] = ()) -> int:
    """Print a finished study again from its files, and draw its picture anew.

    Args:
        study: The study's name.
        on_boards: What its designs took on boards.

    Raises:
        AigchipError: It does not exist or is not finished.
    """
    folder = paths.studies_dir() / study
    summary = read_summary(folder)
    if summary is None:
        raise AigchipError(f"study={study}", "the study does not exist or is not finished", "Run ./doit search.")
    data = read_settings(folder)
    trials = summary["settings"]["trials"]  # type: ignore[index]
    settings = StudySettings(study=study, trials=trials, **data)
    simulated = {int(number): value for number, value in summary["cosimulated"].items()}  # type: ignore[attr-defined]
    result = sum_up(settings, folder)
    print_study(result, simulated)
    write_picture(result, on_boards)
    return 0
