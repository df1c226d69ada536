"""The one exception of this package."""

from aigchip.core.errors import AigchipError


class WorkloadError(AigchipError):
    """A network that is unknown, malformed, or holds an operator that the accelerator cannot take."""
