"""Read answers to exported requests from files of any source."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.errors import InputError
from aigchip.llm import record as record_lines
from aigchip.llm import requests, wire
from aigchip.llm.completion import ChatRequest
from aigchip.llm.record import Record
from aigchip.llm.records import Records
from aigchip.llm.replay import Key, shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as it was found.

    Args:
        where: File, and line where it has some.
        name: The request's name.
        reply: What the protocol's reply says.
    """

    where: str
    name: str
    reply: wire.Reply


def read_answers(path: Path, *, model: str | None, date: str, records: Records, source: str = "import") -> list[Record]:
    """Read answers, or records that `llm log` wrote.

    Args:
        path: A file of JSON lines (output of the Batch API, or records), one Markdown file, or a folder of such files.
        model: Whose answers they are; not needed for records.
        date: When they were given.
        records: Where the requests are noted.
        source: Where they come from.

    Raises:
        InputError: A file cannot be read, a name belongs to no request that was exported, or an answer contradicts one
            that is there.
    """
    files = [path] if path.is_file() else sorted([*path.glob("*.md"), *path.glob("*.jsonl")])
    if not files:
        raise InputError(paths.relative(path), "there is no answer", "Give a .jsonl file, a .md file, or their folder.")
    _check_date(date)
    found: list[Record] = []
    for file in files:
        if file.suffix == ".md":
            found.append(_resolve(_markdown(file), model, date, records, source))
        else:
            for number, line in enumerate(_text(file).split("\n"), 1):
                if line.strip():
                    where = f"{paths.relative(file)}:{number}"
                    found.append(_line(line, where, model, date, records, source))
    _check_contradictions(found, records)
    return found


def _line(line: str, where: str, model: str | None, date: str, records: Records, source: str) -> Record:  # noqa: PLR0917
    try:
        data = json.loads(line)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise InputError(where, "this is no line of JSON", "Give the Batch API's output, or records.")
    if "conversation" in data:
        return _of_model(record_lines.parse(line, where), where, model)
    return _resolve(batch_answer(data, where), model, date, records, source)


def _of_model(record: Record, where: str, model: str | None) -> Record:
    if model and record.model != model:
        raise InputError(
            where,
            f"the model of the record is {record.model!r}; must be {model!r}, as model= says",
            "Leave model= out: a record says whose it is.",
            code="wrong-model",
        )
    return record


def batch_answer(data: dict[str, Any], where: str) -> Answer:
    """Read one line of the Batch API's output.

    Raises:
        InputError: It is none, or it reports an error instead of an answer.
    """
    name, response = data.get("custom_id"), data.get("response")
    if isinstance(name, str) and data.get("method") == "POST":
        raise InputError(where, f"this is the request {name}, not its answer", "Give the file of the answers.")
    if not isinstance(name, str) or not isinstance(response, dict):
        said = json.dumps(data.get("error")) if data.get("error") else "it has no custom_id or no response"
        raise InputError(where, f"this is no answer of the Batch API: {said[:160]}", "Remove the line.")
    if response.get("status_code", 200) != 200:
        status = response["status_code"]
        raise InputError(where, f"the request {name} ended with status {status}", "Remove the line and ask again.")
    text = json.dumps(response.get("body"))
    for parse in (wire.parse_chat, wire.parse_response):
        try:
            return Answer(where=where, name=name, reply=parse(text))
        except ValueError:
            continue
    raise InputError(where, f"the answer to {name} is no chat completion", "Correct or remove the line.")


def _markdown(file: Path) -> Answer:
    reply = wire.Reply(text=_text(file), finish_reason="")
    return Answer(where=paths.relative(file), name=file.stem, reply=reply)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(paths.relative(file), f"the file cannot be read ({error})", "Save it as UTF-8.") from None


def _resolve(answer: Answer, model: str | None, date: str, records: Records, source: str) -> Record:
    where = answer.where
    if not model:
        raise InputError(where, "the model that answered is not named", "Add model=<its name>.")
    parts = requests.read_name(answer.name)
    noted = records.conversation(parts[1]) if parts else None
    if parts is None or noted is None or (noted[1].module or "request") != parts[0]:
        raise InputError(
            where,
            f"{answer.name!r} is no request that was exported",
            "Name an answer as its request: <module>-<hash>.md; ./doit llm export writes the requests.",
            code="unknown-request",
        )
    messages, purpose = noted
    request = ChatRequest(model=model, messages=messages, parameters=None, sample=parts[2], purpose=purpose)
    if not answer.reply.text.strip():
        raise InputError(where, "the answer is empty", "Remove it and ask again.")
    if answer.reply.text.split() == requests.markdown(request).split():
        raise InputError(where, "this is the request itself, not its answer", "Give the folder of the answers.")
    return Record(
        model=model,
        messages=messages,
        reply=answer.reply.text,
        sample=parts[2],
        finish_reason=answer.reply.finish_reason,
        answered_by=answer.reply.model or model,
        prompt_tokens=answer.reply.prompt_tokens,
        completion_tokens=answer.reply.completion_tokens,
        source=source,
        date=date,
        module=purpose.module,
        parameters=purpose.parameters,
        design=purpose.design,
    )


def _check_date(date: str) -> None:
    try:
        datetime.datetime.fromisoformat(date)
    except ValueError:
        raise InputError(f"date={date}", f"date is {date!r}; must be a date", "Write it as 2026-11-24.") from None


def _check_contradictions(found: list[Record], records: Records) -> None:
    seen: dict[Key, str] = {}
    for record in found:
        request = record.request()
        key = (request.conversation, record.model, record.sample)
        if record.reply is None:
            continue
        there, ships = records.replay(*key), shipped().get(key)
        known = ships.reply if ships else there.text if there else record.reply
        if seen.setdefault(key, known or "") != record.reply:
            raise InputError(
                requests.name_of(request),
                f"another reply of {record.model!r} to this request is recorded",
                "A record is not replaced: name a further sample <request>~1.md, or use another label.",
                code="record-exists",
            )
