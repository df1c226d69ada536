"""The hand-written kernel C[i] = A[i] ^ B[i] + i as the harness wants it, and what it must compute, by numpy."""

import json
from pathlib import Path

import numpy as np

from aigchip.toolchain import registers

SOURCE = Path(__file__).parent / "rtl" / "combine.v"
MEMORIES = ("gmem_a", "gmem_b", "gmem_c")
READ_A, READ_B, WRITE_C, ALL, APART = 1, 2, 4, 7, 8


def description(width_bits: int) -> dict:
    registers = [
        {"name": name, "offset": 0x10 + 8 * i, "width_bits": 32} for i, name in enumerate(("words", "beats", "mode"))
    ]
    registers += [{"name": name, "offset": 0x28 + 12 * i, "width_bits": 64} for i, name in enumerate(MEMORIES)]
    return {
        "top": "accelerator",
        "maxi": [{"name": name, "width_bits": width_bits} for name in MEMORIES],
        "fifos": [],
        "registers": registers,
    }


def write(folder: Path, *, width_bits: int = 64) -> tuple[Path, Path]:
    """Write the kernel; return the RTL folder and network.json."""
    rtl = folder / "rtl"
    rtl.mkdir(parents=True, exist_ok=True)
    text = SOURCE.read_text().replace(
        "module accelerator #(parameter WIDTH = 64)", f"module accelerator #(parameter WIDTH = {width_bits})"
    )
    (rtl / "accelerator.v").write_text(text)
    (folder / "network.json").write_text(json.dumps(description(width_bits)))
    return rtl, folder / "network.json"


def expected(a: bytes, b: bytes, *, width_bits: int = 64) -> bytes:
    """Return C of whole words: the sum carries through the word."""
    word_bytes = width_bits // 8
    mixed = (np.frombuffer(a, np.uint8) ^ np.frombuffer(b, np.uint8)).tobytes()
    words = []
    for index in range(len(mixed) // word_bytes):
        value = int.from_bytes(mixed[index * word_bytes : (index + 1) * word_bytes], "little") + index
        words.append((value % (1 << width_bits)).to_bytes(word_bytes, "little"))
    return b"".join(words)


def register_writes(words: int, at, *, width_bits: int = 64, beats: int = 16, mode: int = ALL, fault: int = 0) -> list:
    """Return the writes (offset, value) of a job; `at` holds the three addresses."""
    values = {"words": words, "beats": beats, "mode": mode | fault << 4, **dict(zip(MEMORIES, at, strict=True))}
    return registers.writes(description(width_bits), values)


def images(words: int, *, width_bits: int = 64, seed: int = 0) -> tuple[bytes, bytes]:
    """Return random A and B."""
    a, b = np.random.default_rng([words, seed]).integers(0, 256, (2, words * width_bits // 8), dtype=np.uint8)
    return a.tobytes(), b.tobytes()
