"""Which generator a search takes where nobody names one. The replies are invented for these tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aigchip.core import paths
from aigchip.core.atomic import write_json
from aigchip.generate.ask import module_request
from aigchip.generate.recorded import RecordedGenerator
from aigchip.llm.completion import ChatMessage
from aigchip.llm.record import Record
from aigchip.llm.replay import Replay
from aigchip.space.derive import local_parameters, module_of
from aigchip.space.files import load
from aigchip.tasks import default_generator
from aigchip.tasks.arguments import Arguments, parse
from aigchip.tasks.default_generator import with_generator

ROOT = Path(__file__).resolve().parents[3]
DESIGN = load(ROOT / "designs" / "example" / "design.yaml")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    monkeypatch.setenv("AIGCHIP_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("template", "demos", "boards", "testbench", "src"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "records").mkdir()


MESSAGES = (ChatMessage(role="system", content="Write."), ChatMessage(role="user", content="A module."))


def ship(*, older: str = "", model: str = "invented") -> None:
    """Ship a reply to every module of one design; the prompts of the module `older` have changed since."""
    generator = RecordedGenerator(replay=Replay(model=model))
    lines = []
    for instance, parameters in local_parameters(DESIGN).items():
        request = generator.ask(module_request(instance, parameters))
        messages = request.messages
        if module_of(instance) == older:
            messages = (messages[0], replace(messages[1], content="Something else."))
        record = Record(
            model=model, messages=messages, reply="int x;", module=module_of(instance), parameters=dict(parameters)
        )
        lines.append(record.line() + "\n")
    (paths.records_dir() / f"{model}.jsonl").write_text("".join(lines))


def chosen(*words: str, fixed: dict[str, int | str] | None = None) -> tuple[str, str]:
    choice = with_generator(parse(words), fixed or {})
    assert isinstance(choice.given, Arguments)
    return choice.given.text("generator"), choice.reason


def test_replies_that_answer_the_present_template_are_replayed() -> None:
    ship()
    assert chosen("trials=1") == ("recorded", "")
    assert chosen("trials=1", fixed={"reuse": DESIGN.reuse}) == ("recorded", "")
    assert chosen("trials=5") == ("recorded", "")


def test_replies_for_an_older_template_give_way_to_the_expert() -> None:
    ship()
    old = Record(model="invented", messages=MESSAGES, reply="int x;", module="post", parameters={"tile_m": 32})
    file = paths.records_dir() / "invented.jsonl"
    file.write_text(file.read_text() + old.line() + "\n")
    assert chosen("trials=1") == (
        "expert",
        "The expert generator writes the modules: prompts have changed since replies to them were recorded (post: 1).",
    )


def test_a_generator_that_is_named_is_taken_without_a_word() -> None:
    ship()
    assert chosen("generator=expert", "trials=1") == ("expert", "")
    assert chosen("generator=llm") == ("llm", "")


def test_without_replies_the_expert_writes() -> None:
    assert chosen() == ("expert", "The expert generator writes the modules: no model's replies ship.")


def test_replies_to_older_prompts_give_way_to_the_expert() -> None:
    ship(older="arbiter")
    assert chosen("trials=1") == (
        "expert",
        "The expert generator writes the modules: prompts have changed since replies to them were recorded (arbiter: 1).",
    )


def test_too_few_recorded_designs_give_way_to_the_expert() -> None:
    ship()
    assert chosen("trials=6") == (  # the modules of one design, at five clocks
        "expert",
        "The expert generator writes the modules: 5 designs can be made of recorded replies, 6 are wanted.",
    )
    other = "first" if DESIGN.reuse != "first" else "second"
    assert chosen("trials=1", fixed={"reuse": other}) == (
        "expert",
        "The expert generator writes the modules: 0 designs with the fixed parameters can be made of recorded replies, "
        "1 are wanted.",
    )


def test_replies_of_several_models_are_not_mixed() -> None:
    ship()
    ship(model="other")
    assert chosen("trials=1") == (
        "expert",
        "The expert generator writes the modules: replies of several models are recorded: invented, other.",
    )
    assert chosen("trials=1", "model=other") == ("recorded", "")


@pytest.mark.parametrize("begun", ["expert", "recorded"])
def test_a_study_that_was_begun_keeps_its_generator(begun: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_json(paths.studies_dir() / "default" / "study.json", {"settings": {"context": {"generator": begun}}})
    monkeypatch.setattr(default_generator, "shipped", lambda: pytest.fail("records were read"))
    assert chosen() == (begun, "")
