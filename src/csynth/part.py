"""Which parts csynth knows: their families' multipliers and memories, and where their speed grade stands in their names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from csynth.errors import CsynthError


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiplier:
    """The hard multiplier of a family.

    Attributes:
        name: as the vendor calls the primitive.
        a_bits: the wider factor, signed.
        b_bits: the narrower factor, signed.
        instantiated: whether csynth instantiates it; else products are left to synthesis.
        adds: whether it has a second adder and a pre-adder that csynth maps sums to.
    """

    name: str
    a_bits: int
    b_bits: int
    instantiated: bool = True
    adds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of parts.

    Attributes:
        name: as the vendor calls it.
        prefixes: how its parts begin, in lower case.
        grade: a regular expression that finds the speed grade in a part's name; its first group is the number.
        multiplier: the cell that multiplies.
        has_uram: whether it has UltraRAM.
    """

    name: str
    prefixes: tuple[str, ...]
    grade: str
    multiplier: Multiplier
    has_uram: bool = False


DSP48E2 = Multiplier(name="DSP48E2", a_bits=27, b_bits=18, adds=True)
DSP48E1 = Multiplier(name="DSP48E1", a_bits=25, b_bits=18, instantiated=False)
MULT18X18D = Multiplier(name="MULT18X18D", a_bits=18, b_bits=18)
_AMD_GRADE = r"-([123])(LV|L)?(?=-|[a-z]?$)"
FAMILIES = (
    Family(
        name="UltraScale+",
        prefixes=("xczu", "xcku", "xcvu", "xck26", "xck24", "xau", "xcau"),
        grade=_AMD_GRADE,
        multiplier=DSP48E2,
        has_uram=True,
    ),
    Family(
        name="7-series",
        prefixes=("xc7",),
        grade=_AMD_GRADE,
        multiplier=DSP48E1,
    ),
    Family(
        name="ECP5",
        prefixes=("lfe5u",),
        grade=r"-([678])(?=$|[a-z])",
        multiplier=MULT18X18D,
    ),
)


def family(part: str) -> Family | None:
    """Return the family of a part, as the vendor writes it; None for one that is unknown."""
    return next((known for known in FAMILIES if part.lower().startswith(known.prefixes)), None)


def family_named(name: str) -> Family:
    """Return the family that the vendor calls `name`."""
    return next(known for known in FAMILIES if known.name == name)


def speed_grade(part: str) -> str:
    """The speed grade in a part's name, as the delay tables call it.

    `-2L` and `-1L` run at 0.85 V with the delays of -2 and -1; `LV` means 0.72 V (DS925, "-2LE and -1LI").
    """
    known = family(part)
    found = re.search(known.grade, part, re.IGNORECASE) if known is not None else None
    if found is None:
        return ""
    low_voltage = found.lastindex == 2 and found.group(2).upper() == "LV"
    return f"-{found.group(1)}" + ("LV" if low_voltage else "")


def family_of(part: str) -> Family:
    """Return the family of a part.

    Raises:
        CsynthError: the part is of no family that csynth knows: its estimates would be wrong.
    """
    found = family(part)
    if found is None:
        raise CsynthError(
            "part",
            f"part is {part!r}; must be an UltraScale+, 7-series or ECP5 part",
            None,
            "Use --part xczu7ev-ffvc1156-2-e (the ZCU104).",
        )
    return found
