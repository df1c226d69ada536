"""Impossible requirements are answered with the bound that forbids them; possible ones never are."""

from random import Random

import pytest

from aigchip.board import load as load_board
from aigchip.core.errors import AigchipError
from aigchip.perf.memory import memory_timing
from aigchip.perf.network import estimate
from aigchip.requirement import Specification
from aigchip.requirement.check import bounds, check
from aigchip.space.sampling import sample
from aigchip.workload.networks import built_in

BOARD = load_board("zcu104")


@pytest.mark.parametrize(
    ("specification", "text"),
    [
        (
            Specification(latency_ms=1),
            "latency: latency is 1 ms; must be at least 2.96 ms: 1,814 million products of resnet18 at 224, 2,048 a cycle, the "
            "most that the template builds, at 300 MHz. Ask for 2.96 ms or more, or a smaller network or picture.",
        ),
        (
            Specification(latency_ms=100, at_most={"dsp": 16}),
            "latency: latency is 100 ms; must be at least 189 ms: 1,814 million products of resnet18 at 224, 32 a cycle, the "
            "most on the DSP blocks that are allowed, at 300 MHz. Ask for 189 ms or more, or a smaller network or picture.",
        ),
        (
            Specification(latency_ms=100, fixed={"array_lanes": 1, "mac_width": 2, "pack": 1, "clock_mhz": 100}),
            "latency: latency is 100 ms; must be at least 284 ms: 1,814 million products of resnet18 at 224, 64 a cycle, the "
            "most with the fixed parameters, at 100 MHz. Ask for 284 ms or more, or a smaller network or picture.",
        ),
        (
            Specification(at_most={"dsp": 4}, fixed={"array_lanes": 8}),
            "at most: dsp is 4; must be at least 8, a DSP block for each multiplier of the smallest array with array_lanes "
            "8. Allow 8 or more, or fix less.",
        ),
        (
            Specification(fixed={"mac_width": 16, "lane_macs": 32, "array_lanes": 8}),
            "fixed parameters: no design has mac_width 16, lane_macs 32, array_lanes 8: mac_width * lane_macs * array_lanes * "
            "pack is 16 * 32 * 8 * 1 = 4096; must be at most 2048, arrays up to 32 x 64 are built. Set array_lanes: 4.",
        ),
        (
            Specification(fixed={"reuse": "output", "slots": 4}),
            "fixed parameters: no design has reuse output, slots 4: slots has no effect there and counts as 2. Leave out "
            "slots.",
        ),
    ],
)
def test_an_impossible_requirement_is_refused_with_its_bound(specification, text):
    with pytest.raises(AigchipError) as error:
        check(specification, built_in("resnet18"), BOARD)
    assert str(error.value) == text


@pytest.mark.parametrize("network", ["resnet18", "alexnet"])
def test_no_design_of_the_model_is_faster_than_the_bound(network):
    workload = built_in(network)
    period = BOARD.clock.default_period_ps
    latency = estimate(workload, memory_timing(BOARD, period), period)
    rng = Random(5)
    for fixed in (
        {},
        {"reuse": "second"},
        {"array_lanes": 4, "mac_width": 2},
    ):  # at the board's clock, which is the fastest
        bound = bounds(Specification(fixed=fixed), workload, BOARD).latency_ms
        for _ in range(5):
            assert latency(sample(rng, tuple(fixed.items())))[0] >= bound


def test_the_bound_is_named_by_the_memory_where_that_is_slower():
    fully_connected = built_in("alexnet")
    slow = type(BOARD.memory)(**{**_fields(BOARD.memory), "effective_bytes_per_second": 100_000_000})
    board = type(BOARD)(**{**_fields(BOARD), "memory": slow})
    with pytest.raises(
        AigchipError,
        match=r"must be at least 6\d\d ms: weights, inputs and outputs of alexnet at 224 through a memory of 0.1 GB/s",
    ):
        check(Specification(latency_ms=100), fully_connected, board)


def _fields(thing):
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}
