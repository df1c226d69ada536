"""The replies that ship in records/ belong to the prompts of the present template.

A failure says that the template, a prompt or a demonstration changed: have the requests answered anew (./doit llm export),
or delete the lines, and the expert becomes the default again. Where none ship, that is all there is to test.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from aigchip.core.errors import InputError
from aigchip.experiment.tables import questions, tables
from aigchip.generate.ask import module_request
from aigchip.generate.recorded import RecordedGenerator
from aigchip.llm.completion import ChatRequest, Completion
from aigchip.llm.replay import Replay, choose_model, shipped
from aigchip.tasks.arguments import parse
from aigchip.tasks.default_generator import with_generator
from aigchip.tasks.experiments import Source
from aigchip.tasks.recorded_space import recorded_designs, recorded_variants, stale

ROOT = Path(__file__).resolve().parents[2]
SHIP = any((ROOT / "records").glob("*.jsonl"))
of_records = pytest.mark.skipif(not SHIP, reason="no model's replies to the present prompts ship")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))
    monkeypatch.setenv("AIGCHIP_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def generator() -> RecordedGenerator:
    return RecordedGenerator(replay=Replay(model=choose_model()))


@of_records
def test_every_module_that_is_recorded_is_asked_for_in_the_same_words(generator: RecordedGenerator) -> None:
    assert stale(generator, recorded_variants(generator)) == {}


@of_records
def test_a_search_replays_them_by_default_and_finds_two_hundred_designs(generator: RecordedGenerator) -> None:
    choice = with_generator(parse([]), {})
    assert (choice.given.text("generator"), choice.reason) == ("recorded", "")
    assert len(recorded_designs(generator)) >= 200
    assert recorded_designs(generator, choice.known) == recorded_designs(generator)


@of_records
def test_each_is_asked_for_by_a_module_or_a_study(
    generator: RecordedGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    find = Replay.find

    def noted(self: Replay, request: ChatRequest) -> Completion | None:
        asked.add(request.conversation)
        return find(self, request)

    monkeypatch.setattr(Replay, "find", noted)
    recorded_variants(generator)
    source = Source(models=(generator.replay.model,), recorded=True, given=parse([]))
    requests = [module_request(question.instance, question.parameters) for question in questions(1)]
    for cell in (cell for table in tables(source.models) for cell in table.cells if cell.name != "embeddings"):
        writer = source.generator(cell)
        for request in requests:
            writer.has(request)
    first = {record.messages for record in shipped().values() if record.request().conversation in asked}
    left = [record.module for record in shipped().values() if record.messages[:2] not in first]
    assert left == []


@of_records
def test_each_says_whose_it_is_when_it_was_given_and_that_its_sampling_is_unknown() -> None:
    for record in shipped().values():
        assert record.model
        assert record.date.startswith("20")
        assert record.sampling is None
        assert record.source not in {"endpoint", "batch"}
        assert record.outcome or record.module == "ranking"  # a ranking is no code that could be judged


@pytest.mark.skipif(SHIP, reason="replies ship")
def test_without_any_the_expert_is_the_default_and_recorded_says_that_there_are_none() -> None:
    assert shipped() == {}
    choice = with_generator(parse([]), {})
    assert choice.given.text("generator") == "expert"
    assert choice.reason == "The expert generator writes the modules: no model's replies ship."
    with pytest.raises(InputError, match="no model's replies are recorded"):
        choose_model()
