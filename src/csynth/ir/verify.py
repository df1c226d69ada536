"""Check that IR obeys the rules of `csynth.ir.model`."""

from __future__ import annotations

from collections.abc import Iterator

from csynth.errors import IrError
from csynth.ir.cfg import dominators, predecessors, successors
from csynth.ir.model import Binding, Block, Branch, Const, Function, Memory, Op, Operand, PortKind, Program, Ref

BINARY = frozenset(["add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "and", "or", "xor"])
SHIFTS = frozenset(["shl", "lshr", "ashr"])
COMPARES = frozenset(["eq", "ne", "ult", "ule", "ugt", "uge", "slt", "sle", "sgt", "sge"])
PREDICATED = frozenset(["store", "read", "write", "read_nb", "write_nb", "set", "call"])
EFFECTS = frozenset(["store", "read", "write", "read_nb", "write_nb", "set", "call"])
MACS = frozenset(["dsp_mac", "dsp_mac_sub"])
_CELLS = {"dsp_mul_add": 3, "dsp_mul_sub": 3, "dsp_mac": 4, "dsp_mac_sub": 4, "dsp_pair": 3, "dsp_preadd_mul_add": 4}
_ENDS = {
    "fifo": {PortKind.STREAM_IN, PortKind.STREAM_OUT},
    "pipo": {PortKind.MEMORY},
    "scalar": {PortKind.SCALAR_IN, PortKind.SCALAR_OUT},
}
_STREAM_OUT = frozenset(["write", "write_nb", "full"])
_STREAM_IN = frozenset(["read", "read_nb", "empty"])
PORT_MODELS = frozenset(["auto", "1p", "s2p", "2p", "t2p", "np"])
OPCODES = (
    BINARY
    | SHIFTS
    | COMPARES
    | PREDICATED
    | _STREAM_OUT
    | _STREAM_IN
    | frozenset(_CELLS)
    | frozenset(["smul", "umul", "select", "zext", "sext", "trunc", "extract", "concat", "load", "scalar"])
)


def verify(program: Program) -> None:
    """Check every function.

    Raises:
        IrError: the first rule that is broken, with the function, block and op.
    """
    names = [f.name for f in program.functions]
    if len(set(names)) != len(names):
        raise IrError("ir", "two functions have one name")
    if program.top not in names:
        raise IrError("ir", f"top is {program.top!r}; must be a function of the program")
    for function in program.functions:
        for problem in problems(program, function):
            raise IrError("ir", f"function {function.name}: {problem}")


def problems(program: Program, function: Function) -> Iterator[str]:
    """Yield each broken rule of one function in words."""
    names = [p.name for p in function.ports] + [m.name for m in function.memories] + [c.name for c in function.channels]
    for name in {n for n in names if names.count(n) > 1}:
        yield f"the name {name} stands for two things"
    for memory in function.memories:
        if memory.depth < 1 or memory.width_bits < 1:
            yield f"memory {memory.name} is {memory.depth} x {memory.width_bits} bits; must be at least 1 x 1"
        if memory.storage == "dsp" and (memory.depth > 1 or memory.init):
            yield f"memory {memory.name} is an accumulator; must have one word and no initial value"
        if len(memory.init) > memory.depth or any(not 0 <= v < 1 << memory.width_bits for v in memory.init):
            yield f"memory {memory.name}: an initial value does not fit"
        yield from _memory(memory)
    for port in function.ports:
        if (port.kind is PortKind.MEMORY) != (port.depth > 0):
            yield f"port {port.name} has depth {port.depth}; must be 1 or more for a memory, else 0"
    for channel in function.channels:
        if channel.kind not in _ENDS or channel.depth < 1 or (channel.kind == "pipo") != (channel.words > 0):
            yield f"channel {channel.name} is a {channel.kind} of depth {channel.depth} with {channel.words} words; must fit together"
    if function.is_dataflow:
        if function.blocks:
            yield "it has both processes and blocks"
        for process in function.processes:
            if process.function not in {f.name for f in program.functions}:
                yield f"process {process.name} runs {process.function!r}; must be a function of the program"
            else:
                yield from _bindings(program, function, process.function, process.bindings, f"process {process.name}")
        return
    if not function.blocks:
        yield "it has neither blocks nor processes"
        return
    yield from _limits(program, function)
    if function.is_static:
        yield from _static(program, function)
    elif function.timing != "handshake":
        yield f"its timing is {function.timing!r}; must be handshake or static"
    yield from _graph(program, function)


def _memory(memory: Memory) -> Iterator[str]:
    if memory.ports not in PORT_MODELS:
        yield f"memory {memory.name} has ports={memory.ports!r}; must be one of {', '.join(sorted(PORT_MODELS))}"
    if memory.ports == "np" and not memory.read_only:
        yield f"memory {memory.name} has ports='np'; must be read-only for that"
    if memory.storage == "uram" and any(memory.init):
        yield f"memory {memory.name} has initial values; must have none in uram"
    if memory.latency_cycles < 1:
        yield f"memory {memory.name} has a latency of {memory.latency_cycles}; must be at least 1"
    if memory.lanes < 1 or memory.width_bits % memory.lanes:
        yield f"memory {memory.name} has {memory.lanes} lanes; must divide its {memory.width_bits} bits"


def _graph(program: Program, function: Function) -> Iterator[str]:
    blocks = {b.name: b for b in function.blocks}
    if len(blocks) != len(function.blocks):
        yield "two blocks have one name"
    for block in function.blocks:
        for target in successors(block):
            if target not in blocks:
                yield f"block {block.name} goes to {target!r}; must be a block"
                return
    before = predecessors(function)
    if before[function.blocks[0].name]:
        yield "its entry block has a predecessor"
    dominated_by = dominators(function)
    defined: dict[str, tuple[str, int, int]] = {}
    ids: set[int] = set()
    for block in function.blocks:
        for position, result in enumerate([*(p.result for p in block.phis), *(o.result for o in block.ops)]):
            if result is None:
                continue
            if result.name in defined:
                yield f"value %{result.name} is defined twice"
            defined[result.name] = (block.name, position, result.width_bits)
        for op in block.ops:
            if op.id in ids:
                yield f"two ops have id {op.id}"
            ids.add(op.id)

    def use(operand: Operand, block: str, position: int) -> Iterator[str]:
        if isinstance(operand, Const):
            if operand.width_bits < 1 or not 0 <= operand.value < 1 << operand.width_bits:
                yield f"block {block}: the constant {operand.value} does not fit in {operand.width_bits} bits"
            return
        if operand.name not in defined:
            yield f"block {block}: %{operand.name} is never defined"
            return
        where, at, width = defined[operand.name]
        if width != operand.width_bits:
            yield f"block {block}: %{operand.name} has {width} bits and is used as {operand.width_bits}"
        if block in dominated_by and (at >= position if where == block else where not in dominated_by[block]):
            yield f"block {block}: %{operand.name} is used where it is not yet defined"

    for block in function.blocks:
        for phi in block.phis:
            if sorted(n for n, _ in phi.incoming) != sorted(before[block.name]):
                yield f"block {block.name}: phi %{phi.result.name} must have one value for each of {sorted(before[block.name])}"
            for source, operand in phi.incoming:
                if operand.width_bits != phi.result.width_bits:
                    yield f"block {block.name}: phi %{phi.result.name} merges unequal widths"
                yield from use(operand, source, 1 << 60)
        for index, op in enumerate(block.ops):
            position = index + len(block.phis)
            for operand in op.operands if op.predicate is None else (*op.operands, op.predicate):
                yield from use(operand, block.name, position)
            for problem in _op(program, function, op):
                yield f"block {block.name}, op {op.id} ({op.opcode}): {problem}"
        if isinstance(block.terminator, Branch):
            yield from use(block.terminator.condition, block.name, 1 << 60)
            if block.terminator.condition.width_bits != 1:
                yield f"block {block.name} branches on a value of {block.terminator.condition.width_bits} bits; must be 1"
    yield from _loops(program, function, blocks)


def _loops(program: Program, function: Function, blocks: dict[str, Block]) -> Iterator[str]:
    names = [loop.name for loop in function.loops]
    if len(set(names)) != len(names):
        yield "two loops have one name"
    for loop in function.loops:
        if loop.parent is not None and loop.parent not in names:
            yield f"loop {loop.name} has parent {loop.parent!r}; must be a loop"
        if loop.header not in loop.blocks or any(b not in blocks for b in loop.blocks):
            yield f"loop {loop.name}: its header and blocks must be blocks of the function"
            continue
        if loop.pipeline is None:
            continue
        block = blocks[loop.header]
        if (
            len(loop.blocks) != 1
            or not isinstance(block.terminator, Branch)
            or successors(block).count(block.name) != 1
        ):
            yield f"loop {loop.name} is pipelined; must be one block that branches to itself or out"
        if loop.pipeline.initiation_interval < 1:
            yield f"loop {loop.name}: the initiation interval must be at least 1"
        inside = {op.id for op in block.ops}
        for d in loop.dependences:
            if d.source not in inside or d.sink not in inside or d.distance < 0:
                yield f"loop {loop.name}: the dependence {d.source}->{d.sink} must join two of its ops at a distance of 0 or more"
        for name in _handshaken(program, block):
            yield f"loop {loop.name} is pipelined and calls {name}, whose latency is not known"


def _handshaken(program: Program, block: Block) -> list[str]:
    """Names of the functions with start and done that `block` calls."""
    named = {f.name: f for f in program.functions}
    targets = dict.fromkeys(op.target for op in block.ops if op.opcode == "call")
    return [name for name in targets if name in named and not named[name].is_static]


def _static(program: Program, function: Function) -> Iterator[str]:
    if len(function.blocks) != 1 or function.loops or function.channels or function.is_dataflow:
        yield "it is static; must be one block without loops and channels"
        return
    if function.name == program.top:
        yield "it is static and the top; must be a function that others call"
    if function.initiation_interval < 1:
        yield "its initiation interval must be at least 1"
    seen: set[str | None] = set()
    for port in function.ports:
        if port.kind in {PortKind.STREAM_IN, PortKind.STREAM_OUT}:
            yield f"it is static and has the stream {port.name}"
    for op in function.blocks[0].ops:
        if op.opcode == "store":
            yield f"it is static and writes the memory {op.target}"
        if op.opcode in {"scalar", "set"}:
            if op.target in seen:
                yield f"it is static and has two ops on port {op.target}"
            seen.add(op.target)
            if op.predicate is not None:
                yield f"it is static and sets {op.target} under a condition"
    for port in function.outputs:
        if port.name not in seen:
            yield f"it is static and never sets {port.name}"
    for name in _handshaken(program, function.blocks[0]):
        yield f"it is static and calls {name}, whose latency is not known"


def _limits(program: Program, function: Function) -> Iterator[str]:
    names = [limit.function for limit in function.limits]
    if len(set(names)) != len(names):
        yield "it has two limits for one function"
    for limit in function.limits:
        if limit.count < 1 or limit.function not in {f.name for f in program.functions}:
            yield f"its limit of {limit.function} is {limit.count}; must be at least 1, of a function of the program"


def _op(program: Program, function: Function, op: Op) -> Iterator[str]:
    if op.opcode not in OPCODES:
        yield "there is no such opcode"
        return
    if op.predicate is not None and op.opcode not in PREDICATED:
        yield "it cannot have a predicate"
    if op.predicate is not None and op.predicate.width_bits != 1:
        yield "its predicate must have 1 bit"
    w = op.result.width_bits if op.result else 0
    widths = [o.width_bits for o in op.operands]
    rule = _shape(op, w, widths)
    if rule:
        yield rule
    kinds = {p.name: p for p in function.ports}
    channels = {c.name: c.width_bits for c in function.channels}
    if op.overlap and (op.opcode != "call" or op.result is not None):
        yield "only a call without a result can overlap"
    if op.opcode in MACS and not any(m.name == op.target and m.storage == "dsp" for m in function.memories):
        yield f"its target is {op.target!r}; must be a memory with storage dsp"
    elif op.opcode in {"load", "store"}:
        memory = next((m for m in function.banks if m.name == op.target), None)
        port = kinds.get(op.target or "")
        if port is not None and not (port.reads if op.opcode == "load" else port.writes):
            yield f"its target is {op.target!r}; must be a memory port with that side"
        if memory is None:
            yield f"its target is {op.target!r}; must be a memory"
        elif (w if op.opcode == "load" else widths[1]) != memory.width_bits:
            yield f"memory {memory.name} has words of {memory.width_bits} bits"
        elif op.opcode == "store" and memory.read_only:
            yield f"memory {memory.name} is read-only"
        elif op.opcode == "store" and (memory.lanes > 1) != (len(widths) == 3):
            yield f"memory {memory.name} has {memory.lanes} lanes; a store takes a mask if and only if there are several"
        elif op.opcode == "store" and memory.lanes > 1 and widths[2] != memory.lanes:
            yield f"its mask must have {memory.lanes} bits, one a lane"
    elif op.opcode in _STREAM_IN | _STREAM_OUT:
        wanted = PortKind.STREAM_IN if op.opcode in _STREAM_IN else PortKind.STREAM_OUT
        port = kinds.get(op.target or "")
        data = port.width_bits if port and port.kind is wanted else channels.get(op.target or "")
        if data is None:
            yield f"its target is {op.target!r}; must be a stream of that direction or a channel"
        else:
            have = {"read": w, "read_nb": w - 1, "write": sum(widths), "write_nb": sum(widths)}.get(op.opcode, data)
            if have != data:
                yield f"stream {op.target} has words of {data} bits"
    elif op.opcode in {"scalar", "set"}:
        wanted = PortKind.SCALAR_IN if op.opcode == "scalar" else PortKind.SCALAR_OUT
        port = kinds.get(op.target or "")
        if port is None or port.kind is not wanted or port.width_bits != (w if op.opcode == "scalar" else widths[0]):
            yield f"its target is {op.target!r}; must be a scalar port of that direction and width"
    elif op.opcode == "call":
        if op.target not in {f.name for f in program.functions}:
            yield f"it calls {op.target!r}; must be a function of the program"
            return
        callee = program.function(op.target or "")
        if op.overlap and not callee.can_overlap:
            yield f"its calls overlap; {callee.name} must be a region of streams and scalar inputs"
        scalars = [p.width_bits for p in callee.ports if p.kind is PortKind.SCALAR_IN]
        if widths != scalars:
            yield f"its operands have widths {widths}; {callee.name} takes {scalars}"
        total = sum(port.width_bits for port in callee.outputs)
        if w not in ({total} if callee.is_static else {0, total}):
            yield f"its result has {w} bits; the scalar outputs of {callee.name} have {total}"
        yield from _bindings(program, function, callee.name, op.bindings, "the call", scalars_bound=False)


def _shape(op: Op, w: int, widths: list[int]) -> str | None:
    code, n = op.opcode, len(widths)
    if code in EFFECTS - {"read", "read_nb", "write_nb", "call"}:
        if op.result is not None:
            return "it has no result"
        return None if n in {"store": (2, 3), "write": (1,), "set": (1,)}[code] else "its number of operands is wrong"
    if code != "call" and op.result is None:
        return "it must have a result"
    if code in BINARY:
        return None if widths == [w, w] else "operands and result must have one width"
    if code in SHIFTS:
        return None if n == 2 and widths[0] == w else "the shifted operand and the result must have one width"
    if code in COMPARES:
        return (
            None
            if n == 2 and widths[0] == widths[1] and w == 1
            else "operands must have one width and the result 1 bit"
        )
    if code in {"smul", "umul"}:
        return None if n == 2 else "it takes two operands"
    if code == "select":
        return None if widths == [1, w, w] else "it takes a condition of 1 bit and two values of the result's width"
    if code in {"zext", "sext"}:
        return None if n == 1 and widths[0] <= w else "it takes one operand, not wider than the result"
    if code == "trunc":
        return None if n == 1 and widths[0] >= w else "it takes one operand, not narrower than the result"
    if code in _CELLS:
        return _cell_shape(code, w, widths)
    if code == "extract":
        return (
            None
            if n == 1 and op.low_bit >= 0 and op.low_bit + w <= widths[0]
            else "the bits it takes must be in its operand"
        )
    if code == "concat":
        return None if n and sum(widths) == w else "the result's width must be the sum of the operands'"
    if code in {"load"}:
        return None if n == 1 else "it takes an index"
    if code == "write_nb":
        return None if n == 1 and w == 1 else "it takes the word and gives 1 bit"
    if code in {"empty", "full"} and w != 1:
        return "its result must have 1 bit"
    return "it takes no operand" if code in {"read", "read_nb", "empty", "full", "scalar"} and n else None


def _cell_shape(code: str, w: int, widths: list[int]) -> str | None:
    if len(widths) != _CELLS[code]:
        return f"it takes {_CELLS[code]} operands"
    if code == "dsp_pair":
        return None if max(widths) <= 8 and w == 36 else "its factors must have at most 8 bits, its result 36"
    if code == "dsp_preadd_mul_add" and (max(widths[:2]) > 26 or widths[2] > 18):
        return "its terms must have at most 26 bits, its factor 18"
    factors = widths[:2]
    if code != "dsp_preadd_mul_add" and (min(factors) > 18 or max(factors) > 27):
        return "its factors must have at most 27 and 18 bits"
    if code in MACS and widths[2] != 1:
        return "its condition must have 1 bit"
    return None if widths[-1] == w <= 48 else "the addend and the result must have one width of at most 48 bits"


def _bindings(
    program: Program,
    function: Function,
    callee: str,
    bindings: tuple[Binding, ...],
    who: str,
    *,
    scalars_bound: bool = True,
) -> Iterator[str]:
    formals = {
        p.name: p
        for p in program.function(callee).ports
        if scalars_bound or p.kind in {PortKind.STREAM_IN, PortKind.STREAM_OUT, PortKind.MEMORY}
    }
    ports = {p.name: p for p in function.ports}
    channels = {c.name: c for c in function.channels}
    memories = {m.name: m for m in function.memories}
    for binding in bindings:
        formal = formals.pop(binding.formal, None)
        if formal is None:
            yield f"{who} binds {binding.formal!r}; must be a port of {callee}, once"
            continue
        if isinstance(binding.actual, Const):
            width, fits = binding.actual.width_bits, formal.kind is PortKind.SCALAR_IN
        elif binding.actual in ports:
            width, fits = ports[binding.actual].width_bits, ports[binding.actual].kind is formal.kind
        elif binding.actual in memories:
            memory = memories[binding.actual]
            width, fits = memory.width_bits, formal.kind is PortKind.MEMORY and memory.depth == formal.depth
        else:
            channel = channels.get(binding.actual)
            width = channel.width_bits if channel else -1
            fits = channel is not None and formal.kind in _ENDS[channel.kind] and channel.words == formal.depth
        if not fits or width != formal.width_bits:
            yield f"{who} binds {binding.formal} ({formal.kind.value}, {formal.width_bits} bits) to {binding.actual}, which does not match"
    for name, formal in formals.items():
        if formal.kind is not PortKind.SCALAR_OUT:
            yield f"{who} leaves port {name} of {callee} unbound"


def used_values(function: Function) -> set[str]:
    """Names of all values that some op, phi or terminator uses."""
    found: set[str] = set()
    for block in function.blocks:
        operands: list[Operand] = [o for p in block.phis for _, o in p.incoming]
        for op in block.ops:
            operands += op.operands
            if op.predicate is not None:
                operands.append(op.predicate)
        if isinstance(block.terminator, Branch):
            operands.append(block.terminator.condition)
        found |= {o.name for o in operands if isinstance(o, Ref)}
    return found
