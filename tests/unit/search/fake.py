"""A made-up evaluator for tests of the search; its figures never leave the tests."""

import time
from pathlib import Path

from aigchip.core.figures import Figure
from aigchip.search import Evaluation
from aigchip.space import Design, array_step
from aigchip.space.derive import local_parameters


def figure(value: float, unit: str) -> Figure:
    return Figure(value=value, unit=unit, kind="estimated", tool="made up for a test")


def evaluate(number: int, design: Design) -> Evaluation:
    """Score a design: more multipliers are faster, banks that do not feed the array slow it down."""
    del number
    step = array_step(design)
    stall = max(1, step.m * step.k / design.buffer_a_factor, step.k * step.n / design.buffer_b_factor)
    return Evaluation(
        figures={
            "latency": figure(4096 / design.multipliers * stall + design.tile_m / 64, "ms"),
            "dsp": figure(design.multipliers + 8, "DSP"),
        },
        generator="expert",
        modules=tuple(f"{name}:{parameters}" for name, parameters in local_parameters(design).items()),
    )


def evaluate_with_rejections(number: int, design: Design) -> Evaluation:
    """Reject some designs, so that a search meets them."""
    if design.tile_k == 128:
        return Evaluation(generator="expert", rejected="buffer_a: loop 'fill': II is 2; must be 1")
    return evaluate(number, design)


def evaluate_slowly(number: int, design: Design) -> Evaluation:
    """Take a time that depends on the design, so that parallel evaluations end in another order."""
    time.sleep((hash((number, design.tile_m, design.lane_macs)) % 7) / 500)
    return evaluate(number, design)


def main(folder: str, trials: int) -> None:
    """Run a study in a process that a test kills."""
    from aigchip.search import StudySettings, run

    run(
        StudySettings(study="killed", trials=trials, seed=5),
        evaluate_slowly,
        lambda progress: print(progress.done, flush=True),
        workers=2,
        folder=Path(folder),
    )


if __name__ == "__main__":
    import sys

    main(sys.argv[1], int(sys.argv[2]))
