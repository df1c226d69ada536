"""Demonstrations chosen by asking an endpoint: the model's own ranking, and embeddings."""

import json
import logging
from dataclasses import replace

import pytest
from support.chat_server import Answer, chat_server

from aigchip.core import paths
from aigchip.generate.ask import module_request
from aigchip.generate.llm import LlmGenerator
from aigchip.generate.nearness import EmbeddingSelector, cosine
from aigchip.generate.ranking import RankingSelector
from aigchip.generate.recorded import RecordedGenerator
from aigchip.llm.client import Client
from aigchip.llm.embedding import Embedder
from aigchip.llm.errors import LlmError
from aigchip.llm.records import Records
from aigchip.llm.replay import MissingReplyError, Replay
from aigchip.llm.settings import Settings
from aigchip.prompt.library import Demonstration
from aigchip.prompt.render import PromptWriter
from aigchip.space.derive import local_parameters
from aigchip.space.files import load


def demo(name: str, instruction: str) -> Demonstration:
    return Demonstration(module="mac", name=name, parameters={}, instruction=instruction, code="x", made_by="test",
                         licence="Apache-2.0", source="test")  # fmt: skip


LIBRARY = (demo("d1", "two multipliers"), demo("d2", "four multipliers"), demo("d3", "four dividers"))


def client_of(server, tmp_path, **settings) -> Client:
    return Client(settings=Settings(model="m", base_url=server.url, tries=1, **settings), scope="s",
                  records=Records(path=tmp_path / "r.sqlite"))  # fmt: skip


def ranked(*titles: str) -> str:
    return json.dumps({"most_similar": list(titles)})


def names(chosen) -> list[str]:
    return [demonstration.name for demonstration in chosen]


def test_the_model_ranks_and_is_asked_once(tmp_path):
    with chat_server(ranked("mac/d3", "mac/d1")) as server:
        selector = RankingSelector(client=client_of(server, tmp_path))
        assert names(selector.select("four multipliers", LIBRARY, 2)) == ["d3", "d1"]
        assert names(selector.select("four multipliers", tuple(reversed(LIBRARY)), 2)) == ["d3", "d1"]
    assert len(server.requests) == 1
    assert server.requests[0]["messages"][1]["content"] == (
        "# The instruction\n\nfour multipliers\n\n# The library\n\n### mac/d1\ntwo multipliers\n\n### mac/d2\n"
        "four multipliers\n\n### mac/d3\nfour dividers\n\n"
        "Name the 2 most similar of the library by their titles (`mac/d1`), the most similar first."
    )


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        (ranked("mac/d3"), ["d3", "d2"]),
        (ranked("mac/d9", "mac/d3", "mac/d3"), ["d3", "d2"]),
        (ranked(), ["d2", "d1"]),
        (ranked("mac/d1", "mac/d3", "mac/d2"), ["d1", "d3"]),
        ("no idea", ["d2", "d1"]),
    ],
)
def test_what_the_model_does_not_rank_is_chosen_by_text(tmp_path, caplog, said, chosen):
    with chat_server(said) as server, caplog.at_level(logging.WARNING):
        selector = RankingSelector(client=client_of(server, tmp_path))
        assert names(selector.select("exactly four multipliers", LIBRARY, 2)) == chosen
    told = "mac: the model gave no ranking; the demonstrations are chosen by their text"
    assert caplog.messages == ([told] if said == "no idea" else [])


def test_a_fault_of_the_endpoint_is_no_ranking(tmp_path):
    with chat_server(Answer(status=401, error={"message": "no"})) as server, pytest.raises(LlmError) as error:
        RankingSelector(client=client_of(server, tmp_path)).select("x", LIBRARY, 2)
    assert error.value.code == "no-key"


def vectors(*rows: list[float]) -> Answer:
    data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    return Answer(body=json.dumps({"object": "list", "data": data[::-1], "model": "e", "usage": usage}))


def test_embeddings_choose_by_their_angle_and_are_asked_for_once(tmp_path):
    def answer(body, _number):
        return vectors([1.0, 0.1]) if len(body["input"]) == 1 else vectors([0, 2], [3, 0], [1, 1])

    with chat_server(by_request=answer) as server:
        client = client_of(server, tmp_path, embedding_model="e")
        selector = EmbeddingSelector(
            embedder=Embedder(client=replace(client, settings=replace(client.settings, model="e")))
        )
        for _ in range(2):
            assert names(selector.select("four", LIBRARY, 3)) == ["d2", "d3", "d1"]
    assert [(body["model"], len(body["input"])) for body in server.requests] == [("e", 3), ("e", 1)]
    rows = Records(path=tmp_path / "r.sqlite").rows()
    assert {row.module for row in rows} == {"embedding"}
    assert [row.prompt_tokens for row in rows] == [5, 5]


@pytest.mark.parametrize(
    "answer",
    [vectors([1.0, 2.0]), vectors([1.0], [1.0, 2.0], [1.0]), Answer(body='{"data": []}'), Answer(body="<html>")],
    ids=["too few", "unequal", "none", "no JSON"],
)
def test_wrong_embeddings_are_one_line(tmp_path, answer):
    with chat_server(answer) as server, pytest.raises(LlmError) as error:
        Embedder(client=client_of(server, tmp_path)).vectors(["a", "b", "c"])
    assert error.value.code == "malformed-reply"
    assert "\n" not in str(error.value)


def test_an_angle_does_not_depend_on_lengths():
    assert cosine([1, 1], [5, 5]) == pytest.approx(1)
    assert cosine([1, 0], [0, 3]) == 0
    assert cosine([0, 0], [0, 3]) == 0


def test_a_key_needs_no_request_and_follows_what_is_asked(tmp_path):
    design = load(paths.designs_dir() / "example" / "design.yaml")
    request = module_request("mac", local_parameters(design)["mac"])
    with chat_server(ranked()) as server:
        client = client_of(server, tmp_path)
        generator = LlmGenerator(client=client, prompts=PromptWriter(selector=RankingSelector(client=client)))
        key = generator.inputs(request)
        fewer = replace(generator, prompts=replace(generator.prompts, demonstrations=1)).inputs(request)
        by_text = replace(generator, prompts=PromptWriter()).inputs(request)
        changed = generator.inputs(replace(request, instruction="Write it."))
    assert server.requests == []
    assert len({json.dumps(inputs, sort_keys=True) for inputs in (key, fewer, by_text, changed)}) == 4


def test_recorded_rankings_are_replayed_and_a_missing_one_names_its_request(tmp_path):
    design = load(paths.designs_dir() / "example" / "design.yaml")
    request = module_request("mac", local_parameters(design)["mac"])
    replay = Replay(
        model="m", folder=tmp_path / "none", records=Records(path=tmp_path / "r.sqlite"), into=tmp_path / "asked"
    )
    generator = RecordedGenerator(replay=replay, prompts=PromptWriter(selector=RankingSelector(client=replay)))
    assert not generator.has(request)
    with pytest.raises(MissingReplyError) as error:
        generator.generate(request)
    assert error.value.request is not None
    assert error.value.request.purpose.module == "ranking"
    assert list((tmp_path / "asked").glob("ranking-*.md"))
