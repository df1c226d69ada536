"""Find which values can occur, from the constants that loops start at and are tested against.

An abstract interpretation over intervals of unsigned values (Cousot and Cousot, POPL 1977): phis are widened to constants of the
program's comparisons, and what a branch or a choice has tested narrows the values on its way.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heappop, heappush

from csynth.ir.cfg import successors
from csynth.ir.model import Block, Branch, Const, Function, Op, Operand, Phi, Ref

Interval = tuple[int, int]  # least and largest value
_Tests = tuple[tuple[Operand, bool], ...]  # conditions and how they came out

_MOST_CHANGES = 12  # of one phi; then it may have any value
_DEPTH = 4  # operations that a test is followed through
_INVERSE = {"eq": "ne", "ne": "eq", "ult": "uge", "uge": "ult", "ule": "ugt", "ugt": "ule"}
_MIRRORED = {"eq": "eq", "ne": "ne", "ult": "ugt", "ugt": "ult", "ule": "uge", "uge": "ule"}
_COMPARES = frozenset({*_INVERSE, "slt", "sle", "sgt", "sge"})
_FOLLOWED = _COMPARES | {"and", "or", "xor"}  # operations of which a test is made
_PASSED = frozenset(
    {"add", "sub", "zext", "sext", "trunc", "select"}
)  # operations through which a counter reaches its test


def value_ranges(function: Function) -> dict[str, Interval]:
    """The least and the largest unsigned value of each phi and op of `function`, by result name; none for what is never computed."""
    return _Ranges(function).run()


class _Ranges:
    def __init__(self, function: Function) -> None:
        self.ops: dict[str, Op] = {}
        self.phis: dict[str, tuple[Phi, str]] = {}
        self.users: dict[str, list[str]] = {}
        self.order: list[str] = []
        for block in function.blocks:
            for phi in block.phis:
                self.order.append(phi.result.name)
                self.phis[phi.result.name] = phi, block.name
                self._note(phi.result.name, (value for _, value in phi.incoming))
            for op in block.ops:
                if op.result is not None:
                    self.order.append(op.result.name)
                    self.ops[op.result.name] = op
                    self._note(op.result.name, op.operands)
        self.found: dict[str, Interval] = {}
        self.changes: dict[str, int] = {}
        self.thresholds: dict[str, list[int]] = {}
        self.tests = {(b.name, target): _tests(b, target) for b in function.blocks for target in successors(b)}
        for op in self.ops.values():
            if op.opcode == "select" and op.result is not None:
                self._note(op.result.name, self._looked_at(op.operands[0]))
        for name, (phi, block) in self.phis.items():
            for source, _ in phi.incoming:
                for condition, _ in self.tests.get((source, block), ()):
                    self._note(name, self._looked_at(condition))

    def _note(self, user: str, operands: Iterable[Operand]) -> None:
        for operand in operands:
            if isinstance(operand, Ref):
                self.users.setdefault(operand.name, []).append(user)

    def _looked_at(self, condition: Operand) -> Iterator[Operand]:
        """The operands of the comparisons that a test follows from `condition`."""
        work = [(condition, _DEPTH)]
        while work:
            operand, depth = work.pop()
            op = self.ops.get(operand.name) if isinstance(operand, Ref) else None
            if op is not None and depth and op.opcode in _FOLLOWED:
                yield from op.operands
                work += [(inner, depth - 1) for inner in op.operands]

    def run(self) -> dict[str, Interval]:
        """Update values in program order until nothing changes."""
        place = {name: at for at, name in enumerate(self.order)}
        changed = True
        while changed:  # a test may look at more than its users say: all are looked at again until nothing changes
            work = list(range(len(self.order)))
            waiting = set(work)
            changed = False
            while work:
                at = heappop(work)
                waiting.discard(at)
                if not self._update(self.order[at]):
                    continue
                changed = True
                for user in self.users.get(self.order[at], ()):
                    if place[user] not in waiting:
                        heappush(work, place[user])
                        waiting.add(place[user])
        return self.found

    def _update(self, name: str) -> bool:
        """Take what comes in to a value; say whether that is new."""
        before = self.found.get(name)
        if name in self.ops:
            now = _hull([before, self._of_op(self.ops[name], (), _DEPTH)])
        else:
            phi, block = self.phis[name]
            now = _hull(
                [before]
                + [self._under(value, self.tests.get((source, block), ()), _DEPTH) for source, value in phi.incoming]
            )
        if now is None or now == before:
            return False
        if before is not None and name in self.phis:
            now = self._widened(name, before, now)
        self.found[name] = now
        return True

    def _widened(self, name: str, before: Interval, now: Interval) -> Interval:
        self.changes[name] = self.changes.get(name, 0) + 1
        highest = (1 << self.phis[name][0].result.width_bits) - 1
        if self.changes[name] > _MOST_CHANGES:
            return 0, highest
        if name not in self.thresholds:
            self.thresholds[name] = self._compared_with(name)
        thresholds, (least, most) = self.thresholds[name], now
        if least < before[0]:
            least = thresholds[bisect_right(thresholds, least) - 1]
        if most > before[1]:
            at = bisect_left(thresholds, most)
            most = min(thresholds[at], highest) if at < len(thresholds) else highest
        return least, most

    def _compared_with(self, name: str) -> list[int]:
        """0, and the constants, with their neighbours, that the value is compared with, itself or a few operations on."""
        found, reached, edge = {0}, {name}, [name]
        for _ in range(_DEPTH):
            following = [user for value in edge for user in self.users.get(value, ()) if user in self.ops]
            for op in (self.ops[user] for user in following):
                if op.opcode in _COMPARES:
                    constants = [operand.value for operand in op.operands if isinstance(operand, Const)]
                    found |= {n for value in constants for n in (value - 1, value, value + 1) if n >= 0}
            edge = [user for user in following if user not in reached and self.ops[user].opcode in _PASSED]
            reached.update(edge)
        return sorted(found)

    def _under(self, operand: Operand, tests: _Tests, depth: int) -> Interval | None:
        """The values of `operand` where `tests` came out so; None where there are none yet."""
        if isinstance(operand, Const):
            return operand.value, operand.value
        interval = self.found.get(operand.name)
        if interval is None or not tests:
            return interval
        for condition, outcome in tests:
            if interval is not None:
                interval = self._tested(operand, interval, condition, outcome, depth)
        op = self.ops.get(operand.name)
        if op is not None and depth and interval is not None:
            through = self._of_op(op, tests, depth - 1)
            interval = None if through is None else _common(interval, through)
        return interval

    def _tested(
        self, operand: Ref, interval: Interval, condition: Operand, outcome: bool, depth: int
    ) -> Interval | None:
        test = self.ops.get(condition.name) if isinstance(condition, Ref) else None
        if test is None or not depth or test.opcode not in _FOLLOWED:
            return interval
        one, two = test.operands
        if test.opcode == "xor" and two == Const(1, 1):
            return self._tested(operand, interval, one, not outcome, depth - 1)
        if (test.opcode, outcome) in {("and", True), ("or", False)}:
            first = self._tested(operand, interval, one, outcome, depth - 1)
            return None if first is None else self._tested(operand, first, two, outcome, depth - 1)
        if test.opcode not in _COMPARES or operand not in (one, two):
            return interval
        other = two if one == operand else one
        limit = self._under(other, (), 0)
        if limit is None:
            return interval
        relation = test.opcode
        if relation[0] == "s":
            if max(interval[1], limit[1]) >> (operand.width_bits - 1):
                return interval  # of numbers that may be negative
            relation = "u" + relation[1:]
        relation = relation if one == operand else _MIRRORED[relation]
        return _limited(interval, relation if outcome else _INVERSE[relation], limit)

    def _of_op(self, op: Op, tests: _Tests, depth: int) -> Interval | None:
        assert op.result is not None
        every = (0, (1 << op.result.width_bits) - 1)
        if op.opcode == "select":
            condition, one, two = op.operands
            return _hull(
                [
                    self._under(one, (*tests, (condition, True)), depth),
                    self._under(two, (*tests, (condition, False)), depth),
                ]
            )
        if op.opcode not in _TRANSFER:
            return every
        intervals = [self._under(operand, tests, depth) for operand in op.operands]
        known = [interval for interval in intervals if interval is not None]
        if len(known) < len(intervals):
            return None
        exact = _TRANSFER[op.opcode](op.operands, known)
        return exact if exact is not None and exact[1] <= every[1] else every


def _hull(intervals: list[Interval | None]) -> Interval | None:
    known = [interval for interval in intervals if interval is not None]
    return (min(least for least, _ in known), max(most for _, most in known)) if known else None


def _common(one: Interval, two: Interval) -> Interval | None:
    least, most = max(one[0], two[0]), min(one[1], two[1])
    return (least, most) if least <= most else None


def _limited(interval: Interval, relation: str, limit: Interval) -> Interval | None:
    """`interval` of a value that stands in `relation` to one in `limit`."""
    least, most = interval
    if relation == "eq":
        least, most = max(least, limit[0]), min(most, limit[1])
    elif relation == "ule":
        most = min(most, limit[1])
    elif relation == "ult":
        most = min(most, limit[1] - 1)
    elif relation == "uge":
        least = max(least, limit[0])
    elif relation == "ugt":
        least = max(least, limit[0] + 1)
    elif limit[0] == limit[1]:
        least, most = least + (least == limit[0]), most - (most == limit[0])
    return (least, most) if least <= most else None


def _tests(block: Block, target: str) -> _Tests:
    """What the way from `block` to `target` tells of conditions."""
    branch = block.terminator
    if not isinstance(branch, Branch) or branch.then_target == branch.else_target:
        return ()
    return ((branch.condition, branch.then_target == target),)


# ---- operations on exact integers; None where the result may wrap below 0


def _add(operands: tuple[Operand, ...], of: list[Interval]) -> Interval | None:
    for this, other in ((0, 1), (1, 0)):
        operand = operands[other]
        if isinstance(operand, Const) and operand.value >> (operand.width_bits - 1):
            less = (1 << operand.width_bits) - operand.value
            if of[this][0] >= less:
                return of[this][0] - less, of[this][1] - less
    return of[0][0] + of[1][0], of[0][1] + of[1][1]


def _sub(_operands: tuple[Operand, ...], of: list[Interval]) -> Interval | None:
    return (of[0][0] - of[1][1], of[0][1] - of[1][0]) if of[0][0] >= of[1][1] else None


def _or(_operands: tuple[Operand, ...], of: list[Interval]) -> Interval:
    return max(of[0][0], of[1][0]), (1 << max(of[0][1].bit_length(), of[1][1].bit_length())) - 1


def _shifted(operands: tuple[Operand, ...], of: list[Interval]) -> Interval:
    return (of[0][0] >> of[1][0], of[0][1] >> of[1][0]) if isinstance(operands[1], Const) else (0, of[0][1])


def _divided(operands: tuple[Operand, ...], of: list[Interval]) -> Interval:
    by = of[1][0]
    return (of[0][0] // by, of[0][1] // by) if isinstance(operands[1], Const) and by else (0, of[0][1])


def _rest(operands: tuple[Operand, ...], of: list[Interval]) -> Interval:
    by = of[1][0]
    return (0, min(of[0][1], by - 1)) if isinstance(operands[1], Const) and by else (0, of[0][1])


_TRANSFER: Mapping[str, Callable[[tuple[Operand, ...], list[Interval]], Interval | None]] = {
    "add": _add,
    "sub": _sub,
    "zext": lambda _operands, of: of[0],
    "trunc": lambda _operands, of: of[0],
    "and": lambda _operands, of: (0, min(of[0][1], of[1][1])),
    "or": _or,
    "xor": lambda operands, of: (0, _or(operands, of)[1]),
    "lshr": _shifted,
    "mul": lambda _operands, of: (of[0][0] * of[1][0], of[0][1] * of[1][1]),
    "umul": lambda _operands, of: (of[0][0] * of[1][0], of[0][1] * of[1][1]),
    "udiv": _divided,
    "urem": _rest,
}
