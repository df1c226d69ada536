"""Run a study: ask the sampler for designs, have them evaluated, keep the results, go on after any interruption."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import Trial, TrialState

from aigchip.core.atomic import write_json
from aigchip.core.errors import StorageError
from aigchip.core.lock import file_lock
from aigchip.core.paths import relative, studies_dir
from aigchip.search.ageing_evolution import AgeingEvolutionSampler, Screen
from aigchip.search.design_sampler import EXCESS, NUMBER, STATUS, DesignSampler, design_number
from aigchip.search.journal import open_journal
from aigchip.search.pareto import excess, hypervolume, pareto_front
from aigchip.search.random_sampling import RandomSampler
from aigchip.search.records import (
    DSP,
    LATENCY,
    DesignRecord,
    Evaluation,
    Status,
    design_path,
    read_record,
    read_settings,
    write_record,
)
from aigchip.search.restricted import RestrictedSampler, having
from aigchip.search.settings import SearchError, StudySettings
from aigchip.space.design import Design
from aigchip.space.families import GENES
from aigchip.space.sampling import count

#: Makes the scores of a design: (design number, design) -> evaluation. An exception ends the study; a design that
#: cannot be built is told by `Evaluation.rejected`.
Evaluate = Callable[[int, Design], Evaluation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One design has been evaluated.

    Attributes:
        done: designs evaluated so far, those of earlier runs included.
        total: designs that the study is to have.
        record: the design; None for the first report of a run, which tells what earlier runs have done.
    """

    done: int
    total: int
    record: DesignRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """What a study has found.

    Attributes:
        folder: folder of the study.
        settings: what was asked for.
        records: every design, in the order of its number.
        front: numbers of the feasible designs that no other dominates in (latency, DSPs), fastest first.
        best: numbers of the feasible designs, the best by the study's objective first; of equal ones the better by the
            other objective.
        hypervolume: area dominated below (slowest feasible latency [ms], max_dsp); grows as the front improves.
        modules: modules that the designs consist of, counted for each design.
        distinct_modules: different modules among them; so many were synthesised.
        courses: how each different module that a model wrote came about; see `Evaluation`.
    """

    folder: Path
    settings: StudySettings
    records: tuple[DesignRecord, ...]
    front: tuple[int, ...]
    best: tuple[int, ...]
    hypervolume: float
    modules: int
    distinct_modules: int
    courses: Mapping[str, str]

    def record(self, number: int) -> DesignRecord:
        """Return the record of the design of this number.

        Raises:
            KeyError: It is not evaluated.
        """
        return {record.number: record for record in self.records}[number]


def run(
    settings: StudySettings,
    evaluate: Evaluate,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    *,
    workers: int = 1,
    executor: Executor | None = None,
    folder: Path | None = None,
    screen: Screen | None = None,
    allowed: Sequence[Design] = (),
) -> StudyResult:
    """Bring a study to its number of designs, from wherever it stands.

    The designs follow from the settings and the scores alone: not from the number of workers, nor from interruptions.

    Args:
        settings: what is asked for.
        evaluate: see `Evaluate`; picklable where `executor` runs processes. Called again for a design whose evaluation
            was interrupted.
        on_progress: called in this thread after each design, and once at the start.
        workers: evaluations that run at once; at most `settings.lag` are.
        executor: where evaluations run; threads of this process by default.
        folder: folder of the study; `build/studies/<study>` by default.
        screen: estimates a design for `settings.screening`; see `aigchip.search.ageing_evolution.Screen`.
        allowed: the only designs that may be proposed; none for the whole space.

    Raises:
        SearchError: the study was begun with other settings, is being searched by another process, or is damaged.
    """
    if settings.screening > 1 and screen is None:
        raise ValueError(f"screening is {settings.screening}; must be 1 without a screen")
    folder = folder or studies_dir() / settings.study
    with ExitStack() as stack:
        stack.enter_context(claimed(settings, folder))
        fixed = tuple(settings.fixed.items())
        if allowed and fixed:
            allowed = having(allowed, settings.fixed)
            if not allowed:
                raise SearchError("search", "no design that is allowed has the fixed values", "Fix fewer parameters.")
        possible = len(allowed) if allowed else count(fixed) if fixed else settings.trials
        if settings.trials > possible:
            raise SearchError(
                f"trials={settings.trials}",
                f"trials is {settings.trials}; must be at most {possible}, so many designs are possible",
                f"Use trials={possible}.",
            )
        _claim_settings(settings, folder)
        study = _open_study(settings, folder, _sampler(settings, screen, allowed))
        owned = executor or stack.enter_context(ThreadPoolExecutor(max_workers=workers))
        _Run(settings=settings, study=study, folder=folder, evaluate=evaluate, report=on_progress).complete(
            owned, min(workers, settings.lag)
        )
    return result(settings, folder)


@contextmanager
def claimed(settings: StudySettings, folder: Path) -> Iterator[None]:
    """Keep other processes from the study while it holds.

    Raises:
        SearchError: another process has it.
    """
    with file_lock(folder / ".lock", blocking=False) as free:
        if not free:
            raise SearchError(
                f"study={settings.study}",
                "the study is being searched by another process",
                "Wait for it, or use another study=.",
            )
        yield


def result(settings: StudySettings, folder: Path) -> StudyResult:
    """Sum up the designs of a study that are evaluated."""
    numbers = [number for number in range(settings.trials) if design_path(folder, number).exists()]
    records = tuple(read_record(folder, number) for number in numbers)
    feasible = [record for record in records if record.status == "feasible"]
    points = [record.objectives for record in feasible]
    slowest = max((latency for latency, _ in points), default=0.0)
    used = [module for record in records for module in record.modules]
    return StudyResult(
        folder=folder,
        settings=settings,
        records=records,
        front=tuple(feasible[i].number for i in pareto_front(points)),
        best=tuple(record.number for record in sorted(feasible, key=lambda r: (_order(settings, r), r.number))),
        hypervolume=hypervolume(points, (slowest, float(settings.max_dsp))),
        modules=len(used),
        distinct_modules=len(set(used)),
        courses={name: how for record in records for name, how in record.courses.items()},
    )


def _order(settings: StudySettings, record: DesignRecord) -> tuple[float, float]:
    latency, dsp = record.objectives
    return (dsp, latency) if settings.objective == DSP else (latency, dsp)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    settings: StudySettings
    study: optuna.Study
    folder: Path
    evaluate: Evaluate
    report: Callable[[Progress], None]

    def complete(self, executor: Executor, at_once: int) -> None:
        """Evaluate every design that is still missing, in the order of their numbers, `at_once` at a time."""
        done = self._recover()
        self.report(Progress(done=len(done), total=self.settings.trials, record=None))
        waiting = [number for number in range(self.settings.trials) if number not in done]
        running: dict[Future[Evaluation], Trial] = {}
        try:
            while waiting or running:
                oldest = min([*(trial.user_attrs[NUMBER] for trial in running.values()), *waiting[:1]])
                while waiting and len(running) < at_once and waiting[0] - oldest < self.settings.lag:
                    trial = self._ask(waiting.pop(0))
                    design = Design(**trial.params)
                    running[executor.submit(self.evaluate, trial.user_attrs[NUMBER], design)] = trial
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in sorted(finished, key=lambda f: running[f].user_attrs[NUMBER]):
                    record = self._tell(running[future], future.result())
                    del running[future]
                    done.add(record.number)
                    self.report(Progress(done=len(done), total=self.settings.trials, record=record))
        finally:
            for future in running:
                future.cancel()

    def _recover(self) -> set[int]:
        """Give up the trials of a run that was ended, and return the numbers of the designs that are done."""
        done: set[int] = set()
        for trial in self.study.get_trials(deepcopy=False):
            if trial.state == TrialState.RUNNING:
                self.study.tell(trial.number, state=TrialState.FAIL)
            elif trial.state in {TrialState.COMPLETE, TrialState.PRUNED}:
                number = design_number(trial)
                if design_path(self.folder, number).exists():
                    done.add(number)
                    continue
                raise SearchError(
                    relative(design_path(self.folder, number)),
                    "the file of a finished design is missing",
                    f"Delete {relative(self.folder)} and run the search again; synthesised modules are kept.",
                )
        return done

    def _ask(self, number: int) -> Trial:
        trial = self.study.ask()
        trial.set_user_attr(NUMBER, number)  # before the first gene: the sampler is asked with that
        for name, gene in GENES.items():
            trial.suggest_categorical(name, gene.values)
        return trial

    def _tell(self, trial: Trial, evaluation: Evaluation) -> DesignRecord:
        """Keep the result: the file of the design first, so that a finished trial always has one."""
        record = judge(self.settings, trial.user_attrs[NUMBER], Design(**trial.params), evaluation)
        write_record(self.folder, record)
        trial.set_user_attr(STATUS, record.status)
        if record.status == "infeasible":
            limits = {name: limit for name, limit in _limits(self.settings).items() if name in record.figures}
            values = [float(record.figures[name].value or 0) for name in limits]
            trial.set_user_attr(EXCESS, excess(values, list(limits.values())))
        if record.status == "rejected":
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            self.study.tell(trial, record.objectives)
        return record


def judge(settings: StudySettings, number: int, design: Design, evaluation: Evaluation) -> DesignRecord:
    """Decide whether a design is feasible: it was scored, and keeps the limits of the study."""
    status: Status = "feasible"
    reason = None
    if evaluation.rejected is not None:
        status, reason = "rejected", evaluation.rejected
    else:
        for name, limit in _limits(settings).items():
            figure = evaluation.figures.get(name)
            if figure is not None and figure.value is not None and figure.value > limit:
                unit = f" {figure.unit}" if name == LATENCY else ""
                status = "infeasible"
                reason = f"{name} is {figure.number()}{unit}; must be at most {limit:,}{unit}"
                break
    return DesignRecord(
        number=number,
        design=design,
        status=status,
        reason=reason,
        figures=dict(evaluation.figures),
        generator=evaluation.generator,
        level=evaluation.level,
        modules=evaluation.modules,
        courses=dict(evaluation.courses),
    )


def _limits(settings: StudySettings) -> dict[str, float]:
    return {DSP: settings.max_dsp, **settings.limits}


def _sampler(settings: StudySettings, screen: Screen | None, allowed: Sequence[Design]) -> DesignSampler:
    inner = _free_sampler(settings, screen)
    if not allowed:
        return inner
    return RestrictedSampler(inner, allowed, seed=settings.seed, lag=settings.lag, fixed=tuple(settings.fixed.items()))


def _free_sampler(settings: StudySettings, screen: Screen | None) -> DesignSampler:
    if settings.sampler == "random":
        return RandomSampler(seed=settings.seed, lag=settings.lag, fixed=tuple(settings.fixed.items()))
    return AgeingEvolutionSampler(
        seed=settings.seed,
        lag=settings.lag,
        population=settings.population,
        tournament=settings.tournament,
        screening=settings.screening,
        screen=screen if settings.screening > 1 else None,
        bounds=(settings.limits.get(LATENCY, math.inf), settings.max_dsp),
        fixed=tuple(settings.fixed.items()),
    )


def _open_study(settings: StudySettings, folder: Path, sampler: DesignSampler) -> optuna.Study:
    path = folder / "journal.log"
    try:
        return optuna.create_study(
            storage=open_journal(path),
            study_name=settings.study,
            directions=["minimize", "minimize"],
            sampler=sampler,
            load_if_exists=True,
        )
    except OSError as error:
        raise StorageError(relative(path), f"cannot be used: {error.strerror}", "Make it writable.") from None
    except (ValueError, KeyError) as error:
        raise SearchError(
            relative(path),
            f"the journal is damaged: {error}",
            f"Delete {relative(folder)} and run the search again; synthesised modules are kept.",
        ) from None


def _claim_settings(settings: StudySettings, folder: Path) -> None:
    """Write the settings of a new study; refuse other settings than those of an old one.

    Raises:
        SearchError: the study was begun with other settings.
    """
    path = folder / "study.json"
    asked = settings.identity()
    if path.exists():
        begun = read_settings(folder)
        for name, value in _flat(asked).items():
            before = _flat(begun).get(name)
            if before != value:
                option = name.rsplit(".", 1)[-1]
                raise SearchError(
                    f"study={settings.study}",
                    f"{option} is {value}; must be {before}, with which the study was begun",
                    f"Use {option}={before}, or another study= for a new one.",
                )
        for name, before in _flat(begun).items():
            if name not in _flat(asked):
                option = name.rsplit(".", 1)[-1]
                raise SearchError(
                    f"study={settings.study}",
                    f"{option} is not given; must be {before}, with which the study was begun",
                    f"Use {option}={before}, or another study= for a new one.",
                )
    write_json(path, {"study": settings.study, "trials": settings.trials, "settings": asked})


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    """Return nested settings as one level, the inner ones named `outer.inner`."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": inner_value for inner, inner_value in value.items()})
        else:
            flat[name] = value
    return flat
