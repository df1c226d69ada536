"""Ranges of values: what loops count, what tests tell, and where nothing may be concluded."""

import pytest

from csynth.ir.text import parse
from csynth.passes.demand import shrink
from csynth.passes.ranges import value_ranges


def loop(body: str, test: str, *, start: str = "#0:8", more: str = "") -> str:
    """A function whose loop has the phi i, its next value n and, where `test` is true, goes on."""
    return f"""program top=f

function f
  port a stream_in width=8 interface=default signed=0
  port out stream_out width=8 interface=default signed=0
  block entry
    %k:8 = read a id=1
    jump loop
  block loop
    %i:8 = phi [entry {start}] [loop %n:8]
{more}{body}
    write out %i:8 id=90
{test}
    branch %go:1 loop end
  block end
    return
"""


def ranges(text: str) -> dict[str, tuple[int, int]]:
    return value_ranges(parse(text).functions[0])


COUNTED = {
    "up to a constant": ("    %n:8 = add %i:8 #1:8 id=2", "    %go:1 = ne %n:8 #10:8 id=3", "#0:8", (0, 9)),
    "below a constant, in steps": ("    %n:8 = add %i:8 #3:8 id=2", "    %go:1 = ult %n:8 #10:8 id=3", "#0:8", (0, 9)),
    "the value before the step is tested": (
        "    %n:8 = add %i:8 #1:8 id=2",
        "    %go:1 = ult %i:8 #9:8 id=3",
        "#0:8",
        (0, 9),
    ),
    "signed, both not negative": (
        "    %n:8 = add %i:8 #1:8 id=2",
        "    %go:1 = slt %n:8 #10:8 id=3",
        "#0:8",
        (0, 9),
    ),
    "the constant stands first": ("    %n:8 = add %i:8 #1:8 id=2", "    %go:1 = ugt #10:8 %n:8 id=3", "#0:8", (0, 9)),
    "down to 1": ("    %n:8 = add %i:8 #255:8 id=2", "    %go:1 = ne %n:8 #0:8 id=3", "#9:8", (1, 9)),
    "down to 0": ("    %n:8 = sub %i:8 #1:8 id=2", "    %go:1 = ne %i:8 #0:8 id=3", "#9:8", (0, 9)),
    "a test turned round": (
        "    %n:8 = add %i:8 #1:8 id=2\n    %done:1 = eq %n:8 #10:8 id=4",
        "    %go:1 = xor %done:1 #1:1 id=3",
        "#0:8",
        (0, 9),
    ),
    "one of two tests": (
        "    %n:8 = add %i:8 #1:8 id=2\n    %in:1 = ult %n:8 #10:8 id=4\n    %more:1 = ne %k:8 #7:8 id=5",
        "    %go:1 = and %in:1 %more:1 id=3",
        "#0:8",
        (0, 9),
    ),
    "a choice that begins again": (
        "    %m:8 = add %i:8 #1:8 id=2\n    %last:1 = eq %m:8 #10:8 id=4\n    %n:8 = select %last:1 #0:8 %m:8 id=5",
        "    %go:1 = ne %k:8 #7:8 id=3",
        "#0:8",
        (0, 9),
    ),
}
WILD = {
    "it steps over the constant": ("    %n:8 = add %i:8 #3:8 id=2", "    %go:1 = ne %n:8 #10:8 id=3", "#0:8"),
    "it starts above the constant": ("    %n:8 = add %i:8 #1:8 id=2", "    %go:1 = ne %n:8 #10:8 id=3", "#250:8"),
    "the bound is no constant": ("    %n:8 = add %i:8 #1:8 id=2", "    %go:1 = ne %n:8 %k:8 id=3", "#0:8"),
    "either of two tests": (
        "    %n:8 = add %i:8 #1:8 id=2\n    %in:1 = ult %n:8 #10:8 id=4\n    %more:1 = ne %k:8 #7:8 id=5",
        "    %go:1 = or %in:1 %more:1 id=3",
        "#0:8",
    ),
    "it goes on where it should leave": ("    %n:8 = add %i:8 #1:8 id=2", "    %go:1 = eq %k:8 #10:8 id=3", "#0:8"),
    "signed, from a negative number": ("    %n:8 = add %i:8 #1:8 id=2", "    %go:1 = slt %n:8 #10:8 id=3", "#200:8"),
    "down, past 0": ("    %n:8 = sub %i:8 #1:8 id=2", "    %go:1 = ne %n:8 #5:8 id=3", "#3:8"),
}


@pytest.mark.parametrize("name", COUNTED)
def test_what_a_loop_counts(name):
    body, test, start, wanted = COUNTED[name]
    assert ranges(loop(body, test, start=start))["i"] == wanted


@pytest.mark.parametrize("name", WILD)
def test_where_every_value_may_occur(name):
    body, test, start = WILD[name]
    least, most = ranges(loop(body, test, start=start))["i"]
    occurring = range(min(int(start[1:-2]), 255), 256)
    assert least <= occurring[0]
    assert most == 255


@pytest.mark.parametrize(
    ("op", "wanted"),
    [
        ("%x:8 = and %k:8 #12:8", (0, 12)),
        ("%x:8 = or %n:8 #16:8", (16, 31)),
        ("%x:8 = lshr %k:8 #5:8", (0, 7)),
        ("%x:8 = lshr %n:8 %k:8", (0, 10)),
        ("%x:8 = udiv %k:8 #10:8", (0, 25)),
        ("%x:8 = udiv %k:8 #0:8", (0, 255)),
        ("%x:8 = urem %k:8 #10:8", (0, 9)),
        ("%x:8 = urem %n:8 %k:8", (0, 10)),
        ("%x:8 = umul %n:8 %n:8", (1, 100)),
        ("%x:8 = umul %n:8 #26:8", (0, 255)),
        ("%x:8 = sub #20:8 %n:8", (10, 19)),
        ("%x:8 = sub #9:8 %n:8", (0, 255)),
        ("%x:4 = trunc %n:8", (1, 10)),
        ("%x:3 = trunc %n:8", (0, 7)),
        ("%x:8 = shl %n:8 #1:8", (0, 255)),
    ],
)
def test_operations(op, wanted):
    text = loop(
        f"    %n:8 = add %i:8 #1:8 id=2\n    {op} id=7\n    write out %k:8 id=8", "    %go:1 = ne %n:8 #10:8 id=3"
    )
    found = ranges(text)
    assert (found["n"], found["x"]) == ((1, 10), wanted)


def test_shrink_keeps_a_counter_to_the_bits_that_it_has():
    body, test, start, _ = COUNTED["up to a constant"]
    function = shrink(parse(loop(body, test, start=start)).functions[0])
    phi = next(phi for block in function.blocks for phi in block.phis)
    assert phi.result.width_bits == 4
