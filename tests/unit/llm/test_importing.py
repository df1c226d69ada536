"""Answers of any source: what is taken, and the one line for each that is not."""

from __future__ import annotations

import json

import pytest

from aigchip.core import paths
from aigchip.core.errors import InputError
from aigchip.llm import requests
from aigchip.llm.completion import ChatMessage, ChatRequest, Purpose
from aigchip.llm.importing import read_answers
from aigchip.llm.records import Records
from aigchip.llm.replay import MissingReplyError, Replay

CODE = "```cpp\nint mac(int a) { return a; }\n```\n"
REQUEST = ChatRequest(
    model="",
    messages=(ChatMessage(role="system", content="Rules."), ChatMessage(role="user", content="Write mac.")),
    parameters=None,
    purpose=Purpose(module="mac", parameters={"lanes": 2}),
)
NAME = requests.name_of(REQUEST)
DATE = "2026-11-24"


@pytest.fixture
def records(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "root", lambda: tmp_path)
    records = Records(path=tmp_path / "records.sqlite")
    records.ask(REQUEST)
    return records


def take(records, path, model="m"):
    found = read_answers(path, model=model, date=DATE, records=records)
    records.add(found)
    return found


def batch(name=NAME, text=CODE, **changes):
    message = {"role": "assistant", "content": text}
    body = {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
    }
    return json.dumps({"custom_id": name, "response": {"status_code": 200, "body": body, **changes}, "error": None})


def record(model="m", reply=CODE):
    messages = [{"role": message.role, "content": message.content} for message in REQUEST.messages]
    request = ChatRequest(model=model, messages=REQUEST.messages, parameters=None)
    return {
        "conversation": request.conversation,
        "request": request.hash,
        "model": model,
        "messages": messages,
        "reply": reply,
    }


@pytest.mark.parametrize(
    ("file", "text", "tokens"),
    [(f"{NAME}.md", CODE, None), ("output.jsonl", batch() + "\n", 7)],
    ids=["a file of a person", "a batch"],
)
def test_an_answer_is_taken_once_and_replayed_word_for_word(file, text, tokens, records, tmp_path):
    (tmp_path / file).write_text(text)
    replay = Replay(model="m", records=records, into=tmp_path / "asked")
    request = replay.request(REQUEST.messages, purpose=REQUEST.purpose)
    with pytest.raises(MissingReplyError):
        replay.complete(request)

    (found,) = take(records, tmp_path / file)
    assert (found.module, found.parameters, found.source, found.date) == ("mac", {"lanes": 2}, "import", DATE)
    completion = replay.complete(request)
    assert (completion.text, completion.prompt_tokens) == (CODE, tokens)
    take(records, tmp_path / file)
    assert len(records.rows()) == 1


def test_a_further_sample_stands_beside_the_first(records, tmp_path):
    answers = tmp_path / "answers"
    answers.mkdir()
    (answers / f"{NAME}.md").write_text(CODE)
    (answers / f"{NAME}~1.md").write_text(CODE.replace("return a", "return -a"))
    assert [found.sample for found in take(records, answers)] == [0, 1]
    second = Replay(model="m", records=records).request(REQUEST.messages, sample=1)
    assert "return -a" in Replay(model="m", records=records).complete(second).text


def test_what_llm_log_wrote_comes_back_as_it_was(records, tmp_path):
    (tmp_path / f"{NAME}.md").write_text(CODE)
    take(records, tmp_path / f"{NAME}.md")
    lines = "".join(row.line() + "\n" for row in records.rows())
    (tmp_path / "log.jsonl").write_text(lines)
    other = Records(path=tmp_path / "other.sqlite")
    take(other, tmp_path / "log.jsonl", model=None)
    assert "".join(row.line() + "\n" for row in other.rows()) == lines


FAULTS = {
    "unknown request": (
        "mac-0123456789abcdef.md",
        CODE,
        "mac-0123456789abcdef.md: 'mac-0123456789abcdef' is no request that was exported. Name an answer as its request: "
        "<module>-<hash>.md; ./doit llm export writes the requests.",
    ),
    "another module": (
        NAME.replace("mac", "post") + ".md",
        CODE,
        f"{NAME.replace('mac', 'post')}.md: '{NAME.replace('mac', 'post')}' is no request that was exported. Name an "
        "answer as its request: <module>-<hash>.md; ./doit llm export writes the requests.",
    ),
    "empty": (f"{NAME}.md", " \n", f"{NAME}.md: the answer is empty. Remove it and ask again."),
    "the request": (
        f"{NAME}.md",
        requests.markdown(REQUEST),
        f"{NAME}.md: this is the request itself, not its answer. Give the folder of the answers.",
    ),
    "a batch's input": (
        "a.jsonl",
        requests.batch_line(REQUEST),
        f"a.jsonl:1: this is the request {NAME}, not its answer. Give the file of the answers.",
    ),
    "cut off": (
        "a.jsonl",
        batch() + "\n" + batch()[:40],
        "a.jsonl:2: this is no line of JSON. Give the Batch API's output, or records.",
    ),
    "refused by the endpoint": (
        "a.jsonl",
        batch(status_code=429),
        f"a.jsonl:1: the request {NAME} ended with status 429. Remove the line and ask again.",
    ),
    "expired": (
        "a.jsonl",
        json.dumps({"custom_id": NAME, "response": None, "error": {"code": "batch_expired"}}),
        'a.jsonl:1: this is no answer of the Batch API: {"code": "batch_expired"}. Remove the line.',
    ),
    "no completion": (
        "a.jsonl",
        batch(body={"object": "list"}),
        f"a.jsonl:1: the answer to {NAME} is no chat completion. Correct or remove the line.",
    ),
    "two answers to one request": (
        "a.jsonl",
        batch() + "\n" + batch(text="```cpp\nint other;\n```"),
        f"{NAME}: another reply of 'm' to this request is recorded. A record is not replaced: name a further sample "
        "<request>~1.md, or use another label.",
    ),
    "another model's record": (
        "a.jsonl",
        json.dumps(record(model="n")),
        "a.jsonl:1: the model of the record is 'n'; must be 'm', as model= says. Leave model= out: a record says whose it "
        "is.",
    ),
    "an edited record": (
        "a.jsonl",
        json.dumps(record() | {"conversation": "0" * 64}),
        f"a.jsonl:1: the hash conversation is {'0' * 64}; must be {REQUEST.conversation}, that of the messages in the "
        "line. Take the line as it was written; a record is not edited.",
    ),
    "a damaged record": (
        "a.jsonl",
        json.dumps(record() | {"messages": "Rules."}),
        "a.jsonl:1: this is no record: messages: Input should be a valid array. Correct or remove the line.",
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_each_fault_is_one_line_and_nothing_is_taken(name, records, tmp_path):
    file, text, line = FAULTS[name]
    (tmp_path / file).write_text(text)
    with pytest.raises(InputError) as caught:
        take(records, tmp_path / file)
    assert str(caught.value) == line
    assert records.rows() == []


def test_one_wrong_file_keeps_the_right_ones_out(records, tmp_path):
    answers = tmp_path / "answers"
    answers.mkdir()
    (answers / f"{NAME}.md").write_text(CODE)
    (answers / "zzz.md").write_text(CODE)
    with pytest.raises(InputError, match="no request that was exported"):
        take(records, answers)
    assert records.rows() == []


def test_a_file_that_is_no_text(records, tmp_path):
    (tmp_path / f"{NAME}.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as caught:
        take(records, tmp_path / f"{NAME}.md")
    assert str(caught.value) == (
        f"{NAME}.md: the file cannot be read ('utf-8' codec can't decode byte 0xff in position 0: invalid start byte). "
        "Save it as UTF-8."
    )


def test_no_answer_no_model_no_date(records, tmp_path):
    with pytest.raises(InputError) as caught:
        take(records, tmp_path / "nowhere")
    assert str(caught.value) == "nowhere: there is no answer. Give a .jsonl file, a .md file, or their folder."
    (tmp_path / f"{NAME}.md").write_text(CODE)
    with pytest.raises(InputError) as caught:
        take(records, tmp_path / f"{NAME}.md", model=None)
    assert str(caught.value) == f"{NAME}.md: the model that answered is not named. Add model=<its name>."
    with pytest.raises(InputError) as caught:
        read_answers(tmp_path / f"{NAME}.md", model="m", date="today", records=records)
    assert str(caught.value) == "date=today: date is 'today'; must be a date. Write it as 2026-11-24."


def test_an_answer_does_not_contradict_one_that_ships(records, tmp_path):
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "m.jsonl").write_text(json.dumps(record(reply="Another.")) + "\n")
    (tmp_path / f"{NAME}.md").write_text(CODE)
    with pytest.raises(InputError, match=f"{NAME.replace('-', '.')}: another reply of 'm' to this request is recorded"):
        take(records, tmp_path / f"{NAME}.md")
    assert records.rows() == []
