"""The client against a local server, through the real `openai` package."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from support.chat_server import Answer, chat_server

from aigchip.core.errors import AigchipError
from aigchip.llm.client import Client
from aigchip.llm.completion import ChatMessage, ChatRequest
from aigchip.llm.errors import LlmError
from aigchip.llm.records import Records
from aigchip.llm.settings import Settings

KEY = "sk-test-0123456789abcdef"  # invented for these tests


def client(url: str, tmp_path: Path, **changes: object) -> Client:
    settings = Settings(**{"model": "m1", "base_url": url, "api_key": KEY, "timeout_s": 5.0, **changes})  # type: ignore[arg-type]
    return Client(
        settings=settings,
        scope="study",
        records=Records(path=tmp_path / "records.sqlite"),
        wait_s=no_wait,
    )


def no_wait(_: object) -> float:
    return 0.0


def ask(client: Client, text: str = "write a module"):
    return client.request((ChatMessage(role="system", content="rules"), ChatMessage(role="user", content=text)))


def used(tmp_path: Path) -> int:
    return Records(path=tmp_path / "records.sqlite").used("study").requests


def endpoint(url: str) -> str:
    return url.removeprefix("http://").removesuffix("/v1")


def test_a_good_reply_comes_with_its_model_and_tokens(tmp_path):
    with chat_server("int f();") as server:
        it = client(server.url, tmp_path, temperature=0.5, seed=7, max_output_tokens=900)
        completion = it.complete(ask(it))
    assert (completion.text, completion.model, completion.finish_reason) == ("int f();", "m1-2026", "stop")
    assert (completion.prompt_tokens, completion.completion_tokens) == (11, 7)
    assert completion.endpoint == endpoint(server.url)
    assert server.requests == [
        {
            "model": "m1",
            "temperature": 0.5,
            "seed": 7,
            "max_tokens": 900,
            "messages": [{"role": "system", "content": "rules"}, {"role": "user", "content": "write a module"}],
        }
    ]
    assert server.keys == [f"Bearer {KEY}"]


def test_what_is_unset_is_left_to_the_endpoint(tmp_path):
    with chat_server() as server:
        it = client(server.url, tmp_path)
        it.complete(ask(it))
    assert set(server.requests[0]) == {"model", "messages"}


def test_a_completion_is_asked_for_once(tmp_path):
    with chat_server("first", "second") as server:
        it = client(server.url, tmp_path)
        texts = [it.complete(ask(it)).text for _ in range(3)]
        other = it.complete(ask(it, "another")).text
    assert texts == ["first"] * 3
    assert other == "second"
    assert len(server.requests) == 2
    assert used(tmp_path) == 2


def test_a_cached_completion_needs_no_endpoint_no_key_and_no_budget(tmp_path):
    with chat_server("kept") as server:
        it = client(server.url, tmp_path)
        it.complete(ask(it))
    again = client("http://127.0.0.1:9/v1", tmp_path, api_key="none", max_requests=0)
    assert again.complete(ask(again)).text == "kept"


FAULTS = {
    "wrong key": (
        Answer(status=401, error={"message": f"Incorrect API key provided: {KEY}.", "code": "invalid_api_key"}),
        "wrong-key",
        "llm (HOST): the key was not accepted. Correct OPENAI_API_KEY.",
        1,
        0,
    ),
    "forbidden": (
        Answer(status=403, error={"message": f"{KEY} may not use m1"}),
        "forbidden",
        "llm (HOST): access was denied (<key> may not use m1). Check what the key may use.",
        1,
        0,
    ),
    "unknown model": (
        Answer(status=404, error={"message": "The model `m1` does not exist", "code": "model_not_found"}),
        "unknown-model",
        "llm (HOST): model 'm1' or the address was not found (The model `m1` does not exist). "
        "Correct AIGCHIP_MODEL, or OPENAI_BASE_URL, which usually ends in /v1.",
        1,
        0,
    ),
    "quota": (
        Answer(status=429, error={"message": "You exceeded your quota", "code": "insufficient_quota"}),
        "quota",
        "llm (HOST): the account's quota is used up (You exceeded your quota). Add credit, or use generator=expert.",
        1,
        0,
    ),
    "rate limit": (
        Answer(status=429, error={"message": "slow down"}),
        "rate-limit",
        "llm (HOST): the rate limit is reached (slow down). "
        "Run the same command again later; nothing that was received is lost.",
        4,
        0,
    ),
    "long Retry-After": (
        Answer(status=429, error={"message": "slow down"}, headers={"Retry-After": "3600"}),
        "rate-limit",
        "llm (HOST): the rate limit is reached (slow down); it asks to wait 3600 s. "
        "Run the same command again later; nothing that was received is lost.",
        1,
        0,
    ),
    "server fault": (
        Answer(status=503, body="<html>\n<b>down</b></html>", content_type="text/html"),
        "server-fault",
        "llm (HOST): the endpoint failed with 503 (<html> <b>down</b></html>). "
        "Run the same command again later; nothing that was received is lost.",
        4,
        4,
    ),
    "bad request": (
        Answer(status=400, error={"message": "temperature is not supported with this model."}),
        "bad-request",
        "llm (HOST): the request was refused with 400 (temperature is not supported with this model). "
        "Check the llm section of aigchip.yaml; some models accept no temperature or seed.",
        1,
        0,
    ),
    "malformed JSON": (
        Answer(body='{"choices": [{"mess'),
        "malformed-reply",
        'llm (HOST): the reply is not a chat completion; it starts with \'{"choices": [{"mess\'. '
        "Check base_url; it usually ends in /v1.",
        1,
        1,
    ),
    "a web page": (
        Answer(body="<html>welcome</html>", content_type="text/html"),
        "malformed-reply",
        "llm (HOST): the reply is not a chat completion; it starts with '<html>welcome</html>'. "
        "Check base_url; it usually ends in /v1.",
        1,
        1,
    ),
    "no choice": (
        Answer(body='{"choices": []}'),
        "malformed-reply",
        "llm (HOST): the reply is not a chat completion; it starts with '{\"choices\": []}'. "
        "Check base_url; it usually ends in /v1.",
        1,
        1,
    ),
    "empty": (
        Answer(text=" \n"),
        "empty-reply",
        "llm (HOST): the reply of m1-2026 is empty. Run the same command again, or use another model.",
        1,
        1,
    ),
    "cut off": (
        Answer(text="```cpp\nvoid f(", finish_reason="length"),
        "truncated-reply",
        "llm (HOST): the reply of m1-2026 was cut off after 7 tokens. "
        "Raise max_output_tokens in the llm section of aigchip.yaml.",
        1,
        1,
    ),
    "declined": (
        Answer(text=None, refusal="I cannot help with that."),
        "refused",
        "llm (HOST): the model declined: I cannot help with that. Change the instruction, or use another model.",
        1,
        1,
    ),
    "hangs up": (
        Answer(hang_up=True),
        "unreachable",
        "llm (HOST): the connection broke off (Server disconnected without sending a response). "
        "Run the same command again.",
        4,
        4,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_ends_in_one_clear_line(name, tmp_path):
    answer, code, line, requests, counted = FAULTS[name]
    with chat_server(answer) as server:
        it = client(server.url, tmp_path)
        with pytest.raises(LlmError) as caught:
            it.complete(ask(it))
    assert str(caught.value) == line.replace("HOST", endpoint(server.url))
    assert caught.value.code == code
    assert len(server.requests) == requests
    assert used(tmp_path) == counted


def test_no_reply_in_time(tmp_path):
    with chat_server(Answer(delay_s=2)) as server:
        it = client(server.url, tmp_path, timeout_s=0.2, tries=2)
        with pytest.raises(LlmError) as caught:
            it.complete(ask(it))
    assert str(caught.value) == (
        f"llm ({endpoint(server.url)}): no reply within 0.2 s. "
        "Raise timeout_s in the llm section of aigchip.yaml, or check the endpoint."
    )
    assert (len(server.requests), used(tmp_path)) == (2, 2)


def test_nobody_listens(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        it = client(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", tmp_path)
        with pytest.raises(LlmError) as caught:
            it.complete(ask(it))
    assert str(caught.value) == (
        f"llm ({it.settings.endpoint}): the endpoint cannot be reached ([Errno 111] Connection refused). "
        "Check OPENAI_BASE_URL and the network, or use generator=expert."
    )
    assert used(tmp_path) == 0


def test_an_endpoint_that_wants_a_key_and_got_none(tmp_path):
    with chat_server(Answer(status=401, error={"message": "no"})) as server:
        it = client(server.url, tmp_path, api_key="none")
        with pytest.raises(LlmError) as caught:
            it.complete(ask(it))
    assert str(caught.value) == (
        f"llm ({endpoint(server.url)}): the endpoint wants a key and none is set. Set OPENAI_API_KEY."
    )


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=500, error={"message": "oops"}),
        Answer(status=429, error={"message": "slow"}),
        Answer(hang_up=True),
    ],
    ids=["500", "429", "hang-up"],
)
def test_a_fault_that_passes_is_tried_again(fault, tmp_path):
    with chat_server(fault, fault, "there") as server:
        it = client(server.url, tmp_path)
        assert it.complete(ask(it)).text == "there"
    assert len(server.requests) == 3


def test_retry_after_is_waited_for(tmp_path):
    busy = Answer(status=429, error={"message": "slow"}, headers={"Retry-After": "1"})
    with chat_server(busy, "there") as server:
        short = client(server.url, tmp_path)
        it = Client(settings=short.settings, scope="study", records=short.records)
        began = time.monotonic()
        assert it.complete(ask(it)).text == "there"
    assert 1.0 <= time.monotonic() - began < 3.0


def test_an_empty_reply_is_not_kept(tmp_path):
    with chat_server("", "better") as server:
        it = client(server.url, tmp_path)
        with pytest.raises(LlmError):
            it.complete(ask(it))
        assert it.complete(ask(it)).text == "better"


def test_a_cut_off_reply_is_not_paid_for_twice_but_a_raised_limit_asks_again(tmp_path):
    with chat_server(Answer(text="void", finish_reason="length"), "whole") as server:
        it = client(server.url, tmp_path, max_output_tokens=1)
        for _ in range(2):
            with pytest.raises(LlmError):
                it.complete(ask(it))
        assert len(server.requests) == 1
        it = client(server.url, tmp_path, max_output_tokens=1000)
        assert it.complete(ask(it)).text == "whole"


def test_the_limit_holds_before_sending_and_across_restarts(tmp_path):
    with chat_server() as server:
        for number in range(2):
            it = client(server.url, tmp_path, max_requests=2)  # a new client each time, as after a restart
            it.complete(ask(it, f"module {number}"))
        it = client(server.url, tmp_path, max_requests=2)
        with pytest.raises(LlmError) as caught:
            it.complete(ask(it, "one more"))
    assert str(caught.value) == (
        "llm.max_requests: 2 requests have been sent; the limit is 2. "
        "Raise max_requests and run the same command again; completions already received are not asked for again."
    )
    assert len(server.requests) == 2


def test_retries_count_too(tmp_path):
    with chat_server(Answer(status=500, error={"message": "oops"})) as server:
        it = client(server.url, tmp_path, max_requests=2)
        with pytest.raises(LlmError) as caught:
            it.complete(ask(it))
    assert caught.value.code == "max-requests"
    assert len(server.requests) == 2


def _complete(it: Client) -> None:
    it.complete(ask(it))


def test_two_processes_that_need_one_completion_send_one_request(tmp_path):
    with chat_server(Answer(text="shared", delay_s=0.5)) as server:
        it = client(server.url, tmp_path)
        context = multiprocessing.get_context("spawn")
        processes = [context.Process(target=_complete, args=(it,)) for _ in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0, 0]
        assert it.complete(ask(it)).text == "shared"
    assert len(server.requests) == 1


def test_a_kill_between_request_and_save_stays_counted_and_is_asked_again(tmp_path):
    with chat_server(Answer(text="lost", delay_s=30), "found") as server:
        it = client(server.url, tmp_path, timeout_s=60)
        process = multiprocessing.get_context("spawn").Process(target=_complete, args=(it,))
        process.start()
        while not server.requests:
            time.sleep(0.02)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert used(tmp_path) == 1
        assert it.records.find(ask(it)) is None
        assert it.complete(ask(it)).text == "found"
    assert used(tmp_path) == 2


def test_the_key_reaches_no_file_no_error_and_no_text_of_an_object(tmp_path, caplog):
    caplog.set_level(0)
    echo = Answer(status=400, error={"message": f"bad request with key {KEY}"})
    with chat_server("fine", echo, Answer(body=f"{{{KEY}")) as server:
        it = client(server.url, tmp_path)
        it.complete(ask(it))
        errors = []
        for text in ("a", "b"):
            with pytest.raises(AigchipError) as caught:
                it.complete(ask(it, text))
            errors.append(caught.value)
    shown = [repr(it), repr(it.settings), caplog.text]
    for error in errors:
        shown += [str(error), repr(error), repr(error.__cause__), repr(error.args)]
    assert not [text for text in shown if KEY in text]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_the_hash_covers_the_whole_request():
    base = {"model": "m", "messages": (ChatMessage(role="user", content="x"),), "parameters": {"seed": 1}}
    changed = [
        {"model": "n"},
        {"messages": (ChatMessage(role="system", content="x"),)},
        {"messages": (ChatMessage(role="user", content="y"),)},
        {"parameters": {"seed": 2}},
        {"parameters": {}},
        {"parameters": None},
        {"sample": 1},
    ]
    hashes = {ChatRequest(**{**base, **change}).hash for change in [{}, *changed]}
    assert len(hashes) == 8
