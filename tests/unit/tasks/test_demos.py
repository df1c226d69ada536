"""`./doit demos`: what it refuses, what it finds, and what it counts as shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.prompt import expert_demos
from aigchip.prompt.library import Library
from aigchip.tasks import demos
from aigchip.template import module as template
from aigchip.template.errors import TemplateError


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["covrage"], "demos: 'covrage' is not an action. Did you mean coverage?"),
        (
            ["coverage", "refresh"],
            "coverage refresh: demos takes one word at most. Use one of coverage, refresh, or none.",
        ),
    ],
)
def test_unknown_words_are_refused(words, line):
    with pytest.raises(AigchipError) as caught:
        demos.run(words)
    assert str(caught.value) == line


def test_a_missing_link_fails_before_any_tool_runs():
    demo = Library(root=paths.demos_dir()).demonstrations[0]
    checked = demos.check_one(replace(demo, code=demo.code.replace("// [6]", "//")))
    assert checked.passed == ()
    assert checked.error == "line 6 of the instruction has no comment // [6]"


def test_a_value_that_no_demonstration_shows_is_found():
    shown = Library(root=paths.demos_dir()).demonstrations
    assert not any(demos.unshown(shown)["mac"].values())
    fewer = [demo for demo in shown if demo.parameters.get("mac_width") != 2]
    assert demos.unshown(fewer)["mac"]["mac_width"] == [2]


def test_the_functions_that_a_demonstration_calls_fit_it():
    parameters = next(
        demo.parameters for demo in Library(root=paths.demos_dir()).demonstrations if demo.module == "pe_array"
    )
    called = expert_demos.callees("pe_array", parameters)
    assert list(called) == ["mac", "pe_lane"]
    assert template.load("pe_array").callees(parameters)[0] in called["pe_lane"]
    with pytest.raises(TemplateError) as caught:
        expert_demos.callees("pe_lane", {"lane_macs": 3})
    assert str(caught.value) == (
        "template module pe_lane: no design has these parameters: lane_macs 3. Show parameters that a design can have."
    )
