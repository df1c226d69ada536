"""Find predicated reads whose word nobody looks at when the predicate is 0: their data need no gate for every bit.

A word that was not read may be anything. It does no harm where a later `select` or predicate keeps it out, and that is followed along
every way from the read: the facts of the way (conditions of selects, predicates) must imply the read's own predicate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from csynth.ir.model import Block, Branch, Const, Function, Op, Operand, Ref

Facts = frozenset[tuple[str, int]]  # value of one bit: 0 or 1
_Ways = dict[int, Facts]  # of one value: by read that it may carry the word of, what holds on every way from there
_MOST_FACTS = 32
_EFFECTS = frozenset({"store", "write", "write_nb", "set", "dsp_mac", "dsp_mac_sub"})


def unmasked_reads(function: Function, is_pure: Callable[[str], bool]) -> frozenset[int]:
    """Ids of the predicated reads of `function` whose data may be anything when they do not happen.

    Args:
        function: the function.
        is_pure: whether a callee, by name, keeps nothing from one call to the next.
    """
    found: set[int] = set()
    for block in function.blocks:
        reads = {op.id: op for op in block.ops if op.opcode == "read" and op.predicate is not None and op.result}
        if reads:
            found |= reads.keys() - _Follower(function, block, reads, is_pure).seen()
    return frozenset(found)


class _Follower:
    def __init__(
        self, function: Function, block: Block, reads: Mapping[int, Op], is_pure: Callable[[str], bool]
    ) -> None:
        self.function, self.block, self.reads, self.is_pure = function, block, reads, is_pure
        self.definitions = {op.result.name: op for op in block.ops if op.result is not None}
        self.ways: dict[str, _Ways] = {}
        self.known: dict[Facts, dict[str, int] | None] = {}
        self.bad: set[int] = set()

    def seen(self) -> set[int]:
        """Ids of the reads whose words something may look at that should not."""
        for op in self.block.ops:
            self._follow(op)
        for phi in self.block.phis:
            self._look(value for source, value in phi.incoming if source == self.block.name)
        if isinstance(self.block.terminator, Branch):
            self._look([self.block.terminator.condition])
        for other in self.function.blocks:
            if other is not self.block:
                for phi in other.phis:
                    self._look(value for _, value in phi.incoming)
                for op in other.ops:
                    self._look(op.operands if op.predicate is None else (*op.operands, op.predicate))
                if isinstance(other.terminator, Branch):
                    self._look([other.terminator.condition])
        return self.bad

    def _look(self, operands: Iterable[Operand]) -> None:
        for operand in operands:
            if isinstance(operand, Ref):
                self.bad |= self.ways.get(operand.name, {}).keys()

    def _follow(self, op: Op) -> None:
        if op.predicate is not None:
            self._look([op.predicate])
        if op.opcode == "select":
            condition, one, two = op.operands
            arms = [self._when(one, condition, 1), self._when(two, condition, 0)]
            ways = self._merged([self._of(condition), *arms])
        else:
            given = [self._of(operand) for operand in op.operands]
            if op.predicate is not None:
                given = [self._under(ways, op.predicate, 1) for ways in given]
            ways = self._merged(given)
            if op.opcode in _EFFECTS or (op.opcode == "call" and not self.is_pure(op.target or "")):
                self.bad |= ways.keys()
            if op.id in self.reads:
                ways = {**ways, op.id: frozenset()}
        if op.result is not None and ways:
            self.ways[op.result.name] = ways

    def _of(self, operand: Operand) -> _Ways:
        return self.ways.get(operand.name, {}) if isinstance(operand, Ref) else {}

    def _when(self, operand: Operand, condition: Operand, value: int) -> _Ways:
        return self._under(self._of(operand), condition, value)

    def _under(self, ways: _Ways, condition: Operand, value: int) -> _Ways:
        """What is left of `ways` where `condition` is `value`."""
        if not ways or not isinstance(condition, Ref):
            return ways
        left: _Ways = {}
        for read, facts in ways.items():
            more = facts | {(condition.name, value)} if len(facts) < _MOST_FACTS else facts
            known = self._known(more)
            if known is not None and self._value(self.reads[read].predicate, known) != 1:
                left[read] = more
        return left

    @staticmethod
    def _merged(ways: list[_Ways]) -> _Ways:
        merged: _Ways = {}
        for each in ways:
            for read, facts in each.items():
                merged[read] = merged[read] & facts if read in merged else facts
        return merged

    def _known(self, facts: Facts) -> dict[str, int] | None:
        """Bits that follow from `facts`, by value; None when they contradict each other."""
        if facts not in self.known:
            self.known[facts] = self._consequences(facts)
        return self.known[facts]

    def _consequences(self, facts: Facts) -> dict[str, int] | None:
        known: dict[str, int] = {}
        waiting = list(facts)
        while waiting:
            while waiting:
                name, value = waiting.pop()
                if known.setdefault(name, value) != value:
                    return None
            for name, value in list(known.items()):
                op = self.definitions.get(name)
                for operand, bit in self._forced(op, value, known) if op is not None else ():
                    if isinstance(operand, Const):
                        if operand.value != bit:
                            return None
                    elif known.get(operand.name) != bit:
                        waiting.append((operand.name, bit))
        return known

    def _forced(self, op: Op, value: int, known: Mapping[str, int]) -> list[tuple[Operand, int]]:
        """What the operands of `op` must be when its result is `value`."""
        if op.opcode in ("and", "or") and op.operands[0].width_bits == 1:
            neutral = 1 if op.opcode == "and" else 0
            if value == neutral:
                return [(operand, neutral) for operand in op.operands]
            one, two = op.operands
            forced: list[tuple[Operand, int]] = []
            if self._value(one, known) == neutral:
                forced.append((two, value))
            if self._value(two, known) == neutral:
                forced.append((one, value))
            return forced
        if op.opcode == "xor" and isinstance(op.operands[1], Const) and op.operands[1].width_bits == 1:
            return [(op.operands[0], value ^ op.operands[1].value)]
        if op.opcode == "select" and op.operands[1].width_bits == 1:
            condition, one, two = op.operands
            chosen = self._value(condition, known)
            if chosen is not None:
                return [(one if chosen else two, value)]
            if self._value(one, known) == 1 - value:
                return [(condition, 0)]
            if self._value(two, known) == 1 - value:
                return [(condition, 1)]
        return []

    def _value(self, operand: Operand | None, known: Mapping[str, int], depth: int = 8) -> int | None:
        """The bit `operand`, as far as it follows from `known`."""
        if operand is None or isinstance(operand, Const):
            return 1 if operand is None else operand.value
        if operand.name in known or depth == 0:
            return known.get(operand.name)
        op = self.definitions.get(operand.name)
        if op is None or operand.width_bits != 1 or op.opcode not in ("and", "or", "xor", "select"):
            return None
        bits = [self._value(o, known, depth - 1) for o in op.operands]
        if op.opcode == "select":
            return bits[1] if bits[0] == 1 or bits[1] == bits[2] else bits[2] if bits[0] == 0 else None
        if op.opcode == "xor":
            return None if None in bits else (bits[0] or 0) ^ (bits[1] or 0)
        decided = 0 if op.opcode == "and" else 1
        return decided if decided in bits else None if None in bits else 1 - decided
