"""Writes of the accelerator's registers, by the map in network.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def writes(network: Mapping[str, Any], values: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return the 32-bit writes (offset, value) that set every register of the kernel.

    Args:
        network: The contents of network.json.
        values: The value of each register, by its name.
    """
    return [
        (register["offset"] + 4 * word, values[register["name"]] >> 32 * word & 0xFFFFFFFF)
        for register in network["registers"]
        for word in range((register["width_bits"] + 31) // 32)
    ]
