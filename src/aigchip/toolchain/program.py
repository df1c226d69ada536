"""A network's layers as one program in memory, as the shell walks it.

A word has the value in its low half and the operation in its high half; template/shell/jobs.v.j2 says which there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WRITE, RUN, END = 1, 2, 3
#: Bytes that the shell may read behind the end of a program.
READ_AHEAD_BYTES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Words to put into memory at a multiple of 8 bytes.

    Attributes:
        image: The bytes.
        slots: For each run the offset of the word that receives its cycles [bytes].
        writes: For each run the registers that are written before it.
    """

    image: bytes
    slots: tuple[int, ...]
    writes: tuple[int, ...]

    def cycles(self, memory: bytes) -> list[int]:
        """Return the cycles of each run.

        Args:
            memory: The program's bytes after the run.
        """
        return [int.from_bytes(memory[slot : slot + 8], "little") for slot in self.slots]


def assemble(jobs: Sequence[Sequence[tuple[int, int]]], *, changes_only: bool = True) -> Program:
    """Return the program that writes each job's registers and runs the kernel, one job after another.

    Args:
        jobs: For each run the 32-bit writes (offset, value) of the kernel's registers.
        changes_only: Leave out what a register already holds from an earlier job of this program; the kernel must not change its
            argument registers itself.

    Raises:
        ValueError: A register is none of the kernel's arguments, or a value has more than 32 bits.
    """
    words: list[int] = []
    slots: list[int] = []
    writes: list[int] = []
    held: dict[int, int] = {}
    for job in jobs:
        before = len(words)
        for offset, value in job:
            if not 0x10 <= offset < 0x1000 or offset % 4:
                raise ValueError(f"register 0x{offset:x} is not an argument; must be 0x10 to 0xffc, a multiple of 4")
            if not 0 <= value < 1 << 32:
                raise ValueError(f"the value of register 0x{offset:x} is {value}; must have 32 bits")
            if changes_only and held.get(offset) == value:
                continue
            held[offset] = value
            words.append(WRITE << 56 | offset << 32 | value)
        writes.append(len(words) - before)
        words.append(RUN << 56)
        slots.append(8 * len(words))
        words.append(0)
    words.append(END << 56)
    return Program(image=np.array(words, "<u8").tobytes(), slots=tuple(slots), writes=tuple(writes))
