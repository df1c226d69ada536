"""The overlay of a simulated design: a .bit whose payload names a model, and the .hwh that tells pynq what is in it."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aigchip.board.board import Board
from aigchip.core.atomic import write_bytes, write_text
from aigchip.core.errors import InputError
from aigchip.core.figures import Figure
from aigchip.core.hashing import canonical_json, digest_text
from aigchip.simboard.handoff import SPAN, handoff
from aigchip.simboard.model import Fabric
from aigchip.simboard.processing_system import PROCESSING_SYSTEMS
from aigchip.toolchain import deployed_shell

_MAGIC = b"AIGCHIP-SIMULATED-BITSTREAM\0"
_DIVISORS = sorted({(first * second, first, second) for first in range(1, 64) for second in range(1, first + 1)})


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedOverlay:
    """Name an overlay.

    Attributes:
        bit: The bitstream; unlike that of any other design.
        hwh: The hardware handoff of the same stem.
        part: The part that it is for, as the vendor writes it.
        closed_mhz: The clock that the design may not exceed [MHz]: C synthesis aimed at it by estimated delays.
        made_by: That clock as a figure, with the tool.
    """

    bit: Path
    hwh: Path
    part: str
    closed_mhz: float
    made_by: Figure


def write(
    fabric: Fabric,
    *,
    design: str,
    board: Board,
    clock_period_ps: int,
    network: Mapping[str, Any],
    synthesis_tool: str,
    out: Path,
) -> SimulatedOverlay:
    """Write the two files of an overlay.

    Args:
        fabric: The design's model.
        design: The design's name; the files' names begin with it.
        board: The board that it is for.
        clock_period_ps: The clock period that C synthesis aimed at [ps].
        network: The contents of the design's network.json.
        synthesis_tool: The C synthesis tool with its version.
        out: The folder for the files.

    Raises:
        InputError: The clock is slower than pynq can divide.
    """
    system = PROCESSING_SYSTEMS[board.processing_system]
    closed_mhz = 1e6 / clock_period_ps
    payload = {
        "fabric": fabric.key,
        "design": design,
        "part": board.part,
        "base": system.window,
        "span": SPAN,
        "period_ps": clock_period_ps,
    }
    name = re.sub(r"[^A-Za-z0-9_]", "_", design)
    stem = f"{name}-{digest_text(canonical_json(payload))[:12]}"
    bit, hwh = out / f"{stem}.bit", out / f"{stem}.hwh"
    in_bit = system.part(board.part).in_bit
    write_bytes(bit, bitstream(design=name, part=in_bit, payload=_MAGIC + canonical_json(payload).encode()))
    described = handoff(
        system,
        part=board.part,
        divisors=divisors(closed_mhz, system.pll_mhz),
        registers=network["registers"],
        memories=[asdict(master) for master in deployed_shell.masters(network)],
    )
    write_text(hwh, described)
    return SimulatedOverlay(
        bit=bit,
        hwh=hwh,
        part=board.part,
        closed_mhz=closed_mhz,
        made_by=Figure(value=closed_mhz, unit="MHz", kind="estimated", tool=synthesis_tool),
    )


def divisors(closed_mhz: float, pll_mhz: float) -> tuple[int, int]:
    """Return the two divisors, of 6 bits each, that give the fastest clock that is not above `closed_mhz`.

    Args:
        closed_mhz: What the clock may not exceed [MHz].
        pll_mhz: What they divide [MHz].

    Raises:
        InputError: The slowest clock is above it.
    """
    for product, first, second in _DIVISORS:
        if pll_mhz / product <= closed_mhz:
            return first, second
    raise InputError(
        "clock",
        f"the clock is {closed_mhz:.3f} MHz; must be at least {pll_mhz / _DIVISORS[-1][0]:.3f} MHz",
        "Use a faster clock.",
    )


def bitstream(*, design: str, part: str, payload: bytes) -> bytes:
    """Return a .bit file: the vendor's header (fields a to e), then the payload, padded to whole words.

    The header carries no date, so equal inputs give equal files.

    Args:
        design: The design's name.
        part: The part as the header writes it.
        payload: What a real one has configuration frames for.
    """

    def field(letter: bytes, text: str) -> bytes:
        data = text.encode("ascii") + b"\0"
        return letter + struct.pack(">H", len(data)) + data

    padded = payload + bytes(-len(payload) % 4)
    return b"".join(
        (
            struct.pack(">H9sH", 9, bytes.fromhex("0ff00ff00ff00ff000"), 1),
            field(b"a", f"{design};UserID=0XFFFFFFFF;Version=simulated"),
            field(b"b", part),
            field(b"c", "2000/01/01"),
            field(b"d", "00:00:00"),
            b"e" + struct.pack(">I", len(padded)) + padded,
        )
    )


def payload_of(bit: bytes) -> dict[str, Any]:
    """Return what a simulated bitstream names.

    Raises:
        InputError: It is none.
    """
    _, found, rest = bit.partition(_MAGIC)
    if not found:
        raise InputError("bitstream", "this is no bitstream of the simulated board", "Make it with the task deploy.")
    return dict(json.loads(rest.rstrip(b"\0")))
