"""A made-up evaluator for tests of the search; its figures never leave the tests."""

import time
from pathlib import Path

from aigchip.core.figures import Figure
from aigchip.search import Evaluation
from aigchip.space import Design, array_step
from aigchip.space.compose import variants


def figure(value: float, unit: str) -> Figure:
    return Figure(value=value, unit=unit, kind="estimated", tool="made up for a test")


def evaluate(number: int, design: Design) -> Evaluation:
    """Score a design: more multipliers are faster, banks that do not feed the array slow it down."""
    del number
    step = array_step(design)
    stall = max(1, step.m * step.k / design.buffer_a_factor, step.k * step.n / design.buffer_b_factor)
    cycles = 4096 * 1024 / design.macs * stall + 256 * 1024 / design.buffer_a_kib
    return Evaluation(
        figures={
            "latency": figure(cycles / design.clock_mhz, "ms"),
            "dsp": figure(design.multipliers + 8, "DSP"),
        },
        generator="expert",
        modules=tuple(f"{name}:{parameters}" for name, parameters in variants(design).items()),
    )


def evaluate_with_rejections(number: int, design: Design) -> Evaluation:
    """Reject some designs, so that a search meets them."""
    if design.buffer_b_storage == "lutram":
        return Evaluation(generator="expert", rejected="buffer_a: loop 'fill': II is 2; must be 1")
    return evaluate(number, design)


def evaluate_slowly(number: int, design: Design) -> Evaluation:
    """Take a time that depends on the design, so that parallel evaluations end in another order."""
    time.sleep((hash((number, design.buffer_a_kib, design.lane_macs)) % 7) / 500)
    return evaluate(number, design)


def main(folder: str, trials: int) -> None:
    """Run a study in a process that a test kills."""
    from aigchip.search import StudySettings, run

    run(
        StudySettings(study="killed", trials=trials, seed=5, max_dsp=4096),
        evaluate_slowly,
        lambda progress: print(progress.done, flush=True),
        workers=2,
        folder=Path(folder),
    )


if __name__ == "__main__":
    import sys

    main(sys.argv[1], int(sys.argv[2]))
