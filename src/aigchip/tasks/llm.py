"""`llm`: show the records, write requests out as files, and read answers."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.atomic import write_json, write_text
from aigchip.core.console import print_table, progress
from aigchip.core.errors import AigchipError, InputError, unknown
from aigchip.core.hashing import digest_files
from aigchip.generate.ask import module_request
from aigchip.generate.errors import ModuleFailedError
from aigchip.generate.produce import ModuleStep, read_code
from aigchip.generate.recorded import RecordedGenerator
from aigchip.generate.request import ModuleRequest
from aigchip.llm import requests
from aigchip.llm.batch import Batches
from aigchip.llm.client import Client
from aigchip.llm.completion import ChatRequest
from aigchip.llm.importing import read_answers
from aigchip.llm.record import Record
from aigchip.llm.records import Records
from aigchip.llm.replay import MissingReplyError, Replay, choose_model, shipped
from aigchip.space import Design
from aigchip.space.compose import count, cover, extend, known_of
from aigchip.tasks import session
from aigchip.tasks.arguments import Arguments, of_command_line
from aigchip.tasks.context import make_in_worker
from aigchip.tasks.flow import Flow, clock_period_ps
from aigchip.tasks.prompting import prompt_writer

ACTIONS = ("log", "export", "import", "submit", "collect")
UNNAMED = "unnamed"
"""The label under which nothing is recorded: every request is then unanswered."""


def run(words: Sequence[str]) -> int:
    """Do what the word after `llm` says.

    Raises:
        AigchipError: A word is unknown, or the action fails.
    """
    given = of_command_line()
    action, rest = (words or ["log"])[0], words[1:]
    if action not in ACTIONS:
        raise unknown("llm", "action", action, ACTIONS)
    if len(rest) != (action == "import"):
        raise InputError(
            f"llm {action}", f"{len(rest)} words follow {action}; must be {int(action == 'import')}", _USAGE
        )
    if action == "log":
        return print_log(given)
    if action == "import":
        return take(Path(rest[0]), given)
    return {"export": export, "submit": submit, "collect": collect}[action](given)


_USAGE = "Write ./doit llm log, export, submit, collect, or ./doit llm import <file or folder> model=<name>."


def print_log(given: Arguments) -> int:
    """Print the records as a table, or write them as JSON lines with `file=`."""
    own = Records().rows()
    there = {(row.request().conversation, row.model, row.sample) for row in own}
    rows = [row for key, row in shipped().items() if key not in there] + own
    rows = [row for row in rows if _wanted(row, given)]
    if "file" in given.given:
        file = Path(given.text("file"))
        write_text(file, "".join(row.line() + "\n" for row in rows if row.reply is not None))
        print(f"{sum(row.reply is not None for row in rows)} records are in {paths.relative(file)}.")
        return 0
    headings = ["date", "module", "model", "request", "turn", "tokens", "USD", "finish", "outcome", "source"]
    print_table("Requests to models", headings, [_cells(row) for row in rows], right=(5, 6))
    usd = [row.usd for row in rows if row.usd is not None]
    unknown_price = sum(row.usd is None and row.source in {"endpoint", "batch"} for row in rows)
    tokens = sum((row.prompt_tokens or 0) + (row.completion_tokens or 0) for row in rows)
    more = f" and {unknown_price} of unknown price" if unknown_price else ""
    print(f"{len(rows)} requests, {tokens} tokens, {sum(usd):.4f} USD{more}. Records: {paths.relative(Records().path)}")
    return 0


def outcome_of(row: Record) -> str:
    """Return what became of a reply in one word: passed, corrected, the stage and class of its error, lost, or none."""
    if row.reply is None:
        return "no reply"
    if row.outcome.get("corrected") == "passed":
        return "corrected"
    failed = [f"{stage}: {verdict}" for stage, verdict in row.outcome.items() if verdict != "passed"]
    return failed[0] if failed else "passed" if row.outcome else "not judged"


def _wanted(row: Record, given: Arguments) -> bool:
    filters = {"module": row.module, "model": row.model, "outcome": outcome_of(row)}
    for name, value in filters.items():
        if name in given.given and not (
            value == given.text(name) or (name == "outcome" and value.partition(":")[0] == given.text(name))
        ):
            return False
    return True


def _cells(row: Record) -> list[str]:
    request = row.request()
    known = row.prompt_tokens is not None and row.completion_tokens is not None
    return [
        row.date[:16].replace("T", " "),
        row.module,
        row.model,
        requests.name_of(request),
        str(len(row.messages) // 2),
        f"{row.prompt_tokens} + {row.completion_tokens}" if known else "?",
        "?" if row.usd is None else f"{row.usd:.4f}",
        row.finish_reason,
        outcome_of(row),
        row.source,
    ]


def take(path: Path, given: Arguments) -> int:
    """Import answers.

    Raises:
        InputError: One of them is wrong; then none is taken.
    """
    model = given.text("model") if "model" in given.given else None
    date = given.text("date") if "date" in given.given else datetime.datetime.now(datetime.UTC).date().isoformat()
    source = given.text("source") if "source" in given.given else "import"
    records = Records()
    found = read_answers(path, model=model, date=date, records=records, source=source)
    new = records.add(found)
    names = ", ".join(sorted({record.model for record in found}))
    print(f"{len(found)} answers of {names}: {new} are new, {len(found) - new} were there. Next: ./doit llm export")
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A module that shall be made from recorded replies.

    Attributes:
        flow: The flow of the design that it was found in.
        instance: Its name there.
        parameters: Its local parameters; for `beyond` others than it has there.
    """

    flow: Flow
    instance: str
    parameters: Mapping[str, int | str]

    @property
    def module(self) -> str:
        """The template's module."""
        return self.flow.module(self.instance).name

    def request(self) -> ModuleRequest:
        """Return what is asked for."""
        return module_request(self.instance, self.parameters)


def export(given: Arguments) -> int:
    """Write out every request that has no recorded reply: first attempts, and repairs of those that were refused."""
    records = Records()
    model = given.text("model") if "model" in given.given else _label(records)
    designs = chosen_designs(given)
    wishes = wishes_of(designs, model, given)
    asked, right, failed = unanswered(wishes, given)
    known = known_of([wish.flow.design for wish in wishes])
    _write(asked, model)
    place = paths.relative(requests.folder())
    print(
        f"{len(wishes)} modules of {len(designs)} designs for {model}: {right} are right, {len(asked)} wait for an answer, "
        f"{len(failed)} failed for good."
    )
    if failed:
        print("Failed: " + "; ".join(failed))
    if given.number("designs"):
        print(f"With all of them right, {count(known, 10_000)} designs that differ in a module can be put together.")
    if asked:
        print(
            f"{place}/{requests.ALL} holds the requests (Batch API format), {place}/<request>.md each one for people."
        )
        print(f"Answers: ./doit llm import <file or folder> model={'<name>' if model == UNNAMED else model}")
    return 0


def submit(given: Arguments) -> int:
    """Submit every request that has no reply as one batch, at half the price and within a day.

    Raises:
        LlmError: No endpoint is named, a limit would be passed, or the endpoint refuses.
    """
    client = _client(given)
    designs = chosen_designs(given)
    wishes = wishes_of(designs, client.model, given)
    asked, right, failed = unanswered(wishes, given)
    own = [client.request(request.messages, purpose=request.purpose, sample=request.sample) for request in asked]
    batch = Batches(client=client).submit(own)
    told = f"{len(wishes)} modules of {len(designs)} designs for {client.model}: {right} are right, {len(failed)} failed for good"
    if batch is None:
        print(f"{told}; nothing is left to submit.")
        return 0
    print(f"{told}; {len(batch.entries)} requests are submitted as batch {batch.id} ({batch.status}).")
    print("Next, when it has ended: ./doit llm collect, and again ./doit llm submit for the repairs.")
    return 0


def collect(given: Arguments) -> int:
    """Take the replies of every batch that has ended.

    Raises:
        LlmError: No endpoint is named, or it cannot be asked.
    """
    batches = Batches(client=_client(given)).collect()
    if not batches:
        print("No batch is under way. Submit one with ./doit llm submit.")
        return 0
    rows = [
        [b.id, b.sent[:16].replace("T", " "), b.status, f"{len(b.entries)}", f"{b.answered}", f"{len(b.failed or {})}"]
        for b in batches
    ]
    print_table("Batches", ["batch", "submitted", "status", "requests", "answered", "failed"], rows, right=(3, 4, 5))
    for batch in batches:
        for name, why in sorted((batch.failed or {}).items()):
            print(f"{name}: {' '.join(why.split())[:160]}; it costs nothing and can be submitted again")
    return 0


def _client(given: Arguments) -> Client:
    from aigchip.llm import settings

    limits: dict[str, Any] = {name: given.given.get(name) for name in ("model", "max_requests", "budget_tokens")}
    if "budget_usd" in given.given:
        limits["budget_usd"] = float(given.text("budget_usd"))
    return Client(settings=settings.load(**limits), scope=str(paths.studies_dir() / given.text("study")))


def _label(records: Records) -> str:
    try:
        return choose_model(records=records)
    except InputError:
        return UNNAMED


def _write(asked: Sequence[ChatRequest], model: str) -> None:
    folder = requests.folder()
    for old in [*folder.glob("*.md"), *folder.glob("*.jsonl")] if folder.is_dir() else []:
        if old.name == requests.ALL or requests.read_name(old.stem):
            old.unlink()
    named = [request if model != UNNAMED else replace(request, model="") for request in asked]
    for request in named:
        requests.write(request)
    requests.write_all(named)


def chosen_designs(given: Arguments) -> list[Design]:
    """Return the designs whose modules are asked for."""
    from aigchip.tasks.designs import choose

    if "design" in given.given:
        return [choose(given).design]
    if "study" in given.given:
        return study_designs(given.text("study"), given.number("designs"))
    return planned(given.number("cover"), given.number("designs"), given.number("seed"))


def study_designs(study: str, most: int) -> list[Design]:
    """Return the first designs of a study.

    Raises:
        InputError: The study has none.
    """
    folder = paths.studies_dir() / study / "designs"
    files = sorted(folder.glob("*.json"), key=lambda file: (len(file.name), file.name))
    if not files:
        raise InputError(f"study={study}", "the study has no designs", f"Run ./doit search study={study} first.")
    return [Design.from_dict(json.loads(file.read_text())["design"]) for file in files[: most or None]]


def planned(times: int, wanted: int, seed: int) -> list[Design]:
    """Choose the designs of a cover, and more until so many can be put together; kept, because it takes a while."""
    space = digest_files(paths.source_dir() / "aigchip" / "space", ["*.py"])
    file = paths.cache_dir() / "plans" / f"{space[:16]}-{times}-{wanted}-{seed}.json"
    if file.is_file():
        return [Design.from_dict(data) for data in json.loads(file.read_text())]
    designs = cover(times, seed=seed)
    if wanted:
        designs = extend(designs, wanted, seed=seed)
    write_json(file, [design.to_dict() for design in designs])
    return designs


def wishes_of(designs: Sequence[Design], model: str, given: Arguments) -> list[Wish]:
    """Return each module that the designs need, once."""
    from aigchip.board import load

    board = load("zcu104")
    replay = Replay(model=model)
    generator = RecordedGenerator(replay=replay, prompts=prompt_writer(given, replay), conversations=2)
    found: dict[tuple[str, tuple[tuple[str, int | str], ...]], Wish] = {}
    for design in designs:
        flow = Flow(
            store=session.store(),
            design=design,
            generator=generator,
            part=board.part,
            clock_period_ps=clock_period_ps(design, board),
        )
        for instance, parameters in flow.parameters.items():
            key = (flow.module(instance).name, tuple(sorted(parameters.items())))
            found.setdefault(key, Wish(flow=flow, instance=instance, parameters=parameters))
    wishes = list(found.values())
    return wishes if {"design", "study"} & set(given.given) else [*wishes, *beyond(wishes)]


def beyond(wishes: Sequence[Wish]) -> list[Wish]:
    """Return a module for each value that the template declares and that no design has: the expert fixes some."""
    shown = {(wish.module, name, value) for wish in wishes for name, value in wish.parameters.items()}
    found: list[Wish] = []
    for wish in {wish.module: wish for wish in wishes}.values():
        for name, declared in wish.flow.module(wish.instance).spec.parameters.items():
            missing = [value for value in declared.values if (wish.module, name, value) not in shown]
            found += [replace(wish, parameters={**wish.parameters, name: value}) for value in missing]
    return found


def unanswered(wishes: Sequence[Wish], given: Arguments) -> tuple[list[ChatRequest], int, list[str]]:
    """Try to make every module from the records.

    Returns:
        The requests that nobody has answered, how many modules are right, and why others failed for good.
    """
    only = given.given.get("module")
    wishes = [wish for wish in wishes if only in {None, wish.module}]
    asked: dict[str, ChatRequest] = {}
    failed: list[str] = []
    right = 0
    with progress("look at records", len(wishes)) as shown, ThreadPoolExecutor(session.workers().count) as threads:
        for future in as_completed([threads.submit(_attempt, wish) for wish in wishes]):
            outcome = future.result()
            if isinstance(outcome, ChatRequest):
                asked[outcome.conversation] = outcome
            elif outcome:
                failed.append(outcome)
            else:
                right += 1
            shown.advance()
    return sorted(asked.values(), key=requests.name_of), right, sorted(failed)


def _attempt(wish: Wish) -> ChatRequest | str:
    """Make a module; return the request that is missing, why it failed, or nothing.

    A function that it calls is the recorded one where that is right, else the expert's: a caller's prompt depends on
    its interface alone, and a right one behaves alike.
    """
    flow, instance = wish.flow, wish.instance
    request = wish.request()
    generator = flow.generator
    assert isinstance(generator, RecordedGenerator)  # noqa: S101 - made above
    if not generator.has(request):
        first = generator.ask(request)
        generator.replay.records.ask(first)
        return first
    callees = {flow.function(callee): _callee(flow, callee) for callee in flow.callees(instance)}
    step = ModuleStep(request=request, generator=generator, validator=flow.validator, callees=callees)
    try:
        session.workers().run(make_in_worker, session.store().root, step)
    except MissingReplyError as missing:
        assert missing.request is not None  # noqa: S101 - it always says which
        return missing.request
    except ModuleFailedError as error:
        return f"{instance}: {' '.join(error.what.split())[:200]}"
    except AigchipError as error:
        if error.code in {"truncated-reply", "refused"}:
            return str(error)
        raise
    return ""


def _callee(flow: Flow, instance: str) -> str:
    request = module_request(instance, flow.parameters[instance])
    assert isinstance(flow.generator, RecordedGenerator)  # noqa: S101 - made above
    if flow.generator.has(request):
        callees = {flow.function(callee): _callee(flow, callee) for callee in flow.callees(instance)}
        step = ModuleStep(request=request, generator=flow.generator, validator=flow.validator, callees=callees)
        try:
            return read_code(session.workers().run(make_in_worker, session.store().root, step))
        except (MissingReplyError, ModuleFailedError):
            pass
    return flow.module(instance).expert_code(flow.parameters[instance])
