"""Layers on an accelerator behind a UART: operands into the board's memory, a start, every byte of the result compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aigchip.deploy.errors import DeployError
from aigchip.mapping import Geometry, LayerRun, Operands
from aigchip.toolchain import registers, shell
from aigchip.toolchain.layers import UNTOUCHED, judge
from aigchip.uart.session import Session

#: Where the accelerator's registers begin for the host; below lies memory.
REGISTERS = 0x8000_0000
_START = 1
_GUARD_BYTES = 64
_ALIGNED_BYTES = 64
#: How often a run's end is asked for.
_POLLS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedLayer:
    """A layer that came out bit-exact.

    Attributes:
        name: its sizes.
        cycles: from start to end, as the shell counts them.
        sent_bytes: operands that had to be sent.
    """

    name: str
    cycles: int
    sent_bytes: int


def run_layers(
    session: Session,
    network: Mapping[str, Any],
    geometry: Geometry,
    runs: Sequence[LayerRun],
    *,
    where: str,
    tell: Callable[[str], None] = lambda _: None,
) -> list[LinkedLayer]:
    """Compute layers on a board, one after another, and compare each with numpy.

    Args:
        session: the board.
        network: the contents of the design's network.json.
        geometry: the design's sizes.
        runs: what to compute.
        where: the design's name for error texts.
        tell: told of each layer.

    Raises:
        LinkError: The board does not answer.
        DeployError: It holds another accelerator, a layer does not fit its memory, or a run does not end.
        CosimError: A byte is wrong.
    """
    found_id = int.from_bytes(session.read(REGISTERS + shell.REGISTER_ID, 4), "little")
    if found_id != shell.ID:
        raise DeployError(
            where,
            f"the accelerator's identity reads 0x{found_id:08x}; must be 0x{shell.ID:08x}",
            "Program the board again.",
        )
    found: list[LinkedLayer] = []
    for run in runs:
        tell(run.name)
        found.append(_run_layer(session, network, geometry, run, where=f"{where}: {run.name}"))
    return found


def _run_layer(
    session: Session, network: Mapping[str, Any], geometry: Geometry, run: LayerRun, *, where: str
) -> LinkedLayer:
    data = run.operands(geometry)
    guarded = bytes([UNTOUCHED]) * (data.bytes_c + 2 * _GUARD_BYTES)
    places = _places(data, len(guarded), session.board.memory_bytes, where)
    sent = 0
    for name, image in (("gmem_a", data.image_a), ("gmem_b", data.image_b), ("gmem_c", guarded)):
        sent += session.upload(places[name], _whole(image))
    values = data.job.to_dict() | places | {"gmem_c": places["gmem_c"] + _GUARD_BYTES}
    for offset, block in _blocks(registers.writes(network, values)):
        session.write(REGISTERS + offset, block)
    cycles = _start(session, where)
    memory = session.read(places["gmem_c"], len(_whole(guarded)))[: len(guarded)]
    judge(where, run, data, geometry, memory, _GUARD_BYTES)
    return LinkedLayer(name=run.name, cycles=cycles, sent_bytes=sent)


def _places(data: Operands, bytes_c: int, memory_bytes: int, where: str) -> dict[str, int]:
    """Return where each operand begins in the board's memory."""
    at, places = 0, {}
    for name, size in (("gmem_a", len(data.image_a)), ("gmem_b", len(data.image_b)), ("gmem_c", bytes_c)):
        places[name] = at
        at += -(-size // _ALIGNED_BYTES) * _ALIGNED_BYTES
    if at > memory_bytes:
        raise DeployError(
            where, f"its operands take {at:,} bytes; the board's memory has {memory_bytes:,}", "Take a smaller layer."
        )
    return places


def _whole(data: bytes) -> bytes:
    """Fill up to whole words of the link."""
    return data + bytes(-len(data) % 4)


def _blocks(writes: Sequence[tuple[int, int]]) -> list[tuple[int, bytes]]:
    """Join writes of registers that follow each other; the reserved words between two arguments are written as 0."""
    found: list[tuple[int, bytearray]] = []
    for offset, value in sorted(writes):
        word = value.to_bytes(4, "little")
        end = found[-1][0] + len(found[-1][1]) if found else -1
        if found and offset - end <= 4:
            found[-1][1].extend(bytes(offset - end) + word)
        else:
            found.append((offset, bytearray(word)))
    return [(offset, bytes(block)) for offset, block in found]


def _start(session: Session, where: str) -> int:
    """Run the accelerator once and return its cycles. The shell counts runs, so that nothing depends on a flag that is read once."""
    before = _word(session, shell.REGISTER_RUNS)
    session.write(REGISTERS, _START.to_bytes(4, "little"))
    for _ in range(_POLLS):
        if _word(session, shell.REGISTER_RUNS) != before:
            low = session.read(REGISTERS + shell.REGISTER_CYCLES_LOW, 8)
            return int.from_bytes(low, "little")
    raise DeployError(where, f"the run does not end ({_POLLS:,} questions)", "Program the board again.")


def _word(session: Session, register: int) -> int:
    return int.from_bytes(session.read(REGISTERS + register, 4), "little")
