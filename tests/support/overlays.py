"""Overlays and bundles for tests; the bitstreams configure nothing."""

from __future__ import annotations

import struct
from pathlib import Path

from aigchip.core.figures import Figure
from aigchip.deploy import bundle
from aigchip.deploy.overlay import Overlay

PART = "xczu7ev-ffvc1156-2-e"
FAKE_PYNQ = Path(__file__).parent / "fake_pynq"
NETWORK = {
    "registers": [
        *({"name": name, "offset": 16 + 8 * i, "width_bits": 32} for i, name in enumerate(("m", "k", "n", "multiplier", "shift", "relu", "bias_offset"))),
        *({"name": f"gmem_{letter}", "offset": 72 + 12 * i, "width_bits": 64} for i, letter in enumerate("abc")),
    ]
}  # fmt: skip


def bit_file(part: str, payload: bytes = b"none") -> bytes:
    """Return a .bit with the vendor's header."""

    def field(letter: bytes, text: str) -> bytes:
        data = text.encode() + b"\0"
        return letter + struct.pack(">H", len(data)) + data

    return b"".join(
        (
            struct.pack(">H9sH", 9, bytes.fromhex("0ff00ff00ff00ff000"), 1),
            field(b"a", "design;UserID=0XFFFFFFFF;Version=2022.2"),
            field(b"b", part),
            field(b"c", "2026/11/26"),
            field(b"d", "05:00:00"),
            b"e" + struct.pack(">I", len(payload)) + payload,
        )
    )


def overlay(folder: Path, *, part: str = PART, in_bit: str | None = None, stem: str = "square8-0123") -> Overlay:
    """Write an overlay."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.bit").write_bytes(bit_file(in_bit or part))
    (folder / f"{stem}.hwh").write_text("<EDKSYSTEM/>")
    return Overlay(
        bit=folder / f"{stem}.bit",
        hwh=folder / f"{stem}.hwh",
        part=part,
        closed_mhz=300.03,
        made_by=Figure(value=300.03, unit="MHz", kind="estimated", tool="a test"),
    )


def make(folder: Path, *, in_bit: str | None = None, runs: int = 4, deadline_s: int = 60, requested_mhz: float = 300.0):
    """Write a bundle with a self test and two layers, one of them twice an inference."""
    work = bundle.Work(
        self_tests=bundle.of_sizes([("test", 5, 3, 9, 1)]),
        layers=bundle.of_sizes([("one", 8, 16, 24, 1), ("two", 7, 5, 3, 2)]),
        whole_network=True,
        runs=runs,
        warmup=1,
        deadline_s=deadline_s,
    )
    return bundle.make(
        folder / "bundle",
        design="square8",
        board="zcu104",
        part=PART,
        overlay=overlay(folder / "overlay", in_bit=in_bit),
        network=NETWORK,
        work=work,
        requested_mhz=requested_mhz,
    )
