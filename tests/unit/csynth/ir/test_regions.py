"""Regions with arrays and scalars between processes: text, rules, execution."""

import pytest

from csynth.errors import InterpretError, IrError
from csynth.ir.interpret import Machine, run
from csynth.ir.text import parse, print_program
from csynth.ir.verify import verify

REGION = """program top=top
function top
  port s stream_in width=8 interface=default
  port o stream_out width=8 interface=default
  channel a width=8 depth=2 kind=pipo words=2
  channel k width=8 depth=2 kind=scalar
  process fill fill bind=s:=s bind=a:=a bind=k:=k
  process show show bind=a:=a bind=k:=k bind=o:=o
function fill
  port s stream_in width=8 interface=default
  port a memory width=8 interface=default depth=2 writes=1
  port k scalar_out width=8 interface=default
  block entry
    %x:8 = read s id=1
    store a #0:1 %x:8 id=2
    %y:8 = read s id=3
    store a #1:1 %y:8 id=4
    set k #7:8 id=5
    return
function show
  port a memory width=8 interface=default depth=2 reads=1
  port k scalar_in width=8 interface=default
  port o stream_out width=8 interface=default
  block entry
    %k:8 = scalar k id=1
    %y:8 = load a #1:1 id=2
    %z:8 = add %y:8 %k:8 id=3
    write o %z:8 id=4
    return
"""


def test_text_is_read_back():
    program = parse(REGION)
    verify(program)
    assert parse(print_program(program)) == program


def test_each_call_uses_the_next_buffer():
    machine = Machine(parse(REGION))
    assert [machine.run(streams={"s": [n, n + 1]}).streams["o"] for n in (1, 5, 9)] == [[9], [13], [17]]


def test_a_process_that_waits_for_an_array_is_named():
    with pytest.raises(InterpretError) as caught:
        run(parse(REGION), streams={"s": [1]})
    assert str(caught.value) == (
        "csynth: top waits for ever: fill reads the empty stream s; show waits for a. Give it all the words that it reads."
    )


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("port s stream_in", "port s stream_in depth=3", "function top: port s has depth 3; must be 1 or more for a memory, else 0."),
        ("kind=pipo words=2", "kind=pipo", "function top: channel a is a pipo of depth 2 with 0 words; must fit together."),
        ("words=2", "words=3", "function top: process fill binds a (memory, 8 bits) to a, which does not match."),
        ("depth=2 reads=1", "depth=2 writes=1",
         "function show: block entry, op 2 (load): its target is 'a'; must be a memory port with that side."),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named(before, after, text):
    assert before in REGION
    with pytest.raises(IrError) as caught:
        verify(parse(REGION.replace(before, after, 1)))
    assert str(caught.value) == f"csynth: {text}"
