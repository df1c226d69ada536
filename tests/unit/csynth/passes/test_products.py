"""Products in simplify: factors wider than the product, and factors with zeros below."""

import random

from csynth.ir.interpret import run
from csynth.ir.text import parse, print_function
from csynth.ir.verify import verify
from csynth.passes.simplify import simplify

PROGRAM = """
program top=f
function f
  port a scalar_in width=8 interface=default
  port b scalar_in width=9 interface=default
  port cut scalar_out width=20 interface=default
  port shifted scalar_out width=30 interface=default
  port both scalar_out width=12 interface=default
  block entry
    %a:8 = scalar a id=1
    %b:9 = scalar b id=2
    %a20:20 = sext %a:8 id=3
    %a24:24 = zext %a20:20 id=4
    %p:20 = smul %a24:24 %b:9 id=5
    set cut %p:20 id=6
    %b13:13 = concat %b:9 #0:4 id=7
    %q:30 = smul %b13:13 %a:8 id=8
    set shifted %q:30 id=9
    %a11:11 = concat %a:8 #0:3 id=10
    %r:12 = umul %a11:11 %b13:13 id=11
    set both %r:12 id=12
    return
"""


def test_products_take_what_counts_of_their_factors():
    program = parse(PROGRAM)
    better = simplify(program.functions[0])
    verify(parse("program top=f\n" + print_function(better)))
    products = [line.split(" id=")[0].strip() for line in print_function(better).splitlines() if "mul %" in line]
    assert products == ["%p.2:17 = smul %a:8 %b:9", "%r.4:5 = umul %r.2:5 %r.3:5"]  # the second is the first, shifted
    generator = random.Random(1)
    changed = parse("program top=f\n" + print_function(better))
    for _ in range(200):
        values = {"a": generator.choice([0, 128, 255, generator.getrandbits(8)]), "b": generator.getrandbits(9)}
        assert run(program, scalars=values).scalars == run(changed, scalars=values).scalars
