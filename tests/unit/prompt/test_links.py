"""Comments that tie code to the lines of its instruction."""

from __future__ import annotations

import random

from aigchip.prompt import links
from aigchip.space import derive, sampling
from aigchip.template import module as template

INSTRUCTION = "Write it.\n\n1. One.\n2. Two, as 2. says.\n10. Ten.\n"


def test_links_are_found_both_ways():
    found = links.resolve(INSTRUCTION, "a;  // [1]\nb;  // [2, 10] why\nc;  //[1]\n// see [3]\n")
    assert found.places == {1: (1, 3), 2: (2,), 10: (2,)}
    assert found.ok
    assert found.problems() == []


def test_what_is_missing_is_named():
    found = links.resolve(INSTRUCTION, "a;  // [1]\nb;  // [4, 10]\n")
    assert not found.ok
    assert found.problems() == [
        "line 2 of the instruction has no comment // [2]",
        "the comment // [4] in line 2 of the code names no line of the instruction",
    ]
    assert links.resolve("Write it.", "a;").problems() == ["the instruction has no numbered line"]


def test_the_experts_code_is_linked_to_its_instruction_at_every_point_of_the_space():
    rng = random.Random(7)
    for _ in range(25):
        for instance, parameters in derive.local_parameters(sampling.sample(rng)).items():
            module = template.load(instance)
            found = links.resolve(module.instruction(parameters), module.expert_code(parameters))
            assert found.problems() == [], (instance, parameters)
