"""Dependence analysis against brute force: no dependence may be missed, and most distances are exact."""

import random

from csynth.frontend import compile_source
from csynth.ir.model import Program

HEAD = '#include "hls_stream.h"\n'
_SIZE = 64


def _loop(number: int, choose: random.Random) -> tuple[str, dict]:
    """A loop that stores to one array element and loads another; both subscripts are affine in its counter and an outer one."""
    trips, outer = choose.randint(2, 12), choose.randint(1, 4)
    while True:
        store = [choose.choice((-2, -1, 0, 1, 1, 2, 3)), choose.choice((0, 0, 1, 4)), choose.randint(0, 40)]
        load = [choose.choice((-2, -1, 0, 1, 1, 2, 3)), choose.choice((store[1], 0, 1)), choose.randint(0, 40)]
        if choose.random() < 0.5:
            load = [store[0], store[1], store[2] + choose.randint(-6, 6)]
        values = [a * i + b * r + c for a, b, c in (store, load) for i in range(trips) for r in range(outer)]
        if min(values) >= 0 and max(values) < _SIZE:
            break
    text = f"""
  for (int r = 0; r < {outer}; r++)
    L{number}: for (int i = 0; i < {trips}; i++) {{
#pragma HLS pipeline
#pragma HLS loop_flatten off
      a[{store[0]} * i + {store[1]} * r + {store[2]}] = a[{load[0]} * i + {load[1]} * r + {load[2]}] + in.read();
    }}"""
    return text, {"trips": trips, "outer": outer, "store": store, "load": load}


def _true_distance(shape: dict, first: str, second: str) -> int | None:
    """Least distance in iterations of the inner loop, over all iterations of the outer one, by enumeration."""

    def at(which: str, i: int, r: int) -> int:
        a, b, c = shape[which]
        return a * i + b * r + c

    found = [
        j - i
        for r in range(shape["outer"])
        for i in range(shape["trips"])
        for j in range(i + 1, shape["trips"])
        if at(first, i, r) == at(second, j, r)
    ]
    return min(found, default=None)


def _judge(program: Program, shapes: dict[str, dict]) -> tuple[int, int]:
    exact = total = 0
    function = program.function(program.top)
    for loop in function.loops:
        if loop.name not in shapes:
            continue
        block = next(b for b in function.blocks if b.name == loop.header)
        ids = {op.opcode: op.id for op in block.ops if op.opcode in {"load", "store"}}
        if len(ids) < 2:  # one element in all iterations: LLVM keeps it in a register
            continue
        for first, second in (("store", "load"), ("load", "store")):
            true = _true_distance(shapes[loop.name], first, second)
            claimed = [d for d in loop.dependences if d.distance and (d.source, d.sink) == (ids[first], ids[second])]
            assert all(d.reason for d in claimed)
            if true is not None:
                assert claimed, (loop.name, shapes[loop.name], first, second)
                assert claimed[0].distance <= true, (loop.name, shapes[loop.name], first, second)
            total += 1
            exact += true == (claimed[0].distance if claimed else None)
    return exact, total


def test_no_dependence_is_missed_and_most_distances_are_exact():
    choose = random.Random(7)
    exact = total = 0
    for program in range(4):
        shapes, texts = {}, []
        for number in range(30):
            text, shapes[f"L{number}"] = _loop(number, choose)
            texts.append(text)
        source = f"{HEAD}void f(hls::stream<int>& in, hls::stream<int>& out) {{\n  int a[{_SIZE}];{''.join(texts)}\n  for (int i = 0; i < {_SIZE}; i++) out.write(a[i]);\n}}\n"
        found = _judge(compile_source((f"random{program}.cpp", source), top="f"), shapes)
        exact, total = exact + found[0], total + found[1]
    assert total > 150
    assert exact >= 0.95 * total, (exact, total)


def distances(body: str, declarations: str = "int a[256];") -> list[tuple[int, str]]:
    source = f"{HEAD}void f(hls::stream<int>& in, hls::stream<int>& out, int n) {{\n  {declarations}\n  L: {body}\n  for (int i = 0; i < 8; i++) out.write(a[i + n]);\n}}\n"
    program = compile_source(("s.cpp", source), top="f")
    loop = next(x for x in program.function("f").loops if x.name == "L")
    return [(d.distance, d.reason) for d in loop.dependences if d.distance]


def _in_loop(bound: str, statement: str) -> str:
    return f"for (int i = 0; i < {bound}; i++) {{\n#pragma HLS pipeline\n    {statement}\n  }}"


def test_symbolic_subscripts_give_a_distance():
    assert distances(_in_loop("100", "a[i + n] = a[i + n - 1] + in.read();")) == [
        (1, "store to a (line 6) -> load from a (line 6): 1 iteration apart")
    ]
    assert distances(_in_loop("n", "a[i + 7] = a[i] + in.read();")) == [
        (7, "store to a (line 6) -> load from a (line 6): 7 iterations apart")
    ]


def test_what_cannot_meet_has_no_dependence():
    assert not distances(_in_loop("128", "a[i + 128] = a[i] + in.read();"))
    assert not distances(_in_loop("127", "a[2 * i] = a[2 * i + 1] + in.read();"))
    assert not distances(_in_loop("n", "a[2 * i + 2 * n] = a[2 * n - 4 * i + 1] + in.read();"))
    assert not distances(_in_loop("n", "a[(in.read() & 7) + 8] = a[i & 7];"))


def test_what_is_not_known_says_why():
    found = distances(_in_loop("n", "a[in.read() & 255] += 1;"))
    assert found == [
        (
            1,
            "load from a (line 6) -> store to a (line 6): perhaps 1 iteration apart, the subscript holds a computed value,"
            " which may be any number in each iteration",
        ),
        (
            1,
            "store to a (line 6) -> load from a (line 6): perhaps 1 iteration apart, the subscript holds a computed value,"
            " which may be any number in each iteration",
        ),
    ]
    assert distances(_in_loop("n", "a[i + n] = a[i] + in.read();"))[-1] == (
        1,
        "store to a (line 6) -> load from a (line 6): perhaps 1 iteration apart, the subscript holds values from outside"
        " of the loop that do not cancel",
    )


def test_the_pragma_is_obeyed():
    stated = _in_loop(
        "n",
        "\n#pragma HLS dependence variable=a type=inter direction=raw distance=5 dependent=true\n    a[in.read() & 255] += 1;",
    )
    assert [d for d, _ in distances(stated)] == [1, 5]
    assert distances(stated)[1][1].endswith("5 iterations apart, as the dependence pragma says")
    assert not distances(
        _in_loop("n", "\n#pragma HLS dependence variable=a type=inter dependent=false\n    a[in.read() & 255] += 1;")
    )
    only = _in_loop(
        "n",
        "\n#pragma HLS dependence variable=a type=inter direction=raw dependent=false\n    a[in.read() & 255] += 1;",
    )
    assert [reason[:9] for _, reason in distances(only)] == ["load from"]


def test_a_counter_that_wraps_round_meets_itself():
    body = "for (int k = 0; k < n; k++) {\n#pragma HLS pipeline\n    a[i] = a[(unsigned char)(i + 3)] + in.read();\n    i++;\n  }"
    found = distances(body, "int a[256]; unsigned char i = n;")
    assert [(d, r.split(" (")[0]) for d, r in found] == [(3, "load from a")] or min(d for d, _ in found) <= 3
