"""What `why` says about changed inputs."""

from pathlib import Path
from types import SimpleNamespace

from aigchip.tasks.why import changed_inputs, explain


def test_short_values_are_shown_and_hashes_are_named():
    before = {"seed": 1, "code": "a" * 40, "tools": {"zig": "0.17", "bench": "b" * 40}}
    now = {"seed": 2, "code": "c" * 40, "tools": {"zig": "0.17", "bench": "b" * 40}}
    assert changed_inputs(before, now) == ["seed (1 -> 2)", "code"]


def test_inputs_that_come_or_go_are_named():
    assert changed_inputs({"a": 1, "b": {"c": 2}}, {"a": 1, "d": 3}) == ["b.c", "d"]


class Made:
    """A step whose inputs are one word; `there` says whether its result is in the store."""

    def __init__(self, word: str, there: bool, needs: tuple[str, ...] = ()) -> None:
        self.word, self.there, self.needs = word, there, needs

    def step(self):
        return self

    def inputs(self):
        return {"word": self.word}


def explained(nodes: dict[str, Made], before: dict[str, str]) -> list[str]:
    flow = SimpleNamespace(nodes=nodes, result=lambda name: Path(name) if nodes[name].there else None)
    record = SimpleNamespace(areas={}, steps={name: {"inputs": {"word": word}} for name, word in before.items()})
    _, lines = explain(SimpleNamespace(record=record, areas={}, flow=flow))
    return [" ".join(line.split()) for line in lines]


def test_a_result_that_is_there_is_not_made_anew_because_an_earlier_step_is():
    nodes = {"audit:mac": Made("new", False), "modules:mac": Made("old", True, ("audit:mac",))}
    assert explained(nodes, {"audit:mac": "old", "modules:mac": "old"}) == ["audit:mac changed: word (old -> new)"]


def test_a_result_that_is_missing_is_named():
    nodes = {"modules:mac": Made("old", False)}
    assert explained(nodes, {"modules:mac": "old"}) == ["modules:mac its result is gone from the store, or damaged"]
