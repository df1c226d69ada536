"""Control followed without data."""

import pytest

from csynth.ir.text import parse
from csynth.ir.trace import NoTraceError, trace

LOOP = """program top=f
function f
  port n scalar_in width=4 interface=default
  port s stream_in width=8 interface=default
  port o stream_out width=8 interface=default
  block entry
    %n:4 = scalar n id=1
    jump body
  block body
    %i:4 = phi [entry #0:4] [body %j:4]
    %x:8 = read s id=2
    %odd:1 = extract %i:4 id=3
    write o %x:8 if=%odd:1 id=4
    %j:4 = add %i:4 #1:4 id=5
    %c:1 = ult %j:4 #5:4 id=6
    branch %c:1 body done
  block done
    return
"""


def acts(text, limit=100):
    visits = trace(parse(text).function("f"), lambda op: op.opcode in ("read", "write"), limit=limit)
    return [op.opcode for visit in visits for op, _ in visit.acts]


def test_predicates_of_counters_are_known():
    assert acts(LOOP) == ["read", "read", "write", "read", "read", "write", "read"]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("#5:4", "%n:4", "a branch depends on data"),
        ("extract %i:4", "extract %x:8", "write o depends on data"),
        ("#5:4", "#15:4", "it is too long to follow"),
    ],
)
def test_what_has_no_trace_says_why(before, after, reason):
    with pytest.raises(NoTraceError) as caught:
        acts(LOOP.replace(before, after), limit=10)
    assert str(caught.value) == reason
