"""Judge the best designs of a study anew, at the level above the one at which all were judged."""

from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from aigchip.search.records import DesignRecord, write_record
from aigchip.search.settings import StudySettings
from aigchip.search.study import Evaluate, StudyResult, claimed, judge, result

#: Rounds of promotion: where the designs that look best turn out worse, others take their places so many times.
ROUNDS_MAX = 6


def promote(
    settings: StudySettings,
    folder: Path,
    evaluate: Evaluate,
    executor: Executor,
    *,
    wanted: int,
    on_done: Callable[[DesignRecord], None] = lambda record: None,
) -> StudyResult:
    """Evaluate the best designs by C synthesis, until the best `wanted` of the study are all judged by it.

    There are at most `ROUNDS_MAX` rounds.

    A round evaluates those of the best that the model alone has judged. What it finds may put others in their places,
    which the next round evaluates. What is promoted does not depend on how many evaluations run at once, and a round
    that was interrupted goes on where it was.

    Args:
        settings: of the study, whose designs are all evaluated.
        folder: of the study.
        evaluate: scores a design by C synthesis; see `aigchip.search.study.Evaluate`.
        executor: where evaluations run.
        wanted: how many of the best.
        on_done: called in this thread after each design, in the order of the round.

    Returns:
        The study after the last round.
    """
    with claimed(settings, folder):
        found = result(settings, folder)
        for _ in range(ROUNDS_MAX):
            waiting = [record for record in map(found.record, found.best[:wanted]) if record.level == "model"]
            if not waiting:
                break
            running = [(record, executor.submit(evaluate, record.number, record.design)) for record in waiting]
            try:
                for record, future in running:
                    judged = judge(settings, record.number, record.design, future.result())
                    write_record(folder, judged)
                    on_done(judged)
            finally:
                for _, future in running:
                    future.cancel()
            found = result(settings, folder)
        return found
