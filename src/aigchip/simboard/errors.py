"""What can go wrong with the simulated board."""

from aigchip.core.errors import AigchipError


class SimulatedBoardError(AigchipError):
    """Report a simulated board that cannot be made, started or stopped."""
