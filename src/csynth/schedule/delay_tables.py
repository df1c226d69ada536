"""Delay tables by device family and speed grade, read from delay_tables.csv, where each value has its kind and source.

Kinds: `data sheet` and `public` are figures that somebody published; `composed` is made of such figures and of stated assumptions;
`tool` is what a place-and-route tool reports for a small circuit; `fitted` is such a value times a factor that whole circuits gave;
`assumed` is none of these: a scaled or a plausible value.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from csynth.part import Multiplier, family, family_named, speed_grade

_FILE = Path(__file__).with_name("delay_tables.csv")
_DEFAULT = ("UltraScale+", "-2")


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayTable:
    """Delays of one family and speed grade, in ps; `x_base + bits * x_bit` where an operator grows with its width.

    Attributes:
        clock_to_q: register output after the clock edge.
        setup: register input before the clock edge.
        lut_level: one LUT and the routing to it.
        gate: and, or, xor.
        stream_read, stream_write: through the handshake of a stream.
        output: to the register of a scalar output.
        address: to the address register of a memory.
        dsp_through: operands to product of one multiplier without registers.
        dsp_to_register: operand registers to the product register of one multiplier.
        bram_output, lutram_output: clock edge to the word read.
    """

    family: str
    grade: str
    clock_to_q: int
    setup: int
    lut_level: int
    gate: int
    select: int
    stream_read: int
    stream_write: int
    output: int
    address: int
    add_base: int
    add_bit: int
    equal_base: int
    equal_bit: int
    compare_base: int
    compare_bit: int
    small_product_base: int
    small_product_bit: int
    fabric_product_base: int
    fabric_product_level: int
    fabric_product_bit: int
    divide_base: int
    divide_bit: int
    dsp_through: int
    dsp_to_register: int
    bram_output: int
    lutram_output: int

    @property
    def multiplier(self) -> Multiplier:
        """The family's multiplier."""
        return family_named(self.family).multiplier


@cache
def delay_tables() -> dict[tuple[str, str], DelayTable]:
    """All tables, by family and speed grade."""
    values: dict[tuple[str, str], dict[str, int]] = {}
    with _FILE.open(newline="") as file:
        for row in csv.DictReader(file):
            values.setdefault((row["family"], row["grade"]), {})[row["parameter"]] = int(row["ps"])
    return {key: DelayTable(family=key[0], grade=key[1], **ps) for key, ps in values.items()}


def table_of(part: str) -> DelayTable:
    """The table of a part; a grade without one gets the slowest of its family."""
    known = family(part)
    tables = {
        grade: table for (name, grade), table in delay_tables().items() if known is not None and name == known.name
    }
    if not tables:
        return default_table()
    return tables.get(speed_grade(part)) or max(tables.values(), key=lambda table: table.lut_level)


def default_table() -> DelayTable:
    """UltraScale+, speed grade -2."""
    return delay_tables()[_DEFAULT]
