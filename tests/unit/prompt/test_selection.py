"""Choosing demonstrations by text."""

from __future__ import annotations

from aigchip.prompt.library import Demonstration
from aigchip.prompt.selection import DissimilarSelector, LexicalSelector, NoSelector, RandomSelector, similarities


def demo(name: str, instruction: str) -> Demonstration:
    return Demonstration(
        module="m", name=name, parameters={}, instruction=instruction, code="", made_by="x", licence="y", source="z"
    )


def test_the_same_text_is_1_and_no_common_word_is_0():
    assert similarities("tile 32 rows", ["tile 32 rows", "nothing shared here"]) == [1.0, 0.0]
    assert similarities("", ["a", ""]) == [0.0, 0.0]


def test_a_number_beside_its_word_counts():
    asked = "a tile of 32 rows and 64 columns"
    near, far = similarities(asked, ["a tile of 32 rows and 16 columns", "a tile of 64 rows and 32 columns"])
    assert near > far


def test_the_most_similar_come_first_and_ties_go_by_name():
    candidates = [demo("b", "x y"), demo("a", "x y"), demo("c", "x y z w"), demo("d", "q")]
    chosen = LexicalSelector().select("x y z w", candidates, 3)
    assert [one.name for one in chosen] == ["c", "a", "b"]
    assert LexicalSelector().select("x y z w", list(reversed(candidates)), 3) == chosen
    assert LexicalSelector().select("x", candidates, 9)[-1].name == "d"


def test_the_dissimilar_ones_come_in_the_opposite_order():
    candidates = [demo("b", "x y"), demo("c", "x y z w"), demo("d", "q")]
    assert [one.name for one in DissimilarSelector().select("x y z w", candidates, 2)] == ["d", "b"]


def test_a_random_choice_repeats_and_depends_on_seed_and_instruction():
    candidates = [demo(name, name) for name in "abcdefghij"]
    chosen = RandomSelector(seed=1).select("x", candidates, 3)
    assert len({one.name for one in chosen}) == 3
    assert RandomSelector(seed=1).select("x", list(reversed(candidates)), 3) == chosen
    others = [RandomSelector(seed=2).select("x", candidates, 3), RandomSelector(seed=1).select("y", candidates, 3)]
    assert chosen not in others
    assert len(RandomSelector().select("x", candidates[:2], 5)) == 2


def test_none_chooses_none():
    assert NoSelector().select("x", [demo("a", "x")], 2) == ()
