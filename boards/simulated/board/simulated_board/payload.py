"""What lies in a bitstream of the simulated board: the name of a model, where a real one has configuration frames.

It holds no synchronisation word, so a real device that is given one never starts to configure itself.
"""

from __future__ import annotations

import json
import struct
from typing import Any

MAGIC = b"AIGCHIP-SIMULATED-BITSTREAM\0"


def decode(firmware: bytes) -> dict[str, Any]:
    """Read the payload of a .bin file, whose words of 32 bits are byte-swapped as the FPGA manager wants them.

    Raises:
        OSError: The file is no bitstream of the simulated board.
    """
    words = len(firmware) // 4
    data = struct.pack(f">{words}I", *struct.unpack_from(f"<{words}I", firmware))
    if not data.startswith(MAGIC):
        raise OSError("this bitstream is for hardware, not for the simulated board; the simulated device refuses it")
    return dict(json.loads(data[len(MAGIC) :].rstrip(b"\0")))
