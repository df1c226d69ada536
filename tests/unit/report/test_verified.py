"""The page of what has run."""

import pytest

from aigchip.report.verified import PATHS, render


def test_a_path_without_a_passed_test_is_never_run() -> None:
    page = render({}, {})
    assert page.count("| never | - |") == len(PATHS)


def test_a_passed_test_makes_its_path_real_and_a_stand_in_stays_a_stand_in() -> None:
    page = render(
        {"csynth": ["a", "b", "a"], "llm": ["c"]}, {"ziglang": "1", "llvmlite": "2", "highspy": "3", "openai": "4"}
    )
    assert "| Compile HLS C++ to Verilog | ziglang 1, llvmlite 2, highspy 3 | real | 2 |" in page
    assert "| Generate modules through an OpenAI-compatible endpoint | openai 4 | stand-in | 1 |" in page


def test_a_path_that_nothing_can_run_stays_never_whatever_a_test_says() -> None:
    assert "| Run on a ZCU104 | - | never | 1 |" in render({"board": ["x"]}, {})


def test_an_unknown_path_is_refused() -> None:
    with pytest.raises(ValueError, match="verified path is 'csnyth'; must be one of board, board-sim, cosim, csim"):
        render({"csnyth": ["x"]}, {})
