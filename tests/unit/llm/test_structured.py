"""Answers in a form, from endpoints that take a schema and from those that do not."""

import json

import pydantic
import pytest
from support.chat_server import Answer, chat_server

from aigchip.llm import structured
from aigchip.llm.client import Client
from aigchip.llm.completion import Purpose
from aigchip.llm.errors import LlmError
from aigchip.llm.records import Records
from aigchip.llm.settings import Settings


class Fruit(pydantic.BaseModel):
    name: str
    weight_g: float | None = None


class Basket(pydantic.BaseModel):
    fruits: list[Fruit]


def ask(server, tmp_path, **settings):
    client = Client(
        settings=Settings(model="m", base_url=server.url, tries=1, **settings),
        scope="test",
        records=Records(path=tmp_path / "records.db"),
    )
    return structured.ask(client, Basket, system="Sort.", user="An apple.", purpose=Purpose(module="basket"))


GOOD = '{"fruits": [{"name": "apple", "weight_g": null}]}'


def test_the_schema_is_closed_and_every_field_required():
    schema = structured.strict_schema(Basket)
    fruit = schema["$defs"]["Fruit"]
    assert (schema["additionalProperties"], schema["required"]) == (False, ["fruits"])
    assert (fruit["additionalProperties"], fruit["required"]) == (False, ["name", "weight_g"])


def test_an_endpoint_with_structured_output_gets_the_schema_beside_the_prompt(tmp_path):
    with chat_server(GOOD) as server:
        assert ask(server, tmp_path).fruits[0].name == "apple"
    sent = server.requests[0]
    assert sent["response_format"]["json_schema"]["name"] == "basket"
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert sent["messages"][0]["content"] == "Sort."


def test_an_endpoint_without_gets_it_in_the_prompt(tmp_path):
    with chat_server(GOOD) as server:
        ask(server, tmp_path, structured_output=False)
    sent = server.requests[0]
    assert "response_format" not in sent
    assert json.loads(sent["messages"][0]["content"].rpartition("\n")[2]) == structured.strict_schema(Basket)


@pytest.mark.parametrize(
    "text", [f"Here it is:\n```json\n{GOOD}\n```\nEnjoy!", f"```\n{GOOD}\n```", f"Sure: {GOOD} - done", f"\n{GOOD}\n"]
)
def test_json_is_found_among_words(tmp_path, text):
    with chat_server(text) as server:
        assert ask(server, tmp_path).fruits == [Fruit(name="apple")]
    assert len(server.requests) == 1


def test_a_wrong_form_goes_back_once_with_what_is_wrong(tmp_path):
    with chat_server('{"fruits": [{"weight_g": 3}]}', GOOD) as server:
        assert ask(server, tmp_path).fruits[0].name == "apple"
    assert server.requests[1]["messages"][-1]["content"] == (
        "This does not have the form: fruits.0.name: Field required. Answer again, with JSON alone."
    )


@pytest.mark.parametrize("text", ["I would rather not.", '{"fruits": 3}', "{", '["apple"]'])
def test_two_wrong_forms_are_one_line(tmp_path, text):
    with chat_server(Answer(text=text)) as server, pytest.raises(LlmError) as error:
        ask(server, tmp_path)
    assert error.value.code == "malformed-reply"
    assert "\n" not in str(error.value)
    assert len(server.requests) == structured.ATTEMPTS


def test_an_answer_is_paid_once(tmp_path):
    with chat_server(GOOD) as server:
        ask(server, tmp_path)
        ask(server, tmp_path)
    assert len(server.requests) == 1
