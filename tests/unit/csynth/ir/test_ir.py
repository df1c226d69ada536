"""Text, verifier and interpreter of the IR."""

import pytest

from csynth.errors import InterpretError, IrError
from csynth.ir.interpret import Machine, run
from csynth.ir.text import parse, print_program
from csynth.ir.verify import verify

SUM = """program top=top

function total at="a.cpp:3:1"
  port s stream_in width=8 interface=axis signed=1
  port o stream_out width=32 interface=default
  port n scalar_in width=8 interface=default
  memory table array=table width=8 depth=4 storage=auto read_only=1 init=1,2,3,4
  loop SUM header=loop blocks=loop pipeline=1 explicit=1 trips=1..? at="a.cpp:4:2"
    dependence 3->3 distance=1 kind=order
  block entry
    %n:8 = scalar n id=1
    jump loop
  block loop
    %i:8 = phi [entry #0:8] [loop %i2:8]
    %a:32 = phi [entry #0:32] [loop %a2:32]
    %x:8 = read s id=3
    %low:2 = trunc %i:8 id=9
    %weight:8 = load table %low:2 id=10
    %product:32 = smul %x:8 %weight:8 impl=dsp latency=2 id=4
    %a2:32 = add %a:32 %product:32 id=5
    %i2:8 = add %i:8 #1:8 id=6
    %c:1 = ult %i2:8 %n:8 id=7
    branch %c:1 loop done
  block done
    write o %a2:32 id=8
    return

function top
  port s stream_in width=8 interface=axis
  port o stream_out width=32 interface=default
  port n scalar_in width=8 interface=default
  channel c width=32 depth=1
  process p total bind=s:=s bind=o:=c bind=n:=n
  process q copy bind=s:=c bind=o:=o

function copy
  port s stream_in width=32 interface=default
  port o stream_out width=32 interface=default
  block entry
    %x:32 = read s id=1
    write o %x:32 id=2
    return
"""


def test_text_round_trip():
    program = parse(SUM)
    verify(program)
    assert print_program(program) == SUM
    assert parse(print_program(program)) == program


@pytest.mark.parametrize("bounded", [False, True])
def test_dataflow_with_a_kept_function(bounded):
    outcome = run(parse(SUM), streams={"s": [1, 2, 255, 7]}, scalars={"n": 3}, bounded=bounded)
    assert outcome.streams == {"o": [1 + 4 - 3]}
    assert outcome.left == {"s": [7]}


def test_a_starved_process_is_a_deadlock_that_names_its_stream():
    with pytest.raises(InterpretError) as caught:
        run(parse(SUM), streams={"s": [1]}, scalars={"n": 3})
    assert (
        str(caught.value)
        == "csynth: top waits for ever: total reads the empty stream s; copy reads the empty stream s. Give it all the words that it reads."
    )


def test_a_run_without_end_is_stopped():
    program = parse(
        "program top=f\nfunction f\n  block entry\n    jump loop\n  block loop\n    branch #1:1 loop done\n  block done\n    return\n"
    )
    with pytest.raises(InterpretError) as caught:
        Machine(program, max_blocks=100).run()
    assert str(caught.value) == "csynth: f does not end. Check the loops' conditions."


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("smul %x:8", "smul %y:8", "function total: block loop: %y is never defined."),
        ("%low:2 = trunc %i:8 id=9", "%low:2 = trunc %i:9 id=9", "function total: block loop: %i has 8 bits and is used as 9."),
        ("jump loop", "jump nowhere", "function total: block entry goes to 'nowhere'; must be a block."),
        ("%a2:32 = add %a:32 %product:32 id=5", "%a2:32 = add %a:32 %i:8 id=5",
         "function total: block loop, op 5 (add): operands and result must have one width."),
        ("write o %a2:32 id=8", "write s %a2:32 id=8",
         "function total: block done, op 8 (write): its target is 's'; must be a stream of that direction or a channel."),
        ("branch %c:1 loop done", "branch %c:1 done done",
         "function total: block loop: phi %i must have one value for each of ['entry']."),
        ("bind=n:=n", "", "function top: process p leaves port n of total unbound."),
        ("3->3 distance=1", "3->99 distance=1",
         "function total: loop SUM: the dependence 3->99 must join two of its ops at a distance of 0 or more."),
        ("id=7", "id=6", "function total: two ops have id 6."),
        ("add %i:8 #1:8", "add %i:8 #256:8", "function total: block loop: the constant 256 does not fit in 8 bits."),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named(before, after, text):
    assert before in SUM
    with pytest.raises(IrError) as caught:
        verify(parse(SUM.replace(before, after, 1)))
    assert str(caught.value) == f"csynth: {text}"


def test_text_that_cannot_be_read_is_refused_with_its_line():
    with pytest.raises(IrError) as caught:
        parse("program top=f\nfunction f\n  block entry\n    %a:8 = add %b\n")
    assert str(caught.value).startswith("csynth: line 4 of the IR text is '%a:8 = add %b'; it cannot be read:")
