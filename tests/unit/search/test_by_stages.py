"""The expert's procedure: what it keeps, that it ends, and that the designs that ship are what it ends at."""

from __future__ import annotations

import pytest

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.search.by_stages import STAGES, Score, improve
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


def test_it_finds_what_the_judge_likes_and_ends() -> None:
    def judge(design: Design) -> Score:
        step = array_step(design)
        return Score(time=1.0 + abs(step.m - 16) + abs(design.buffer_a_kib - 32), blocks=design.buffer_b_kib)

    steps = list(improve(SQUARE, judge))
    last = steps[-1].design
    assert (array_step(last).m, last.buffer_a_kib) == (16, 32)
    assert steps[-1].score.time == 1.0
    assert [one.score.time for one in steps] == sorted((one.score.time for one in steps), reverse=True)
    assert steps[-len(STAGES) - 1].design == last  # a whole round changed nothing


def test_a_start_that_fits_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="start cannot be judged"):
        list(improve(SQUARE, lambda design: None))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name != "mobilenetv2")) for name in NETWORKS]
)
def test_the_designs_that_ship_are_where_the_procedure_ends(name: str) -> None:
    judge = judge_of([load_workload(name, size) for size in RESOLUTIONS], load_board("zcu104"))
    start = load(paths.examples_dir() / "expert1024" / "design.yaml")
    *_, last = improve(start, judge)
    assert last.design == load(paths.examples_dir() / f"expert-{name}" / "design.yaml")
