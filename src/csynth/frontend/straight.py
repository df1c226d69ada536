"""Functions whose latency is known: one block of ops without loops, streams and state, which their callers schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csynth.errors import UnsupportedError
from csynth.frontend.flatten import Region
from csynth.frontend.llvm_loops import NaturalLoop, natural_loops, predecessors, reverse_postorder
from csynth.frontend.units import Unit
from csynth.ir.model import Block, Const, Function, Operand, Return

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


def obstacle(owner: FunctionConverter) -> str:
    """Why the latency of the function is not known, in words; empty when it is."""
    loops = natural_loops(owner.llvm)
    if loops:
        facts = owner.loop_of(loops[-1])
        return (
            f"it has the loop {facts.name!r}, which is not unrolled"
            if facts
            else "it has a loop, which is not unrolled"
        )
    returns = 0
    for block in owner.llvm.blocks.values():
        returns += not block.successors
        for i in block.instructions:
            if i.opcode == "call" and i.callee.startswith("hls.stream_"):
                return "it uses a stream"
            if i.opcode == "call" and i.callee.startswith("hls.maxi_"):
                return "it uses a burst_maxi"
            if i.opcode == "call" and i.callee.startswith("hls.call."):
                callee = owner.callees[i.callee.removeprefix("hls.call.")]
                if not callee.is_static:
                    return f"it calls {callee.name!r}, whose latency is not known"
            if i.opcode not in {"load", "store"}:
                continue
            array = owner.arrays.get(owner.reader.address(i.operands[0 if i.opcode == "load" else 1]).base)
            if array is not None and not array.read_only:
                if array.is_global:
                    return f"it keeps the static variable {array.name!r}"
                return f"its array {array.name!r} is a memory"
    return "it returns in several places" if returns != 1 else ""


def convert_straight(owner: FunctionConverter) -> Function:
    """Return the function as a static one; `obstacle` has found none."""
    order = reverse_postorder(owner.llvm)
    whole = NaturalLoop(header=order[0], blocks=set(order), latches=[])
    entry_ops = owner._scalars()
    region = _Straight(owner, whole, order, predecessors(owner.llvm))
    ops = region.ops()
    owner.build.ops = ops
    return Function(
        name=owner.function_name,
        ports=tuple(owner.ports[p] for p in owner._port_order()),
        blocks=(Block(name="body", ops=(*entry_ops, *ops), terminator=Return()),),
        memories=tuple(owner.array_accesses.memories()),
        timing="static",
        location=owner.location,
    )


class _Straight(Region):
    """The whole body as if it were one iteration of a loop."""

    def ops(self) -> list:
        owner = self.owner
        found: list = []
        self.build.ops = found
        for name in self.blocks:
            block = owner.llvm.blocks[name]
            for i in block.instructions:
                owner.build.location = owner.locations.of(i.metadata.get("dbg")) or owner.build.location
                if i.opcode == "phi":
                    self._merge(name, i)
                elif i is not block.terminator:
                    predicate: Operand = (
                        self.reached(name) if i.opcode == "call" and i.callee.startswith("hls.call.") else Const(1, 1)
                    )
                    owner.instruction(i, predicate)
                elif i.opcode == "ret" and i.operands:
                    owner.returned(i, Const(1, 1))
        return found


def check_pipeline(unit: Unit, reason: str) -> None:
    """Refuse a pipeline pragma of function scope on a function whose latency is not known.

    Raises:
        UnsupportedError: there is a reason, or the interval is below 1.
    """
    if unit.pipeline is None:
        return
    pragma, interval = unit.pipeline
    if "ii" in pragma.options and interval < 1:
        raise UnsupportedError(
            "pragma_value", f"pragma HLS pipeline: II is {interval}; must be 1 or more", pragma.location, "Use II=1"
        )
    if reason:
        raise UnsupportedError(
            "function_pipeline",
            f"the function {unit.name!r} cannot be pipelined as a whole: {reason}",
            pragma.location,
            "Put the pragma into its loop, or take away what stands against it",
        )
