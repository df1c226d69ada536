"""Fold constants, see through wiring, share equal ops, shrink operands to the bits that matter, drop what nothing uses."""

from __future__ import annotations

import re
from dataclasses import replace

from csynth.ir.cfg import dominators, reverse_postorder
from csynth.ir.interpret_code import signed
from csynth.ir.model import Block, Branch, Const, Function, Location, Op, Operand, Phi, Ref
from csynth.ir.verify import EFFECTS
from csynth.passes.pieces import (
    Piece,
    Pieces,
    aligned,
    cut,
    extended,
    joined,
    signed_bits,
    unsigned_bits,
    whole,
    width_of,
    zero_bits,
    zeros,
)

_SUFFIX = re.compile(r"(\.\d+)+$")
_IMPURE = EFFECTS | {"load", "empty", "full", "scalar"}
_BOUND = frozenset(["add", "sub", "mul", "umul", "smul"])  # opcodes that keep a bind_op
_COMMUTATIVE = frozenset(["add", "mul", "umul", "smul", "and", "or", "xor", "eq", "ne"])


def simplify(function: Function) -> Function:
    """Return an equal function with fewer and narrower ops."""
    if function.is_dataflow:
        return function
    return drop_unused(_Simplifier(function).run())


def drop_unused(function: Function) -> Function:
    """Remove ops and phis whose results nothing needs."""
    operands: dict[str, list[Operand]] = {}
    needed: list[Operand] = []
    for block in function.blocks:
        for phi in block.phis:
            operands[phi.result.name] = [o for _, o in phi.incoming]
        for op in block.ops:
            uses = [*op.operands, *([op.predicate] if op.predicate is not None else [])]
            if op.result is not None:
                operands[op.result.name] = uses
            if op.opcode in EFFECTS:
                needed += uses
        if isinstance(block.terminator, Branch):
            needed.append(block.terminator.condition)
    alive: set[str] = set()
    while needed:
        operand = needed.pop()
        if isinstance(operand, Ref) and operand.name not in alive:
            alive.add(operand.name)
            needed += operands.get(operand.name, [])
    blocks = tuple(
        replace(
            block,
            phis=tuple(p for p in block.phis if p.result.name in alive),
            ops=tuple(o for o in block.ops if o.opcode in EFFECTS or (o.result is not None and o.result.name in alive)),
        )
        for block in function.blocks
    )
    ids = {o.id for b in blocks for o in b.ops}
    loops = tuple(
        replace(loop, dependences=tuple(d for d in loop.dependences if d.source in ids and d.sink in ids))
        for loop in function.loops
    )
    targets = {o.target for b in blocks for o in b.ops}
    return replace(
        function, blocks=blocks, loops=loops, memories=tuple(m for m in function.memories if m.name in targets)
    )


class _Simplifier:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.next_id = max((o.id for b in function.blocks for o in b.ops), default=0)
        self.taken = {
            r.name for b in function.blocks for r in [p.result for p in b.phis] + [o.result for o in b.ops if o.result]
        }
        self.last: dict[str, int] = {}  # number of the last name that was made from a wish
        self.values: dict[str, Operand] = {}
        self.pieces: dict[str, Pieces] = {}
        self.shared: dict[tuple, list[tuple[str, Ref]]] = {}
        self.above: dict[str, set[str]] = {}
        self.inverse: dict[str, Operand] = {}
        self.ops: list[Op] = []
        self.block = ""
        self.location: Location | None = None
        self.bound: tuple[str, int | None] = ("auto", None)  # impl and latency of the op at hand

    def run(self) -> Function:
        self.above = dominators(self.function)
        blocks = {b.name: b for b in self.function.blocks}
        done: dict[str, Block] = {}
        for name in reverse_postorder(self.function):
            done[name] = self._block(blocks[name])
        final = []
        for block in self.function.blocks:
            if block.name not in done:
                continue
            made = done[block.name]
            phis = tuple(
                Phi(result=p.result, incoming=tuple((n, self.operand(o)) for n, o in p.incoming if n in done))
                for p in made.phis
            )
            final.append(replace(made, phis=phis))
        kept = {b.name for b in final}
        loops = tuple(
            replace(loop, blocks=tuple(b for b in loop.blocks if b in kept))
            for loop in self.function.loops
            if loop.header in kept
        )
        return replace(self.function, blocks=tuple(final), loops=loops)

    def operand(self, operand: Operand) -> Operand:
        if isinstance(operand, Ref):
            return self.values.get(operand.name, operand)
        return operand

    def _block(self, block: Block) -> Block:
        self.ops, self.block = [], block.name
        phis = []
        for phi in block.phis:
            values = {self.operand(o) for _, o in phi.incoming if o != phi.result}
            if len(values) == 1 and all(isinstance(v, Const) for v in values):
                self.values[phi.result.name] = values.pop()
            else:
                phis.append(phi)
        for op in block.ops:
            self.location = op.location
            self._op(op)
        terminator = block.terminator
        if isinstance(terminator, Branch):
            condition = self.operand(terminator.condition)
            if isinstance(condition, Ref) and condition.name in self.inverse:
                terminator = Branch(self.inverse[condition.name], terminator.else_target, terminator.then_target)
            elif isinstance(condition, Ref) or self._looping(block):
                terminator = Branch(condition, terminator.then_target, terminator.else_target)
            else:
                assert isinstance(condition, Const)
                terminator = Branch(condition, terminator.then_target, terminator.else_target)
        return Block(name=block.name, phis=tuple(phis), ops=tuple(self.ops), terminator=terminator)

    def _looping(self, block: Block) -> bool:
        return any(loop.header == block.name and loop.pipeline for loop in self.function.loops)

    # -- making ops ----------------------------------------------------------------------------------------------------------------------

    def emit(self, opcode: str, operands: tuple[Operand, ...], width: int, wish: str, low_bit: int = 0) -> Ref:
        """Append a pure op, or find an equal one."""
        if opcode in _COMMUTATIVE:
            operands = tuple(sorted(operands, key=lambda o: (isinstance(o, Const), str(o))))
        impl, latency = self.bound if opcode in _BOUND else ("auto", None)
        key = (opcode, operands, width, low_bit, impl, latency)
        for block, ref in self.shared.get(key, ()):
            if block in self.above[self.block]:
                return ref
        wish = _SUFFIX.sub("", wish)
        name, count = wish, self.last.get(wish, 1)
        while name in self.taken:
            count += 1
            name = f"{wish}.{count}"
        self.taken.add(name)
        self.last[wish] = count
        ref = Ref(name, width)
        self.next_id += 1
        self.ops.append(
            Op(
                id=self.next_id,
                opcode=opcode,
                result=ref,
                operands=operands,
                low_bit=low_bit,
                impl=impl,
                latency=latency,
                location=self.location,
            )
        )
        self.shared.setdefault(key, []).append((self.block, ref))
        return ref

    def bits(self, operand: Operand) -> Pieces:
        """The pieces of an operand."""
        if isinstance(operand, Ref) and operand.name in self.pieces:
            return self.pieces[operand.name]
        return whole(operand)

    def value(self, pieces: Pieces, wish: str) -> Operand:
        """An operand that has these bits."""
        pieces = joined(pieces)
        if len(pieces) == 1:
            p = pieces[0]
            if p.source is None:
                return Const(p.low, p.width)
            if p.fill:
                bit = self.value((Piece(p.source, p.low, 1),), wish)
                return bit if p.width == 1 else self._wired("sext", (bit,), p.width, wish, pieces)
            if p.low == 0 and p.width == p.source.width_bits:
                return p.source
            if p.low == 0:
                return self._wired("trunc", (p.source,), p.width, wish, pieces)
            return self._wired("extract", (p.source,), p.width, wish, pieces, p.low)
        total, top = width_of(pieces), pieces[-1]
        if top.source is None and top.low == 0:
            return self._wired("zext", (self.value(pieces[:-1], wish),), total, wish, pieces)
        narrow = signed_bits(pieces)
        if top.fill and narrow < total:
            return self._wired("sext", (self.value(cut(pieces, 0, narrow), wish),), total, wish, pieces)
        parts = tuple(self.value((p,), wish) for p in reversed(pieces))
        return self._wired("concat", parts, total, wish, pieces)

    def _wired(
        self, opcode: str, operands: tuple[Operand, ...], width: int, wish: str, pieces: Pieces, low: int = 0
    ) -> Ref:
        ref = self.emit(opcode, operands, width, wish, low)
        self.pieces[ref.name] = joined(pieces)
        return ref

    # -- one op --------------------------------------------------------------------------------------------------------------------------

    def _op(self, op: Op) -> None:
        operands = tuple(self.operand(o) for o in op.operands)
        predicate = None if op.predicate is None else self.operand(op.predicate)
        if op.opcode in _IMPURE:
            if isinstance(predicate, Const):
                if predicate.value:
                    predicate = None
                else:
                    if op.result is not None:
                        self.values[op.result.name] = Const(0, op.result.width_bits)
                    return
            if op.opcode == "load":
                self._load(replace(op, operands=operands))
                return
            self.ops.append(replace(op, operands=operands, predicate=predicate))
            return
        assert op.result is not None
        self.bound = (op.impl, op.latency)
        self.values[op.result.name] = self.compute(
            op.opcode, operands, op.result.width_bits, op.result.name, op.low_bit
        )

    def _load(self, op: Op) -> None:
        self.ops.append(op)

    def compute(self, code: str, a: tuple[Operand, ...], w: int, wish: str, low: int = 0) -> Operand:
        """The simplest operand equal to an op."""
        if all(isinstance(o, Const) for o in a) and code != "concat":
            return Const(fold(code, [o for o in a if isinstance(o, Const)], w, low), w)
        p = [self.bits(o) for o in a]
        if code == "zext":
            return self.value((*p[0], *zeros(w - width_of(p[0]))), wish)
        if code == "sext":
            return self.value(extended(p[0], w), wish)
        if code in {"trunc", "extract"}:
            return self.value(cut(p[0], low, w), wish)
        if code == "concat":
            return self.value(tuple(x for part in reversed(p) for x in part), wish)
        if code in {"shl", "lshr", "ashr"} and isinstance(a[1], Const):
            n = min(a[1].value, w)
            if code == "shl":
                return self.value((*zeros(n), *cut(p[0], 0, w - n)), wish)
            if n == w:
                return Const(0, w) if code == "lshr" else self.value(cut(extended(p[0], 2 * w), w, w), wish)
            rest = cut(p[0], n, w - n)
            return self.value((*rest, *zeros(n)) if code == "lshr" else extended(rest, w), wish)
        if code in {"and", "or", "xor"}:
            return self._bitwise(code, p, wish)
        if code == "select":
            return self._select(a, p, wish)
        if code in {"eq", "ne"}:
            return self._equal(code, p, wish)
        if code in {"ult", "ule", "ugt", "uge", "slt", "sle", "sgt", "sge"}:
            return self._order(code, p, wish)
        if code in {"add", "sub"}:
            return self._sum(code, a, p, w, wish)
        if code in {"mul", "smul", "umul"}:
            return self._product(code, p, w, wish)
        return self.emit(code, a, w, wish, low)

    def _bitwise(self, code: str, p: list[Pieces], wish: str) -> Operand:
        out: list[Piece] = []
        run: list[tuple[Piece, Piece]] = []

        def flush() -> None:
            if run:
                left, right = (self.value(tuple(x[k] for x in run), wish) for k in (0, 1))
                if left == right:
                    result = self.bits(left) if code != "xor" else zeros(left.width_bits)
                else:
                    result = whole(self.emit(code, (left, right), left.width_bits, wish))
                    if code == "xor" and isinstance(right, Const) and left.width_bits == 1 and right.value == 1:
                        ref = result[0].source
                        assert ref is not None
                        if isinstance(left, Ref) and left.name in self.inverse:
                            result = whole(self.inverse[left.name])
                        else:
                            self.inverse[ref.name] = left
                out.extend(result)
                run.clear()

        for x, y in aligned(p[0], p[1]):
            constant = x if x.source is None else y if y.source is None else None
            other = y if constant is x else x
            ones = (1 << x.width) - 1
            same = x == y
            if (
                constant is not None
                and constant.low in {0, ones}
                and not (code == "xor" and constant.low == ones and other.source is not None)
            ):
                flush()
                if code == "xor":
                    out.append(other if constant.low == 0 else Piece(None, ones ^ other.low, x.width))
                else:
                    out.append(other if (constant.low == ones) == (code == "and") else constant)
            elif same:
                flush()
                out.append(Piece(None, 0, x.width) if code == "xor" else x)
            elif constant is not None and other.source is not None and code != "xor":
                flush()
                for k in range(x.width):  # a mask with holes
                    bit = Piece(None, (constant.low >> k) & 1, 1)
                    mine = cut((other,), k, 1)[0]
                    out.append(mine if bit.low == (code == "and") else bit)
            else:
                run.append((x, y))
        flush()
        return self.value(tuple(out), wish)

    def _select(self, a: tuple[Operand, ...], p: list[Pieces], wish: str) -> Operand:
        condition = a[0]
        if isinstance(condition, Const):
            return a[1] if condition.value else a[2]
        if isinstance(condition, Ref) and condition.name in self.inverse:
            condition, a, p = self.inverse[condition.name], (a[0], a[2], a[1]), [p[0], p[2], p[1]]
        if a[1] == a[2]:
            return a[1]
        out: list[Piece] = []
        run: list[tuple[Piece, Piece]] = []

        def flush() -> None:
            if not run:
                return
            left, right = (self.value(tuple(x[k] for x in run), wish) for k in (0, 1))
            if (left, right) == (Const(1, 1), Const(0, 1)):
                out.extend(self.bits(condition))
            else:
                out.extend(whole(self.emit("select", (condition, left, right), left.width_bits, wish)))
            run.clear()

        for x, y in aligned(p[1], p[2]):
            if x == y:
                flush()
                out.append(x)
            else:
                run.append((x, y))
        flush()
        return self.value(tuple(out), wish)

    def _equal(self, code: str, p: list[Pieces], wish: str) -> Operand:
        left: list[Piece] = []
        right: list[Piece] = []
        for x, y in aligned(p[0], p[1]):
            if x == y:
                continue
            if x.source is None and y.source is None:
                return Const(int(code == "ne"), 1)
            left.append(x)
            right.append(y)
        if not left:
            return Const(int(code == "eq"), 1)
        a, b = self.value(tuple(left), wish), self.value(tuple(right), wish)
        if isinstance(a, Const):
            a, b = b, a
        if a.width_bits == 1 and isinstance(b, Const):
            if (b.value == 1) == (code == "eq"):
                return a
            return self._bitwise("xor", [self.bits(a), whole(Const(1, 1))], wish)
        return self.emit(code, (a, b), 1, wish)

    def _order(self, code: str, p: list[Pieces], wish: str) -> Operand:
        total = width_of(p[0])
        unsigned = max(unsigned_bits(x) for x in p)
        if code[0] == "s" and unsigned < total:
            code = "u" + code[1:]
        need = max(1, unsigned if code[0] == "u" else max(signed_bits(x) for x in p))
        a, b = (self.value(cut(x, 0, min(need, total)), wish) for x in p)
        if isinstance(a, Const) and isinstance(b, Const):
            return Const(fold(code, [a, b], 1, 0), 1)
        return self.emit(code, (a, b), 1, wish)

    def _sum(self, code: str, a: tuple[Operand, ...], p: list[Pieces], w: int, wish: str) -> Operand:
        for x, y in ((0, 1), (1, 0)):
            if a[y] == Const(0, w) and (code == "add" or y == 1):
                return a[x]
        if code == "add" and all((None, 0) in ((x.source, x.low), (y.source, y.low)) for x, y in aligned(p[0], p[1])):
            return self._bitwise("or", p, wish)  # LLVM writes a word put together from ranges as a sum
        need, sign = w, False
        if code == "add":
            need = max(unsigned_bits(x) for x in p) + 1
        narrow = max(signed_bits(x) for x in p) + 1
        if narrow < need:
            need, sign = narrow, True
        if code == "sub" and not sign:
            need = w
        low = min(zero_bits(x) for x in p)
        if 0 < low < w:  # as in shl; add; ashr, how clang sign-extends: no adder for bits that are zero on both sides
            upper = [cut(x, low, w - low) for x in p]
            made = whole(self._sum(code, tuple(self.value(x, wish) for x in upper), upper, w - low, wish))
            return self.value((*zeros(low), *made), wish)
        if need >= w:
            return self.emit(code, a, w, wish)
        small = tuple(self.value(cut(x, 0, need), wish) for x in p)
        made = whole(self.emit(code, small, need, wish))
        return self.value(extended(made, w) if sign else (*made, *zeros(w - need)), wish)

    def _product(self, code: str, p: list[Pieces], w: int, wish: str) -> Operand:
        p = [
            cut(x, 0, w) if width_of(x) > w else x for x in p
        ]  # bits beyond the product's are of no use, whatever the sign
        low = [0 if all(piece.source is None for piece in x) else zero_bits(x) for x in p]
        if 0 < sum(low) < w:  # as in (x << 28) * y >> 28, how clang sign-extends a product
            upper = [cut(x, n, width_of(x) - n) for x, n in zip(p, low, strict=True)]
            made = whole(self._product(code, upper, w - sum(low), wish))
            return self.value((*zeros(sum(low)), *made), wish)
        unsigned = [max(1, unsigned_bits(x)) for x in p]
        sign = [signed_bits(x) for x in p]
        widths = [width_of(x) for x in p]
        signed_ok = code == "smul" or (code == "mul")
        unsigned_ok = code in {"umul", "mul"} or all(u < full for u, full in zip(unsigned, widths, strict=True))
        use_unsigned = unsigned_ok and (not signed_ok or sum(unsigned) <= sum(sign))
        bits = unsigned if use_unsigned else sign if signed_ok else [u + 1 for u in unsigned]
        a, b = (
            self.value(cut(x, 0, n) if n <= width_of(x) else (*x, *zeros(n - width_of(x))), wish)
            for x, n in zip(p, bits, strict=True)
        )
        for x, y in ((a, b), (b, a)):
            if isinstance(y, Const) and (use_unsigned and y.value & (y.value - 1) == 0):
                shift = y.value.bit_length() - 1
                if shift < 0:
                    return Const(0, w)
                source = self.bits(x)
                return self.value(cut((*zeros(shift), *source, *zeros(w)), 0, w), wish)
        need = min(w, a.width_bits + b.width_bits)
        made = whole(self.emit("umul" if use_unsigned else "smul", (a, b), need, wish))
        return self.value((*made, *zeros(w - need)) if use_unsigned else extended(made, w), wish)


def fold(code: str, a: list[Const], w: int, low: int) -> int:
    """The value of an op on constants."""
    x = a[0].value
    y = a[1].value if len(a) > 1 else 0
    sx = signed(x, a[0].width_bits)
    sy = signed(y, a[1].width_bits) if len(a) > 1 else 0
    mask = (1 << w) - 1
    if code in {"trunc", "extract", "zext"}:
        return (x >> low) & mask
    if code == "sext":
        return sx & mask
    if code == "select":
        return a[1].value if x else a[2].value
    if code in {"shl", "lshr", "ashr"}:
        n = min(y, w)
        return (x << n if code == "shl" else x >> n if code == "lshr" else sx >> n) & mask
    if code in {"udiv", "urem"}:
        return ((x // y if code == "udiv" else x % y) if y else 0) & mask
    if code in {"sdiv", "srem"}:
        if not sy:
            return 0
        quotient = abs(sx) // abs(sy) * (-1 if (sx < 0) != (sy < 0) else 1)
        return (quotient if code == "sdiv" else sx - quotient * sy) & mask
    table = {
        "add": x + y, "sub": x - y, "mul": x * y, "umul": x * y, "smul": sx * sy, "and": x & y, "or": x | y, "xor": x ^ y,
        "eq": x == y, "ne": x != y, "ult": x < y, "ule": x <= y, "ugt": x > y, "uge": x >= y,
        "slt": sx < sy, "sle": sx <= sy, "sgt": sx > sy, "sge": sx >= sy,
    }  # fmt: skip
    return int(table[code]) & mask
