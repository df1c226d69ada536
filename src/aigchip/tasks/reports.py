"""Reports of designs and studies, every figure with its origin."""

from __future__ import annotations

from aigchip.core.errors import AigchipError
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import DesignContext


def write_design_report(context: DesignContext) -> None:
    """Write report.json and report.md of a finished build."""
    raise NotImplementedError


def print_design_report(context: DesignContext) -> None:
    """Print the report of a finished build."""
    raise NotImplementedError


def print_report(given: Arguments) -> int:
    """Print the report of a design, or of a study."""
    raise AigchipError("report", "not yet")
