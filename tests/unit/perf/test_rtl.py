"""The model against cycles of RTL: pairs of designs and layers that `benchmarks/rtl_designs.py` ran bit-exact.

`rtl_cycles.json` says with which command, when and with which tools they were measured; `benchmarks.model_error --record`
writes it. Record it anew when a change of the template or of csynth moves cycles.
"""

import json
import statistics
from functools import cache
from pathlib import Path
from typing import Any

from aigchip.board import load as load_board
from aigchip.mapping import Job
from aigchip.perf import CycleModel, DesignTiming, memory_timing
from aigchip.space import Design

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "rtl_cycles.json").read_text())


@cache
def errors(kind: str) -> list[float]:
    """Return the sizes of the errors of all pairs of a kind [%], the smallest first."""
    board, found = load_board(RECORDED["board"]), []
    for entry in RECORDED["designs"]:
        design = Design.from_dict(entry["genes"])
        model = CycleModel(design, DesignTiming(**entry["timing"]), memory_timing(board, design.clock_period_ps))
        for pair in entry["pairs"]:
            values = dict(zip(RECORDED["columns"], pair, strict=True))
            cycles = values.pop("cycles")
            if values.pop("kind") == kind:
                found.append(abs(100 * (model.cycles_of(Job(**values)) / cycles - 1)))
    return sorted(found)


def test_random_layers_are_within_two_percent_in_the_mean_and_five_at_worst() -> None:
    found = errors("random")
    assert len(found) >= PAIRS
    assert statistics.fmean(found) < MEAN
    assert found[-1] < WORST


def test_layers_of_some_hundred_cycles_are_not_far_off() -> None:
    found = errors("trial")
    assert statistics.fmean(found) < TRIAL_MEAN
    assert found[-1] < TRIAL_WORST


def test_the_record_says_where_it_comes_from() -> None:
    assert "rtl_designs" in RECORDED["command"]
    assert RECORDED["date"] > "2026"
    assert all("erilator" in tool for tool in RECORDED["tools"])


#: What the model reached when the pairs were recorded, and a little more.
PAIRS, MEAN, WORST = 400, 0.25, 5.0
TRIAL_MEAN, TRIAL_WORST = 0.6, 8.0
