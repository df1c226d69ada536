"""Why a run of the vendor's tools gave nothing."""

from __future__ import annotations

from aigchip.core.errors import AigchipError
from aigchip.diagnose.message import ToolMessage


class VendorRunError(AigchipError):
    """Report a run of the vendor's tools without its artefact.

    `code` is `no-artefact`, `failed`, `time-out`, `licence`, `timing` or `tool`; `message` is what the tool said first.
    """

    message: ToolMessage | None = None
