"""The hand-written kernel as the bench wants it: its RTL folder with a fault chosen, and its network.json."""

import json
from pathlib import Path

SOURCE = Path(__file__).parent / "rtl" / "sequential_gemm.v"
SCALARS = ("m", "k", "n", "multiplier", "shift", "relu", "bias_offset")
MEMORIES = ("gmem_a", "gmem_b", "gmem_c")


def description() -> dict:
    registers = [{"name": name, "offset": 0x10 + 8 * i, "width_bits": 32} for i, name in enumerate(SCALARS)]
    registers += [{"name": name, "offset": 0x48 + 12 * i, "width_bits": 64} for i, name in enumerate(MEMORIES)]
    return {
        "top": "accelerator",
        "maxi": [{"name": name, "width_bits": 64} for name in MEMORIES],
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
