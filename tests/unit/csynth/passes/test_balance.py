from dataclasses import replace

from csynth.ir.interpret import run
from csynth.ir.text import parse, print_function
from csynth.ir.verify import verify
from csynth.passes.balance import balance

CHAIN = """
program top=f
function f
  port x stream_in width=16 interface=default
  port y stream_out width=32 interface=default
  port n scalar_in width=32 interface=default
  loop l header=body blocks=body pipeline=1 explicit=1 trips=1..?
  block entry
    %n:32 = scalar n id=1
    jump body
  block body
    %acc:32 = phi [entry #0:32] [body %sum3:32]
    %i:32 = phi [entry #0:32] [body %next:32]
    %a:16 = read x id=2
    %b:16 = read x id=3
    %c:16 = read x id=4
    %aa:32 = sext %a:16 id=5
    %bb:32 = sext %b:16 id=6
    %cc:32 = sext %c:16 id=7
    %sum1:32 = add %acc:32 %aa:32 id=8
    %sum2:32 = add %sum1:32 %bb:32 id=9
    %sum3:32 = add %sum2:32 %cc:32 id=10
    write y %sum3:32 id=11
    %next:32 = add %i:32 #1:32 id=12
    %more:1 = ult %next:32 %n:32 id=13
    branch %more:1 body exit
  block exit
    return
"""


def test_what_comes_from_the_iteration_before_is_added_last_and_the_rest_in_few_bits():
    adds = [
        line.split(" id=")[0].strip()
        for line in print_function(balanced().functions[0]).splitlines()
        if "= add" in line
    ]
    assert adds == [
        "%sum3.sum3:17 = add %sum3.sum1:17 %sum3.sum2:17",
        "%sum3.sum6:18 = add %sum3.sum4:18 %sum3.sum5:18",
        "%sum3:32 = add %sum3.sum7:32 %acc:32",
        "%next:32 = add %i:32 #1:32",
    ]


def test_the_sums_stay_the_same_at_the_ends_of_their_ranges():
    words = [0x8000] * 6 + [0x7FFF] * 6 + [1, 0xFFFF, 0x1234]
    before, after = (run(p, streams={"x": words}, scalars={"n": 5}).streams["y"] for p in (parse(CHAIN), balanced()))
    assert before == after


def balanced():
    program = parse(CHAIN)
    changed = replace(program, functions=tuple(balance(f) for f in program.functions))
    verify(changed)
    return changed
