"""Errors of a deployment: what a person can put right about a board and a run on it."""

from __future__ import annotations

from aigchip.core.errors import AigchipError


class DeployError(AigchipError):
    """Report a bundle, a board or a run that is not as it must be.

    Codes before the run: no-python, no-pynq, wrong-board, part, clock, disk-full, memory, busy, not-deployed. Codes of
    the run: those of boards/runner, deadline, run-lost, no-result, malformed.
    """
