"""Ports of memories: which kind of ports an array gets, and which port each access uses.

An access keeps its port in every iteration, so that a port is a resource like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from csynth.ir.model import Block, Function, Memory, Op
from csynth.schedule.delays import LUTRAM_MAX_BITS
from csynth.schedule.exclusive import are_exclusive, literals

Facts = Mapping[int, frozenset[tuple[str, int]]]
_NAMES = {
    "1p": ("the port",),
    "s2p": ("the read port", "the write port"),
    "auto": ("the read port", "the write port"),
    "2p": ("the read port", "the read and write port"),
    "t2p": ("port 1", "port 2"),
}


def facts_of(block: Block) -> Facts:
    """What holds whenever each operation has an effect, by op id."""
    definitions = {op.result.name: op for op in block.ops if op.result is not None}
    return {op.id: literals(op.predicate, definitions) for op in block.ops}


def port_name(memory: Memory, port: int) -> str:
    """How a message calls a port."""
    if memory.depth == 1:
        return f"the write port of {memory.name}"
    names = _NAMES.get(memory.ports)
    return f"{names[port] if names else f'read port {port + 1}'} of {memory.name}"


def is_shared(memory: Memory, port: int) -> bool:
    """Whether a port both reads and writes."""
    return memory.depth > 1 and (memory.ports in {"1p", "t2p"} or (memory.ports == "2p" and port == 1))


def _groups(ops: Iterable[Op], facts: Facts) -> list[list[Op]]:
    """Accesses in groups of which one at most happens in an iteration."""
    groups: list[list[Op]] = []
    for op in ops:
        for group in groups:
            if op.opcode == "store" and all(are_exclusive(facts[op.id], facts[other.id]) for other in group):
                group.append(op)
                break
        else:
            groups.append([op])
    return groups


def _by_memory(block: Block) -> dict[str, tuple[list[Op], list[Op]]]:
    found: dict[str, tuple[list[Op], list[Op]]] = {}
    for op in block.ops:
        if op.opcode in {"load", "store"} and op.target is not None:
            found.setdefault(op.target, ([], []))[op.opcode == "store"].append(op)
    return found


def block_ports(block: Block, memories: Mapping[str, Memory], facts: Facts) -> dict[int, int]:
    """The port of each access of a block, by op id; a load of a register has none."""
    found: dict[int, int] = {}
    for name, (loads, stores) in _by_memory(block).items():
        memory = memories[name]
        if memory.depth == 1:
            found.update((op.id, 0) for op in stores)
        elif memory.ports == "1p":
            found.update((op.id, 0) for op in (*loads, *stores))
        elif memory.ports == "np":
            found.update((op.id, at) for at, op in enumerate(loads))
        elif memory.ports in {"2p", "t2p"}:
            found.update(_balanced(_groups(loads, facts), _groups(stores, facts), any_store=memory.ports == "t2p"))
        else:
            found.update((op.id, 0) for op in loads)
            found.update((op.id, 1) for op in stores)
    return found


def _balanced(loads: Sequence[list[Op]], stores: Sequence[list[Op]], *, any_store: bool) -> dict[int, int]:
    """Share the accesses out to two ports, in program order; a store goes to the second one unless `any_store`."""
    found: dict[int, int] = {}
    used = [0, 0]
    tied = [] if any_store else stores
    free = sorted((*loads, *stores), key=lambda g: g[0].id) if any_store else loads
    for group in tied:
        used[1] += 1
        found.update((op.id, 1) for op in group)
    for group in free:
        port = 0 if used[0] <= used[1] else 1
        used[port] += 1
        found.update((op.id, port) for op in group)
    return found


def choose_ports(function: Function) -> Function:
    """Give each memory whose ports are `auto` those that its pipelined loops need: s2p, else 2p, else t2p; np for small tables."""
    pipelined = {loop.header: loop.pipeline.initiation_interval for loop in function.loops if loop.pipeline is not None}
    if function.is_static:  # calls overlap as iterations do
        pipelined.update((block.name, function.initiation_interval) for block in function.blocks)
    wanted: dict[str, list[tuple[int, int, int]]] = {}
    for block in function.blocks:
        interval = pipelined.get(block.name)
        if interval is None:
            continue
        facts = facts_of(block)
        for name, (loads, stores) in _by_memory(block).items():
            wanted.setdefault(name, []).append((len(loads), len(_groups(stores, facts)), interval))
    memories = tuple(
        replace(m, ports=_choose(m, wanted.get(m.name, []))) if m.ports == "auto" and m.depth > 1 else m
        for m in function.memories
    )
    return replace(function, memories=memories)


def _choose(memory: Memory, loops: Sequence[tuple[int, int, int]]) -> str:
    def cost(simple: int, interval: int) -> int:
        return max(simple, interval)

    def total(model: str) -> int:
        bounds = {
            "s2p": [cost(max(r, w), ii) for r, w, ii in loops],
            "2p": [cost(max(w, -(-(r + w) // 2)), ii) for r, w, ii in loops],
            "t2p": [cost(-(-(r + w) // 2), ii) for r, w, ii in loops],
            "np": [ii for _, _, ii in loops],
        }
        return sum(bounds[model])

    models = ["s2p", "2p", *([] if memory.storage in {"lutram", "register"} else ["t2p"])]
    if memory.read_only and memory.width_bits * memory.depth <= LUTRAM_MAX_BITS:
        models.append("np")
    best = min(total(model) for model in models)
    return next(model for model in models if total(model) == best)
