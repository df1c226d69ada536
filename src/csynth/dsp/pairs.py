"""Put two products of int8 numbers that have a factor in common into one cell, in pipelined loops.

A product that a cell adds to something, or accumulates, already has that cell to itself: only products that no sum has taken are paired.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from heapq import heapify, heappop, heappush

from csynth.dsp.cells import PAIR_FACTOR_BITS, PAIR_SHIFT
from csynth.dsp.products import PRODUCTS, fits_cell, signed_bits
from csynth.ir.model import Block, Const, Function, Op, Operand, Ref
from csynth.part import DSP48E2

_PURE_TARGETS = frozenset({"scalar"})


def _can_be_paired(op: Op) -> bool:
    """Whether `op` would take a cell and its factors are int8 numbers."""
    return op.latency is None and fits_cell(op, DSP48E2) and max(signed_bits(op)) <= PAIR_FACTOR_BITS


def _common(one: Op, two: Op) -> Operand | None:
    """A factor that two products have in common, as the same number."""
    if one.opcode != two.opcode:
        return None
    return next((operand for operand in one.operands if operand in two.operands), None)


class _Order:
    """What must come before what in one block, with ops that become one."""

    def __init__(self, block: Block) -> None:
        self.after: dict[int, set[int]] = {op.id: set() for op in block.ops}
        self.merged: dict[int, int] = {}
        defined: dict[str, int] = {}
        last: dict[str, int] = {}
        for op in block.ops:
            before = [defined[o.name] for o in _reads(op) if o.name in defined]
            if op.target is not None and op.opcode not in _PURE_TARGETS:
                memory = op.opcode in ("load", "store") or op.opcode.startswith("dsp_mac")
                group = f"memory {op.target}" if memory else "ports"
                if op.opcode == "call":
                    before += last.values()
                    last = dict.fromkeys((*last, "call"), op.id)
                before += [last[name] for name in (group, "call") if name in last]
                last[group] = op.id
            for source in before:
                if source != op.id:
                    self.after[source].add(op.id)
            if op.result is not None:
                defined[op.result.name] = op.id

    def _following(self, op_id: int) -> Iterator[int]:
        """What must come after an op at once; an op that has become one with another is that one."""
        return (self.merged.get(other, other) for other in self.after[op_id])

    def leads(self, source: int, sink: int) -> bool:
        """Whether `sink` must come after `source`."""
        seen, waiting = {source}, [source]
        while waiting:
            for other in self._following(waiting.pop()):
                if other == sink:
                    return True
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return False

    def merge(self, one: int, two: int) -> None:
        """Let op `one` be done with op `two`."""
        self.after[two] |= self.after.pop(one)
        self.merged[one] = two

    def sorted(self, ops: tuple[Op, ...]) -> list[int]:
        """Ids of the ops that are left: each after what it needs, otherwise in the order in which they stood."""
        place = {op.id: position for position, op in enumerate(ops)}
        waits = dict.fromkeys(self.after, 0)
        following = {op_id: set(self._following(op_id)) for op_id in self.after}
        for others in following.values():
            for other in others:
                waits[other] += 1
        ready = [(place[op_id], op_id) for op_id, count in waits.items() if count == 0]
        heapify(ready)
        found: list[int] = []
        while ready:
            _, op_id = heappop(ready)
            found.append(op_id)
            for other in following[op_id]:
                waits[other] -= 1
                if waits[other] == 0:
                    heappush(ready, (place[other], other))
        assert len(found) == len(waits)
        return found


def _reads(op: Op) -> Iterator[Ref]:
    for operand in op.operands if op.predicate is None else (*op.operands, op.predicate):
        if isinstance(operand, Ref):
            yield operand


def _pairs(block: Block, kept: Set[int], order: _Order) -> dict[int, Op]:
    """The product that each second product of a pair, by id, is paired with; `order` has them as one."""
    products = [op for op in block.ops if op.id not in kept and op.opcode in PRODUCTS and _can_be_paired(op)]
    pairs: dict[int, Op] = {}
    taken: set[int] = set()
    for position, one in enumerate(products):
        if one.id in taken:
            continue
        for two in products[position + 1 :]:
            if two.id in taken or _common(one, two) is None:
                continue
            if order.leads(one.id, two.id) or order.leads(two.id, one.id):
                continue
            order.merge(one.id, two.id)
            pairs[two.id] = one
            taken |= {one.id, two.id}
            break
    return pairs


class _Names:
    """Fresh names and ids of one function."""

    def __init__(self, function: Function) -> None:
        self.next_id = 1 + max((op.id for block in function.blocks for op in block.ops), default=0)
        self.names = {op.result.name for block in function.blocks for op in block.ops if op.result}
        self.names |= {phi.result.name for block in function.blocks for phi in block.phis}

    def op(
        self, opcode: str, operands: tuple[Operand, ...], like: Op, result: Ref | tuple[str, int], low_bit: int = 0
    ) -> Op:
        if not isinstance(result, Ref):
            wish, width = result
            number, name = 1, wish
            while name in self.names:
                number, name = number + 1, f"{wish}.{number}"
            self.names.add(name)
            result = Ref(name, width)
        self.next_id += 1
        return Op(
            id=self.next_id - 1,
            opcode=opcode,
            operands=operands,
            result=result,
            low_bit=low_bit,
            location=like.location,
        )


def _paired(one: Op, two: Op, names: _Names) -> list[Op]:
    """The cell of two products, and their results taken from it."""
    common = _common(one, two)
    assert common is not None
    made: list[Op] = []

    def add(op: Op) -> Ref:
        made.append(op)
        assert op.result is not None
        return op.result

    def number(operand: Operand) -> Operand:
        """`operand` as a signed number."""
        if one.opcode == "smul":
            return operand
        width = operand.width_bits + 1
        if isinstance(operand, Const):
            return Const(operand.value, width)
        return add(names.op("zext", (operand,), one, (f"{operand.name}.f", width)))

    def other(op: Op) -> Operand:
        return number(op.operands[1] if op.operands[0] == common else op.operands[0])

    assert one.result is not None
    cell = add(
        names.op("dsp_pair", (other(one), other(two), number(common)), one, (f"{one.result.name}.pair", 2 * PAIR_SHIFT))
    )
    for product, low_bit in ((one, PAIR_SHIFT), (two, 0)):
        assert product.result is not None
        width, exact = product.result.width_bits, 2 * PAIR_FACTOR_BITS
        if width <= exact:
            add(names.op("extract", (cell,), product, product.result, low_bit))
        else:
            half = add(names.op("extract", (cell,), product, (f"{product.result.name}.half", exact), low_bit))
            add(names.op("sext", (half,), product, product.result))
    return made


def with_pairs(function: Function, kept: Set[int] = frozenset()) -> Function:
    """Return an equal function in which pairs of products in pipelined loops are one cell each; products in `kept` stay."""
    pipelined = {loop.header for loop in function.loops if loop.pipeline is not None}
    names = _Names(function)
    blocks: list[Block] = []
    for block in function.blocks:
        if block.name in pipelined:
            order = _Order(block)
            pairs = _pairs(block, kept, order)
            if pairs:
                by_id = {op.id: op for op in block.ops}
                ops: list[Op] = []
                for op_id in order.sorted(block.ops):
                    ops += _paired(pairs[op_id], by_id[op_id], names) if op_id in pairs else [by_id[op_id]]
                block = replace(block, ops=tuple(ops))
        blocks.append(block)
    return replace(function, blocks=tuple(blocks))


def products_of_pairs(block: Block, cells: Set[str]) -> set[str]:
    """Results of the products that were put into `cells`, named by their results (and names of no products)."""
    found: set[str] = set()
    for op in block.ops:
        if op.opcode in ("extract", "sext") and op.result is not None:
            source = op.operands[0]
            if isinstance(source, Ref) and (source.name in cells or source.name in found):
                found.add(op.result.name)
    return found
