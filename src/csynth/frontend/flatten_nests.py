"""Loop flattening: `for i { before; for j {pipelined}; after }` becomes one pipelined loop.

A perfect nest is merged unasked; one whose outer loop itself reads or writes only where `loop_flatten` asks for it, because its values
need registers and choices that a nest does without (the accumulators of a loop whose sums are written after it leave their DSP cells).

The merged loop has one new head and one new latch. Its head goes to the start of an outer iteration when the last inner one has ended
and straight to the inner body otherwise, so what stands before the inner loop happens with its first iteration and what stands after
it with its last. If-conversion then makes one block of all that.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from csynth.frontend.affine import AddressReader, Term
from csynth.frontend.induction import induction_step, trip_count
from csynth.frontend.llvm_edit import body_start, join_function, label, renamed, retarget, split_function
from csynth.frontend.llvm_loops import NaturalLoop, natural_loops, predecessors
from csynth.frontend.llvm_passes import run_passes
from csynth.frontend.llvm_text import Instruction, LlvmFunction, Module, bits_of, parse_module, size_of
from csynth.frontend.nests import Level
from csynth.frontend.regions import LoopFacts
from csynth.ir.model import TripCount

# nothing here may change the control flow: it would take the merged loop apart
_REPAIR = [["sroa", "instruction_combine", "aggressive_dce", "instruction_namer"]]
_CLONED = frozenset({"getelementptr", "zext", "sext", "trunc", "select"})
_CLONED_WITH_CONSTANT = frozenset({"add", "sub", "shl", "mul", "or", "and"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """An inner loop and the loop around it, ready to be merged."""

    outer: NaturalLoop
    inner: NaturalLoop
    outer_facts: LoopFacts
    inner_facts: LoopFacts
    entry: str  # the block before the outer loop
    preheader: str  # the block before the inner loop
    before: frozenset[str]  # blocks of the outer loop that lead to the inner one


def flatten_nests(text: str, symbol: str, facts: dict[int, LoopFacts], *, kept: Collection[tuple[str, str]]) -> str:
    """Merge what can be merged in function `symbol`; notes in `facts` say what was done, or why not.

    Args:
        text: IR text after all other passes.
        symbol: the function.
        facts: loops by number; those of merged loops change.
        kept: pairs (outer name, inner name) that must stay nests.
    """
    count = 0
    while True:
        module = parse_module(text)
        function = module.functions[symbol]
        merged = next(
            (pair for loop in natural_loops(function) if (pair := _pair(module, function, loop, facts, kept))), None
        )
        if merged is None:
            return text
        _describe(module, function, merged)
        text = run_passes(_Merger(text, symbol, function, merged, f"csynth.flat{count}").run(), _REPAIR)
        count += 1


def facts_of(
    module: Module, function: LlvmFunction, loop: NaturalLoop, facts: dict[int, LoopFacts]
) -> LoopFacts | None:
    """What the source says of a loop."""
    for latch in loop.latches:
        reference = function.blocks[latch].terminator.metadata.get("llvm.loop")
        for part in re.findall(r"!\d+", module.metadata.get(reference or "", ""))[1:]:
            if found := re.search(r'!"csynth.loop", i32 (\d+)', module.metadata.get(part, "")):
                return facts[int(found.group(1))]
    return None


def _pair(
    module: Module,
    function: LlvmFunction,
    inner: NaturalLoop,
    facts: dict[int, LoopFacts],
    kept: Collection[tuple[str, str]],
) -> _Pair | None:
    outer, inner_facts = inner.parent, facts_of(module, function, inner, facts)
    if outer is None or inner_facts is None or inner_facts.pipeline is None or inner.children:
        return None
    outer_facts = facts_of(module, function, outer, facts)
    if outer_facts is None or outer_facts.pipeline is not None:
        return None
    if (outer_facts.name, inner_facts.name) in kept:
        return None  # the driver notes why
    made = _judge(module, function, outer, inner, outer_facts, inner_facts)
    if isinstance(made, _Pair):
        return made
    inner_facts.note(f"not flattened into {outer_facts.name}: {made}")
    return None


def _works(blocks: list[list[Instruction]]) -> bool:
    """Whether the instructions around an inner loop read or write anything.

    A word that is loaded and stored again does not count: LLVM keeps an element in a register while the inner loop changes it.
    """
    instructions = [i for block in blocks for i in block]
    if any(i.opcode == "call" and not i.callee.startswith("llvm.") for i in instructions):
        return True
    loaded = {i.operands[0] for i in instructions if i.opcode == "load"}
    stored = {i.operands[1] for i in instructions if i.opcode == "store"}
    return loaded != stored


def _judge(
    module: Module,
    function: LlvmFunction,
    outer: NaturalLoop,
    inner: NaturalLoop,
    outer_facts: LoopFacts,
    inner_facts: LoopFacts,
) -> _Pair | str:
    if inner_facts.flatten == "off" or outer_facts.flatten == "off":
        return "loop_flatten off"
    if len(outer.children) > 1:
        return f"{outer_facts.name} holds {len(outer.children)} loops"
    around = outer.blocks - inner.blocks
    before = predecessors(function)
    entries = [p for p in before[outer.header] if p not in outer.blocks]
    preheaders = [p for p in before[inner.header] if p not in inner.blocks]
    latches = (*outer.latches, *inner.latches)
    if len(latches) != 2 or len(entries) != 1 or len(preheaders) != 1 or outer.latches[0] in inner.blocks:
        return "the loops are left or repeated in several places"
    for name in sorted(around):
        for i in function.blocks[name].instructions:
            if i.opcode == "call" and i.callee.startswith("hls.call."):
                return f"{outer_facts.name} calls {i.callee.removeprefix('hls.call.')} outside the inner loop"
    if inner_facts.flatten != "on" and _works([function.blocks[name].instructions for name in sorted(around)]):
        return f"{outer_facts.name} reads or writes outside of {inner_facts.name}. #pragma HLS loop_flatten in it merges them all the same"
    ahead, work = set[str](), [preheaders[0]]
    while work:
        at = work.pop()
        if at in around and at not in ahead:
            ahead.add(at)
            work += [] if at == outer.header else before[at]
    pair = _Pair(
        outer=outer,
        inner=inner,
        outer_facts=outer_facts,
        inner_facts=inner_facts,
        entry=entries[0],
        preheader=preheaders[0],
        before=frozenset(ahead),
    )
    for name in ahead:
        for i in function.blocks[name].instructions:
            if i.type == "ptr" and i.opcode not in _CLONED | {"alloca"}:
                return "a pointer is chosen outside the inner loop"
    return pair


def _level(module: Module, function: LlvmFunction, loop: NaturalLoop, nest_blocks: set[str]) -> Level:
    """The induction variables of a loop whose start is the same whenever it is entered."""
    owner: Any = SimpleNamespace(llvm=function, reader=AddressReader(module, function))
    steps: dict[str, int] = {}
    defined = {i.name for b in nest_blocks for i in function.blocks[b].instructions if i.name}
    trips = trip_count(owner, loop)
    for i in function.blocks[loop.header].instructions:
        width = bits_of(i.type) if i.opcode == "phi" else None
        if width is None:
            continue
        found = induction_step(owner, loop, Term(i.name, width, ""))
        starts = [text for source, text in zip(i.targets, i.operands, strict=True) if source not in loop.blocks]
        wraps = width < 32 and (trips is None or trips * abs(found[0] if found else 0) >= 1 << (width - 1))
        if found is not None and found[0] and not wraps and not any(start in defined for start in starts):
            steps[i.name] = found[0]
    return Level(steps=steps, trip_count=trips, blocks=frozenset(loop.blocks))


def _describe(module: Module, function: LlvmFunction, pair: _Pair) -> None:
    """Note in the inner loop's facts what the merged loop is."""
    inner, outer = pair.inner_facts, pair.outer_facts
    nest = inner.nest or (_level(module, function, pair.inner, pair.outer.blocks),)
    own = _level(module, function, pair.outer, pair.outer.blocks)
    inner.nest = (own, *nest)
    counts = [level.trip_count for level in inner.nest]
    if None not in counts:
        total = 1
        for count in counts:
            total *= count or 1
        inner.trip_count = TripCount(total, total)
    else:
        inner.trip_count = _product(outer.trip_count, own.trip_count, inner.trip_count, nest[0].trip_count)
    inner.flattened = (outer.name, *(inner.flattened or (inner.name,)))
    inner.name = "_".join(inner.flattened)


def _product(outer: TripCount, outer_known: int | None, inner: TripCount, inner_known: int | None) -> TripCount:
    def times(one: int | None, two: int | None) -> int | None:
        return None if one is None or two is None else one * two

    return TripCount(
        times(outer_known or outer.minimum, inner_known or inner.minimum),
        times(outer_known or outer.maximum, inner_known or inner.maximum),
    )


def _stored_type(kind: str) -> str:
    """The type of a slot for values of type `kind`: SROA makes a register only of integers that fill their bytes in memory."""
    width = bits_of(kind)
    return kind if width in (None, 1) else f"i{8 * size_of(kind, {})}"


@dataclass(slots=True)
class _Top:
    """Lines that a block needs first, and the names they give to values from before the inner loop."""

    lines: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


class _Merger:
    """Edits one pair of loops."""

    def __init__(self, text: str, symbol: str, function: LlvmFunction, pair: _Pair, tag: str) -> None:
        self.before, self.blocks, self.after = split_function(text, symbol)
        self.function, self.pair, self.tag = function, pair, tag
        self.head, self.latch = f"{tag}.head", f"{tag}.latch"
        self.tops: dict[str, _Top] = {}
        self.slots: dict[str, str] = {}
        self.early: dict[str, tuple[Instruction, str, str]] = {}  # value -> (instruction, block, line)
        for name in pair.before:
            for i in function.blocks[name].instructions:
                if i.name and not (i.opcode == "phi" and name == pair.outer.header):
                    line = next(line for line in self.blocks[name] if line.startswith(f"  {i.name} = "))
                    self.early[i.name] = (i, name, line)

    def run(self) -> str:
        """The text with the two loops merged."""
        pair = self.pair
        outer_latch, inner_latch = pair.outer.latches[0], pair.inner.latches[0]
        loop_metadata = self.function.blocks[inner_latch].terminator.metadata["llvm.loop"]
        self._replace_uses()
        head, latch = self._phis(outer_latch, inner_latch)
        retarget(self.blocks[pair.entry], pair.outer.header, self.head, drop_loop=False)
        retarget(self.blocks[outer_latch], pair.outer.header, self.latch, drop_loop=True)
        retarget(self.blocks[inner_latch], pair.inner.header, self.latch, drop_loop=True)
        for name, top in self.tops.items():
            at = body_start(self.blocks[name])
            self.blocks[name][at:at] = top.lines
        for value, slot in self.slots.items():
            i, name, line = self.early[value]
            stored = _stored_type(i.type)
            self.blocks[self.function_entry][0:0] = [f"  {slot} = alloca {stored}"]
            at = body_start(self.blocks[name]) if i.opcode == "phi" else self.blocks[name].index(line) + 1
            lines = [f"  store {i.type} {value}, ptr {slot}"]
            if stored != i.type:
                lines = [
                    f"  {slot}.wide = zext {i.type} {value} to {stored}",
                    f"  store {stored} {slot}.wide, ptr {slot}",
                ]
            self.blocks[name][at:at] = lines
        goes = f"  br i1 %{self.tag}.first, label {label(pair.outer.header)}, label {label(pair.inner.header)}"
        new = {
            self.head: [*head, goes],
            self.latch: [*latch, f"  br label {label(self.head)}, !llvm.loop {loop_metadata}"],
        }
        ordered: dict[str, list[str]] = {}
        for name, lines in self.blocks.items():
            ordered[name] = lines
            if name == pair.entry:
                ordered |= new
        return join_function(self.before, ordered, self.after)

    @property
    def function_entry(self) -> str:
        """Name of the function's first block."""
        return next(iter(self.blocks))

    def _phis(self, outer_latch: str, inner_latch: str) -> tuple[list[str], list[str]]:
        pair, tag = self.pair, self.tag
        enter, repeat, again = label(pair.entry), label(outer_latch), label(inner_latch)
        head = [f"  %{tag}.first = phi i1 [ true, {enter} ], [ %{tag}.over, {label(self.latch)} ]"]
        latch = [f"  %{tag}.over = phi i1 [ false, {again} ], [ true, {repeat} ]"]
        phis = [i for i in self.function.blocks[pair.outer.header].instructions if i.opcode == "phi"]
        for at, i in enumerate(phis):
            values = dict(zip(i.targets, i.operands, strict=True))
            carried = f"%{tag}.o{at}"
            following = self._use(outer_latch, values[outer_latch])
            head.append(
                f"  {i.name} = phi {i.type} [ {values[pair.entry]}, {enter} ], [ {carried}, {label(self.latch)} ]"
            )
            latch.append(f"  {carried} = phi {i.type} [ {i.name}, {again} ], [ {following}, {repeat} ]")
        lines = self.blocks[pair.outer.header]
        del lines[: len(phis)]
        lines = self.blocks[pair.inner.header]
        inner = [i for i in self.function.blocks[pair.inner.header].instructions if i.opcode == "phi"]
        varying: list[str] = []
        defined = {i.name for b in pair.outer.blocks for i in self.function.blocks[b].instructions if i.name}
        for at, i in enumerate(inner):
            values = dict(zip(i.targets, i.operands, strict=True))
            start, carried = values[pair.preheader], f"%{tag}.i{at}"
            following = self._use(inner_latch, values[inner_latch])
            fixed = start not in defined  # then the register starts again when an outer iteration ends
            kept, reset = (i.name, start) if fixed else (f"%{tag}.h{at}", "undef")
            head.append(f"  {kept} = phi {i.type} [ {reset}, {enter} ], [ {carried}, {label(self.latch)} ]")
            latch.append(f"  {carried} = phi {i.type} [ {following}, {again} ], [ {reset}, {repeat} ]")
            if not fixed:
                first = f"[ {start}, {label(pair.preheader)} ]"
                varying.append(f"  {i.name} = phi {i.type} {first}, [ {kept}, {label(self.head)} ]")
        lines[: len(inner)] = varying
        return head, latch

    def _replace_uses(self) -> None:
        """Give what the blocks before the inner loop compute to those that later iterations reach without them."""
        early_blocks = self._early_region()
        for name, block in self.function.blocks.items():
            lines = self.blocks[name]
            first = body_start(lines)
            if name not in early_blocks:
                for at in range(first, len(lines)):
                    lines[at] = renamed(lines[at], lambda value, name=name: self._use(name, value))
            if name in (self.pair.outer.header, self.pair.inner.header):
                continue  # _phis writes them
            for i in block.instructions:
                if i.opcode == "phi":
                    self._replace_in_phi(i, lines, early_blocks)

    def _replace_in_phi(self, i: Instruction, lines: list[str], early_blocks: set[str]) -> None:
        pairs = list(zip(i.targets, i.operands, strict=True))
        if not any(value in self.early and source not in early_blocks for source, value in pairs):
            return
        at = next(k for k, line in enumerate(lines) if line.startswith(f"  {i.name} = "))
        texts = [
            f"[ {value if source in early_blocks else self._use(source, value)}, {label(source)} ]"
            for source, value in pairs
        ]
        lines[at] = f"  {i.name} = phi {i.type} {', '.join(texts)}"

    def _early_region(self) -> set[str]:
        """Blocks that are reached only through the start of an outer iteration."""
        pair = self.pair
        later, work = set[str](), [pair.inner.header]
        while work:
            at = work.pop()
            if at not in later and at != pair.outer.header:
                later.add(at)
                work += self.function.blocks[at].successors
        return {name for name in pair.outer.blocks if name not in later}

    def _use(self, block: str, value: str) -> str:
        """The name that `block` has for `value`."""
        if value not in self.early:
            return value
        top = self.tops.setdefault(block, _Top())
        if value not in top.names:
            i, _, line = self.early[value]
            copy = f"%{self.tag}.c{sum(len(t.names) for t in self.tops.values())}"
            top.names[value] = copy
            if self._is_cloned(i):
                clone = renamed(line, lambda name: copy if name == value else self._use(block, name))
                top.lines.append(clone)
            else:
                slot = self.slots.setdefault(value, f"%{self.tag}.s{len(self.slots)}")
                stored = _stored_type(i.type)
                if stored == i.type:
                    top.lines.append(f"  {copy} = load {stored}, ptr {slot}")
                else:
                    top.lines.append(f"  {copy}.wide = load {stored}, ptr {slot}")
                    top.lines.append(f"  {copy} = trunc {stored} {copy}.wide to {i.type}")
        return top.names[value]

    @staticmethod
    def _is_cloned(i: Instruction) -> bool:
        if i.opcode in _CLONED:
            return i.opcode != "select" or i.type == "ptr"
        constant = any(re.fullmatch(r"-?\d+", operand) for operand in i.operands)
        return i.opcode in _CLONED_WITH_CONSTANT and constant
