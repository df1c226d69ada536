"""What an access in a pipelined loop must wait for of earlier accesses, in this iteration or an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from csynth.frontend.affine import Affine
from csynth.frontend.induction import induction_step
from csynth.frontend.layout import Array
from csynth.frontend.llvm_loops import NaturalLoop
from csynth.frontend.nests import Nest, level_of, nest_distance
from csynth.ir.model import Dependence

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


@dataclass(slots=True)
class _Touch:
    """One load or store of one bank in a pipelined loop."""

    op: int
    store: bool
    bank: str
    offset: Affine
    level: int  # of a flattened nest: which of its loops executes it


@dataclass(slots=True)
class _LoopState:
    loop: NaturalLoop
    nest: Nest
    level: int = 0
    touches: list[tuple[Array, _Touch]] = field(default_factory=list)
    bursts: list[tuple[str, int]] = field(default_factory=list)


class Dependences:
    """The dependences of the pipelined loops of one function."""

    def __init__(self, owner: FunctionConverter) -> None:
        self.owner = owner
        self.by_header: dict[str, list[Dependence]] = {}
        self._state: _LoopState | None = None

    def enter(self, loop: NaturalLoop) -> None:
        """Start to note what a pipelined loop touches."""
        self._state = _LoopState(loop, self.owner.nest(loop))

    def enter_block(self, block: str) -> None:
        """Note which block of the loop the next accesses are from."""
        if self._state is not None:
            self._state.level = level_of(self._state.nest, block)

    def touch(self, array: Array, store: bool, bank: str, offset: Affine) -> None:
        """Note an access by the newest operation."""
        if self._state is not None:
            self._state.touches.append(
                (array, _Touch(self.owner.build.ops[-1].id, store, bank, offset, self._state.level))
            )

    def burst(self, name: str) -> None:
        """Note that the newest operation belongs to the bursts of `name`."""
        if self._state is not None:
            self._state.bursts.append((name, self.owner.build.ops[-1].id))

    def leave(self) -> None:
        """End of the loop: write its dependences down."""
        state, self._state = self._state, None
        assert state is not None
        found: dict[tuple[int, int, int], Dependence] = {}

        def note(source: int, sink: int, distance: int, kind: str = "memory") -> None:
            found[source, sink, distance] = Dependence(source=source, sink=sink, distance=distance, kind=kind)

        groups: dict[str, list[tuple[Array, _Touch]]] = {}
        for array, touch in state.touches:
            groups.setdefault(touch.bank, []).append((array, touch))
        for touches in groups.values():
            if not any(t.store for _, t in touches):
                continue
            array = touches[0][0]
            within, between, fixed = self._wishes(array)
            for at, (_, a) in enumerate(touches):
                for later, (_, b) in enumerate(touches):
                    if not (a.store or b.store):
                        continue
                    if at < later and within and self._may_meet(a.offset, b.offset):
                        note(a.op, b.op, 0)
                    if between and (at != later):
                        distance = self._between(state, a, b)
                        if distance is not None:
                            note(a.op, b.op, fixed or distance)
        for at, (name, first) in enumerate(state.bursts):
            for other, second in state.bursts[at + 1 :]:
                if name == other:
                    note(first, second, 0, "order")
                    note(second, first, 1, "order")
        if found:
            self.by_header[state.loop.header] = list(found.values())

    def _wishes(self, array: Array) -> tuple[bool, bool, int]:
        """What the dependence pragmas of an array say: keep those within an iteration, those between, distance given."""
        within = between = True
        fixed = 0
        for mark in self.owner.marks.dependences:
            if mark.base not in {array.base, ""}:
                continue
            options = mark.pragma.options
            false = options.get("dependent", "false") == "false"
            if options.get("type", "inter") == "inter":
                between = between and not false
                fixed = mark.first if not false and mark.first > 0 else fixed
            else:
                within = within and not false
        return within, between, fixed

    @staticmethod
    def _may_meet(a: Affine, b: Affine) -> bool:
        return not (dict(a.terms) == dict(b.terms) and a.constant != b.constant)

    def _between(self, state: _LoopState, source: _Touch, sink: _Touch) -> int | None:
        if not state.nest:
            return self._distance(state.loop, source.offset, sink.offset)
        blocks = state.loop.blocks
        inside = {i.name for b in blocks for i in self.owner.llvm.blocks[b].instructions if i.name}
        definitions = self.owner.reader.definitions
        return nest_distance(state.nest, definitions, inside, (source.offset, source.level), (sink.offset, sink.level))

    def _distance(self, loop: NaturalLoop, source: Affine, sink: Affine) -> int | None:
        """Least d >= 1 for which `source` of iteration i may be the address of `sink` of iteration i + d; None = never."""
        total: list[dict[str, int]] = []
        constants = []
        step = 0
        modulus = 0
        for affine in (source, sink):
            fixed: dict[str, int] = {}
            constant = affine.constant
            moving = 0
            for term, c in affine.terms:
                found = induction_step(self.owner, loop, term)
                if found is None:
                    return 1
                constant += c * found[1]
                i = self.owner.reader.definitions.get(term.value)
                name = i.operands[0] if i is not None and found[1] else term.value
                fixed[name] = fixed.get(name, 0) + c
                moving += c * found[0]
                if found[0]:
                    modulus = abs(c) << term.width_bits
            total.append(fixed)
            constants.append(constant)
            step = moving
        if total[0] != total[1]:
            return 1
        gap = constants[0] - constants[1]
        if step == 0:
            return 1 if gap == 0 else None
        if gap % step == 0 and gap // step >= 1:
            return gap // step
        if modulus and gap % step == 0:
            around = (gap // step) % (modulus // abs(step) or 1)
            return around if 1 <= around <= 64 else None
        return None
