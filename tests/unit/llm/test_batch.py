"""Requests as a batch, through the real `openai` package: nothing is asked twice, nothing paid is lost."""

import json

import pytest
from support.batch_server import batch_server

from aigchip.llm.batch import Batches
from aigchip.llm.client import Client
from aigchip.llm.completion import ChatMessage, Purpose
from aigchip.llm.errors import LlmError
from aigchip.llm.records import Records
from aigchip.llm.settings import Settings

pytestmark = pytest.mark.verifies("llm-batch")

KEY = "sk-test-0123456789abcdef"  # invented for these tests


def batches_of(server, tmp_path, **settings) -> Batches:
    values = {"model": "m", "base_url": server.url, "api_key": KEY, "tries": 1, **settings}
    records = Records(path=tmp_path / "cache" / "records.sqlite")
    return Batches(client=Client(settings=Settings(**values), scope="study", records=records, wait_s=lambda _: 0.0))


def asked(batches: Batches, *texts: str):
    return [
        batches.client.request(
            (ChatMessage(role="system", content="rules"), ChatMessage(role="user", content=text)),
            purpose=Purpose(module="mac"),
        )
        for text in texts
    ]


def used(batches: Batches):
    return batches.client.records.used("study")


def test_a_batch_is_submitted_once_and_its_replies_are_those_of_single_requests(tmp_path):
    with batch_server(answer=lambda body: "to " + body["body"]["messages"][1]["content"]) as server:
        batches = batches_of(server, tmp_path, temperature=0.3, max_output_tokens=50)
        wanted = asked(batches, "one", "two", "three")
        batch = batches.submit(wanted)
        assert batch is not None
        assert (batch.id, batch.status, len(batch.entries)) == ("batch_0", "validating", 3)
        assert batches.submit(wanted) is None  # under way
        assert used(batches).requests == 3
        (done,) = batches.collect()
        assert (done.answered, done.failed) == (3, {})
        assert batches.collect() == []
        assert batches.submit(wanted) is None  # answered
        for request, text in zip(wanted, ("one", "two", "three"), strict=True):
            assert batches.client.complete(request).text == f"to {text}"
    line = json.loads(server.files["file_0"].splitlines()[0])
    assert line["url"] == "/v1/chat/completions"
    assert line["body"]["temperature"] == 0.3
    assert line["body"]["max_tokens"] == 50
    assert (used(batches).requests, used(batches).tokens) == (3, 3 * 18)
    assert {row.source for row in batches.client.records.rows()} == {"batch"}
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in kept if KEY.encode() in path.read_bytes()]


def test_a_batch_that_is_not_ready_stays_under_way(tmp_path):
    with batch_server(status="in_progress") as server:
        batches = batches_of(server, tmp_path)
        batches.submit(asked(batches, "one"))
        (batch,) = batches.collect()
        assert (batch.status, batch.done) == ("in_progress", False)
        server.status = "completed"
        (batch,) = batches.collect()
        assert (batch.status, batch.answered, batch.done) == ("completed", 1, True)


def test_requests_that_expired_or_failed_cost_nothing_and_are_submitted_again(tmp_path):
    said = {"one": "fine", "two": None, "three": "!too long"}
    with batch_server(status="expired", answer=lambda body: said[body["body"]["messages"][1]["content"]]) as server:
        batches = batches_of(server, tmp_path)
        wanted = asked(batches, "one", "two", "three")
        batches.submit(wanted)
        (batch,) = batches.collect()
        assert batch.answered == 1
        assert sorted((batch.failed or {}).values()) == ["This request could not be executed in time.", "too long"]
        assert used(batches).requests == 1
        again = batches.submit(wanted)
        assert again is not None
        assert len(again.entries) == 2
        assert len(server.files["file_0"].splitlines()) == 3


def test_a_batch_that_was_refused_whole_says_why(tmp_path):
    with batch_server(status="failed", errors=["the file has a wrong line"]) as server:
        batches = batches_of(server, tmp_path)
        batches.submit(asked(batches, "one"))
        (batch,) = batches.collect()
        assert list((batch.failed or {}).values()) == ["the file has a wrong line"]
        assert used(batches).requests == 0


def test_a_batch_whose_creation_was_not_answered_is_found_again(tmp_path):
    """The endpoint has it and will charge for it: a second one would be paid twice."""
    with batch_server(hang_up_after_create=1) as server:
        batches = batches_of(server, tmp_path)
        wanted = asked(batches, "one", "two")
        with pytest.raises(LlmError):
            batches.submit(wanted)
        assert len(server.batches) == 1
        assert batches.submit(wanted) is None
        (batch,) = batches.collect()
        assert (batch.id, batch.answered) == ("batch_0", 2)
        assert len(server.batches) == 1


def test_a_process_that_died_before_sending_sends_what_it_had_prepared(tmp_path, monkeypatch):
    with batch_server() as server:
        batches = batches_of(server, tmp_path)
        wanted = asked(batches, "one", "two")
        with monkeypatch.context() as patched:
            patched.setattr(Batches, "_create", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                batches.submit(wanted)
        assert server.batches == []
        (batch,) = batches.collect()
        assert batch.answered == 2
        assert used(batches).requests == 2


@pytest.mark.parametrize(("refuse", "code"), [((401, "no"), "wrong-key"), ((400, "unknown endpoint"), "bad-request")])
def test_a_refusal_is_one_line_and_counts_nothing(tmp_path, refuse, code):
    with batch_server(refuse=refuse) as server:
        batches = batches_of(server, tmp_path)
        with pytest.raises(LlmError) as error:
            batches.submit(asked(batches, "one"))
        assert error.value.code == code
        assert "\n" not in str(error.value)
        assert used(batches).requests == 0
        assert batches.collect() == []


def test_a_limit_holds_for_the_whole_batch_before_anything_is_sent(tmp_path):
    with batch_server() as server:
        batches = batches_of(server, tmp_path, max_requests=2)
        with pytest.raises(LlmError) as error:
            batches.submit(asked(batches, "one", "two", "three"))
        assert error.value.code == "max-requests"
        assert (used(batches).requests, server.files, server.batches) == (0, {}, [])


def test_a_damaged_file_of_a_batch_is_one_line(tmp_path):
    with batch_server() as server:
        batches = batches_of(server, tmp_path)
        batches.submit(asked(batches, "one"))
        next(batches.folder.glob("*.json")).write_text("{")
        with pytest.raises(
            LlmError, match=r"the file of a batch is damaged .* Move it away; its requests are asked anew\."
        ):
            batches.collect()
