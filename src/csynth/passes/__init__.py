"""Passes over the IR; each takes a function and returns an equal one."""

from __future__ import annotations

from csynth.ir.model import Function, Program
from csynth.passes.balance import balance
from csynth.passes.carried import merge_carried
from csynth.passes.demand import shrink
from csynth.passes.ports import cut_ports
from csynth.passes.simplify import simplify


def optimise(program: Program) -> Program:
    """Run all passes on every function, and cut the ports between them."""
    return cut_ports(program, optimise_function)


def optimise_function(function: Function) -> Function:
    """Simplify, merge what a nest carries twice, cut values to the bits that matter, balance sums, simplify what that exposed."""
    return simplify(balance(simplify(shrink(simplify(shrink(merge_carried(simplify(function))))))))
