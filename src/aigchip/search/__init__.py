"""The search of the design space. Records and settings load nothing heavy; `run` loads Optuna when it is called."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aigchip.search.records import DesignRecord, Evaluation, numbers, read_record, read_records
from aigchip.search.settings import SAMPLERS, SearchError, StudySettings

if TYPE_CHECKING:
    from aigchip.search.study import Progress, StudyResult

__all__ = [
    "SAMPLERS",
    "DesignRecord",
    "Evaluation",
    "SearchError",
    "StudySettings",
    "numbers",
    "read_record",
    "read_records",
    "run",
]


def run(
    settings: StudySettings,
    evaluate: "Callable[[int, Any], Evaluation]",
    on_progress: "Callable[[Progress], None]" = lambda progress: None,
    **options: Any,
) -> "StudyResult":
    """Run a study; see `aigchip.search.study.run`."""
    from aigchip.search import study  # noqa: PLC0415 - Optuna takes 0.8 s to import

    return study.run(settings, evaluate, on_progress, **options)
