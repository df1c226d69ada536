"""Which settings count, and what is refused."""

from __future__ import annotations

import pytest

from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.llm.completion import ChatMessage, ChatRequest
from aigchip.llm.faults import retry_after_s
from aigchip.llm.settings import Settings, load
from aigchip.llm.wire import body

KEY = {"OPENAI_API_KEY": "sk-1"}


@pytest.fixture(autouse=True)
def _root(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "root", lambda: tmp_path)


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(tmp_path):
    (tmp_path / "aigchip.yaml").write_text(
        "llm:\n  model: of-file\n  base_url: http://file/v1\n  seed: 3\n  max_requests: 5\n"
    )
    assert load(KEY).model == "of-file"
    environment = {**KEY, "AIGCHIP_MODEL": "of-environment", "OPENAI_BASE_URL": "http://environment:1/v1/"}
    settings = load(environment, model=None, max_requests=7)
    assert settings.model == "of-environment"
    assert settings.base_url == "http://environment:1/v1"
    assert settings.endpoint == "environment:1"
    assert (settings.seed, settings.max_requests, settings.temperature) == (3, 7, None)
    assert load(environment, model="of-command").model == "of-command"


def test_an_endpoint_of_ones_own_needs_no_key():
    assert load({"AIGCHIP_MODEL": "m", "OPENAI_BASE_URL": "http://localhost:8000/v1"}).api_key == "none"


def test_the_longest_reply_is_named_as_each_endpoint_wants_it():
    request = ChatRequest(
        model="m", messages=(ChatMessage(role="user", content="x"),), parameters={"max_output_tokens": 5}
    )
    own = {"base_url": "http://x/v1"}
    assert body(Settings(model="m"), request)["max_completion_tokens"] == 5
    assert body(Settings(model="m", **own), request)["max_tokens"] == 5
    assert body(Settings(model="m", azure_api_version="2024-10-21", **own), request)["max_completion_tokens"] == 5
    assert body(Settings(model="m", api="responses", **own), request)["max_output_tokens"] == 5


@pytest.mark.parametrize(
    ("environment", "text", "line"),
    [
        (
            KEY,
            None,
            "llm.model: no model is named. Set AIGCHIP_MODEL, or `model:` in the llm section of aigchip.yaml, or use "
            "generator=expert.",
        ),
        (
            {"AIGCHIP_MODEL": "m"},
            None,
            "OPENAI_API_KEY: no key is set, and api.openai.com wants one. Set OPENAI_API_KEY, or OPENAI_BASE_URL for "
            "an endpoint of your own, or use generator=expert.",
        ),
        (
            KEY,
            "llm: {model: m, api_key: sk-secret}\n",
            "aigchip.yaml: llm.api_key: a key in a file ends up in a repository. Remove the line and set the "
            "environment variable OPENAI_API_KEY.",
        ),
        (
            KEY,
            "llm: {modell: m}\n",
            "aigchip.yaml: llm: 'modell' is not a setting. Did you mean model?",
        ),
        (
            KEY,
            "llm: {model: m, seed: soon}\n",
            "aigchip.yaml: llm.seed: the value is 'soon'; must be a whole number. Correct it.",
        ),
        (
            KEY,
            "llm: {model: m, temperature: 3}\n",
            "llm.temperature: the value is 3; must be 0 to 2. Correct it.",
        ),
        (
            {**KEY, "AIGCHIP_MODEL": "m", "OPENAI_BASE_URL": "localhost:8000"},
            None,
            "llm.base_url: the address is 'localhost:8000'; must be http:// or https:// with a host, and a "
            "port up to 65535. "
            "Write for example http://localhost:8000/v1.",
        ),
        (
            {**KEY, "AIGCHIP_MODEL": "m", "OPENAI_BASE_URL": "http://host:99999/v1"},
            None,
            "llm.base_url: the address is 'http://host:99999/v1'; must be http:// or https:// with a host, and a "
            "port up to 65535. Write for example http://localhost:8000/v1.",
        ),
        (
            {"OPENAI_API_KEY": "sk-\u201cab", "AIGCHIP_MODEL": "m"},
            None,
            "OPENAI_API_KEY: the key holds a character that no key has (a space, a line end, or one outside ASCII). "
            "Copy it again.",
        ),
        (
            {**KEY, "AIGCHIP_MODEL": "m", "OPENAI_BASE_URL": "https://me:word@host/v1"},
            None,
            "llm.base_url: the address of host holds a user name or password; it would reach records and logs. "
            "Put the secret into the environment variable OPENAI_API_KEY.",
        ),
    ],
)
def test_wrong_settings_are_one_clear_line(environment, text, line, tmp_path):
    if text is not None:
        (tmp_path / "aigchip.yaml").write_text(text)
    with pytest.raises(AigchipError) as caught:
        load(environment)
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "7", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 70.0),
    ],
)
def test_retry_after_in_all_its_forms(headers, wait_s):
    assert retry_after_s(headers, now_s=30.0) == wait_s
