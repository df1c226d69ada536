"""Which parts csynth knows: families whose delays and resources it has."""

from __future__ import annotations

from csynth.errors import CsynthError

_ULTRASCALE_PLUS = ("xczu", "xcku", "xcvu", "xck26", "xau", "xcau")


def is_known(part: str) -> bool:
    """Say whether a part, as the vendor writes it, belongs to a known family."""
    return part.lower().startswith(_ULTRASCALE_PLUS)


def check_part(part: str) -> None:
    """Refuse a part of a family whose delays and resources are unknown.

    Raises:
        CsynthError: the part is not UltraScale+.
    """
    if not is_known(part):
        raise CsynthError(
            "part",
            f"part is {part!r}; must be an UltraScale+ part",
            None,
            "Use --part xczu7ev-ffvc1156-2-e (the ZCU104).",
        )
