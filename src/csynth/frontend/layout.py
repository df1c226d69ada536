"""How an array lies in memory banks and words after array_partition and array_reshape."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, product
from math import prod
from typing import TYPE_CHECKING

from csynth.errors import UnsupportedError
from csynth.frontend.affine import Affine
from csynth.frontend.llvm_text import bits_of, size_of, split_commas, typed
from csynth.ir.model import Location

if TYPE_CHECKING:
    from csynth.frontend.members import Leaf
    from csynth.frontend.values import Interval

MAX_BANKS = 4096
_MAX_CHOICES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How one dimension is cut: element s is in part s mod banks (cyclic) or s div size (block).

    `word`: the parts are lanes of one word (array_reshape), not banks.
    """

    extent: int
    banks: int = 1
    block: bool = False
    word: bool = False

    @property
    def size(self) -> int:
        """Elements of the dimension in one part."""
        return -(-self.extent // self.banks)

    def place(self, position: int) -> tuple[int, int]:
        """Part of an element, and its place in the part."""
        if self.block:
            return position // self.size, position % self.size
        return position % self.banks, position // self.banks


@dataclass(slots=True)
class Array:
    """An array of the function: its element, its dimensions, how each is cut, and what its memories are.

    `ports` and `latency_cycles` are as in `csynth.ir.model.Memory`. `leaves`: the numbers in an element, where that is a struct of several.
    """

    base: str
    name: str
    element_bytes: int
    splits: list[Split]
    location: Location | None = None
    storage: str = "auto"
    ports: str = "auto"
    latency_cycles: int = 1
    init: list[int] | None = None
    read_only: bool = False
    is_global: bool = False
    outside: bool = False  # behind memory ports
    width_bits: int = 0
    leaves: tuple[Leaf, ...] = ()
    interface: str = ""  # ap_memory or ap_memory_1p: outside the top

    @property
    def banks(self) -> int:
        """Number of parts in all: banks times lanes."""
        return prod(s.banks for s in self.splits)

    @property
    def lanes(self) -> int:
        """Elements that one word holds; 1 when whole words would only make one word, which is a register for each element."""
        return prod(s.banks for s in self.splits if s.word) if self.depth > 1 else 1

    @property
    def depth(self) -> int:
        """Words of one bank."""
        return prod(s.size for s in self.splits)

    def place(self, position: Sequence[int]) -> tuple[int, int]:
        """Part and place in the part of the element with these subscripts: the layout, one to one."""
        part = index = 0
        for s, p in zip(self.splits, position, strict=True):
            own, inner = s.place(p)
            part, index = part * s.banks + own, index * s.size + inner
        return part, index

    def word_of(self, part: int) -> tuple[int, int]:
        """Bank and lane of a part."""
        digits = []
        for s in reversed(self.splits):
            part, digit = divmod(part, s.banks)
            digits.insert(0, digit)
        bank = lane = 0
        for s, digit in zip(self.splits, digits, strict=True):
            bank, lane = (bank, lane * s.banks + digit) if s.word else (bank * s.banks + digit, lane)
        return bank, lane

    def split(self, pragma: str, kind: str, factor: int, dim: int, location: Location) -> None:
        """Apply one array_partition or array_reshape pragma.

        Raises:
            UnsupportedError: the dimension or the factor does not exist, or the dimension is cut in another way already.
        """
        if not 0 <= dim <= len(self.splits):
            raise UnsupportedError(
                "partition",
                f"{pragma}: dim is {dim}; must be 0 to {len(self.splits)} for {self.name!r}",
                location,
                "Give a dimension that the array has",
            )
        for at in range(len(self.splits)) if dim == 0 else [dim - 1]:
            old = self.splits[at]
            if kind != "complete" and not 1 <= factor <= old.extent:
                raise UnsupportedError(
                    "partition",
                    f"{pragma}: factor is {factor}; must be 1 to {old.extent}, the extent of {self.name!r} in that dimension",
                    location,
                    f"Use factor={old.extent} or less",
                )
            new = Split(
                extent=old.extent,
                banks=old.extent if kind == "complete" else factor,
                block=kind == "block",
                word=pragma == "array_reshape",
            )
            if old.banks > 1 and old != new:
                raise UnsupportedError(
                    "partition",
                    f"{pragma}: dimension {at + 1} of {self.name!r} is cut twice, into {old.banks} and {new.banks} parts;"
                    " must be cut once",
                    location,
                    "Remove one of the two pragmas, or give each another dim",
                )
            self.splits[at] = new
        if self.banks > MAX_BANKS:
            raise UnsupportedError(
                "partition",
                f"{pragma} cuts {self.name!r} into {self.banks} banks; must be at most {MAX_BANKS}",
                location,
                "Partition fewer dimensions or use a smaller factor",
            )

    def subscripts(self, offset: Affine, interval_of: Callable[[Affine], Interval]) -> list[Affine] | None:
        """Byte offset -> one affine subscript a dimension; None when it cannot be told apart into subscripts.

        LLVM has added the subscripts up; they are told apart so that each inner one is provably within its extent, or, where
        nothing is known of the variables, by the coefficients alone.
        """
        parts: list[Affine] = []
        rest = offset
        for unit in self.strides()[:-1]:
            found = _divide(rest, unit, interval_of)
            if found is None:
                return None
            outer, rest = found
            parts.append(outer)
        if not self.on_element(rest):
            return None
        unit = self.element_bytes
        return [*parts, Affine(tuple((t, c // unit) for t, c in rest.terms), rest.constant // unit)]

    def strides(self) -> list[int]:
        """Bytes from one element to the next, by dimension."""
        found, stride = [], self.element_bytes
        for s in reversed(self.splits):
            found.insert(0, stride)
            stride *= s.extent
        return found

    def on_element(self, offset: Affine) -> bool:
        """Whether a byte offset is always that of an element."""
        return offset.constant % self.element_bytes == 0 and all(c % self.element_bytes == 0 for _, c in offset.terms)


def _divide(offset: Affine, unit: int, interval_of: Callable[[Affine], Interval]) -> tuple[Affine, Affine] | None:
    """`offset` = unit * outer + inner with 0 <= inner < unit."""
    options: list[list[tuple[int, int]]] = []
    for _, c in offset.terms:
        quotient, left = divmod(c, unit)
        options.append([(quotient, left), (quotient + 1, left - unit)] if left else [(quotient, 0)])
        if left and c < 0:
            options[-1].reverse()
    base, left = divmod(offset.constant, unit)
    constants = [(base, left), (base + 1, left - unit), (base - 1, left + unit)]
    for choice in islice(product(constants, *options), _MAX_CHOICES):
        (outer_constant, inner_constant), *chosen = choice
        inner = _affine(offset, [r for _, r in chosen], inner_constant)
        bounds = interval_of(inner)
        if bounds.low >= 0 and bounds.high < unit:
            return _affine(offset, [q for q, _ in chosen], outer_constant), inner
    if any(abs(c) > unit and c % unit for _, c in offset.terms):
        return None
    taken = [c // unit if c % unit == 0 else 0 for _, c in offset.terms]
    inner = _affine(offset, [c % unit and c for _, c in offset.terms], 0)
    if base < 0 and left and inner.terms:
        # A negative constant beside a variable inner subscript, as in a[i][j - 1].
        base, left = base + 1, left - unit
    inner = Affine(inner.terms, left)
    return (_affine(offset, taken, base), inner) if not interval_of(inner).exact or not inner.terms else None


def _affine(like: Affine, coefficients: list[int], constant: int) -> Affine:
    return Affine(tuple((t, c) for (t, _), c in zip(like.terms, coefficients, strict=True) if c), constant)


def dimensions(kind: str, types: dict[str, str]) -> tuple[list[int], str]:
    """Extents and element type of an LLVM array type, or of a struct that holds nothing but an array; a plain type has none."""
    extents = []
    while match := re.match(r"\[(\d+) x (.*)\]$", _only_array(kind, types)):
        extents.append(int(match.group(1)))
        kind = match.group(2)
    return extents, kind


def _only_array(kind: str, types: dict[str, str]) -> str:
    """The array that is the only member of struct `kind`; else `kind` itself."""
    plain = kind
    while (plain := types.get(plain, plain).strip()).startswith("{"):
        members = split_commas(plain[1:-1])
        if len(members) != 1:
            return kind
        plain = members[0]
    return plain if plain.startswith("[") else kind


def make_array(base: str, name: str, kind: str, types: dict[str, str]) -> Array:
    """The array of an alloca or global of LLVM type `kind`, not partitioned."""
    extents, element = dimensions(kind, types)
    return Array(
        base=base, name=name, element_bytes=size_of(element, types), splits=[Split(extent=e) for e in extents or [1]]
    )


def constants(kind: str, text: str, types: dict[str, str]) -> list[int]:
    """Flatten the initialiser of a global into its integer leaves.

    Raises:
        ValueError: a leaf is not an integer.
    """
    kind = types.get(kind, kind).strip()
    text = text.strip()
    width = bits_of(kind)
    if width is not None:
        number = {"true": 1, "false": 0, "zeroinitializer": 0, "undef": 0, "poison": 0}.get(text)
        return [(int(text) if number is None else number) % (1 << width)]
    members: list[str]
    if match := re.match(r"\[(\d+) x (.*)\]$", kind):
        members = [match.group(2)] * int(match.group(1))
    elif kind[0] in "{<":
        members = split_commas(kind.strip("<>").strip()[1:-1])
    else:
        raise ValueError(kind)
    if text in {"zeroinitializer", "undef", "poison"}:
        return [v for m in members for v in constants(m, "zeroinitializer", types)]
    if text.startswith('c"'):
        found = re.findall(r"\\([0-9A-Fa-f]{2})|(.)", text[2:-1], re.S)
        return [int(h, 16) if h else ord(c) for h, c in found]
    parts = split_commas(text.strip("<>").strip()[1:-1])
    return [v for part in parts for v in constants(*typed(part), types)]
