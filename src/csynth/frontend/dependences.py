"""What an access in a pipelined loop must wait for of earlier accesses, in this iteration or an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from csynth.frontend.affine import Affine
from csynth.frontend.distances import Access, Distance, Distances
from csynth.frontend.layout import Array
from csynth.frontend.llvm_loops import NaturalLoop
from csynth.frontend.nests import Nest, level_of, nest_distance
from csynth.ir.model import Dependence, Location

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


@dataclass(frozen=True, slots=True)
class _Touch:
    """One load or store of one bank in a pipelined loop."""

    op: int
    store: bool
    bank: str
    access: Access
    location: Location | None
    level: int  # of a flattened nest: which of its loops executes it

    def text(self, array: Array) -> str:
        """How a reason names it."""
        line = f" (line {self.location.line})" if self.location is not None and self.location.line else ""
        return f"{'store to' if self.store else 'load from'} {array.name}{line}"


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the dependence pragmas of an array say of pairs of one kind."""

    within: bool = True
    between: bool = True
    distance: int = 0


@dataclass(slots=True)
class _LoopState:
    loop: NaturalLoop
    nest: Nest
    defined: set[str]  # values that the blocks of a nest compute
    level: int = 0
    touches: list[tuple[Array, _Touch]] = field(default_factory=list)
    bursts: list[tuple[str, int]] = field(default_factory=list)


class Dependences:
    """The dependences of the pipelined loops of one function."""

    def __init__(self, owner: FunctionConverter) -> None:
        self.owner = owner
        self.by_header: dict[str, list[Dependence]] = {}
        self._state: _LoopState | None = None
        self._accesses: dict[tuple[str, Affine], Access] = {}

    def enter(self, loop: NaturalLoop) -> None:
        """Start to note what a pipelined loop touches."""
        nest, blocks = self.owner.nest(loop), self.owner.llvm.blocks
        defined = {i.name for b in loop.blocks for i in blocks[b].instructions if i.name} if nest else set[str]()
        self._state = _LoopState(loop, nest, defined)

    def enter_block(self, block: str) -> None:
        """Note which block of the loop the next accesses are from."""
        if self._state is not None:
            self._state.level = level_of(self._state.nest, block)

    def touch(self, array: Array, store: bool, bank: str, offset: Affine) -> None:
        """Note an access by the newest operation."""
        if self._state is not None:
            key = (array.base, offset)
            if key not in self._accesses:
                found = array.subscripts(offset, self.owner.known.interval_of) if len(array.splits) > 1 else None
                self._accesses[key] = Access(offset, tuple(found or ()))
            op = self.owner.build.ops[-1]
            touch = _Touch(op.id, store, bank, self._accesses[key], op.location, self._state.level)
            self._state.touches.append((array, touch))

    def burst(self, name: str) -> None:
        """Note that the newest operation belongs to the bursts of `name`."""
        if self._state is not None:
            self._state.bursts.append((name, self.owner.build.ops[-1].id))

    def leave(self) -> None:
        """End of the loop: write its dependences down."""
        state, self._state = self._state, None
        assert state is not None
        found: dict[tuple[int, int, int], Dependence] = {}

        def note(source: int, sink: int, distance: int, reason: str = "", kind: str = "memory") -> None:
            found[source, sink, distance] = Dependence(
                source=source, sink=sink, distance=distance, kind=kind, reason=reason
            )

        groups: dict[str, list[tuple[Array, _Touch]]] = {}
        for array, touch in state.touches:
            groups.setdefault(touch.bank, []).append((array, touch))
        distances = Distances(self.owner.known, state.loop)
        for touches in groups.values():
            array = touches[0][0]
            if not any(t.store for _, t in touches):
                continue
            for at, (_, a) in enumerate(touches):
                for later, (_, b) in enumerate(touches):
                    if not (a.store or b.store) or at == later:
                        continue
                    wishes = self._wishes(array, a, b)
                    pair = f"{a.text(array)} -> {b.text(array)}"
                    if at < later and wishes.within and distances.may_meet(a.access, b.access):
                        note(a.op, b.op, 0, f"{pair}: in one iteration")
                    if wishes.between:
                        between = self._between(state, distances, a, b)
                        if between is not None:
                            note(a.op, b.op, *self._stated(pair, between, wishes.distance))
        for at, (name, first) in enumerate(state.bursts):
            for other, second in state.bursts[at + 1 :]:
                if name == other:
                    note(first, second, 0, kind="order")
                    note(second, first, 1, kind="order")
        if found:
            self.by_header[state.loop.header] = list(found.values())

    @staticmethod
    def _stated(pair: str, between: Distance, wanted: int) -> tuple[int, str]:
        count = wanted or between.iterations
        apart = f"{count} iteration{'s' if count > 1 else ''} apart"
        if wanted:
            return count, f"{pair}: {apart}, as the dependence pragma says"
        return count, f"{pair}: {apart}" if between.exact else f"{pair}: perhaps {apart}, {between.why}"

    def _wishes(self, array: Array, a: _Touch, b: _Touch) -> _Wishes:
        """What the dependence pragmas say of `a` before `b`."""
        direction = {(True, False): "raw", (False, True): "war", (True, True): "waw"}[a.store, b.store]
        within = between = True
        distance = 0
        for mark in self.owner.marks.dependences:
            options = mark.pragma.options
            if mark.base not in {array.base, ""} or options.get("direction", direction) != direction:
                continue
            false = options.get("dependent", "false") == "false"
            if options.get("type", "inter") == "inter":
                between = between and not false
                distance = mark.first if not false and mark.first > 0 else distance
            else:
                within = within and not false
        return _Wishes(within, between, distance)

    def _between(self, state: _LoopState, distances: Distances, source: _Touch, sink: _Touch) -> Distance | None:
        """The larger of the distances that two analyses prove; each is sound alone."""
        found = distances.between(source.access, sink.access)
        if found is None or not state.nest:
            return found
        one, two = (source.access.offset, source.level), (sink.access.offset, sink.level)
        nested = nest_distance(state.nest, self.owner.reader.definitions, state.defined, one, two)
        if nested is None:
            return None
        return found if found.iterations >= nested else Distance(nested, False, "counted over the flattened nest")
