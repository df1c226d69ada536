"""Cut the scalar ports of called functions to the bits that matter, in the function and in its calls.

A reference comes into a function and goes out of it as a whole word, as it lies in memory: this pass drops what came in and is not used,
and bits above the value of a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from csynth.ir.model import Block, Function, Op, Operand, Port, PortKind, Program, Ref

_EXTENSIONS = frozenset({"zext", "sext"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What became of the ports of one function.

    Attributes:
        inputs: new width of each scalar input, 0 = dropped.
        outputs: for each scalar output its old and new width and how it is extended (`zext`, `sext`).
    """

    inputs: tuple[int, ...]
    outputs: tuple[tuple[int, int, str], ...]


def cut_ports(program: Program, optimise: Callable[[Function], Function]) -> Program:
    """Optimise all functions, callees first, and cut the ports of those that are only called."""
    functions = {f.name: f for f in program.functions}
    fixed = {program.top} | {p.function for f in program.functions for p in f.processes}
    cuts: dict[str, Cut] = {}
    done: dict[str, Function] = {}

    def visit(name: str) -> None:
        if name in done:
            return
        function = functions[name]
        targets = [op.target for b in function.blocks for op in b.ops if op.opcode == "call" and op.target]
        for target in [*targets, *(p.function for p in function.processes)]:
            visit(target)
        done[name] = optimise(_with_calls(function, cuts, functions))
        if name not in fixed:
            done[name], cuts[name] = _cut(done[name])

    for function in program.functions:
        visit(function.name)
    return replace(program, functions=tuple(done[f.name] for f in program.functions))


def _cut(function: Function) -> tuple[Function, Cut]:
    ops = [op for block in function.blocks for op in block.ops]
    made = {op.result.name: op for op in ops if op.result is not None}
    needed = _needed_bits(function, ops)
    ports: list[Port] = []
    inputs: list[int] = []
    outputs: list[tuple[int, int, str]] = []
    new_inputs: dict[str, int] = {}
    new_outputs: dict[str, int] = {}
    for port in function.ports:
        if port.kind is PortKind.SCALAR_IN:
            width = min(port.width_bits, needed.get(port.name, 0))
            inputs.append(width)
            if width != port.width_bits:
                new_inputs[port.name] = width
            if width:
                ports.append(replace(port, width_bits=width))
        elif port.kind is PortKind.SCALAR_OUT:
            width, extension = _output_bits(port, ops, made)
            outputs.append((port.width_bits, width, extension))
            if width != port.width_bits:
                new_outputs[port.name] = width
            ports.append(replace(port, width_bits=width))
        else:
            ports.append(port)
    last = max((op.id for op in ops), default=0)
    blocks: list[Block] = []
    narrowed: dict[str, Ref] = {}
    for block in function.blocks:
        kept: list[Op] = []
        for op in block.ops:
            if op.opcode == "scalar" and op.target in new_inputs and op.result is not None:
                width = new_inputs[op.target]
                if width:
                    last += 1
                    narrow = narrowed[op.result.name] = Ref(f"{op.result.name}.port", width)
                    kept += [
                        replace(op, result=narrow),
                        Op(id=last, opcode="zext", result=op.result, operands=(narrow,)),
                    ]
                continue
            if op.opcode == "set" and op.target in new_outputs:
                (operand,) = op.operands
                assert isinstance(operand, Ref)
                op = replace(op, operands=made[operand.name].operands)
            kept.append(op)
        blocks.append(replace(block, ops=tuple(kept)))
    cut = Cut(inputs=tuple(inputs), outputs=tuple(outputs))
    return replace(function, ports=tuple(ports), blocks=tuple(_cleaned(blocks, narrowed))), cut


def _needed_bits(function: Function, ops: list[Op]) -> dict[str, int]:
    """For each scalar input how many low bits its users look at."""
    ports = {op.result.name: op for op in ops if op.opcode == "scalar" and op.result is not None}
    needed: dict[str, int] = {}

    def use(operand: Operand, bits: int) -> None:
        if isinstance(operand, Ref) and operand.name in ports:
            target = ports[operand.name].target or ""
            needed[target] = max(needed.get(target, 0), bits)

    for op in ops:
        for operand in op.operands if op.predicate is None else (*op.operands, op.predicate):
            cuts = op.opcode in {"trunc", "extract"} and op.result is not None
            use(operand, op.low_bit + op.result.width_bits if cuts and op.result else operand.width_bits)
    for block in function.blocks:
        for phi in block.phis:
            for _, operand in phi.incoming:
                use(operand, operand.width_bits)
        condition = getattr(block.terminator, "condition", None)
        if condition is not None:
            use(condition, 1)
    return needed


def _output_bits(port: Port, ops: list[Op], made: dict[str, Op]) -> tuple[int, str]:
    """Width of what is set, and the extension that gives the port's old width."""
    sets = [op for op in ops if op.opcode == "set" and op.target == port.name]
    if len(sets) == 1 and isinstance(sets[0].operands[0], Ref):
        source = made.get(sets[0].operands[0].name)
        if source is not None and source.opcode in _EXTENSIONS and isinstance(source.operands[0], Ref):
            return source.operands[0].width_bits, source.opcode
    return port.width_bits, "zext"


def _cleaned(blocks: list[Block], sources: dict[str, Ref]) -> list[Block]:
    """Drop extensions that nothing uses any more, and see through an extension whose low bits alone are taken."""
    changed: list[Block] = []
    for block in blocks:
        ops: list[Op] = []
        for op in block.ops:
            first = op.operands[0] if op.operands else None
            if (
                op.opcode in {"trunc", "extract"}
                and isinstance(first, Ref)
                and first.name in sources
                and op.result is not None
            ):
                source = sources[first.name]
                same = op.low_bit == 0 and op.result.width_bits == source.width_bits
                op = replace(op, opcode="zext" if same else "extract", operands=(source,))
            ops.append(op)
        changed.append(replace(block, ops=tuple(ops)))
    used = {o.name for b in changed for op in b.ops for o in (*op.operands, op.predicate) if isinstance(o, Ref)}
    used |= {o.name for b in changed for phi in b.phis for _, o in phi.incoming if isinstance(o, Ref)}
    used |= {c.name for b in changed if isinstance(c := getattr(b.terminator, "condition", None), Ref)}

    def is_dead(op: Op) -> bool:
        return op.opcode in _EXTENSIONS and op.result is not None and op.result.name not in used

    return [replace(b, ops=tuple(op for op in b.ops if not is_dead(op))) for b in changed]


def _with_calls(function: Function, cuts: dict[str, Cut], functions: dict[str, Function]) -> Function:
    """`function` with its calls made for the cut ports."""
    last = max((op.id for block in function.blocks for op in block.ops), default=0)
    blocks = []
    for block in function.blocks:
        ops: list[Op] = []
        for op in block.ops:
            cut = cuts.get(op.target or "") if op.opcode == "call" else None
            if cut is None or op.target not in functions:
                ops.append(op)
                continue
            made, last = _call(op, cut, last)
            ops += made
        blocks.append(replace(block, ops=tuple(ops)))
    return replace(function, blocks=tuple(blocks))


def _call(op: Op, cut: Cut, last: int) -> tuple[list[Op], int]:
    made: list[Op] = []
    operands: list[Operand] = []
    for number, (operand, width) in enumerate(zip(op.operands, cut.inputs, strict=True)):
        if width == operand.width_bits:
            operands.append(operand)
        elif width:
            last += 1
            narrow = Ref(f"call{op.id}.operand{number}", width)
            made.append(Op(id=last, opcode="trunc", result=narrow, operands=(operand,), location=op.location))
            operands.append(narrow)
    if op.result is None or all(old == new for old, new, _ in cut.outputs):
        return [*made, replace(op, operands=tuple(operands))], last
    whole = Ref(f"call{op.id}.whole", sum(new for _, new, _ in cut.outputs))
    made.append(replace(op, operands=tuple(operands), result=whole))
    parts: list[Operand] = []
    low = 0
    for number, (old, new, extension) in enumerate(cut.outputs):
        last += 2
        part, wide = Ref(f"call{op.id}.part{number}", new), Ref(f"call{op.id}.wide{number}", old)
        made.append(
            Op(id=last - 1, opcode="extract", result=part, operands=(whole,), low_bit=low, location=op.location)
        )
        made.append(Op(id=last, opcode=extension, result=wide, operands=(part,), location=op.location))
        parts.append(wide)
        low += new
    last += 1
    made.append(Op(id=last, opcode="concat", result=op.result, operands=tuple(reversed(parts)), location=op.location))
    return made, last
