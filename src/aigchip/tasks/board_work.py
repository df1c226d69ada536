"""What a board runs of a design: the self tests, the network's layers and the network end to end, or samples of cosim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aigchip.deploy import bundle
from aigchip.deploy.inference import WholeNetwork
from aigchip.mapping import Geometry, MappedLayer, MappingError, Traffic, of_layer, place
from aigchip.mapping.tiling import estimate
from aigchip.perf.memory import memory_timing
from aigchip.tasks import steps
from aigchip.workload import WorkloadError

if TYPE_CHECKING:
    from aigchip.board import Board
    from aigchip.remote.target import Target
    from aigchip.space import Design
    from aigchip.tasks.context import DesignContext

_HARDWARE = {"runs": 100, "warmup": 3}
_SIMULATED = {"runs": 3, "warmup": 1}  # RTL repeats itself to the cycle
_SEED = 1  # of random weights and of the picture
_SIMULATED_CYCLES = 50_000_000
"""Estimated cycles that a simulated run may take, a minute or two; a larger network gives way to samples."""
_LEAST_DEADLINE_S = 120
_SLOWEST_HZ = {"measured": 5_000_000, "simulated": 50_000}  # estimated cycles a second that are surely reached
_SMALL_MACS = 64  # of an array for which the two simulated ones hold; a cycle of a larger one takes longer to simulate


def traffic(design: Design, board: Board, closed_mhz: float) -> Traffic:
    """Return a board's memory for the choice of tiles, as the performance model's choice sees it.

    Args:
        design: The design.
        board: The board.
        closed_mhz: The clock [MHz].
    """
    return memory_timing(board, round(1e6 / closed_mhz)).traffic(design.word_bytes, design.ports)


def choose(
    context: DesignContext, target: Target, memory: Traffic, *, runs: int | None, tell: Callable[[str], None]
) -> bundle.Work:
    """Choose what is run: the whole network; where that takes the simulated board too long, layers of cosim.

    Args:
        context: The design.
        target: The board that it runs on.
        memory: The board's memory, for the choice of tiles.
        runs: Measured runs; None for what is usual there.
        tell: Told of every layer of the network that the design cannot do, in a line.

    Raises:
        MappingError: The design cannot do any product.
    """
    design = context.flow.design
    geometry = Geometry.of(design)
    usual = _SIMULATED if target.simulated else _HARDWARE
    runs = usual["runs"] if runs is None else runs
    *tests, steady = (one.run for one in steps.cosim_runs(design))
    mapped, left = _mapped(context, geometry, memory)
    times = 2 + 3 * (runs + usual["warmup"])  # tested, then alone, with one start and end to end
    slower = max(1, design.macs // _SMALL_MACS) if target.simulated else 1

    def cycles_of(layers: Sequence[MappedLayer]) -> int:
        jobs = ((place(one.layer, geometry, memory), one.count) for one in layers)
        return slower * times * round(sum(count * estimate(job, geometry, memory) for job, count in jobs))

    cycles = cycles_of(mapped)
    whole_network: WholeNetwork | None = None
    if mapped and (not target.simulated or cycles <= _SIMULATED_CYCLES):
        layers, whole = bundle.of_network(mapped), not left
        for error in left:
            tell(f"left to the host: {error}")
        if whole:
            try:
                whole_network = _whole(context, geometry, memory, tell)
            except (MappingError, WorkloadError) as error:
                tell(f"not run end to end: {error}")
    else:
        whole = False
        layers = tuple(bundle.NamedLayer(name=run.name, run=run) for run in (steady, tests[0]))
        samples = [MappedLayer(name=run.name, layer=run.layer, original=run.layer) for run in (steady, tests[0])]
        cycles = cycles_of(samples)
    return bundle.Work(
        self_tests=tuple(bundle.NamedLayer(name=f"test {run.name}", run=run) for run in tests),
        layers=layers,
        whole_network=whole,
        runs=runs,
        warmup=usual["warmup"],
        inference=whole_network,
        deadline_s=_LEAST_DEADLINE_S + cycles // _SLOWEST_HZ["simulated" if target.simulated else "measured"],
    )


def _whole(
    context: DesignContext, geometry: Geometry, memory: Traffic, tell: Callable[[str], None]
) -> WholeNetwork | None:
    """Lay the whole network out with a random picture, and random weights where it has none.

    Raises:
        WorkloadError: The network is not quantised, or an operator has no meaning in 8 bits.
        MappingError: The design cannot do a layer.
    """
    import numpy as np

    from aigchip.mapping.plan import plan
    from aigchip.workload import load_quantised
    from aigchip.workload.in_integers import in_integers
    from aigchip.workload.synthetic import with_random_weights

    graph = context.workload.graph
    if graph is None:
        graph = load_quantised(Path(context.given.text("network")), context.workload.resolution).graph
        if graph is None:
            return None
    else:
        changed = in_integers(graph)
        graph = with_random_weights(changed.graph, _SEED)
        for line in changed.changes:
            tell(f"end to end: {line}")
    picture = np.random.default_rng(_SEED).integers(-128, 128, graph.input_shape, dtype=np.int8)
    return WholeNetwork(laid_out=plan(graph, geometry, memory), picture=picture)


def _mapped(
    context: DesignContext, geometry: Geometry, memory: Traffic
) -> tuple[list[MappedLayer], list[MappingError]]:
    """Return the network's layers that the design does, and why it does not do the others."""
    mapped: list[MappedLayer] = []
    left: list[MappingError] = []
    for layer in context.workload.layers:
        try:
            found = of_layer(layer).on(geometry, memory)
            place(found.layer, geometry, memory, f"layer {layer.name}")
            mapped.append(found)
        except MappingError as error:
            left.append(error)
    return mapped, left
