"""Overlays and bundles for tests; the bitstreams configure nothing."""

from __future__ import annotations

import json
import struct
from dataclasses import fields
from pathlib import Path

from aigchip.core.figures import Figure
from aigchip.deploy import bundle
from aigchip.deploy.inference import WholeNetwork
from aigchip.deploy.overlay import Overlay
from aigchip.mapping import Convolution, Geometry, Job, LayerRun
from aigchip.space.spans import Span

PART = "xczu7ev-ffvc1156-2-e"
FAKE_PYNQ = Path(__file__).parent / "fake_pynq"
ARGUMENTS = [field.name for field in fields(Job)]
NETWORK = {
    "registers": [
        *({"name": name, "offset": 16 + 8 * i, "width_bits": 32} for i, name in enumerate(ARGUMENTS)),
        *({"name": f"gmem_{letter}", "offset": 16 + 8 * len(ARGUMENTS) + 12 * i, "width_bits": 64} for i, letter in enumerate("abc")),
    ]
}  # fmt: skip
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
TEST = LayerRun(layer=Convolution.of_product(5, 3, 9), padding=3)
ONE = LayerRun(
    layer=Convolution(channels=7, rows=6, columns=5, outputs=9, kernel=(3, 3), stride=2, padding=(1, 1, 1, 1)),
    relu=True,
    padding=-7,
    zero_point=4,
)
TWO = LayerRun(layer=Convolution.of_product(7, 5, 3))


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


def overlay(
    folder: Path,
    *,
    part: str = PART,
    in_bit: str | None = None,
    stem: str = "square8-0123",
    geometry: Geometry = GEOMETRY,
) -> Overlay:
    """Write an overlay; its handoff tells the stand-in for pynq what the accelerator is like."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.bit").write_bytes(bit_file(in_bit or part))
    sizes = {"m": geometry.step.m, "k": geometry.step.k, "word": geometry.word_bytes}
    (folder / f"{stem}.hwh").write_text(f"<EDKSYSTEM/><!--{json.dumps(sizes)}-->")
    return Overlay(
        bit=folder / f"{stem}.bit",
        hwh=folder / f"{stem}.hwh",
        part=part,
        closed_mhz=300.03,
        made_by=Figure(value=300.03, unit="MHz", kind="estimated", tool="a test"),
    )


def make(
    folder: Path,
    *,
    in_bit: str | None = None,
    runs: int = 4,
    deadline_s: int = 60,
    requested_mhz: float = 300.0,
    inference: WholeNetwork | None = None,
):
    """Write a bundle with a self test and two layers, one of them twice a list."""
    work = bundle.Work(
        self_tests=(bundle.NamedLayer(name="test", run=TEST),),
        layers=(bundle.NamedLayer(name="one", run=ONE, macs=1000), bundle.NamedLayer(name="two", run=TWO, count=2)),
        whole_network=True,
        runs=runs,
        warmup=1,
        deadline_s=deadline_s,
        inference=inference,
    )
    return bundle.make(
        folder / "bundle",
        design="square8",
        board="zcu104",
        part=PART,
        overlay=overlay(folder / "overlay", in_bit=in_bit),
        network=NETWORK,
        geometry=GEOMETRY,
        work=work,
        requested_mhz=requested_mhz,
    )
