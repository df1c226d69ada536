"""Errors of a link to a board."""

from __future__ import annotations

from aigchip.core.errors import AigchipError


class LinkError(AigchipError):
    """Report a board at a UART that does not answer as it must. `code` names the fault."""


class LinkCutError(LinkError):
    """Report a port that is gone, for example because the cable was pulled out; it may come back."""
