"""Keep the accumulator of a pipelined loop in one register that several values of the program share: the P register of a cell.

In SSA form an accumulator that outlives its loop is a web of phis: one at the head of the loop, others where its loop's exit meets a
way round the loop. As registers each would cost flip-flops and copies. When no two of them are ever needed at once, they are one
variable; it becomes a memory of one word (`storage` is `dsp`), and the phis are gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from csynth.ir.cfg import predecessors, successors
from csynth.ir.model import Block, Branch, Const, Function, Jump, Operand, Phi, Ref, Return


@dataclass(slots=True)
class Web:
    """The values that share one accumulator, and what has to be written to it and where.

    Attributes:
        phis: phis by result name.
        sum_name: the value that the loop makes.
        loop_block: the pipelined loop's block.
        starts: blocks at whose end the accumulator takes a value.
        clears: whether it is 0 when the function starts.
    """

    phis: dict[str, tuple[str, Phi]]
    sum_name: str
    loop_block: str
    starts: dict[str, Operand] = field(default_factory=dict)
    clears: bool = False

    @property
    def members(self) -> frozenset[str]:
        """Names of the values."""
        return frozenset({*self.phis, self.sum_name})


class WebFinder:
    """Finds webs in one function. What it looks values up in is made once: a function may have thousands of accumulators."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.blocks = {block.name: block for block in function.blocks}
        self.predecessors = predecessors(function)
        self.pipelined = {loop.header for loop in function.loops if loop.pipeline is not None}
        self.used_in: dict[str, set[str]] = {}  # value -> blocks whose ops or terminator use it
        self.defined_in: dict[str, str] = {}  # value -> its block
        self.phis: dict[str, tuple[str, Phi]] = {}  # by result
        self.taken_by: dict[
            str, list[tuple[str, Phi]]
        ] = {}  # value -> phis that take it, with the block that it comes from
        for block in function.blocks:
            for operand in block_uses(block):
                if isinstance(operand, Ref):
                    self.used_in.setdefault(operand.name, set()).add(block.name)
            self.defined_in |= {op.result.name: block.name for op in block.ops if op.result is not None}
            for phi in block.phis:
                self.defined_in[phi.result.name] = block.name
                self.phis[phi.result.name] = (block.name, phi)
                for source, value in phi.incoming:
                    if isinstance(value, Ref):
                        self.taken_by.setdefault(value.name, []).append((source, phi))
        self.order = {name: at for at, name in enumerate(self.phis)}

    def find(self, loop_block: str, phi: Phi, sum_name: str) -> Web | None:
        """The widest web of `phi` and the sum that it takes from the iteration before; None when they cannot share."""
        start = Web(phis={phi.result.name: (loop_block, phi)}, sum_name=sum_name, loop_block=loop_block)
        for web in (self._grown(start), start):
            if self._is_one_variable(web) and self._place_starts(web):
                return web
            web.starts.clear()
            web.clears = False
        return None

    def _grown(self, start: Web) -> Web:
        """`start` with all phis outside pipelined loops that its values flow into or come from."""
        phis = dict(start.phis)
        work = [*start.members]
        while work:
            name = work.pop()
            near = [phi.result.name for _, phi in self.taken_by.get(name, [])]
            if name in phis:
                near += [value.name for _, value in phis[name][1].incoming if isinstance(value, Ref)]
            for other in near:
                if other in self.phis and other not in phis and self.phis[other][0] not in self.pipelined:
                    phis[other] = self.phis[other]
                    work.append(other)
        return Web(
            phis={name: phis[name] for name in sorted(phis, key=lambda name: self.order[name])},
            sum_name=start.sum_name,
            loop_block=start.loop_block,
        )

    def _is_one_variable(self, web: Web) -> bool:
        """Whether at most one value of the web is alive where a block starts."""
        self.alive = self._live_in(web.members)
        heads: dict[str, list[str]] = {}
        for name, (block, _) in web.phis.items():
            heads.setdefault(block, []).append(name)
        return all(len(self.alive[block.name]) + len(heads.get(block.name, [])) <= 1 for block in self.function.blocks)

    def _live_in(self, names: frozenset[str]) -> dict[str, set[str]]:
        """Which of `names` each block needs from before, its phis apart."""
        alive: dict[str, set[str]] = {name: set() for name in self.blocks}
        for value in sorted(names):
            work = [name for name in self.used_in.get(value, ()) if self.defined_in[value] != name]
            work += [source for source, _ in self.taken_by.get(value, []) if self.defined_in[value] != source]
            while work:
                name = work.pop()
                if value in alive[name]:
                    continue
                alive[name].add(value)
                work += [before for before in self.predecessors[name] if self.defined_in[value] != before]
        return alive

    def _place_starts(self, web: Web) -> bool:
        """Find a block for every value that flows into the web from outside; False when one would cost a cycle of its own."""
        for block, phi in web.phis.values():
            for source, value in phi.incoming:
                if isinstance(value, Ref) and value.name in web.members:
                    continue
                if not self._place(web, source, block, value, ()):
                    return False
        return True

    def _place(self, web: Web, source: str, target: str, value: Operand, seen: tuple[str, ...]) -> bool:
        block = self.blocks[source]
        others = [name for name in successors(block) if name != target]
        heads = {name for name, _ in web.phis.values()}
        if any(self.alive[name] or name in heads for name in others) or source in self.pipelined or source in seen:
            return False
        if source in web.starts:
            return web.starts[source] == value
        works = bool(block.phis) or any(op.opcode != "scalar" for op in block.ops)
        if works or isinstance(block.terminator, Branch):
            web.starts[source] = value
            return True
        before = self.predecessors[source]
        if not before:
            web.clears = value == Const(0, value.width_bits)
            return web.clears
        return all(self._place(web, name, source, value, (*seen, source)) for name in before)


def block_uses(block: Block) -> Iterable[Operand]:
    """Operands of a block's ops and of its terminator."""
    for op in block.ops:
        yield from op.operands
        if op.predicate is not None:
            yield op.predicate
    if isinstance(block.terminator, Branch):
        yield block.terminator.condition


def substitute(block: Block, names: dict[str, Operand]) -> Block:
    """`block` with other operands in its ops and its terminator."""

    def new(operand: Operand) -> Operand:
        return names.get(operand.name, operand) if isinstance(operand, Ref) else operand

    terminator = block.terminator
    if isinstance(terminator, Branch):
        terminator = replace(terminator, condition=new(terminator.condition))
    assert isinstance(terminator, Branch | Jump | Return)
    ops = tuple(
        replace(
            op,
            operands=tuple(new(o) for o in op.operands),
            predicate=None if op.predicate is None else new(op.predicate),
        )
        for op in block.ops
    )
    return replace(block, ops=ops, terminator=terminator)
