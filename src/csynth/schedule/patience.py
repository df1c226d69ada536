"""Find the static functions of which a longer latency costs their callers registers only: no interval, no cycle of a state machine."""

from __future__ import annotations

from csynth.ir.model import Block, Branch, Function, Operand, Program, Ref
from csynth.ir.rings import rings_of


def patient_functions(program: Program) -> frozenset[str]:
    """Names of the static functions that are called in pipelines alone, where nothing that the next iteration waits for needs a call."""
    functions = {function.name: function for function in program.functions}
    calls: dict[str, list[tuple[Function, bool]]] = {f.name: [] for f in program.functions if f.is_static}
    for function in program.functions:
        headers = {loop.header for loop in function.loops if loop.pipeline is not None}
        for block in function.blocks:
            urgent = _urgent(block) if function.is_static or block.name in headers else None
            for op in block.ops:
                if op.opcode == "call" and op.target in calls:
                    waited_for = urgent is None or (op.result is not None and op.result.name in urgent)
                    calls[op.target].append((function, waited_for))
    patient = set(calls)
    while True:
        hasty = {
            name
            for name in patient
            if not calls[name]
            or any(
                waited_for or (caller.is_static and caller.name not in patient) for caller, waited_for in calls[name]
            )
        }
        if not hasty:
            return frozenset(patient & functions.keys())
        patient -= hasty


def _urgent(block: Block) -> set[str]:
    """Values of a pipelined block that the next iteration waits for: those in a recurrence, and those that decide on the exit."""
    arrows: dict[str, list[str]] = {}

    def names(operands: tuple[Operand, ...]) -> list[str]:
        return [operand.name for operand in operands if isinstance(operand, Ref)]

    for phi in block.phis:
        arrows[phi.result.name] = names(tuple(value for source, value in phi.incoming if source == block.name))
    for op in block.ops:
        needs = names(op.operands if op.predicate is None else (*op.operands, op.predicate))
        if op.opcode == "store":
            arrows.setdefault(f"memory {op.target}", []).extend(needs)
        elif op.result is not None:
            arrows[op.result.name] = [*needs, f"memory {op.target}"] if op.opcode == "load" else needs
    waiting = names((block.terminator.condition,)) if isinstance(block.terminator, Branch) else []
    before_exit: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in before_exit:
            before_exit.add(name)
            waiting += arrows.get(name, ())
    return before_exit | rings_of(arrows).keys()
