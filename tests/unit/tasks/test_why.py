"""What `why` says about changed inputs."""

from aigchip.tasks.why import changed_inputs


def test_short_values_are_shown_and_hashes_are_named():
    before = {"seed": 1, "code": "a" * 40, "tools": {"zig": "0.17", "bench": "b" * 40}}
    now = {"seed": 2, "code": "c" * 40, "tools": {"zig": "0.17", "bench": "b" * 40}}
    assert changed_inputs(before, now) == ["seed (1 -> 2)", "code"]


def test_inputs_that_come_or_go_are_named():
    assert changed_inputs({"a": 1, "b": {"c": 2}}, {"a": 1, "d": 3}) == ["b.c", "d"]
