"""How an array lies in memory banks after array_partition."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from csynth.errors import UnsupportedError
from csynth.frontend.affine import Affine
from csynth.frontend.llvm_text import size_of
from csynth.ir.model import Location

MAX_BANKS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How one dimension is cut: `banks` banks; element s is in bank s mod banks (cyclic) or s div size (block)."""

    extent: int
    banks: int = 1
    block: bool = False

    @property
    def size(self) -> int:
        """Elements of the dimension in one bank."""
        return -(-self.extent // self.banks)


@dataclass(slots=True)
class Array:
    """An array of the function: its element, its dimensions and how each is cut."""

    base: str
    name: str
    element_bytes: int
    splits: list[Split]
    location: Location | None = None
    storage: str = "auto"
    init: list[int] | None = None
    read_only: bool = False
    is_global: bool = False
    width_bits: int = 0
    interface: str = ""  # ap_memory or ap_memory_1p: outside the top
    memories: list[str] = field(default_factory=list)

    @property
    def banks(self) -> int:
        """Number of banks in all."""
        total = 1
        for s in self.splits:
            total *= s.banks
        return total

    @property
    def depth(self) -> int:
        """Words of one bank."""
        total = 1
        for s in self.splits:
            total *= s.size
        return total

    def partition(self, kind: str, factor: int, dim: int, location: Location) -> None:
        """Apply one array_partition pragma.

        Raises:
            UnsupportedError: the dimension or the factor does not exist.
        """
        if not 0 <= dim <= len(self.splits):
            raise UnsupportedError(
                "partition",
                f"array_partition: dim is {dim}; must be 0 to {len(self.splits)} for {self.name!r}",
                location,
                "Give a dimension that the array has",
            )
        for at in range(len(self.splits)) if dim == 0 else [dim - 1]:
            extent = self.splits[at].extent
            if kind == "complete":
                self.splits[at] = Split(extent=extent, banks=extent)
                continue
            if not 1 <= factor <= extent:
                raise UnsupportedError(
                    "partition",
                    f"array_partition: factor is {factor}; must be 1 to {extent}, the extent of {self.name!r} in that dimension",
                    location,
                    f"Use factor={extent} or less",
                )
            self.splits[at] = Split(extent=extent, banks=factor, block=kind == "block")
        if self.banks > MAX_BANKS:
            raise UnsupportedError(
                "partition",
                f"array_partition cuts {self.name!r} into {self.banks} banks; must be at most {MAX_BANKS}",
                location,
                "Partition fewer dimensions or use a smaller factor",
            )

    def subscripts(self, offset: Affine) -> list[Affine] | None:
        """Byte offset -> one affine subscript a dimension, or None when it is not on an element."""
        strides, stride = [], self.element_bytes
        for s in reversed(self.splits):
            strides.insert(0, stride)
            stride *= s.extent
        parts: list[Affine] = []
        rest = offset
        for at, unit in enumerate(strides):
            last = at == len(strides) - 1
            taken = tuple((t, c // unit) for t, c in rest.terms if c % unit == 0 and (abs(c) >= unit or last))
            others = tuple((t, c) for t, c in rest.terms if not (c % unit == 0 and (abs(c) >= unit or last)))
            if last:
                if others or rest.constant % unit:
                    return None
                constant, left = rest.constant // unit, 0
            else:
                constant, left = divmod(rest.constant, unit)
                if constant < 0 and left and others:
                    # A negative constant beside a variable inner subscript, as in a[i][j - 1].
                    constant, left = constant + 1, left - unit
            parts.append(Affine(taken, constant))
            rest = Affine(others, left)
        return parts


def dimensions(kind: str, types: dict[str, str]) -> tuple[list[int], str]:
    """Extents and element type of an LLVM array type; a plain type has none."""
    extents = []
    while match := re.match(r"\[(\d+) x (.*)\]$", kind):
        extents.append(int(match.group(1)))
        kind = match.group(2)
    return extents, kind


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
    from csynth.frontend.llvm_text import bits_of, split_commas, typed  # noqa: PLC0415 - keeps the module's head short

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
