"""A requirement on the command line: shown, written, and taken by the search."""

import json

import pytest
import yaml

from aigchip.core.errors import AigchipError, InputError
from aigchip.requirement import Specification
from aigchip.tasks import arguments, specifications
from aigchip.tasks.designs import as_in_study


@pytest.fixture(autouse=True)
def _no_model(monkeypatch, tmp_path):
    monkeypatch.delenv("AIGCHIP_MODEL", raising=False)
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))


def test_a_requirement_is_shown_written_and_read_again(capsys, tmp_path):
    prompt = "ResNet-18 at 224, under 120 ms, as small as possible, at most 100 DSPs, ZCU104, blazing"
    assert specifications.run(arguments.Arguments(given={"prompt": prompt})) == 0
    out = capsys.readouterr().out
    assert 'Not understood, and left out: "blazing"' in out
    said = (
        "No design can take less than 30.2 ms for resnet18 at 224 on zcu104 (arithmetic: 200 products a cycle 30.2 ms"
    )
    assert said in out
    assert "the fewest DSPs first, then the lowest latency" in out
    (path,) = specifications.folder().glob("*.yaml")
    assert yaml.safe_load(path.read_text()) == {
        "network": "resnet18",
        "resolution": 224,
        "board": "zcu104",
        "latency_ms": 120.0,
        "at_most": {"dsp": 100},
        "objective": "dsp",
    }
    given, specification = specifications.of_search(arguments.Arguments(given={"specification": str(path), "seed": 3}))
    assert (given.text("network"), given.number("max_dsp"), given.number("seed")) == ("resnet18", 100, 3)
    assert (specification.latency_ms, specification.objective) == (120.0, "dsp")


def test_what_was_not_said_is_shown_with_its_default(capsys):
    specifications.run(arguments.Arguments(given={"prompt": "64 DSPs", "network": "alexnet"}))
    out = capsys.readouterr().out
    assert "alexnet (as given)" in out
    assert "zcu104 (the default)" in out


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"prompt": "make me coffee"},
            'prompt: nothing of it is a requirement: "coffee". Name for example a network, a board, a latency in ms, a '
            "number of DSPs.",
        ),
        (
            {"prompt": "resnet18 on a ZCU104", "network": "alexnet"},
            "network=alexnet: the specification says resnet18. Leave out network=, or change the specification.",
        ),
    ],
)
def test_what_cannot_be_a_specification_is_one_line(given, text):
    with pytest.raises(AigchipError) as error:
        specifications.run(arguments.Arguments(given=given))
    assert str(error.value) == text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"prompt": "resnet18, blazing"},
            'prompt: not understood: "blazing". Say it otherwise, or see with ./doit design prompt=... what is understood '
            "and search for that.",
        ),
        (
            {"prompt": "resnet18", "specification": "a.yaml"},
            "prompt: a search takes a prompt or a specification, not both. Leave one out.",
        ),
        (
            {"specification": "/nowhere/a.yaml"},
            "/nowhere/a.yaml: the file cannot be read (No such file or directory). Make it a readable file.",
        ),
        (
            {"prompt": "resnet18, 64 DSPs", "max_dsp": 128},
            "max_dsp=128: the specification says 64. Leave out max_dsp=, or change the specification.",
        ),
    ],
)
def test_a_search_takes_no_requirement_that_it_would_not_keep(given, text):
    with pytest.raises(InputError if "nowhere" not in text else AigchipError) as error:
        specifications.of_search(arguments.Arguments(given=given))
    assert str(error.value) == text


def test_a_search_without_a_requirement_is_as_it_was():
    given = arguments.Arguments(given={"seed": 3})
    assert specifications.of_search(given) == (given, Specification())


def test_a_design_of_a_study_is_built_as_the_study_was_asked_for(tmp_path):
    folder = tmp_path / "build" / "studies" / "mine"
    folder.mkdir(parents=True)
    context = {
        "network": "alexnet",
        "resolution": "160",
        "board": "zcu104",
        "generator": "recorded",
        "toolchain": "csynth",
    }
    (folder / "study.json").write_text(json.dumps({"settings": {"context": context}}))
    filled = as_in_study(arguments.parse(["design=3", "study=mine"]))
    assert (filled.text("network"), filled.number("resolution"), filled.text("generator")) == (
        "alexnet",
        160,
        "recorded",
    )
    other = as_in_study(arguments.parse(["design=3", "study=mine", "network=resnet18", "generator=expert"]))
    assert (other.text("network"), other.text("generator"), "resolution" in other.given) == (
        "resnet18",
        "expert",
        False,
    )
    named = arguments.parse(["design=example", "study=mine"])
    assert as_in_study(named) == named
