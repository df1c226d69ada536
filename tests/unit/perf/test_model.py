"""What the model says of jobs: bounds that hold for each, and what makes them slower."""

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import yaml
from unit.space.test_rejections import GOOD, WINDOWED

from aigchip.core.paths import examples_dir, template_dir
from aigchip.mapping import Convolution, Geometry, Job, MappingError, of_layer, place, turns
from aigchip.mapping.choice import Tiles
from aigchip.mapping.layer_arrays import Layers
from aigchip.perf import CycleModel, MemoryTiming, assumed_timing, bench_memory, model, rounds
from aigchip.perf.memory import Rates, by_bursts, shared
from aigchip.perf.rounds import turns_of
from aigchip.space import Design
from aigchip.space.files import load as load_design
from aigchip.space.sampling import sample
from aigchip.workload import load as load_workload

NEAR = MemoryTiming(read_latency_cycles=10, write_latency_cycles=5)
CONV = Convolution(channels=40, rows=14, columns=14, outputs=48, kernel=(3, 3), padding=(1, 1, 1, 1))
LAYERS = [
    CONV,
    replace(CONV, stride=2),
    replace(CONV, channels=48, groups=48),
    Convolution.of_product(200, 300, 49),
    Convolution.of_product(100, 512, 1),
]


def ddr(bytes_per_cycle: float, *, latency: int = 46, port: float = 16.0) -> MemoryTiming:
    return MemoryTiming(
        read_latency_cycles=latency,
        write_latency_cycles=31,
        bytes_per_cycle=bytes_per_cycle,
        port_bytes_per_cycle=port,
    )


def jobs(count: int, seed: int) -> list[tuple[CycleModel, Geometry, Job]]:
    """Return jobs on random designs, each with its model behind a DDR."""
    rng, found = Random(seed), []
    while len(found) < count:
        design, layer = sample(rng), rng.choice(LAYERS)
        with_ddr = CycleModel(design, assumed_timing(), ddr(48.0))
        try:
            found.append((with_ddr, with_ddr.geometry, with_ddr.place(layer)))
        except MappingError:
            continue
    return found


@pytest.mark.parametrize(("model_of_design", "sizes", "job"), jobs(40, 1))
def test_shown_turns_stand_for_all(model_of_design: CycleModel, sizes: Geometry, job: Job) -> None:
    found, plain = turns_of(Tiles.of(job), sizes), list(turns(job, sizes))
    assert found.times.sum() == len(plain)
    assert found.times @ found.last == sum(turn.last for turn in plain)
    assert found.times @ (found.a_words > 0) == sum(turn.load_a for turn in plain)
    assert found.times @ (found.b_words > 0) == sum(turn.load_b for turn in plain)
    steps = [job.taps * (job.share_k if job.grouped else turn.k_groups) for turn in plain]
    subtiles = [turn.subtiles_m * -(-turn.pixels // sizes.step.n) for turn in plain]
    taken = rounds.subtile_cycles_of(np.array(steps), sizes.step_cycles, sizes.c_pieces)
    wanted = np.array(subtiles) @ taken
    assert found.times @ found.compute == wanted
    assert model_of_design.cycles_of(job) > wanted


def test_cycles_of_shown_turns_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(each, sizes, job) for each, sizes, job in jobs(120, 3) if job.m_tiles * job.n_tiles * job.k_tiles < 2000]
    shown = [each.cycles_of(job) for each, _, job in found]
    monkeypatch.setattr(rounds, "_SHOWN", 1 << 20)
    every = [each.cycles_of(job) for each, _, job in found]
    assert shown == pytest.approx(every, rel=0.01)


def cycles_of_subtiles(steps: int, step_cycles: int, pieces: int, number: int = 40) -> float:
    """Return the cycles from a sub-tile's end to the next one's, cycle for cycle as interconnect and array count them."""
    ends: list[int] = []
    waiting = gathered = done = cycle = 0
    while len(ends) < number:
        there = waiting
        if done >= steps or there:
            waiting -= done < steps
            done += 1
        if done == max(steps, pieces):
            done = 0
            ends.append(cycle)
        gathered = min(gathered + 1, step_cycles)
        if gathered == step_cycles and there < rounds.STEPS_DEPTH:
            waiting, gathered = waiting + 1, 0
        cycle += 1
    return (ends[-1] - ends[number // 2]) / (number - 1 - number // 2)


@pytest.mark.parametrize("step_cycles", [1, 2, 4, 16, 64])
@pytest.mark.parametrize("pieces", [1, 4, 16, 64, 128, 256])
def test_a_subtile_takes_its_steps_and_the_time_in_which_buffers_stand_still(step_cycles: int, pieces: int) -> None:
    steps = [1, 2, 3, 4, 5, 8, 16, 32, 33, 60, 100, 300]
    found = rounds.subtile_cycles_of(np.array(steps), step_cycles, pieces)
    wanted = [cycles_of_subtiles(each, step_cycles, pieces) for each in steps]
    assert found == pytest.approx(wanted, abs=2)


@pytest.mark.parametrize("layer", LAYERS)
def test_words_of_windows_are_those_that_ctrl_counts(layer: Convolution) -> None:
    for seed in range(6):
        design = sample(Random(seed), (("reuse", "second"),))
        sizes = Geometry.of(design)
        try:
            job = place(layer, sizes)
        except MappingError:
            continue
        found = turns_of(Tiles.of(job), sizes)
        if found.job.size != sum(1 for _ in turns(job, sizes)):
            continue  # some stand for others
        for turn, words in zip(turns(job, sizes), found.b_words.tolist(), strict=True):
            y, x = divmod(turn.n, job.x_tiles)
            top, left = y * job.tile_rows * job.stride - job.pad_top, x * job.tile_columns * job.stride - job.pad_left
            rows = (turn.rows - 1) * job.row_stride + job.span_rows
            columns = (turn.columns - 1) * job.stride + job.span_columns
            leads = [(top + row * job.row_step) * job.in_pitch + left for row in range(rows)]
            plain = sum(-(-(lead % sizes.word_pixels + columns) // sizes.word_pixels) for lead in leads)
            assert words == (plain * turn.k_groups * sizes.group_blocks if turn.load_b else 0)


def test_more_bandwidth_is_never_slower() -> None:
    for with_ddr, _, job in jobs(30, 2):
        cycles = [
            CycleModel(GOOD, assumed_timing(), memory)
            for memory in (ddr(6.0), ddr(12.0), ddr(48.0), ddr(1e9, port=1e9))
        ]
        for each in cycles:
            each.geometry = with_ddr.geometry
        found = [each.cycles_of(job) for each in cycles]
        assert found == sorted(found, reverse=True)


def test_more_latency_is_never_faster() -> None:
    for layer in LAYERS:
        job = place(layer, Geometry.of(GOOD))
        found = [CycleModel(GOOD, assumed_timing(), bench_memory(cycles)).cycles_of(job) for cycles in (0, 40, 400)]
        assert found == sorted(found)


def test_more_work_takes_more_cycles() -> None:
    cycles = CycleModel(GOOD, assumed_timing(), NEAR)
    sizes = [cycles.cycles(Convolution.of_product(*size)) for size in [(32, 64, 32), (64, 64, 32), (64, 128, 64)]]
    assert sizes == sorted(sizes)


def test_no_design_is_faster_than_its_multipliers() -> None:
    for with_ddr, sizes, job in jobs(30, 3):
        products = job.m_subtiles * sizes.step.m * job.out_rows * job.out_columns * job.taps
        products *= (job.share_k if job.grouped else job.k_groups) * sizes.step.k
        assert with_ddr.cycles_of(job) > products / (sizes.step.m * sizes.step.n * sizes.step.k)


def test_layers_together_take_what_each_takes_alone() -> None:
    for design in (GOOD, WINDOWED):
        together = CycleModel(design, assumed_timing(), ddr(48.0))
        assert together.cycles_of_layers(Layers(LAYERS)) == [together.cycles(layer) for layer in LAYERS]


def test_streams_share_the_memory_fairly() -> None:
    def ends(a: float, b: float, c: float, rates: Rates) -> list[float]:
        return [float(end[0]) for end in shared(np.array([a]), np.array([b]), np.array([c]), rates)]

    alone = Rates(one=1.0, reads=2.0, all=3.0)
    assert ends(10, 20, 30, alone) == [10, 20, 30]
    # Three get a half each until a ends at 20; two get 3/4 until b ends at 20 + 10 / 0.75; c goes on with 1.
    narrow = Rates(one=1.0, reads=2.0, all=1.5)
    assert ends(10, 20, 30, narrow) == pytest.approx([20, 20 + 10 / 0.75, 20 + 10 / 0.75 + 10])
    assert ends(0, 0, 30, narrow) == [0, 0, 30]


def test_ports_give_words_by_the_lengths_of_bursts() -> None:
    def ends(a: float, b: float, burst: float, rates: Rates) -> list[float]:
        return [float(end[0]) for end in by_bursts(np.array([a]), np.array([b]), np.array([burst]), rates)]

    striped = Rates(one=1.0, reads=1.0, all=9.0)
    # Bursts as long as the first's: half of the ports each, until the shorter stream ends.
    assert ends(16, 48, 16, striped) == [32, 0, 32]
    assert ends(48, 16, 16, striped) == [32, 32, 0]
    # A word of the second for each sixteen of the first: eight of 64 have come when 128 of the first have.
    assert ends(128, 64, 1, striped) == pytest.approx([136, 0, 56])
    # The ports have more than the first can take: the second gets what is left.
    wide = Rates(one=1.0, reads=1.5, all=9.0)
    assert ends(128, 64, 1, wide) == pytest.approx([128, 0, 0])
    assert ends(10, 0, 1, striped) == [0, 10, 0]


def test_the_depths_of_the_fifos_are_those_of_the_template() -> None:
    graph = yaml.safe_load(Path(template_dir() / "top" / "graph.yaml").read_text())
    depths = {channel["name"]: channel["depth"] for channel in graph["channels"]}
    assert depths["words_a"] == depths["words_b"] == model.WORDS_DEPTH
    assert depths["results"] == model.RESULTS_DEPTH
    assert depths["array_words_a"] == depths["array_words_b"] == rounds.STEPS_DEPTH
    assert depths["pieces_a"] == depths["pieces_b"] == model.QUEUE_PIECES - 32


def fewest(layer: Convolution, design: Design) -> float:
    """Return the cycles that a layer's products need."""
    return layer.macs / design.macs


def test_no_layer_takes_fewer_cycles_than_its_products_need() -> None:
    layers = [of_layer(layer).layer for layer in load_workload("googlenet", 448).layers]
    rng, judged = Random(1), 0
    for _ in range(40):
        design = sample(rng)
        behind_ddr = CycleModel(design, assumed_timing(), ddr(48.0))
        for layer in layers:
            try:
                cycles = behind_ddr.cycles(layer)
            except MappingError:
                continue
            judged += 1
            assert cycles >= fewest(layer, design), (design, layer)
    assert judged > 100


def test_groups_of_cut_tiles_are_not_taken_for_whole_ones() -> None:
    """A group of slots once went on from row to row of tiles, of which the last of a row stood for all."""
    design = replace(
        load_design(examples_dir() / "expert1024" / "design.yaml"),
        reuse="first", slots=8, buffer_a_kib=16, buffer_b_kib=8, buffer_b_storage="bram", buffer_c_kib=32,
    )  # fmt: skip
    layer = Convolution(channels=64, rows=112, columns=112, outputs=192, kernel=(3, 3), padding=(1, 1, 1, 1))
    behind_ddr = CycleModel(design, assumed_timing(), ddr(48.0))
    job = behind_ddr.place(layer)
    assert job.tile_columns < job.out_columns
    assert job.k_groups > job.tile_k
    assert behind_ddr.cycles(layer) >= fewest(layer, design)
