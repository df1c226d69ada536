"""`bench`: networks on a design cycle by cycle, against the roofline and what others published; or (`inference`) end to end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import exp, log
from pathlib import Path

from aigchip.board import Board
from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.core.console import print_table
from aigchip.core.errors import InputError, unknown
from aigchip.core.figures import Figure
from aigchip.perf import CycleModel, assumed_timing, memory_timing
from aigchip.perf.network import TOOL
from aigchip.report import lost, published, roofline
from aigchip.space import Design
from aigchip.tasks import accelerator_rtl, inference
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.designs import choose
from aigchip.tasks.network_step import SimulateNetwork, distinct, title
from aigchip.workload import load as load_workload
from aigchip.workload.layers import Workload, product

ACTIONS = ("accelerator", "inference")
NETWORKS = ("alexnet", "vgg16", "googlenet", "resnet50", "mobilenetv2", "yolov2_voc")
RESOLUTIONS = (224, 448)
DESIGN = "expert1024"
#: Layers of a network of which the table says where their cycles went.
_FURTHEST = 5
_HEADINGS = (
    "network", "cycles", "ms", "origin", "of the products", "in convolutions", "by roofline", "memory", "CHaiDNN", "DPU",
)  # fmt: skip


def run(words: Sequence[str], given: Arguments) -> int:
    """Measure what the word names: run networks on the design's RTL, or estimate them, and print and write what came out.

    Raises:
        InputError: A word or an argument is not valid.
        AigchipError: A tool is missing, or the RTL is wrong.
    """
    if len(words) != 1:
        raise InputError("bench", "bench takes one word, what is measured", f"Use ./doit bench {ACTIONS[0]}.")
    if words[0] not in ACTIONS:
        raise unknown("bench", "benchmark", words[0], ACTIONS)
    chosen = choose(given if "design" in given.given else Arguments(given={**given.given, "design": DESIGN}))
    if words[0] == "inference":
        return inference.run(given, chosen)
    if given.text("level") == "csynth" and "level" in given.given:
        raise InputError(
            "level=csynth",
            "networks are simulated in RTL or estimated by the model",
            "Use level=model, or leave it out.",
        )
    board = load_board(given.text("board"))
    networks = networks_of(given)
    if given.given.get("level") == "model":
        found = [estimated(chosen.design, board, network) for network in networks]
    else:
        found = simulated(chosen.design, board, networks)
    folder = paths.build_dir() / "bench" / "accelerator" / chosen.name
    _write(folder, found)
    for points in found:
        print(roofline.table(points), end="\n\n")
    _print(chosen.name, found)
    _print_lost(found)
    print(
        f"Written to {paths.relative(folder)}: accelerator.csv, and for each network a roofline, "
        "and where it was simulated a picture of the cycles lost."
    )
    return 0


def networks_of(given: Arguments) -> list[Workload]:
    """Return the networks that the arguments name, or the six at both resolutions.

    Raises:
        InputError: An argument is not valid.
    """
    if "gemm" in given.given:
        for name in ("network", "resolution"):
            if name in given.given:
                raise InputError(
                    f"gemm={given.text('gemm')}",
                    f"gemm stands beside {name}; must stand alone, a product of matrices is no network",
                    f"Leave {name} out, or gemm.",
                )
        return [product(*map(int, given.text("gemm").split("x")))]
    names = [given.text("network")] if "network" in given.given else NETWORKS
    sizes = [given.number("resolution")] if "resolution" in given.given else RESOLUTIONS
    return [load_workload(name, size) for name in names for size in sizes]


def estimated(design: Design, board: Board, network: Workload) -> roofline.NetworkPoints:
    """Estimate a network by the performance model, with the depths that modules usually have.

    Raises:
        MappingError: The design cannot do a layer.
    """
    model = CycleModel(design, assumed_timing(), memory_timing(board, design.clock_period_ps))
    cycles = [
        Figure(value=model.cycles(mapped.layer), unit="cycles", kind="estimated", tool=TOOL)
        for mapped, _ in distinct(network, design, board)
    ]
    return _points(design, board, network, cycles, [None] * len(cycles), [None] * len(cycles))


def simulated(design: Design, board: Board, networks: Sequence[Workload]) -> list[roofline.NetworkPoints]:
    """Run networks on the RTL of the expert's modules; what ran before is read from the store.

    Raises:
        MappingError: The design cannot do a layer.
        CosimError, FastsimError: The RTL is wrong, or hangs.
    """
    linked = accelerator_rtl.make(design, board)
    steps = [
        SimulateNetwork(design=design, folder=linked.folder, rtl=linked.key, board=board, workload=network)
        for network in networks
    ]
    folders = accelerator_rtl.make_steps("simulate", steps)
    return [read(step, folder) for step, folder in zip(steps, folders, strict=True)]


def read(step: SimulateNetwork, folder: Path) -> roofline.NetworkPoints:
    """Return what a network took on RTL, as the step's folder holds it."""
    told = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    cycles = [Figure.from_dict(layer["cycles"]) for layer in told["layers"]]
    moved = [layer["bytes"] for layer in told["layers"]]
    array = [lost.Activity(**layer["array"]) for layer in told["layers"]]
    return _points(step.design, step.board, step.workload, cycles, moved, array)


def _points(  # noqa: PLR0917 - what is known of each layer
    design: Design,
    board: Board,
    network: Workload,
    cycles: Sequence[Figure],
    moved: Sequence[int | None],
    array: Sequence[lost.Activity | None],
) -> roofline.NetworkPoints:
    rows = []
    layers = distinct(network, design, board)
    for (mapped, count), figure, moved_bytes, activity in zip(layers, cycles, moved, array, strict=True):
        original = mapped.original
        weights = original.outputs * original.group_channels * original.kernel[0] * original.kernel[1]
        inputs = original.channels * original.rows * original.columns
        outputs = original.outputs * original.out_rows * original.out_columns
        rows.append(
            roofline.LayerPoint(
                name=mapped.name,
                count=count,
                convolution=original.out_rows * original.out_columns > 1,
                macs=original.macs,
                bytes_once=weights + inputs + outputs,
                cycles=figure,
                bytes_moved=moved_bytes,
                activity=activity,
            )
        )
    return roofline.NetworkPoints(
        network=title(network),
        macs_per_cycle=design.macs,
        bytes_per_cycle=board.memory.effective_bytes_per_second * design.clock_period_ps / 1e12,
        clock_mhz=design.clock_mhz,
        layers=tuple(rows),
    )


def _write(folder: Path, found: Sequence[roofline.NetworkPoints]) -> None:
    write_text(folder / "accelerator.csv", roofline.comma_separated(found))
    for points in found:
        name = points.network.replace("@", "-")
        write_text(folder / f"{name}.svg", roofline.picture(points))
        rows = [(layer.name, points.bound(layer), points.lost(layer)) for layer in points.layers]
        known = [(layer, bound, each) for layer, bound, each in rows if each is not None]
        if known:
            write_text(folder / f"{name}-lost.svg", lost.picture(f"{points.network}: cycles of each layer", known))


def _print(name: str, found: Sequence[roofline.NetworkPoints]) -> None:
    rows = []
    for points in found:
        shares = published.shares(points)
        memory = points.memory
        rows.append([
            points.network,
            f"{points.cycles:,.0f}",
            f"{points.milliseconds:.3f}",
            points.origin,
            f"{points.utilisation(convolutions=False):.3f}",
            f"{points.utilisation(convolutions=True):.3f}",
            f"{points.ratio:.3f}",
            "" if memory is None else f"{memory:.3f}",
            *(f"{shares[other]:.3f}" if other in shares else "" for other in ("CHaiDNN", "DPU")),
        ])  # fmt: skip
    print_table(f"Networks on {name}", _HEADINGS, rows, right=(1, 2, 4, 5, 6, 7, 8, 9))
    ratios = [points.ratio for points in found]
    print(
        f"Geometric mean over the layer-by-layer roofline {exp(sum(map(log, ratios)) / len(ratios)):.3f}, worst "
        f"{max(ratios):.3f}; the convolutions' and the whole share of {found[0].macs_per_cycle:,} products a cycle; the share of the "
        "memory's effective bandwidth; our time by theirs, as if they formed as many products a second."
    )
    for other in (published.CHAIDNN, published.DPU):
        print(f"{other.name}: {other.source}{', convolutions alone' if other.convolutions else ''}.")


def _print_lost(found: Sequence[roofline.NetworkPoints]) -> None:
    """Print where the cycles of networks went, and those of the layers that lose most."""
    rows: list[list[str]] = []
    for points in found:
        every = points.lost_in_all
        if every is None:
            continue
        shares = [f"{100 * cycles / points.cycles:.1f}" for _, cycles in every.parts()]
        rows.append([
            points.network, f"{points.cycles:,.0f}", f"{points.ratio:.3f}", f"{every.cycles:,}", *shares, every.main,
        ])  # fmt: skip
        for layer, each in roofline.furthest(points, _FURTHEST):
            cycles = float(layer.cycles.value or 0)
            rows.append([
                f"  {layer.count} x {layer.name}", f"{layer.count * cycles:,.0f}", f"{cycles / points.bound(layer):.3f}",
                f"{layer.count * each.cycles:,}", *(f"{100 * part / cycles:.1f}" for _, part in each.parts()), each.main,
            ])  # fmt: skip
    if rows:
        headings = (
            "network, layers",
            "cycles",
            "by bound",
            "lost",
            *(cause.replace(" ", "\n") for cause in lost.CAUSES.values()),
            "most by",
        )
        print_table(
            f"Cycles beyond the roofline, of networks and of the {_FURTHEST} layers of each that lose most; causes in % of "
            "the cycles (simulated)",
            headings, rows, right=tuple(range(1, 4 + len(lost.CAUSES))),
        )  # fmt: skip
