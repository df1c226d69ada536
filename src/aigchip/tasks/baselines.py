"""`compare` without a design: the expert's designs, searched and random ones, others' accelerators, and the roofline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import accumulate
from statistics import median_low

from aigchip.board import Board
from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.atomic import write_json, write_text
from aigchip.core.console import print_table, progress
from aigchip.core.errors import InputError
from aigchip.core.figures import Figure
from aigchip.core.hashing import digest, digest_files
from aigchip.generate.expert import ExpertGenerator
from aigchip.perf.resources import estimated_resources
from aigchip.report import baselines, published
from aigchip.report.baselines import Comparison, Course, Entry
from aigchip.report.roofline import NetworkPoints
from aigchip.search.records import LATENCY, DesignRecord
from aigchip.search.settings import StudySettings
from aigchip.search.study import Progress
from aigchip.search.study import run as run_study
from aigchip.space import Design, files
from aigchip.tasks import bench, session
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.evaluation import Evaluator
from aigchip.tasks.flow import Flow
from aigchip.tasks.network_step import SimulateNetwork, title
from aigchip.tasks.studies import SCREENING, screen_of
from aigchip.workload.layers import Workload

#: The design whose products a second, clock and DSPs all others get, and of whose kind there is one for each network.
GENERAL = "expert1024"
_SAMPLERS = {"searched": "ageing_evolution", "random, best": "random"}


def run(given: Arguments) -> int:
    """Compare on each network, print the table, and write it with both pictures.

    Raises:
        InputError: An argument is not valid, or a design is missing.
        SearchError: Another process searches the same.
    """
    board = load_board(given.text("board"))
    networks = bench.networks_of(given)
    general = load_design(GENERAL)
    trials = given.number("trials")
    found: list[Comparison] = []
    with progress("compare", len(networks) * len(_SAMPLERS) * trials) as shown:
        for network in networks:

            def on_progress(state: Progress, name: str = title(network)) -> None:
                shown.advance(name, units=int(state.record is not None))

            studies = {
                role: _study(network, board, sampler, given, general, on_progress)
                for role, sampler in _SAMPLERS.items()
            }
            found.append(_compared(network, board, general, studies))
    folder = paths.build_dir() / "compare"
    caption = _caption(found, general, given)
    write_text(folder / "compare.csv", baselines.comma_separated(found))
    write_json(
        folder / "compare.json",
        {
            "caption": caption,
            "rows": [dict(zip(baselines.HEADINGS, row, strict=True)) for row in baselines.rows(found)],
        },
    )
    write_text(folder / "accelerators.svg", baselines.bars(found, caption=caption))
    write_text(folder / "searches.svg", baselines.curves(found, caption=caption))
    print_table("Accelerators by network", baselines.HEADINGS, baselines.rows(found), right=(3, 5, 6))
    print(caption)
    for other in (published.CHAIDNN, published.DPU):
        print(f"{other.name}: {other.source}, as if it formed as many products a second.")
    print(
        "An estimate becomes a simulated figure by ./doit bench accelerator design=<name> network=<network> resolution=<pixels>."
    )
    print(f"Written to {paths.relative(folder)}: compare.csv, compare.json, accelerators.svg, searches.svg.")
    return 0


def _caption(found: Sequence[Comparison], general: Design, given: Arguments) -> str:
    kinds = sorted({entry.origin for each in found for entry in each.entries})
    return (
        f"{general.macs:,} products a cycle at {general.clock_mhz} MHz for all; searches of {given.number('trials')} designs each, "
        f"seed {given.number('seed')}, judged by the performance model; figures are {', '.join(kinds)} as the table says"
    )


def load_design(name: str) -> Design:
    """Return a design of designs/.

    Raises:
        InputError: It is not there.
    """
    path = paths.designs_dir() / name / "design.yaml"
    if not path.exists():
        raise InputError(
            f"designs/{name}",
            "the design is not there",
            "Copy it from the project, or compare within the project's folder.",
        )
    return files.load(path)


def _study(  # noqa: PLR0917 - all that a study depends on
    network: Workload,
    board: Board,
    sampler: str,
    given: Arguments,
    general: Design,
    on_progress: Callable[[Progress], None],
) -> list[DesignRecord]:
    """Search, or go on, with a sampler; return the records by number."""
    dsp = int(estimated_resources(general)["dsp"].value or 0)
    name = (
        f"{title(network).replace('@', '-')}-{sampler}-{given.number('seed')}-{given.number('trials')}-{_judged_by()}"
    )
    settings = StudySettings(
        study=name,
        seed=given.number("seed"),
        trials=given.number("trials"),
        sampler=sampler,
        level="model",
        screening=SCREENING if sampler == "ageing_evolution" else 1,
        max_dsp=dsp,
        limits={name: float(board.resources[name]) for name in ("bram18", "uram")},
        fixed={"pack": general.pack, "clock_mhz": general.clock_mhz},
        context={"network": network.name, "resolution": str(network.resolution or ""), "board": board.name},
    )
    folder = paths.build_dir() / "compare" / "studies" / settings.study
    evaluator = Evaluator(workload=network, board=board, generator=ExpertGenerator(), level="model")
    screen = screen_of(network, board) if settings.screening > 1 else None
    with ThreadPoolExecutor(max_workers=1) as threads:
        result = run_study(settings, evaluator, on_progress, executor=threads, folder=folder, screen=screen)
    return sorted(result.records, key=lambda record: record.number)


@cache
def _judged_by() -> str:
    """Return what scores follow from, in a few digits: a study whose model has changed is another study."""
    sources = paths.source_dir() / "aigchip"
    return digest([digest_files(sources / name, ["*.py"]) for name in ("mapping", "perf", "search", "space")])[:8]


def _compared(network: Workload, board: Board, general: Design, studies: dict[str, list[DesignRecord]]) -> Comparison:
    expert = f"expert-{network.name}"
    entries: list[Entry] = []
    if (paths.designs_dir() / expert / "design.yaml").exists():
        entries.append(_entry("expert", expert, load_design(expert), board, network))
    entries.append(_entry("expert, one for all", GENERAL, general, board, network))
    courses = []
    for role, records in studies.items():
        scored = sorted((record for record in records if record.status == "feasible"), key=lambda one: one.objectives)
        if scored:
            entries.append(_entry(role, f"design {scored[0].number}", scored[0].design, board, network))
            if role == "random, best":
                middle = median_low([record.objectives[0] for record in scored])
                chosen = next(record for record in scored if record.objectives[0] == middle)
                entries.append(_entry("random, median", f"design {chosen.number}", chosen.design, board, network))
        courses.append(Course(role=role, best=_best_so_far(records)))
    entries += _of_others(network, board, general)
    return Comparison(network=title(network), entries=tuple(entries), courses=tuple(courses))


def _best_so_far(records: Sequence[DesignRecord]) -> tuple[float | None, ...]:
    values = [float(record.figures[LATENCY].value or 0) if record.status == "feasible" else None for record in records]
    return tuple(
        accumulate(values, lambda best, value: value if best is None or (value is not None and value < best) else best)
    )


def _entry(role: str, name: str, design: Design, board: Board, network: Workload) -> Entry:
    points = _known(design, board, network)
    figure = Figure(
        value=points.milliseconds, unit="ms", kind=points.layers[0].cycles.kind, tool=points.layers[0].cycles.tool
    )
    # The roofline is that of all compared: a design with fewer multipliers is not held against a roof of its own.
    return Entry(
        role=role,
        name=name,
        milliseconds=figure,
        bound_milliseconds=_bound(board, network, convolutions=False),
        dsp=int(estimated_resources(design)["dsp"].value or 0),
    )


def _known(design: Design, board: Board, network: Workload) -> NetworkPoints:
    """Return what the RTL took, where it ran and nothing changed since; else what the model estimates."""
    flow = Flow(
        store=session.store(),
        design=design,
        generator=ExpertGenerator(),
        part=board.part,
        clock_period_ps=design.clock_period_ps,
    )
    folder = flow.result("link")
    if folder is not None:
        rtl = digest_files(folder, ["rtl/*.v", "network.json"])
        step = SimulateNetwork(design=design, folder=folder, rtl=rtl, board=board, workload=network)
        if session.store().has(step):
            return bench.read(step, session.store().path(step))
    return bench.estimated(design, board, network)


def _bound(board: Board, network: Workload, *, convolutions: bool) -> float:
    """Return the roofline of the products a second that all have [ms]."""
    points = bench.estimated(load_design(GENERAL), board, network)
    cycles = sum(points.bound(layer) * layer.count for layer in points.layers if layer.convolution or not convolutions)
    return cycles / points.clock_mhz / 1e3


def _of_others(network: Workload, board: Board, general: Design) -> list[Entry]:
    gmacs = general.macs * general.clock_mhz / 1e3
    return [
        Entry(
            role=other.name,
            name="published",
            milliseconds=Figure(
                value=other.milliseconds[title(network)] * other.gmacs / gmacs,
                unit="ms",
                kind="measured",
                tool=other.source,
            ),
            bound_milliseconds=_bound(board, network, convolutions=other.convolutions),
            convolutions=other.convolutions,
            published=True,
        )
        for other in (published.CHAIDNN, published.DPU)
        if title(network) in other.milliseconds
    ]
