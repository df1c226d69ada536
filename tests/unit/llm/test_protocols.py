"""Streams, the responses API, Azure, budgets, concurrency and keyrings, through the real `openai` package."""

from __future__ import annotations

import json
import multiprocessing
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.chat_server import Answer, chat_server

from aigchip.llm import settings as llm_settings
from aigchip.llm.client import Client
from aigchip.llm.completion import ChatMessage
from aigchip.llm.errors import LlmError
from aigchip.llm.keys import find_key
from aigchip.llm.records import Records
from aigchip.llm.settings import Settings

KEY = "sk-test-0123456789abcdef"  # invented for these tests


def client(url, tmp_path, **changes):
    told = changes.pop("told", None)
    settings = Settings(**{"model": "m1", "base_url": url, "api_key": KEY, "timeout_s": 2.0, "tries": 1, **changes})
    extra = {} if told is None else {"told": told}
    return Client(
        settings=settings,
        scope="study",
        records=Records(path=tmp_path / "records.sqlite"),
        wait_s=lambda _: 0.0,
        **extra,
    )


def ask(it, text="write a module"):
    return it.request((ChatMessage(role="system", content="rules"), ChatMessage(role="user", content=text)))


def chunk(text=None, *, reason=None, usage=None, refusal=None):
    delta = {
        "role": "assistant",
        **({"content": text} if text is not None else {}),
        **({"refusal": refusal} if refusal else {}),
    }
    choices = [] if usage else [{"index": 0, "delta": delta, "finish_reason": reason}]
    return json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m1-2026", "choices": choices, "usage": usage})  # fmt: skip


USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
WHOLE = (chunk("int "), chunk("f();"), chunk(reason="stop"), chunk(usage=USAGE), "[DONE]")


def test_a_streamed_reply_is_the_same_and_shows_how_it_grows(tmp_path):
    lengths = []
    with chat_server(Answer(pieces=WHOLE)) as server:
        completion = (it := client(server.url, tmp_path, stream=True, told=lengths.append)).complete(ask(it))
    assert (completion.text, completion.finish_reason, completion.model) == ("int f();", "stop", "m1-2026")
    assert (completion.prompt_tokens, completion.completion_tokens) == (11, 7)
    assert lengths[:2] == [4, 8]
    assert server.requests[0]["stream"] is True


@pytest.mark.parametrize(
    ("pieces", "delay_s", "code"),
    [
        (WHOLE[:1], 0.0, "unreachable"),
        ((chunk("int "), '{"choices": [{"mess', "[DONE]"), 0.0, "malformed-reply"),
        ((chunk(refusal="I cannot."), chunk(reason="stop"), "[DONE]"), 0.0, "refused"),
        ((chunk("int "), chunk(reason="length"), "[DONE]"), 0.0, "truncated-reply"),
        ((json.dumps({"error": {"message": "overloaded"}}),), 0.0, "server-fault"),
        (WHOLE, 0.6, "timeout"),
    ],
    ids=["breaks off", "malformed", "declined", "cut off", "an error in it", "a pause that is too long"],
)
def test_each_fault_of_a_stream_is_one_clear_line(tmp_path, pieces, delay_s, code):
    with chat_server(Answer(pieces=pieces, piece_delay_s=delay_s)) as server:
        it = client(server.url, tmp_path, stream=True, timeout_s=0.3)
        with pytest.raises(LlmError) as error:
            it.complete(ask(it))
    assert error.value.code == code, str(error.value)
    assert "\n" not in str(error.value)


def test_a_slow_stream_is_no_fault_while_it_moves(tmp_path):
    with chat_server(Answer(pieces=WHOLE, piece_delay_s=0.15)) as server:
        it = client(server.url, tmp_path, stream=True, timeout_s=0.4)
        assert it.complete(ask(it)).text == "int f();"


def test_an_endless_stream_ends(tmp_path):
    with chat_server(Answer(pieces=(chunk("x"),) * 500, piece_delay_s=0.02)) as server:
        it = client(server.url, tmp_path, stream=True, timeout_s=0.1)
        with pytest.raises(LlmError) as error:
            it.complete(ask(it))
    assert error.value.code == "timeout"


def response(*parts, status="completed", reason=None):
    return {
        "id": "r",
        "object": "response",
        "created_at": 1,
        "model": "m1-2026",
        "status": status,
        "incomplete_details": {"reason": reason} if reason else None,
        "output": [
            {"type": "reasoning", "id": "t", "summary": []},
            {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": list(parts)},
        ],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 11,
            "output_tokens": 7,
            "total_tokens": 18,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }


def said(text):
    return {"type": "output_text", "text": text, "annotations": []}


def test_the_responses_api_is_spoken(tmp_path):
    with chat_server(Answer(body=json.dumps(response(said("int "), said("f();"))))) as server:
        it = client(server.url, tmp_path, api="responses", max_output_tokens=900, seed=3)
        completion = it.complete(ask(it))
    assert (completion.text, completion.finish_reason) == ("int f();", "stop")
    assert (completion.prompt_tokens, completion.completion_tokens) == (11, 7)
    assert server.paths == ["/v1/responses"]
    sent = server.requests[0]
    assert (sent["max_output_tokens"], sent["store"], "seed" in sent) == (900, False, False)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (response({"type": "refusal", "refusal": "I cannot."}), "refused"),
        (response(said("int "), status="incomplete", reason="max_output_tokens"), "truncated-reply"),
        (response(said("int "), status="incomplete", reason="content_filter"), "refused"),
        (response(), "empty-reply"),
        ({"output": 3}, "malformed-reply"),
    ],
)
def test_each_fault_of_a_response_is_told_apart(tmp_path, body, code):
    with chat_server(Answer(body=json.dumps(body))) as server:
        it = client(server.url, tmp_path, api="responses")
        with pytest.raises(LlmError) as error:
            it.complete(ask(it))
    assert error.value.code == code


def test_a_streamed_response_is_the_same(tmp_path):
    events = (
        {"type": "response.output_text.delta", "delta": "int ", "item_id": "m", "output_index": 1, "content_index": 0,
         "sequence_number": 1, "logprobs": []},
        {"type": "response.completed", "response": response(said("int f();")), "sequence_number": 2},
    )  # fmt: skip
    lengths = []
    with chat_server(Answer(pieces=tuple(map(json.dumps, events)))) as server:
        it = client(server.url, tmp_path, api="responses", stream=True, told=lengths.append)
        assert it.complete(ask(it)).text == "int f();"
    assert lengths == [4]


def test_azure_gets_its_deployment_version_and_key(tmp_path):
    with chat_server("fine") as server:
        it = client(server.url.removesuffix("/v1"), tmp_path, azure_api_version="2024-10-21", model="deployed")
        assert it.complete(ask(it)).text == "fine"
    assert server.paths == ["/openai/deployments/deployed/chat/completions?api-version=2024-10-21"]
    assert {name.lower(): value for name, value in server.headers[0].items()}["api-key"] == KEY


PRICE = {"m1": {"input": 1000.0, "output": 1000.0}}  # USD for a million tokens: a tenth of a cent each


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"budget_usd": 0.2, "prices": PRICE}, "llm.budget_usd: 0."),
        ({"budget_tokens": 200}, "llm.budget_tokens: "),
    ],
)
def test_a_budget_holds_before_a_request_is_sent(tmp_path, limits, told):
    """Each request reserves its prompt's bound and 50 tokens of reply, and then counts 18."""
    with chat_server("fine") as server:
        it = client(server.url, tmp_path, max_output_tokens=50, **limits)
        with pytest.raises(LlmError) as error:
            for number in range(100):
                it.complete(ask(it, f"question {number}"))
    assert error.value.code == "budget"
    assert str(error.value).startswith(told)
    used = it.records.used("study")
    assert used.requests == len(server.requests) > 1
    assert used.tokens == 18 * used.requests <= 200


def _spend(url, tmp_path, first, barrier):
    it = client(url, tmp_path, max_output_tokens=50, budget_tokens=1000, timeout_s=20.0)
    barrier.wait()
    for number in range(first, first + 40):
        try:
            it.complete(ask(it, f"question {number}"))
        except LlmError as error:
            assert error.code == "budget", error
            return


def test_a_budget_holds_for_several_processes_together(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3)
    with chat_server("fine") as server:
        processes = [context.Process(target=_spend, args=(server.url, tmp_path, 100 * n, barrier)) for n in range(3)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
        assert [process.exitcode for process in processes] == [0, 0, 0]
    used = Records(path=tmp_path / "records.sqlite").used("study")
    assert used.requests == len(server.requests)
    assert 1000 - 18 - 120 <= used.tokens <= 1000


@pytest.mark.parametrize("concurrency", [1, 2])
def test_no_more_requests_are_under_way_than_agreed(tmp_path, concurrency):
    with chat_server(Answer(text="fine", delay_s=0.1)) as server, ThreadPoolExecutor(6) as threads:
        it = client(server.url, tmp_path, concurrency=concurrency, timeout_s=20.0)
        list(threads.map(lambda number: it.complete(ask(it, f"question {number}")), range(6)))
    assert server.most_together == concurrency


def test_a_key_comes_from_the_environment_else_from_the_keyring(monkeypatch):
    asked = []
    keyring = types.ModuleType("keyring")
    keyring.get_password = lambda service, user: asked.append((service, user)) or f" {KEY}\n"
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert find_key({"OPENAI_API_KEY": "sk-env"}, "host:1") == "sk-env"
    assert asked == []
    assert find_key({"OPENAI_API_KEY": " "}, "host:1") == KEY
    assert asked == [("aigchip", "host:1")]
    loaded = llm_settings.load({"AIGCHIP_MODEL": "m", "OPENAI_BASE_URL": "http://host:1/v1"})
    assert loaded.api_key == KEY
    assert KEY not in repr(loaded)


def test_a_locked_keyring_is_no_key(monkeypatch):
    keyring = types.ModuleType("keyring")

    def locked(*_):
        raise RuntimeError(f"locked; {KEY}")

    keyring.get_password = locked
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert find_key({}, "host:1") == ""


def test_requests_of_threads_do_not_share_a_lock_longer_than_needed(tmp_path):
    """Two different requests of one process are under way at once."""
    meet = threading.Barrier(2, timeout=5)

    def answer(_body, _number):
        meet.wait()
        return Answer(text="fine")

    with chat_server(by_request=answer) as server, ThreadPoolExecutor(2) as threads:
        it = client(server.url, tmp_path, concurrency=2, timeout_s=10.0)
        replies = list(threads.map(lambda text: it.complete(ask(it, text)).text, ("one", "two")))
    assert replies == ["fine", "fine"]
