"""`study`: run the paper's tables on a model or on recorded replies, and write what came out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.core.console import print_table, progress
from aigchip.core.errors import AigchipError, InputError, unknown
from aigchip.experiment import summary
from aigchip.experiment.summary import MEASURES, Cost, Row, Trial
from aigchip.experiment.tables import Cell, Question, Table, questions, tables
from aigchip.experiment.trial import RESULT, FirstAttempt, RepairedAttempt
from aigchip.generate.ask import module_request
from aigchip.generate.llm import LlmGenerator
from aigchip.generate.recorded import RecordedGenerator
from aigchip.llm.client import Client
from aigchip.llm.limits import REACHED
from aigchip.llm.records import Records
from aigchip.llm.replay import MissingReplyError, Replay, shipped
from aigchip.tasks import session
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import make_in_worker
from aigchip.tasks.judge import StepValidator
from aigchip.tasks.prompting import prompt_writer

ALL = (1, 2, 3, 4)
NO_MODEL = "no model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where replies come from.

    Args:
        models: Labels of the models, the usual one first.
        recorded: Whether replies are only read from records.
        given: The arguments.
    """

    models: tuple[str, ...]
    recorded: bool
    given: Arguments

    def generator(self, cell: Cell) -> LlmGenerator | RecordedGenerator:
        """Return who is asked under one setting.

        Raises:
            AigchipError: The setting cannot be tried with this source.
        """
        values = {"selection": "lexical", **self.given.given, **cell.arguments}
        model = str(cell.arguments.get("model", self.models[0]))
        given = Arguments(given={**values, "generator": "recorded" if self.recorded else "llm"})
        if self.recorded:
            replay = Replay(model=model)
            return RecordedGenerator(replay=replay, prompts=prompt_writer(given, replay))
        from aigchip.llm import settings

        limits: dict[str, Any] = {name: self.given.given.get(name) for name in ("max_requests", "budget_tokens")}
        if "budget_usd" in self.given.given:
            limits["budget_usd"] = float(self.given.text("budget_usd"))
        client = Client(settings=settings.load(model=model, **limits), scope=str(folder(self.given)))
        return LlmGenerator(client=client, prompts=prompt_writer(given, client))

    def described(self) -> str:
        """Say in one line whose replies these are."""
        names = ", ".join(self.models)
        return f"replies of {names}, " + ("recorded earlier; nothing was sent" if self.recorded else "asked for now")


def folder(given: Arguments) -> Path:
    """Return where the results are."""
    return paths.build_dir() / "experiments" / given.text("study")


def run(given: Arguments) -> int:
    """Run the tables that `tables=` names, print them, and write CSV, pictures and a page.

    Raises:
        AigchipError: The source cannot be used, or a limit was reached; what is there is shown first.
    """
    source = _source(given)
    wanted = _numbers(given)
    asked = _questions(given)
    samples = given.number("samples")
    chosen = [table for table in tables(source.models) if table.number in wanted]
    cells = {_key(cell): cell for table in chosen for cell in table.cells}
    trials, limit = _trials(source, list(cells.values()), asked, samples)
    costs = _costs()
    page = [_head(source, asked, samples)]
    for table in chosen:
        rows = [
            summary.summarise(cell.name, trials.get(_key(cell), []), len(asked) * samples, costs)
            for cell in table.cells
        ]
        _write(given, table, rows, source)
        page.append(summary.markdown(table, rows) + f"\n![Table {table.number}](table-{table.number}.svg)\n")
        _print(table, rows)
    listed = [trial for found in trials.values() for trial in found]
    write_text(folder(given) / "trials.csv", summary.trials_csv(listed))
    write_text(folder(given) / "report.md", "\n".join(page))
    print(f"{len(listed)} attempts at {len(asked)} tasks: {source.described()}.")
    print(f"Everything is in {paths.relative(folder(given))}: report.md, table-<n>.csv, table-<n>.svg, trials.csv.")
    if limit is not None:
        raise limit
    return 0


def _source(given: Arguments) -> Source:
    """Ask a model where one is named and `generator=` does not say otherwise; else read records."""
    from aigchip.llm import settings
    from aigchip.llm.errors import LlmError

    named = tuple(word for word in str(given.given.get("models", given.given.get("model", ""))).split(",") if word)
    generator = given.given.get("generator")
    if generator == "expert":
        raise InputError("generator=expert", "a study is about models", "Use generator=llm or generator=recorded.")
    if generator != "recorded":
        try:
            loaded = settings.load(model=named[0] if named else None)
            return Source(models=named or (loaded.model,), recorded=False, given=given)
        except LlmError as error:
            if generator == "llm" or error.code != "no-model":
                raise
    labels = sorted({model for _, model, _ in shipped()} | set(Records().models()))
    return Source(models=named or tuple(labels) or (NO_MODEL,), recorded=True, given=given)


def _questions(given: Arguments) -> tuple[Question, ...]:
    """Return the tasks, those of one module with `module=`.

    Raises:
        InputError: The module has none.
    """
    found = questions(given.number("tasks"))
    if "module" not in given.given:
        return found
    chosen = tuple(question for question in found if question.name == given.text("module"))
    if not chosen:
        raise unknown(f"module={given.text('module')}", "module", given.text("module"), {q.name for q in found})
    return chosen


def _numbers(given: Arguments) -> tuple[int, ...]:
    return tuple(int(word) for word in given.text("tables").split(","))


def _key(cell: Cell) -> tuple[tuple[str, str | int], ...]:
    return tuple(sorted(cell.arguments.items()))


def _trials(
    source: Source, cells: Sequence[Cell], asked: Sequence[Question], samples: int
) -> tuple[dict[Any, list[Trial]], AigchipError | None]:
    """Make every attempt that can be made.

    Returns:
        Setting to its attempts, and the limit on requests that was reached, if one was.
    """
    found: dict[Any, list[Trial]] = {}
    limit: AigchipError | None = None
    work = [
        (cell, number, question, sample)
        for cell in cells
        for number, question in enumerate(asked)
        for sample in range(samples)
    ]

    def attempt(item: tuple[Cell, int, Question, int]) -> Trial | AigchipError | None:
        try:
            return _attempt(source, *item)
        except MissingReplyError:
            return None
        except InputError as error:
            if "selection" in item[0].arguments:  # a strategy that this source does not have
                return None
            return error
        except AigchipError as error:
            return error

    with progress("study", len(work)) as shown, ThreadPoolExecutor(session.workers().count) as threads:
        try:
            for (cell, *_), outcome in zip(work, threads.map(attempt, work), strict=True):
                if isinstance(outcome, AigchipError):
                    if outcome.code not in REACHED:
                        session.workers().close()
                        raise outcome
                    limit = outcome
                elif outcome is not None:
                    found.setdefault(_key(cell), []).append(outcome)
                shown.advance(cell.name)
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            session.workers().close()
            raise
    return found, limit


def _attempt(source: Source, cell: Cell, number: int, question: Question, sample: int) -> Trial:
    board = load_board("zcu104")
    judge = StepValidator(store=session.store().root, part=board.part, clock_period_ps=board.clock.default_period_ps)
    generator = replace(source.generator(cell), sample=sample)
    request = module_request(question.instance, question.parameters)
    common: dict[str, Any] = {"generator": generator, "request": request, "judge": judge, "callees": question.callees}
    first = _made(FirstAttempt(**common))
    repaired: dict[str, Any]
    if first["correct"]:
        repaired = {"correct": True, "how": "first", "requests": first["requests"]}
    else:
        try:
            repaired = _made(RepairedAttempt(**common))
        except MissingReplyError:
            repaired = {"correct": None, "how": "", "requests": first["requests"]}
    return Trial(
        cell=cell.name,
        task=f"{question.name} {number}",
        sample=sample,
        compiles=first["compiles"],
        synthesises=first["synthesises"],
        correct=first["correct"],
        repaired=repaired["correct"],
        how=repaired["how"],
        error=first["error"],
        requests=tuple(dict.fromkeys([*first["requests"], *repaired["requests"]])),
    )


def _made(step: FirstAttempt | RepairedAttempt) -> dict[str, Any]:
    place = session.workers().run(make_in_worker, session.store().root, step)
    return json.loads((place / RESULT).read_text(encoding="utf-8"))


def _costs() -> dict[str, Cost]:
    rows = [*shipped().values(), *Records().rows()]
    return {
        row.request().name: Cost(
            tokens=None
            if row.prompt_tokens is None or row.completion_tokens is None
            else row.prompt_tokens + row.completion_tokens,
            usd=row.usd,
        )
        for row in rows
    }


def _head(source: Source, asked: Sequence[Question], samples: int) -> str:
    names = ", ".join(dict.fromkeys(question.name for question in asked))
    measures = "\n".join(f"- **{name}**: {meaning}." for name, meaning in MEASURES.items())
    return (
        f"# How modules come out\n\nSource: {source.described()}. {len(asked)} tasks ({names}), {samples} attempts at each "
        "under each setting. A setting without recorded replies stays empty. The paper's column of a finetuned model is "
        "left out: nothing is finetuned here.\n\n"
        f"{measures}\n\nA share is the paper's pass rate over k, with Wilson's interval of 95 %.\n"
    )


def _write(given: Arguments, table: Table, rows: Sequence[Row], source: Source) -> None:
    place = folder(given)
    write_text(place / f"table-{table.number}.csv", summary.table_csv(rows))
    write_text(place / f"table-{table.number}.svg", summary.picture(table, rows, f"Source: {source.described()}."))


def _print(table: Table, rows: Sequence[Row]) -> None:
    cells = [
        [
            row.cell,
            f"{row.attempts} of {row.wanted}",
            *(row.rates[m].percent() if m in row.rates else "" for m in MEASURES),
            summary.per_verified(row),
        ]
        for row in rows
    ]
    headings = [table.title.lower(), "attempts", *MEASURES, "for one verified module"]
    print_table(f"Table {table.number}: {table.title}", headings, cells)
