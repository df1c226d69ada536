"""Make wide memories of the banks that array_reshape joins: each bank becomes a lane, and accesses to one word become one access.

Loads with one index move up to the first of them, stores with one index down to the last, as far as no access to their own lanes
lies between: the lanes of a word are independent of each other, as the banks were.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from csynth.ir.model import Block, Const, Dependence, Function, Loop, Memory, Op, Operand, Program, Ref


def join_words(program: Program) -> Program:
    """Join the lanes of every function."""
    functions = tuple(_Joiner(f).run() if any(m.word for m in f.memories) else f for f in program.functions)
    return replace(program, functions=functions)


@dataclass(slots=True)
class _Group:
    """Accesses that become one: position of the op in whose place it comes, the ops, and lanes that are stored after the first."""

    word: str
    store: bool
    at: int
    members: list[Op] = field(default_factory=list[Op])
    blocked: set[str] = field(default_factory=set[str])


class _Joiner:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.lanes = {m.name: m for m in function.memories if m.word}
        self.words: dict[str, Memory] = {}
        taken = {x.name for x in (*function.ports, *function.channels, *function.memories) if x.name not in self.lanes}
        for memory in self.lanes.values():
            if memory.word not in self.words:
                word = self._word([m for m in self.lanes.values() if m.word == memory.word])
                self.words[memory.word] = replace(word, name=f"{word.name}_words") if word.name in taken else word
        self.next_id = max((op.id for b in function.blocks for op in b.ops), default=0)
        self.merged: dict[int, int] = {}  # id of an op -> id of the access that it has become

    @staticmethod
    def _word(parts: list[Memory]) -> Memory:
        first, count = parts[0], 1 + max(m.lane for m in parts)
        width = first.width_bits
        init = [0] * first.depth if any(m.init for m in parts) else []
        for m in parts:
            for at, value in enumerate(m.init):
                init[at] |= value << (m.lane * width)
        return replace(first, name=first.word, width_bits=width * count, lanes=count, init=tuple(init), word="", lane=0)

    def run(self) -> Function:
        blocks = tuple(self._block(b) for b in self.function.blocks)
        seen: dict[str, None] = {}
        kept: list[Memory] = []
        for m in self.function.memories:
            if not m.word:
                kept.append(m)
            elif m.word not in seen:
                seen[m.word] = None
                kept.append(self.words[m.word])
        loops = tuple(replace(x, dependences=self._dependences(x)) for x in self.function.loops)
        return replace(self.function, blocks=blocks, memories=tuple(kept), loops=loops)

    def _block(self, block: Block) -> Block:
        groups = self._groups(block.ops)
        by_place: dict[int, list[_Group]] = {}
        for group in groups:
            by_place.setdefault(group.at, []).append(group)
        ops: list[Op] = []
        for at, op in enumerate(block.ops):
            if op.target not in self.lanes:
                ops.append(op)
            for group in by_place.get(at, ()):
                ops += self._store(group) if group.store else self._load(group)
        return replace(block, ops=tuple(ops))

    def _groups(self, ops: tuple[Op, ...]) -> list[_Group]:
        found: list[_Group] = []
        current: dict[tuple[str, bool, Operand], _Group] = {}  # those that a later access may still join
        for at, op in enumerate(ops):
            lane = self.lanes.get(op.target or "")
            if lane is None:
                continue
            store = op.opcode == "store"
            for key, group in list(current.items()):
                if group.word != lane.word:
                    continue
                if group.store and any(m.target == op.target for m in group.members):
                    del current[key]  # its store must not move down past this access
                elif not group.store and store:
                    group.blocked.add(lane.name)  # later loads of this lane must not move up past this store
            key = (lane.word, store, op.operands[0])
            group = current.get(key)
            if group is None or lane.name in group.blocked:
                group = current[key] = _Group(word=lane.word, store=store, at=at)
                found.append(group)
            group.members.append(op)
            if store:
                group.at = at
        return found

    def _id(self) -> int:
        self.next_id += 1
        return self.next_id

    def _load(self, group: _Group) -> list[Op]:
        memory, first = self.words[group.word], group.members[0]
        assert first.result is not None
        word = Ref(f"{first.result.name}.word", memory.width_bits)
        ops = [replace(first, id=self._id(), result=word, target=memory.name)]
        width = memory.width_bits // memory.lanes
        for op in group.members:
            self.merged[op.id] = ops[0].id
            lane = self.lanes[op.target or ""].lane
            ops.append(replace(op, opcode="extract", operands=(word,), target=None, low_bit=lane * width))
        return ops

    def _store(self, group: _Group) -> list[Op]:
        memory, last = self.words[group.word], group.members[-1]
        width = memory.width_bits // memory.lanes
        values: list[Operand] = [Const(0, width)] * memory.lanes
        enables: list[Operand] = [Const(0, 1)] * memory.lanes
        for op in group.members:
            lane = self.lanes[op.target or ""].lane
            values[lane], enables[lane] = op.operands[1], op.predicate or Const(1, 1)
        ops: list[Op] = []
        data = self._concat(ops, last, f"{memory.name}.data", values)
        mask = self._concat(ops, last, f"{memory.name}.mask", enables)
        always = any(op.predicate is None for op in group.members)
        predicate = (
            None if always else self._any(ops, last, [op.predicate for op in group.members if op.predicate is not None])
        )
        made = replace(
            last, id=self._id(), target=memory.name, operands=(last.operands[0], data, mask), predicate=predicate
        )
        for op in group.members:
            self.merged[op.id] = made.id
        return [*ops, made]

    def _concat(self, ops: list[Op], like: Op, name: str, parts: list[Operand]) -> Operand:
        width = sum(p.width_bits for p in parts)
        if all(isinstance(p, Const) for p in parts):
            value = 0
            for p in reversed(parts):
                assert isinstance(p, Const)
                value = value << p.width_bits | p.value
            return Const(value, width)
        result = Ref(f"{name}.{self._id()}", width)
        ops.append(
            Op(id=self._id(), opcode="concat", result=result, operands=tuple(reversed(parts)), location=like.location)
        )
        return result

    def _any(self, ops: list[Op], like: Op, terms: list[Operand]) -> Operand:
        terms = list(dict.fromkeys(terms))
        while len(terms) > 1:
            pairs: list[Operand] = []
            for one, two in zip(terms[::2], [*terms[1::2], None][: len(terms[::2])], strict=True):
                if two is None:
                    pairs.append(one)
                    continue
                result = Ref(f"any.{self._id()}", 1)
                ops.append(Op(id=self._id(), opcode="or", result=result, operands=(one, two), location=like.location))
                pairs.append(result)
            terms = pairs
        return terms[0]

    def _dependences(self, loop: Loop) -> tuple[Dependence, ...]:
        found: dict[tuple[int, int, int, str], Dependence] = {}
        for d in loop.dependences:
            new = replace(d, source=self.merged.get(d.source, d.source), sink=self.merged.get(d.sink, d.sink))
            if new.source != new.sink or d.distance:
                found.setdefault((new.source, new.sink, new.distance, new.kind), new)
        return tuple(found.values())
