"""The expert's procedure: what it keeps, that it ends, and that the designs that ship are what it ends at."""

from __future__ import annotations

import pytest

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.search.by_stages import SHAPES, STAGES, Judge, Score, Step, best_of, find, improve, shapes
from aigchip.space import Design
from aigchip.space.constraints import canonical, check
from aigchip.space.files import load
from aigchip.space.spans import array_step
from aigchip.tasks.bench import NETWORKS, RESOLUTIONS
from aigchip.tasks.judging import judge_of
from aigchip.workload import load as load_workload

SQUARE = load(paths.examples_dir() / "square8" / "design.yaml")


def test_as_fast_with_fewer_blocks_is_better_and_a_hair_faster_is_not() -> None:
    assert Score(time=1.0, blocks=1).better(Score(time=1.0, blocks=2))
    assert Score(time=0.9, blocks=9).better(Score(time=1.0, blocks=2))
    assert not Score(time=0.99999, blocks=3).better(Score(time=1.0, blocks=2))
    assert not Score(time=1.0, blocks=2).better(Score(time=1.0, blocks=2))


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_tries_other_designs_that_can_be_built(stage: str) -> None:
    tried = list(STAGES[stage](SQUARE))
    assert len(set(tried)) > 1
    for design in tried:
        assert not check(design), (stage, design)
        assert design == canonical(design)
        assert (design.macs, design.pack, design.clock_mhz) == (SQUARE.macs, SQUARE.pack, SQUARE.clock_mhz)


def likes(m: int) -> Judge:
    """Return a judge that likes arrays of `m` rows, buffers A of 32 KiB, and few blocks."""

    def judge(design: Design) -> Score:
        time = 1.0 + abs(array_step(design).m - m) + abs(design.buffer_a_kib - 32)
        return Score(time=time, blocks=design.buffer_b_kib)

    return judge


def test_it_improves_until_a_round_changes_nothing_and_keeps_the_array() -> None:
    steps = list(improve(SQUARE, likes(array_step(SQUARE).m)))
    last = steps[-1]
    assert (array_step(last.design), last.design.buffer_a_kib) == (array_step(SQUARE), 32)
    assert last.score.time == 1.0
    assert [one.score.time for one in steps] == sorted((one.score.time for one in steps), reverse=True)
    assert steps[-len(STAGES) - 1].design == last.design  # a whole round changed nothing


def test_it_goes_on_from_the_best_shapes_each_by_itself() -> None:
    ordered = shapes(SQUARE, likes(16))
    assert len({array_step(step.design) for step in ordered}) == len(ordered) > SHAPES
    assert [step.score.time for step in ordered] == sorted(step.score.time for step in ordered)
    descents = list(find(SQUARE, likes(16)))
    assert [steps[0].design for steps in descents] == [step.design for step in ordered[:SHAPES]]
    assert all({array_step(step.design) for step in steps} == {array_step(steps[0].design)} for steps in descents)
    best = best_of(steps[-1] for steps in descents)
    assert (array_step(best.design).m, best.score.time) == (16, 1.0)


def test_of_equal_ends_that_with_the_fewest_blocks_is_the_best() -> None:
    def step(time: float, blocks: int) -> Step:
        return Step(stage="banks", tried=1, design=SQUARE, score=Score(time=time, blocks=blocks))

    assert best_of([step(2.0, 1), step(1.0, 3), step(1.0, 2)]).score == Score(time=1.0, blocks=2)


def test_a_start_that_fits_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="start cannot be judged"):
        list(improve(SQUARE, lambda design: None))
    with pytest.raises(ValueError, match="no shape of the array can be judged"):
        shapes(SQUARE, lambda design: None)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name != "mobilenetv2")) for name in NETWORKS]
)
def test_no_stage_improves_a_design_that_ships(name: str) -> None:
    shipped = canonical(load(paths.examples_dir() / f"expert-{name}" / "design.yaml"))
    *_, last = improve(shipped, judge_for(name))
    assert last.design == shipped


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_designs_that_ship_are_where_the_procedure_ends(name: str) -> None:
    start = load(paths.examples_dir() / "expert1024" / "design.yaml")
    best = best_of(steps[-1] for steps in find(start, judge_for(name)))
    assert best.design == load(paths.examples_dir() / f"expert-{name}" / "design.yaml")


def judge_for(name: str) -> Judge:
    return judge_of([load_workload(name, size) for size in RESOLUTIONS], load_board("zcu104"))
