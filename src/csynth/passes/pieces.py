"""Where the bits of a value come from: constants, bits of other values, copies of a sign bit."""

from __future__ import annotations

from dataclasses import dataclass

from csynth.ir.model import Const, Operand, Ref


@dataclass(frozen=True, slots=True)
class Piece:
    """`width` neighbouring bits.

    A constant when `source` is None (`low` is its value); bits low.. of `source`; or, when `fill`, copies of bit `low` of `source`.
    """

    source: Ref | None
    low: int
    width: int
    fill: bool = False


Pieces = tuple[Piece, ...]  # least significant first


def whole(operand: Operand) -> Pieces:
    """A value as one piece."""
    if isinstance(operand, Const):
        return (Piece(None, operand.value, operand.width_bits),)
    return (Piece(operand, 0, operand.width_bits),)


def width_of(pieces: Pieces) -> int:
    """Number of bits."""
    return sum(p.width for p in pieces)


def cut(pieces: Pieces, low: int, width: int) -> Pieces:
    """Bits low .. low + width - 1."""
    found, at = [], 0
    for p in pieces:
        start, end = max(low, at), min(low + width, at + p.width)
        if start < end:
            if p.fill:
                found.append(Piece(p.source, p.low, end - start, True))
            elif p.source is None:
                found.append(Piece(None, (p.low >> (start - at)) & ((1 << (end - start)) - 1), end - start))
            else:
                found.append(Piece(p.source, p.low + start - at, end - start))
        at += p.width
    return tuple(found)


def zero_bits(pieces: Pieces) -> int:
    """Number of low bits that are constant zeros."""
    found = 0
    for p in pieces:
        if p.source is not None:
            break
        if p.low:
            return found + (p.low & -p.low).bit_length() - 1
        found += p.width
    return found


def joined(pieces: Pieces) -> Pieces:
    """The same bits in as few pieces as possible."""
    found: list[Piece] = []
    for p in pieces:
        last = found[-1] if found else None
        if last is not None and last.source is None and p.source is None:
            found[-1] = Piece(None, last.low | p.low << last.width, last.width + p.width)
        elif (
            last is not None
            and p.source is not None
            and last.source == p.source
            and not p.fill
            and not last.fill
            and last.low + last.width == p.low
        ):
            found[-1] = Piece(p.source, last.low, last.width + p.width)
        elif last is not None and p.fill and last.fill and last.source == p.source and last.low == p.low:
            found[-1] = Piece(p.source, p.low, last.width + p.width, True)
        else:
            found.append(p)
    return tuple(found)


def zeros(width: int) -> Pieces:
    """`width` zero bits."""
    return (Piece(None, 0, width),) if width > 0 else ()


def extended(pieces: Pieces, width: int) -> Pieces:
    """Sign-extended to `width` bits."""
    more = width - width_of(pieces)
    if more <= 0:
        return pieces
    top = pieces[-1]
    if top.source is None:
        sign = (top.low >> (top.width - 1)) & 1
        return joined((*pieces, Piece(None, ((1 << more) - 1) * sign, more)))
    bit = top.low if top.fill else top.low + top.width - 1
    return joined((*pieces, Piece(top.source, bit, more, True)))


def unsigned_bits(pieces: Pieces) -> int:
    """Bits left when the leading constant zeros are dropped."""
    total = width_of(pieces)
    top = pieces[-1]
    return total if top.source is not None else total - top.width + top.low.bit_length()


def signed_bits(pieces: Pieces) -> int:
    """Bits from which the value can be had back by sign extension."""
    total = width_of(pieces)
    top = pieces[-1]
    if top.source is None:
        if len(pieces) == 1 or not top.low >> (top.width - 1):
            value = top.low - ((top.low >> (top.width - 1)) << top.width)
            if len(pieces) == 1:
                return max(1, (value if value >= 0 else ~value).bit_length() + 1)
            return total - top.width + top.low.bit_length() + 1
        return total
    if top.fill and len(pieces) > 1:
        below = pieces[-2]
        if not below.fill and below.source == top.source and below.low + below.width - 1 == top.low:
            return total - top.width
    return total


def aligned(a: Pieces, b: Pieces) -> list[tuple[Piece, Piece]]:
    """Both cut at the boundaries of either."""
    marks: set[int] = set()
    for pieces in (a, b):
        at = 0
        for p in pieces:
            at += p.width
            marks.add(at)
    found, low = [], 0
    for high in sorted(marks):
        found.append((cut(a, low, high - low)[0], cut(b, low, high - low)[0]))
        low = high
    return found
