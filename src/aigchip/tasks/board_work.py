"""What a board runs of a design: the self tests, the network's layers, or samples where these take too long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aigchip.deploy import bundle
from aigchip.mapping import Geometry, MappedLayer, MappingError, Traffic, of_layer, place
from aigchip.mapping.tiling import estimate
from aigchip.perf.memory import memory_timing
from aigchip.tasks import steps

if TYPE_CHECKING:
    from aigchip.board import Board
    from aigchip.remote.target import Target
    from aigchip.space import Design
    from aigchip.tasks.context import DesignContext

_HARDWARE = {"runs": 100, "warmup": 3}
_SIMULATED = {"runs": 3, "warmup": 1}  # RTL repeats itself to the cycle
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
    times = 1 + 2 * (runs + usual["warmup"])
    slower = max(1, design.macs // _SMALL_MACS) if target.simulated else 1

    def cycles_of(layers: Sequence[MappedLayer]) -> int:
        jobs = ((place(one.layer, geometry, memory), one.count) for one in layers)
        return slower * times * round(sum(count * estimate(job, geometry, memory) for job, count in jobs))

    cycles = cycles_of(mapped)
    if mapped and (not target.simulated or cycles <= _SIMULATED_CYCLES):
        layers, whole = bundle.of_network(mapped), not left
        for error in left:
            tell(f"left to the host: {error}")
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
        deadline_s=_LEAST_DEADLINE_S + cycles // _SLOWEST_HZ["simulated" if target.simulated else "measured"],
    )


def _mapped(
    context: DesignContext, geometry: Geometry, memory: Traffic
) -> tuple[list[MappedLayer], list[MappingError]]:
    """Return the network's layers that the design does, and why it does not do the others."""
    mapped: list[MappedLayer] = []
    left: list[MappingError] = []
    for layer in context.workload.layers:
        try:
            found = of_layer(layer)
            place(found.layer, geometry, memory, f"layer {layer.name}")
            mapped.append(found)
        except MappingError as error:
            left.append(error)
    return mapped, left
