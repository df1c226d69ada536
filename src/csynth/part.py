"""Which parts csynth knows: families whose delays it has, and of which it counts the resources."""

from __future__ import annotations

import re
from dataclasses import dataclass

from csynth.errors import CsynthError


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of parts.

    Attributes:
        name: as the vendor calls it.
        prefixes: how its parts begin, in lower case.
        estimated: whether csynth has its delays and counts its resources.
        scheduled: whether csynth has its delays.
    """

    name: str
    prefixes: tuple[str, ...]
    estimated: bool
    scheduled: bool = True


FAMILIES = (
    Family(name="UltraScale+", prefixes=("xczu", "xcku", "xcvu", "xck26", "xck24", "xau", "xcau"), estimated=True),
    Family(name="7-series", prefixes=("xc7",), estimated=False),
)


def family(part: str) -> Family | None:
    """Return the family of a part, as the vendor writes it; None for one that is unknown."""
    return next((known for known in FAMILIES if part.lower().startswith(known.prefixes)), None)


def speed_grade(part: str) -> str:
    """The speed grade in a part's name, as the delay tables call it.

    `-2L` and `-1L` run at 0.85 V with the delays of -2 and -1; `LV` means 0.72 V (DS925, "-2LE and -1LI").
    """
    found = re.search(r"-([123])(LV|L)?(?=-|[a-z]?$)", part, re.IGNORECASE)
    if found is None:
        return ""
    return f"-{found.group(1)}" + ("LV" if (found.group(2) or "").upper() == "LV" else "")


def check_part(part: str, *, resources: bool = True) -> None:
    """Refuse a part of a family whose delays, or with `resources` whose resources, are unknown: its estimates would be wrong.

    Raises:
        CsynthError: the part is not UltraScale+.
    """
    found = family(part)
    if found is not None and found.scheduled and not resources:
        return
    if found is not None and not found.estimated:
        raise CsynthError(
            "part",
            f"part is {part!r}, of the {found.name} family, whose resources csynth does not count; "
            "must be an UltraScale+ part",
            None,
            "Use --no-resources, or the vendor's tool.",
        )
    if found is None:
        raise CsynthError(
            "part",
            f"part is {part!r}; must be an UltraScale+ part",
            None,
            "Use --part xczu7ev-ffvc1156-2-e (the ZCU104).",
        )
