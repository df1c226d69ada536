"""Blocks that LLVM has shown to be unreachable take part in nothing."""

from __future__ import annotations

import pytest

from csynth.frontend.llvm_text import parse_module
from csynth.frontend.unreachable import without_unreachable

TEXT = """\
define i8 @f(i2 %value, i1 %flag) {{
entry:
  {last}
one:
  br label %end
two:
  br label %end
never:
  unreachable
end:
  %found = phi i8 [ 1, %one ], [ 2, %two ]
  ret i8 %found
}}
"""
SWITCH = "switch i2 %value, label %{} [\n{}\n  ]"


def switch(default: str, *targets: str) -> str:
    return SWITCH.format(default, "\n".join(f"    i2 {case}, label %{to}" for case, to in enumerate(targets)))


@pytest.mark.parametrize(
    ("last", "opcode", "targets", "cases"),
    [
        (switch("never", "one", "two", "one", "two"), "switch", ["two", "one", "two", "one"], [0, 1, 2]),
        (switch("one", "never", "two"), "switch", ["one", "two"], [1]),
        (switch("never", "two"), "br", ["two"], []),
        (switch("one", "two"), "switch", ["one", "two"], [0]),
        ("br i1 %flag, label %never, label %one", "br", ["one"], []),
        ("br i1 %flag, label %one, label %two", "br", ["one", "two"], []),
    ],
)
def test_branches_go_where_they_can(last: str, opcode: str, targets: list[str], cases: list[int]) -> None:
    (function,) = parse_module(TEXT.format(last=last)).functions.values()
    without_unreachable(function)
    found = function.blocks["entry"].terminator
    assert (found.opcode, found.targets, found.cases) == (opcode, targets, cases)
    assert "never" not in function.blocks
    if len(targets) == 1:
        assert not found.operands


def test_a_function_of_nothing_else_stays() -> None:
    (function,) = parse_module("define void @f() {\nentry:\n  unreachable\n}\n").functions.values()
    without_unreachable(function)
    assert list(function.blocks) == ["entry"]
