"""The hand-written kernel as the bench wants it: its RTL folder with a fault chosen, its network.json, and what it is like."""

import json
from dataclasses import fields
from pathlib import Path

from aigchip.mapping import Geometry, Job
from aigchip.space.spans import Span

SOURCE = Path(__file__).parent / "rtl" / "sequential_convolution.v"
SCALARS = tuple(field.name for field in fields(Job))
MEMORIES = ("gmem_a", "gmem_b", "gmem_c")
GEOMETRY = Geometry(
    step=Span(m=4, n=2, k=4),
    word_bytes=16,
    a_by_height=True,
    a_factor=4,
    a_half_pieces=64,
    b_factor=2,
    b_by_height=False,
    b_half_positions=256,
    c_factor=2,
    c_by_height=False,
    c_slots=2,
    c_slot_lines=64,
    accumulator_bits=32,
    window=False,
    reuse="second",
)


def description() -> dict:
    """Return the contents of network.json."""
    bits = 8 * GEOMETRY.word_bytes
    registers = [{"name": name, "offset": 0x10 + 8 * i, "width_bits": 32} for i, name in enumerate(SCALARS)]
    registers += [{"name": name, "offset": 0x168 + 12 * i, "width_bits": 64} for i, name in enumerate(MEMORIES)]
    return {
        "top": "accelerator",
        "maxi": [{"name": name, "width_bits": bits} for name in MEMORIES],
        "fifos": [],
        "registers": registers,
    }


def write(folder: Path, *, fault: int = 0) -> tuple[Path, Path]:
    """Write the kernel with one of its faults; return the RTL folder and network.json."""
    rtl = folder / "rtl"
    rtl.mkdir(parents=True)
    text = SOURCE.read_text().replace("FAULT = 0", f"FAULT = {fault}")
    (rtl / "accelerator.v").write_text(text)
    (folder / "network.json").write_text(json.dumps(description()))
    return rtl, folder / "network.json"
