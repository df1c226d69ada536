"""The hardware IR of csynth: what the front end hands to the scheduler.

A `Program` is a set of `Function`s. A function is a control-flow graph of basic blocks in SSA form over bit vectors of exact
width; it reaches the outside only through ports, its own memories and its own channels. Everything that depends on C++ (types,
pragmas, pointers, array partitioning, if-conversion) has been resolved before this point; everything that depends on time
(cycles, registers, stalls) is decided after it.
"""

from csynth.ir.model import (
    Binding,
    Block,
    Branch,
    Channel,
    Const,
    Dependence,
    Function,
    Jump,
    Location,
    Loop,
    Memory,
    Op,
    Operand,
    Phi,
    Pipeline,
    Port,
    PortKind,
    Process,
    Program,
    Ref,
    Return,
    TripCount,
)

__all__ = [
    "Binding",
    "Block",
    "Branch",
    "Channel",
    "Const",
    "Dependence",
    "Function",
    "Jump",
    "Location",
    "Loop",
    "Memory",
    "Op",
    "Operand",
    "Phi",
    "Pipeline",
    "Port",
    "PortKind",
    "Process",
    "Program",
    "Ref",
    "Return",
    "TripCount",
]
