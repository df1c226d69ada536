"""If-conversion: the blocks of a pipelined loop become one block of predicated ops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csynth.frontend.llvm_loops import NaturalLoop, dominates, immediate_dominators
from csynth.frontend.llvm_text import Instruction, bits_of
from csynth.ir.model import Branch, Const, Operand, Ref

if TYPE_CHECKING:
    from csynth.frontend.convert import Draft, FunctionConverter

_SINK = "\0sink"


class Region:
    """One pipelined loop without inner loops."""

    def __init__(
        self, owner: FunctionConverter, loop: NaturalLoop, order: list[str], before: dict[str, list[str]]
    ) -> None:
        self.owner, self.loop = owner, loop
        self.build = owner.build
        self.blocks = [b for b in order if b in loop.blocks]
        self.before = {b: [] if b == loop.header else [p for p in before[b] if p in loop.blocks] for b in self.blocks}
        self.idom = immediate_dominators(self.blocks, self.before)
        self.ipdom = self._postdominators()
        self._relative: dict[tuple[str, str], Operand] = {}
        self._edges: dict[tuple[str, str], Operand] = {}
        self._negations: dict[str, Operand] = {}
        self._negated: dict[str, Operand] = {}

    def _postdominators(self) -> dict[str, str]:
        function = self.owner.llvm
        after: dict[str, list[str]] = {}
        for b in self.blocks:
            inside = [t for t in function.blocks[b].successors if t in self.loop.blocks and t != self.loop.header]
            outside = [t for t in function.blocks[b].successors if t not in self.loop.blocks or t == self.loop.header]
            # Each way out, the back edge too, is an end of its own: a block that only one of them passes does not postdominate.
            if not function.blocks[b].successors:
                outside = ["return"]
            after[b] = inside + [f"\0{t}" for t in outside]
        ends = {t for targets in after.values() for t in targets if t.startswith("\0")}
        for end in ends:
            after[end] = [_SINK]
        reverse_order = [_SINK, *sorted(ends), *reversed(self.blocks)]
        return immediate_dominators(reverse_order, {**after, _SINK: []})

    # -- conditions ----------------------------------------------------------------------------------------------------------------------

    def negate(self, a: Operand) -> Operand:
        """Not a, each computed once."""
        if isinstance(a, Const):
            return Const(1 - a.value, 1)
        if a.name in self._negated:
            return self._negated[a.name]
        if a.name not in self._negations:
            made = self.build.negated(a)
            assert isinstance(made, Ref)
            self._negations[a.name] = made
            self._negated[made.name] = a
        return self._negations[a.name]

    def edge(self, source: str, target: str) -> Operand:
        """Condition under which `source`, when reached, goes to `target`."""
        key = (source, target)
        if key not in self._edges:
            self._edges[key] = self._edge(self.owner.llvm.blocks[source].terminator, target)
        return self._edges[key]

    def _edge(self, last: Instruction, target: str) -> Operand:
        if last.opcode == "br":
            if len(set(last.targets)) == 1:
                return Const(1, 1)
            condition = self.owner.operand(last.operands[0], 1)
            return condition if last.targets[0] == target else self.negate(condition)
        if last.opcode == "switch":
            width = bits_of(last.type) or 32
            value = self.owner.operand(last.operands[0], width)
            taken: Operand = Const(0, 1)
            for case, to in zip(last.cases, last.targets[1:], strict=True):
                if (to == target) == (target != last.targets[0]) and not (target == last.targets[0] and to == target):
                    taken = self.build.either(taken, self.build.equals(value, case % (1 << width)))
            return self.negate(taken) if target == last.targets[0] else taken
        raise self.owner.unsupported(
            "terminator", f"the construct {last.opcode!r} in a pipelined loop is not supported", "Use plain branches"
        )

    def relative(self, above: str, block: str) -> Operand:
        """Condition under which `block` is reached once `above`, which dominates it, is."""
        if above == block:
            return Const(1, 1)
        key = (above, block)
        if key not in self._relative:
            near = self.idom[block]
            if above != near:
                value = self.build.both(self.relative(above, near), self.relative(near, block))
            elif block in self.ipdom and dominates(block, near, self.ipdom):
                value = Const(1, 1)
            else:
                value = Const(0, 1)
                for p in self.before[block]:
                    value = self.build.either(value, self.build.both(self.relative(near, p), self.edge(p, block)))
            self._relative[key] = value
        return self._relative[key]

    def reached(self, block: str) -> Operand:
        """The predicate of a block."""
        return self.relative(self.loop.header, block)

    def choose(self, condition: Operand, a: Operand, b: Operand) -> Operand:
        """Select, with the condition turned round when it is a negation."""
        if isinstance(condition, Ref) and condition.name in self._negated:
            return self.build.select(self._negated[condition.name], b, a)
        return self.build.select(condition, a, b)

    # -- the block -----------------------------------------------------------------------------------------------------------------------

    def convert(self) -> list[Draft]:
        """Return the loop's block, and blocks after it that tell its exits apart when there are several."""
        from csynth.frontend.convert import Draft  # noqa: PLC0415 - the two modules make one converter

        owner = self.owner
        draft = Draft(owner.block_name(self.loop.header))
        self.build.ops = draft.ops
        owner.dependences.enter(self.loop)
        for name in self.blocks:
            block = owner.llvm.blocks[name]
            owner.dependences.enter_block(name)
            for i in block.instructions:
                owner.build.location = owner.locations.of(i.metadata.get("dbg")) or owner.build.location
                if i.opcode == "phi":
                    if name == self.loop.header:
                        owner.phi(draft, i)
                    else:
                        self._merge(name, i)
                elif i is not block.terminator:
                    effect = i.opcode in {"store", "call"} or owner.bus.owns(i)
                    predicate = self.reached(name) if effect else Const(1, 1)
                    owner.instruction(i, predicate)
        going: Operand = Const(0, 1)
        exits: dict[str, list[tuple[str, Operand]]] = {}
        for name in self.blocks:
            for target in owner.llvm.blocks[name].successors:
                if target == self.loop.header:
                    going = self.build.either(going, self.build.both(self.reached(name), self.edge(name, target)))
                elif target not in self.loop.blocks:
                    exits.setdefault(target, []).append(
                        (name, self.build.both(self.reached(name), self.edge(name, target)))
                    )
        if not exits:
            facts = owner.loop_of(self.loop)
            raise owner.unsupported(
                "endless",
                f"the pipelined loop {facts.name if facts else ''!r} never ends",
                "Give it a condition or a break",
            )
        for target, sources in exits.items():
            if len(sources) > 1:
                self._exit_values(target, sources)
        drafts = [draft]
        targets = list(exits)
        if len(targets) == 1:
            end = targets[0]
            if (
                isinstance(going, Ref)
                and going.name in self._negated
                and not isinstance(self._negated[going.name], Const)
            ):
                draft.terminator = Branch(self._negated[going.name], owner.block_name(end), draft.name)
            else:
                draft.terminator = Branch(going, draft.name, owner.block_name(end))
        else:
            conditions = []
            for target in targets[:-1]:
                any_of: Operand = Const(0, 1)
                for _, condition in exits[target]:
                    any_of = self.build.either(any_of, condition)
                conditions.append(any_of)
            names = [self.build.name(f"{draft.name}.exit") for _ in conditions]
            draft.terminator = Branch(going, draft.name, names[0])
            for at, target in enumerate(targets):
                here = names[min(at, len(names) - 1)]
                for source, _ in exits[target]:
                    owner.edge_name[source, target] = here
            for at, (name, condition) in enumerate(zip(names, conditions, strict=True)):
                following = names[at + 1] if at + 1 < len(names) else owner.block_name(targets[-1])
                drafts.append(Draft(name, terminator=Branch(condition, owner.block_name(targets[at]), following)))
        owner.extra_blocks[self.loop.header] = [d.name for d in drafts[1:]]
        owner.dependences.leave()
        return drafts

    def _merge(self, block: str, i: Instruction) -> None:
        """A phi inside the loop becomes selects."""
        near = self.idom[block]
        pairs = list(zip(i.targets, i.operands, strict=True))
        if i.type == "ptr":
            value = pairs[-1][1]
            for at, (source, text) in enumerate(reversed(pairs[:-1])):
                name = f"{i.name}.{at}" if at + 2 < len(pairs) else i.name
                self.owner.pointers[name] = (
                    self.build.both(self.relative(near, source), self.edge(source, block)),
                    text,
                    value,
                )
                value = name
            return
        width = bits_of(i.type)
        if width is None:
            raise self.owner.unsupported("type", f"a value of type {i.type} is not supported", "Use integers")
        self.owner.define(i, self._chain(near, block, [(s, self.owner.operand(t, width)) for s, t in pairs]))

    def _chain(self, near: str, block: str, pairs: list[tuple[str, Operand]]) -> Operand:
        value = pairs[-1][1]
        for source, operand in reversed(pairs[:-1]):
            if operand != value:
                value = self.choose(
                    self.build.both(self.relative(near, source), self.edge(source, block)), operand, value
                )
        return value

    def _exit_values(self, target: str, sources: list[tuple[str, Operand]]) -> None:
        conditions = dict(sources)
        for i in self.owner.llvm.blocks[target].instructions:
            if i.opcode != "phi":
                break
            width = bits_of(i.type) or 1
            pairs = [
                (s, self.owner.operand(t, width)) for s, t in zip(i.targets, i.operands, strict=True) if s in conditions
            ]
            value = pairs[-1][1]
            for source, operand in reversed(pairs[:-1]):
                value = self.build.select(conditions[source], operand, value)
            for source, _ in pairs:
                self.owner.exit_values[i.name, source] = value
