"""Judge a design for networks on a board by the performance model, as the expert's procedure asks."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

from aigchip.board import Board
from aigchip.mapping import MappingError
from aigchip.perf import assumed_timing, memory_timing, network_latency
from aigchip.perf.resources import estimated_resources
from aigchip.search.by_stages import Judge, Score
from aigchip.space import Design
from aigchip.workload.layers import Workload

#: What an UltraRAM counts beside a block RAM, in blocks of 18 Kbit (288 Kbit).
_URAM_BLOCKS = 16


def judge_of(networks: Sequence[Workload], board: Board) -> Judge:
    """Return the judge: the geometric mean of the networks' estimated latencies [ms], and memory blocks; None beyond the board."""

    def judge(design: Design) -> Score | None:
        counts = {name: int(figure.value or 0) for name, figure in estimated_resources(design).items()}
        if any(count > board.resources[name] for name, count in counts.items()):
            return None
        period = design.clock_period_ps
        memory = memory_timing(board, period)
        try:
            found = [network_latency(each, design, assumed_timing(), memory, period) for each in networks]
        except MappingError:
            return None
        times = [log(float(each.latency.value or 0)) for each in found]
        return Score(time=exp(sum(times) / len(times)), blocks=counts["bram18"] + _URAM_BLOCKS * counts["uram"])

    return judge
