"""Find the operations that one cell does at once, and put one operation in their place.

- A sum of a product and something else becomes `dsp_mul_add` (or `dsp_mul_sub`).
- A product of a sum, (a + d) * b, with something added or not, becomes `dsp_preadd_mul_add`.
- Two products of int8 numbers with a common factor, in a pipelined loop, become `dsp_pair` (`csynth.dsp.pairs`).
- An accumulator of a pipelined loop, acc = (first ? init : acc) + a * b, becomes `dsp_mac` with a memory of one word.

The result computes what the function computed. `bind_op` marks (a latency, or `fabric`) keep an operation as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from csynth.dsp.accumulators import Web, WebFinder, block_uses, substitute
from csynth.dsp.cells import B_BITS, C_BITS
from csynth.dsp.pairs import with_pairs
from csynth.dsp.products import PRODUCTS, Term, factors, fits_cell, is_exact_sum, term_of
from csynth.ir.model import Block, Const, Function, Memory, Op, Operand, Phi, Ref
from csynth.part import DSP48E2
from csynth.passes.sums import is_sum


@dataclass(frozen=True, slots=True)
class Limits:
    """What must stay as it is, and what may be given up.

    Attributes:
        kept: sums and products of pairs that must stay as they are, by op id.
        kept_terms: sums and products whose factors stay sums of their own, by op id.
        pack_int8: pairs come first, and sums of their products are made of LUTs.
    """

    kept: frozenset[int] = frozenset()
    kept_terms: frozenset[int] = frozenset()
    pack_int8: bool = False


@dataclass(frozen=True, slots=True)
class _Sum:
    """An addition that a cell can do: `total` = addend + sign * product."""

    total: Op
    term: Term
    addend: Operand
    subtract: bool


class _Mapper:
    def __init__(self, function: Function, limits: Limits) -> None:
        self.function, self.limits = function, limits
        self.next_id = 1 + max((op.id for block in function.blocks for op in block.ops), default=0)
        self.names = {op.result.name for b in function.blocks for op in b.ops if op.result}
        self.names |= {phi.result.name for b in function.blocks for phi in b.phis}
        self.uses = Counter(
            operand.name
            for block in function.blocks
            for operand in (*block_uses(block), *(value for phi in block.phis for _, value in phi.incoming))
            if isinstance(operand, Ref)
        )
        self.webs: dict[str, Web] = {}
        self.taken: set[str] = set()
        self.finder = WebFinder(function)
        self.memories: list[Memory] = []

    def run(self) -> Function:
        mapped = replace(self.function, blocks=tuple(self._block(block) for block in self.function.blocks))
        if self.webs:
            macs = {op.target: op for block in mapped.blocks for op in block.ops if op.target in self.webs}
            mapped = self._shared(self._started(mapped, macs), macs)
        return replace(mapped, memories=(*self.function.memories, *self.memories))

    def fresh(self, wish: str) -> str:
        number, name = 1, wish
        while name in self.names:
            number, name = number + 1, f"{wish}.{number}"
        self.names.add(name)
        return name

    def new(self, opcode: str, operands: tuple[Operand, ...], result: Ref | None, like: Op, target: str = "") -> Op:
        op = Op(
            id=self.next_id,
            opcode=opcode,
            operands=operands,
            result=result,
            target=target or None,
            location=like.location,
        )
        self.next_id += 1
        return op

    # -- one block ---------------------------------------------------------------------------------------------------

    def _block(self, block: Block) -> Block:
        definitions = {op.result.name: op for op in block.ops if op.result is not None}
        replaced: dict[int, list[Op]] = {}
        gone: set[int] = set()
        loop = next((loop for loop in self.function.loops if loop.header == block.name and loop.pipeline), None)
        phis = {phi.result.name: phi for phi in block.phis} if loop else {}
        for op in block.ops:
            if op.id in self.limits.kept or op.id in gone:
                continue
            found = self._sum(op, definitions, gone)
            if found is None:
                continue
            fast = loop is not None and loop.pipeline is not None and loop.pipeline.initiation_interval == 1
            made = self._accumulated(found, definitions, phis, block) if fast else None
            if made is None and not found.subtract:
                preadded = self._preadded(found.total, found.term.product, found.addend, definitions, gone)
                if preadded is not None:
                    made = [preadded[0]], preadded[1]
            ops = made or self._added(found)
            replaced[op.id] = ops[0] if isinstance(ops, tuple) else ops
            gone |= {absorbed.id for absorbed in found.term.ops}
            if isinstance(ops, tuple):
                gone |= ops[1]
        for op in block.ops:  # products that no sum has taken
            if op.id in gone or op.id in replaced or op.id in self.limits.kept:
                continue
            if (preadded := self._preadded(op, op, None, definitions, gone)) is not None:
                replaced[op.id] = [preadded[0]]
                gone |= preadded[1]
        ops = [new for op in block.ops if op.id not in gone for new in replaced.get(op.id, [op])]
        return replace(block, ops=tuple(ops))

    def _sum(self, op: Op, definitions: dict[str, Op], gone: set[int]) -> _Sum | None:
        if op.opcode not in ("add", "sub") or op.result is None or op.result.width_bits > C_BITS:
            return None
        if op.latency is not None or op.impl != "auto":
            return None
        sides = (0, 1) if op.opcode == "add" else (1,)
        for side in sides:
            term = term_of(op.operands[side], definitions, self.uses, op.result.width_bits)
            if self.function.is_static and not _is_product_or_constant(op.operands[1 - side], definitions):
                continue
            if term is not None and not any(absorbed.id in gone for absorbed in term.ops):
                return _Sum(op, term, op.operands[1 - side], op.opcode == "sub")
        return None

    def _preadded(
        self, total: Op, product: Op, addend: Operand | None, definitions: dict[str, Op], gone: set[int]
    ) -> tuple[Op, set[int]] | None:
        """The op for `total` = addend + product, one factor of which is a sum of its own, and the ids of what makes that sum."""
        if product.opcode != "smul" or product.latency is not None or not fits_cell(product, DSP48E2):
            return None
        result = total.result
        if total.id in self.limits.kept_terms or result is None or result.width_bits > C_BITS:
            return None
        for side in (0, 1):
            operand, factor = product.operands[side], product.operands[1 - side]
            if not isinstance(operand, Ref) or self.uses[operand.name] != 1 or factor.width_bits > B_BITS:
                continue
            terms = definitions.get(operand.name)
            extended = None
            if terms is not None and terms.opcode in ("sext", "zext"):
                extended, source = terms, terms.operands[0]
                if not isinstance(source, Ref) or self.uses[source.name] != 1:
                    continue
                terms = definitions.get(source.name)
            unsigned = extended is not None and extended.opcode == "zext"
            if terms is None or terms.id in gone or not is_exact_sum(terms, definitions, unsigned=unsigned):
                continue
            operands = (
                *(_narrow(o, definitions) for o in terms.operands),
                factor,
                addend or Const(0, result.width_bits),
            )
            return self.new("dsp_preadd_mul_add", operands, result, total), {terms.id} | (
                {extended.id} if extended else set()
            )
        return None

    def _factors(self, product: Op) -> tuple[list[Op], Operand, Operand]:
        made: list[Op] = []

        def make(opcode: str, operands: tuple[Operand, ...], width: int) -> Operand:
            name = self.fresh(f"{product.result.name if product.result else 'p'}.f")
            made.append(self.new(opcode, operands, Ref(name, width), product))
            return made[-1].result or Const(0, width)

        a, b = factors(product, make)
        return made, a, b

    def _added(self, found: _Sum) -> list[Op]:
        made, a, b = self._factors(found.term.product)
        opcode = "dsp_mul_sub" if found.subtract else "dsp_mul_add"
        return [*made, self.new(opcode, (a, b, found.addend), found.total.result, found.total)]

    # -- accumulators ------------------------------------------------------------------------------------------------

    def _accumulated(
        self, found: _Sum, definitions: dict[str, Op], phis: dict[str, Phi], block: Block
    ) -> tuple[list[Op], set[int]] | None:
        total = found.total.result
        assert total is not None
        width = total.width_bits
        first: Operand = Const(0, 1)
        init: Operand = Const(0, width)
        addend, choice, turned = found.addend, None, False
        if isinstance(addend, Ref) and addend.name in definitions and self.uses[addend.name] == 1:
            choice = definitions[addend.name]
            if choice.opcode != "select":
                return None
            first, init, addend = choice.operands
            if isinstance(init, Ref) and init.name in phis and self.uses[init.name] == 1:
                init, addend, turned = addend, init, True
        if not isinstance(addend, Ref) or addend.name not in phis or self.uses[addend.name] != 1:
            return None
        phi = phis[addend.name]
        if dict(phi.incoming)[block.name] != total:
            return None
        web = self.finder.find(block.name, phi, total.name)
        if web is None or web.members & self.taken:
            return None
        if not self._can_leave(web):
            return None
        memory = self.fresh(f"{phi.result.name}.acc")
        self.webs[memory] = web
        self.taken |= web.members
        self.memories.append(
            Memory(
                name=memory,
                array=phi.result.name,
                width_bits=width,
                depth=1,
                storage="dsp",
                location=found.total.location,
            )
        )
        made, a, b = self._factors(found.term.product)
        if turned:
            made.append(self.new("xor", (first, Const(1, 1)), Ref(self.fresh(f"{memory}.first"), 1), found.total))
            first = made[-1].result or first
        opcode = "dsp_mac_sub" if found.subtract else "dsp_mac"
        mac = self.new(opcode, (a, b, first, init), total, found.total, memory)
        return [*made, mac], ({choice.id} if choice is not None else set())

    def _can_leave(self, web: Web) -> bool:
        """Whether every phi outside the web that takes one of its values does so from a block that works anyway."""
        for member in web.members:
            for source, phi in self.finder.taken_by.get(member, []):
                if phi.result.name not in web.phis and source != web.loop_block:
                    before = self.finder.blocks[source]
                    if not before.phis and all(op.opcode == "scalar" for op in before.ops):
                        return False
        return True

    def _started(self, function: Function, macs: Mapping[str, Op]) -> Function:
        """`function` with the values that flow into the webs stored to their memories."""
        stores: dict[str, list[Op]] = {}
        for memory, web in self.webs.items():
            for block in function.blocks:
                if block.name in web.starts:
                    operands = (Const(0, 1), web.starts[block.name])
                    stores.setdefault(block.name, []).append(self.new("store", operands, None, macs[memory], memory))
        blocks = (replace(block, ops=(*block.ops, *stores.get(block.name, ()))) for block in function.blocks)
        return replace(function, blocks=tuple(blocks))

    def _shared(self, function: Function, macs: Mapping[str, Op]) -> Function:
        """`function` with the values of the webs as words of their memories."""
        widths = {memory.name: memory.width_bits for memory in self.memories}
        used = {block.name: {o.name for o in block_uses(block) if isinstance(o, Ref)} for block in function.blocks}
        taken: dict[str, list[tuple[str, str]]] = {}  # value -> blocks that it leaves, and the phi that takes it
        for block in function.blocks:
            for phi in block.phis:
                for source, value in phi.incoming:
                    if isinstance(value, Ref):
                        taken.setdefault(value.name, []).append((source, phi.result.name))
        loads: dict[str, list[Op]] = {block.name: [] for block in function.blocks}
        now: dict[str, dict[str, Operand]] = {block.name: {} for block in function.blocks}  # value -> word read there
        leaves: dict[str, dict[str, Operand]] = {block.name: {} for block in function.blocks}
        gone: set[str] = set()
        for memory, web in self.webs.items():
            gone |= web.phis.keys()
            leaving = {source for member in web.members for source, phi in taken.get(member, ()) if phi not in gone}
            for name, uses in used.items():
                inside = name == web.loop_block
                wanted = (web.members - {web.sum_name} if inside else web.members) & uses
                if wanted or name in leaving:
                    word = Ref(self.fresh(f"{memory}.now"), widths[memory])
                    loads[name].insert(0, self.new("load", (Const(0, 1),), word, macs[memory], memory))
                    now[name].update(dict.fromkeys(wanted, word))
                    leaves[name].update(
                        (member, word) for member in web.members if not inside or member != web.sum_name
                    )
        blocks: list[Block] = []
        for block in function.blocks:
            changed = substitute(block, now[block.name]) if now[block.name] else block
            phis = tuple(
                replace(
                    phi,
                    incoming=tuple(
                        (source, leaves[source].get(value.name, value) if isinstance(value, Ref) else value)
                        for source, value in phi.incoming
                    ),
                )
                for phi in block.phis
                if phi.result.name not in gone
            )
            blocks.append(replace(changed, phis=phis, ops=(*loads[block.name], *changed.ops)))
        return replace(function, blocks=tuple(blocks))


def _narrow(operand: Operand, definitions: Mapping[str, Op]) -> Operand:
    """`operand` before its sign was extended."""
    op = definitions.get(operand.name) if isinstance(operand, Ref) else None
    return op.operands[0] if op is not None and op.opcode == "sext" else operand


def _is_product_or_constant(operand: Operand, definitions: Mapping[str, Op]) -> bool:
    """Whether an addend is a number, a product, or a sum that began with one: what a static function has of its own.

    Another addend its callers would have to give it earlier than an adder behind the product needs it.
    """
    while isinstance(operand, Ref):
        op = definitions.get(operand.name)
        if op is None or (op.opcode not in ("sext", "zext") and not is_sum(op)):
            return op is not None and op.opcode in PRODUCTS
        operand = op.operands[0]
    return True


def map_to_cells(function: Function, limits: Limits | None = None) -> Function:
    """Return an equal function in which single operations stand for what one cell can do."""
    if function.is_dataflow:
        return function
    limits = limits or Limits()
    if limits.pack_int8:
        return _Mapper(with_pairs(function, limits.kept), limits).run()
    return with_pairs(_Mapper(function, limits).run(), limits.kept)
