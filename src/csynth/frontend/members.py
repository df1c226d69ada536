"""An array of structs becomes an array for each member, as Vitis HLS disaggregates it (UG1399, "Structs")."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from csynth.frontend.affine import Address, Affine
from csynth.frontend.layout import Array
from csynth.frontend.llvm_text import bits_of, member_of, size_of, split_commas


@dataclass(frozen=True, slots=True)
class Leaf:
    """A number inside a struct: where it starts, and how much room it has [bytes]."""

    offset: int
    size: int


def leaves_of(kind: str, types: dict[str, str]) -> list[Leaf]:
    """The numbers of an LLVM type in the order of its members."""
    plain = types.get(kind.strip(), kind).strip()
    if match := re.match(r"\[(\d+) x (.*)\]$", plain):
        count = int(match.group(1))
    elif plain[0] in "{<":
        count = len(split_commas(plain.strip("<>").strip()[1:-1]))
    else:
        return [Leaf(0, size_of(plain, types) if bits_of(plain) else 0)]
    found = []
    for index in range(count):
        offset, member = member_of(plain, index, types)
        found += [Leaf(offset + leaf.offset, leaf.size) for leaf in leaves_of(member, types)]
    return found


class Members:
    """The arrays of members that are used so far."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], Array] = {}

    def of(self, array: Array, address: Address, width_bits: int) -> tuple[Array, Address]:
        """The array of the member at `address`, and the address in it; both unchanged when it is no such access."""
        offset = address.offset
        start = offset.constant % array.element_bytes
        at = next((k for k, leaf in enumerate(array.leaves) if leaf.offset == start), None)
        if len(array.leaves) < 2 or at is None or any(c % array.element_bytes for _, c in offset.terms):
            return array, address
        if width_bits > 8 * array.leaves[at].size:
            return array, address
        made = self._made.get((array.base, at))
        if made is None:
            made = self._made[array.base, at] = replace(
                array,
                base=f"{array.base}.{at}",
                name=f"{array.name}_m{at}",
                leaves=(),
                init=None if array.init is None else array.init[at :: len(array.leaves)],
            )
        return made, replace(address, base=made.base, offset=Affine(offset.terms, offset.constant - start))
