from dataclasses import replace
from itertools import product

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


LADDER = """
program top=f
function f
  port a scalar_in width=8 interface=default
  port b scalar_in width=8 interface=default
  port c scalar_in width=8 interface=default
  port d scalar_in width=9 interface=default
  port out scalar_out width=16 interface=default
  port unsigned scalar_out width=16 interface=default
  port wraps scalar_out width=16 interface=default
  block entry
    %a:8 = scalar a id=1
    %b:8 = scalar b id=2
    %c:8 = scalar c id=3
    %d:9 = scalar d id=4
    %a9:9 = sext %a:8 id=5
    %b9:9 = sext %b:8 id=6
    %ab:9 = add %a9:9 %b9:9 id=7
    %ab10:10 = sext %ab:9 id=8
    %c10:10 = sext %c:8 id=9
    %abc:10 = add %ab10:10 %c10:10 id=10
    %abc16:16 = sext %abc:10 id=11
    %sum:16 = add %abc16:16 #65000:16 id=12
    set out %sum:16 id=13
    %u9:9 = zext %a:8 id=14
    %v9:9 = zext %b:8 id=15
    %uv:9 = add %u9:9 %v9:9 id=16
    %uv16:16 = zext %uv:9 id=17
    %w16:16 = sext %c:8 id=18
    %mixed:16 = add %uv16:16 %w16:16 id=19
    set unsigned %mixed:16 id=20
    %bd:9 = add %b9:9 %d:9 id=21
    %bd16:16 = sext %bd:9 id=22
    %three:16 = add %bd16:16 %w16:16 id=23
    set wraps %three:16 id=24
    return
"""


def test_sums_that_grow_bit_by_bit_become_trees_and_what_may_wrap_stays():
    program = parse(LADDER)
    changed = replace(program, functions=tuple(balance(f) for f in program.functions))
    verify(changed)
    adds = [
        line.split(" id=")[0].strip() for line in print_function(changed.functions[0]).splitlines() if "= add" in line
    ]
    assert adds == [
        "%sum.sum2:12 = add #3560:12 %sum.sum1:12",
        "%sum.sum5:9 = add %sum.sum3:9 %sum.sum4:9",
        "%sum:16 = add %sum.sum6:16 %sum.sum7:16",
        "%mixed.sum3:9 = add %mixed.sum1:9 %mixed.sum2:9",
        "%mixed:16 = add %mixed.sum4:16 %mixed.sum5:16",
        "%bd:9 = add %b9:9 %d:9",
        "%three:16 = add %bd16:16 %w16:16",
    ]
    ends = [0, 1, 127, 128, 255]
    for a, b, c in product(ends, repeat=3):
        for d in (0, 128, 255, 256, 511):
            given = {"a": a, "b": b, "c": c, "d": d}
            assert run(program, scalars=given).scalars == run(changed, scalars=given).scalars
