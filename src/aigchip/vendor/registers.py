"""Read the control registers of Vitis HLS' RTL: their offsets stand in the comments of its AXI-Lite slave.

Reference: UG1399, S_AXILITE control register map; each argument has a line `0x10 : Data signal of <name>` a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aigchip.vendor.model import VendorReportError

_WORD = re.compile(r"^//\s*0x(?P<offset>[0-9a-fA-F]+)\s*:\s*Data signal of (?P<name>\w+)\s*$", re.MULTILINE)


def read_registers(rtl: Path, top: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return offset [bytes] and width [bits] of each argument.

    Args:
        rtl: The folder with the Verilog.
        top: The top function.
        names: The arguments, in their order.

    Raises:
        VendorReportError: There is no AXI-Lite slave, or it lacks an argument.
    """
    path = rtl / f"{top}_control_s_axi.v"
    if not path.is_file():
        raise VendorReportError(
            f"{top}_control_s_axi.v", "the RTL has no such file", "Give the top s_axilite in bundle control."
        )
    words: dict[str, list[int]] = {}
    for found in _WORD.finditer(path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")):
        words.setdefault(found["name"], []).append(int(found["offset"], 16))
    registers: list[dict[str, Any]] = []
    for name in names:
        offsets = words.get(name)
        if not offsets or offsets != list(range(offsets[0], offsets[0] + 4 * len(offsets), 4)):
            raise VendorReportError(
                path.name,
                f"it gives no whole register for the argument {name}",
                "Look whether Vitis renamed the argument.",
            )
        registers.append({"name": name, "offset": offsets[0], "width_bits": 32 * len(offsets)})
    return registers
