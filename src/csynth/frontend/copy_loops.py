"""The text of the loops that set or copy an array: every bank in each iteration."""

from __future__ import annotations

from dataclasses import dataclass, field

from csynth.frontend.layout import Split
from csynth.frontend.llvm_edit import label
from csynth.frontend.members import Leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Positions of a dimension: step * j + offset for j in first .. first + count - 1 and every offset."""

    first: int
    count: int
    step: int
    offsets: tuple[int, ...]


def _groups(split: Split) -> list[_Group]:
    """A dimension as ranges in which all banks have an element."""
    extent, banks = split.extent, split.banks
    if not split.block:
        whole, rest = divmod(extent, banks)
        groups = [_Group(first=0, count=whole, step=banks, offsets=tuple(range(banks)))] if whole else []
        return groups + ([_Group(first=whole, count=1, step=banks, offsets=tuple(range(rest)))] if rest else [])
    last = (extent - 1) // split.size
    short = extent - last * split.size
    starts = tuple(k * split.size for k in range(last + 1))
    groups = [_Group(first=0, count=short, step=1, offsets=starts)]
    if short < split.size and last:
        groups.append(_Group(first=short, count=split.size - short, step=1, offsets=starts[:-1]))
    return groups


@dataclass(slots=True, kw_only=True)
class CopyLoops:
    """One block copy on its way to text.

    Attributes:
        tag: what all new names start with.
        target: the pointer that is written.
        source: the pointer that is read, where there are neither values nor tables.
        splits: the dimensions, outermost first, and how each is cut.
        element_bytes: size of one element.
        leaves: the numbers in an element.
        debug: metadata of every instruction.
        scopes: indices of the pragmas of the innermost loop: its label, and its pipeline.
        values: what is stored, by leaf: one number for all elements, or one for each.
        tables: the constant array that is read, by leaf.
        variable: a byte that is stored everywhere.
    """

    tag: str
    target: str
    source: str
    splits: list[Split]
    element_bytes: int
    leaves: tuple[Leaf, ...]
    debug: str
    scopes: tuple[int, int]
    values: dict[int, list[int]] = field(default_factory=dict)
    tables: dict[int, str] = field(default_factory=dict)
    variable: str = ""
    _made: dict[str, list[str]] = field(default_factory=dict)
    _count: int = 0
    _block: str = ""

    def blocks(self, name: str, before: list[str], after: list[str]) -> dict[str, list[str]]:
        """The blocks that replace block `name`, in which the call stood between `before` and `after`."""
        self._made, self._block = {name: list(before)}, name
        self._level(0, [()])
        self._made[self._block] += after
        return self._made

    def _fresh(self) -> str:
        self._count += 1
        return f"{self.tag}.{self._count}"

    def _add(self, line: str) -> None:
        self._made[self._block].append(f"  {line}{self.debug}")

    def _level(self, at: int, places: list[tuple[str, ...]]) -> None:
        """Emit the dimensions from `at` on, for every one of `places` in those before."""
        if at == len(self.splits):
            self._elements(places)
            return
        for group in _groups(self.splits[at]):
            if group.count == 1:
                here = [str(group.step * group.first + offset) for offset in group.offsets]
                self._level(at + 1, [(*place, index) for place in places for index in here])
            else:
                self._loop(at, group, places)

    def _loop(self, at: int, group: _Group, places: list[tuple[str, ...]]) -> None:
        counter = self._fresh()
        head, leave = f"{counter[1:]}.loop", f"{counter[1:]}.end"
        self._add(f"br label {label(head)}")
        entry, self._block = self._block, head
        self._made[head] = []
        end = group.first + group.count
        phi_at = len(self._made[head])
        if at + 1 == len(self.splits) or all(s.size == 1 for s in self.splits[at + 1 :]):
            for pragma in self.scopes:
                self._add(f"call void @__csynth_scope(i32 {pragma}, i64 1, i64 0)")
        start = counter
        if group.step != 1:
            start = self._fresh()
            self._add(f"{start} = mul nuw nsw i64 {counter}, {group.step}")
        here = []
        for offset in group.offsets:
            here.append(start if not offset else self._fresh())
            if offset:
                self._add(f"{here[-1]} = add nuw nsw i64 {start}, {offset}")
        self._level(at + 1, [(*place, index) for place in places for index in here])
        self._add(f"{counter}.next = add nuw nsw i64 {counter}, 1")
        self._add(f"{counter}.over = icmp eq i64 {counter}.next, {end}")
        self._add(f"br i1 {counter}.over, label {label(leave)}, label {label(head)}")
        ways = f"[ {group.first}, {label(entry)} ], [ {counter}.next, {label(self._block)} ]"
        self._made[head].insert(phi_at, f"  {counter} = phi i64 {ways}{self.debug}")
        self._block = leave
        self._made[leave] = []

    def _elements(self, places: list[tuple[str, ...]]) -> None:
        """Read all elements, then write them."""
        words = [[self._word(at, place) for at in range(len(self.leaves))] for place in places]
        for place, parts in zip(places, words, strict=True):
            for leaf, word in zip(self.leaves, parts, strict=True):
                where = self._pointer(self.target, place, f"[{self.element_bytes} x i8]", leaf.offset)
                self._add(f"store i{8 * leaf.size} {word}, ptr {where}, align 1")

    def _word(self, at: int, place: tuple[str, ...]) -> str:
        """What is stored at leaf `at` of one element."""
        leaf = self.leaves[at]
        if self.variable:
            return self.variable
        if at in self.values:
            numbers = self.values[at]
            return str(numbers[self._linear(place)] if len(numbers) > 1 else numbers[0])
        table = self.tables.get(at)
        kind = f"i{8 * leaf.size}" if table else f"[{self.element_bytes} x i8]"
        where = self._pointer(table or self.source, place, kind, 0 if table else leaf.offset)
        name = self._fresh()
        self._add(f"{name} = load i{8 * leaf.size}, ptr {where}, align 1")
        return name

    def _linear(self, place: tuple[str, ...]) -> int:
        number = 0
        for s, index in zip(self.splits, place, strict=True):
            number = number * s.extent + int(index)
        return number

    def _pointer(self, base: str, place: tuple[str, ...], kind: str, offset: int) -> str:
        """The address of a leaf of an element."""
        for s in reversed(self.splits):
            kind = f"[{s.extent} x {kind}]"
        name = self._fresh()
        subscripts = "".join(f", i64 {index}" for index in place)
        self._add(f"{name} = getelementptr inbounds {kind}, ptr {base}, i64 0{subscripts}")
        if offset:
            self._add(f"{name}.leaf = getelementptr inbounds i8, ptr {name}, i64 {offset}")
            return f"{name}.leaf"
        return name
