"""Passes over the IR."""

from __future__ import annotations

from csynth.ir.model import Program


def optimise(program: Program) -> Program:
    """Run all passes."""
    return program
