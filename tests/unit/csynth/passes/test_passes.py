"""The passes keep the meaning of random functions."""

import random

import pytest

from csynth.ir.interpret import run
from csynth.ir.model import Block, Const, Function, Op, Port, PortKind, Program, Ref, Return
from csynth.ir.text import print_program
from csynth.ir.verify import verify
from csynth.passes import optimise

_SAME = ["add", "sub", "mul", "and", "or", "xor", "udiv", "sdiv", "urem", "srem"]
_SHIFTS = ["shl", "lshr", "ashr"]
_COMPARES = ["eq", "ne", "ult", "ule", "ugt", "uge", "slt", "sle", "sgt", "sge"]
INPUTS = {"a": 8, "b": 13, "c": 1, "d": 70}


def random_function(seed: int) -> Program:
    generator = random.Random(seed)
    ports = [Port(name=n, kind=PortKind.SCALAR_IN, width_bits=w) for n, w in INPUTS.items()]
    ops = [Op(id=k, opcode="scalar", result=Ref(n, w), target=n) for k, (n, w) in enumerate(INPUTS.items())]
    pool = [o.result for o in ops]

    def some(width=None):
        if generator.random() < 0.25:
            width = width or generator.choice([1, 4, 8, 20])
            value = generator.choice(
                [
                    0,
                    1,
                    (1 << width) - 1,
                    1 << (width - 1),
                    generator.getrandbits(width),
                    1 << generator.randrange(width),
                ]
            )
            return Const(value, width)
        ref = generator.choice(pool)
        if width is None or ref.width_bits == width:
            return ref
        code = "trunc" if ref.width_bits > width else generator.choice(["zext", "sext"])
        return emit(code, (ref,), width)

    def emit(code, operands, width, low=0):
        ref = Ref(f"v{len(ops)}", width)
        ops.append(Op(id=len(ops), opcode=code, result=ref, operands=operands, low_bit=low))
        pool.append(ref)
        return ref

    for _ in range(25):
        width = generator.choice([1, 5, 8, 16, 33])
        kind = generator.randrange(8)
        if kind <= 1:
            emit(generator.choice(_SAME), (some(width), some(width)), width)
        elif kind == 2:
            emit(generator.choice(_SHIFTS), (some(width), some()), width)
        elif kind == 3:
            emit(generator.choice(_COMPARES), (some(width), some(width)), 1)
        elif kind == 4:
            emit("select", (some(1), some(width), some(width)), width)
        elif kind == 5:
            source = some(width)
            size = generator.randrange(1, width + 1)
            emit("extract", (source,), size, generator.randrange(width - size + 1))
        elif kind == 6:
            parts = tuple(some() for _ in range(generator.randrange(1, 4)))
            emit("concat", parts, sum(p.width_bits for p in parts))
        else:
            emit(generator.choice(["smul", "umul"]), (some(), some()), width)
    for k, ref in enumerate(pool[-6:]):
        ports.append(Port(name=f"o{k}", kind=PortKind.SCALAR_OUT, width_bits=ref.width_bits))
        ops.append(Op(id=len(ops), opcode="set", operands=(ref,), target=f"o{k}"))
    block = Block(name="entry", ops=tuple(ops), terminator=Return())
    return Program(top="f", functions=(Function(name="f", ports=tuple(ports), blocks=(block,)),))


@pytest.mark.parametrize("part", range(10))
def test_random_functions_keep_their_meaning(part):
    for seed in range(60 * part, 60 * part + 60):
        program = random_function(seed)
        verify(program)
        better = optimise(program)
        verify(better)
        generator = random.Random(seed)
        for _ in range(6):
            values = {n: generator.choice([0, (1 << w) - 1, generator.getrandbits(w)]) for n, w in INPUTS.items()}
            wanted = run(program, scalars=values).scalars
            assert run(better, scalars=values).scalars == wanted, print_program(program)
