"""Passes over the IR; each takes a function and returns an equal one."""

from __future__ import annotations

from dataclasses import replace

from csynth.ir.model import Function, Program
from csynth.passes.balance import balance
from csynth.passes.demand import shrink
from csynth.passes.simplify import simplify


def optimise(program: Program) -> Program:
    """Run all passes on every function."""
    return replace(program, functions=tuple(optimise_function(f) for f in program.functions))


def optimise_function(function: Function) -> Function:
    """Simplify, cut values to the bits that matter, balance sums, and simplify what that exposed."""
    return simplify(balance(simplify(shrink(simplify(shrink(simplify(function)))))))
