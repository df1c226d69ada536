"""A model reads a requirement; what it says is checked like what a person writes."""

import json

import pytest
from support.chat_server import chat_server

from aigchip.llm.client import Client
from aigchip.llm.records import Records
from aigchip.llm.settings import Settings
from aigchip.requirement import Specification
from aigchip.requirement.ask import ask
from aigchip.requirement.specification import SpecificationError


def answered(tmp_path, **fields):
    with chat_server(json.dumps(fields)) as server:
        client = Client(
            settings=Settings(model="m", base_url=server.url, tries=1),
            scope="t",
            records=Records(path=tmp_path / "r.db"),
        )
        return ask(client, "anything", ["zcu104"]), server.requests[0]


def test_its_fields_become_a_specification(tmp_path):
    understood, sent = answered(
        tmp_path,
        network="resnet50",
        latency_ms=8,
        at_most=[{"resource": "dsp", "amount": 1024}],
        fixed=[{"name": "buffer_a_kib", "value": "32"}, {"name": "reuse", "value": "output"}],
        not_understood=["blazing"],
    )
    assert understood.specification == Specification(
        network="resnet50", latency_ms=8, at_most={"dsp": 1024}, fixed={"buffer_a_kib": 32, "reuse": "output"}
    )
    assert understood.not_understood == ("blazing",)
    assert "one of zcu104" in sent["messages"][0]["content"]
    assert sent["messages"][1]["content"] == "anything"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"fixed": [{"name": "slots", "value": "3"}]},
            "specification: slots is 3; must be one of 2, 4, 8. Choose one of them.",
        ),
        ({"latency_ms": -1}, "specification: latency_ms is -1.0; must be above 0. Ask for more."),
    ],
)
def test_what_it_invents_is_refused(tmp_path, fields, text):
    with pytest.raises(SpecificationError) as error:
        answered(tmp_path, **fields)
    assert str(error.value) == text


def test_an_unknown_parameter_is_named(tmp_path):
    with pytest.raises(Exception, match="'slot_x' is not a design parameter"):
        answered(tmp_path, fixed=[{"name": "slot_x", "value": "1"}])
