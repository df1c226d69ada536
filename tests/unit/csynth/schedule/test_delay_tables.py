"""Delay tables: complete, sourced, chosen by the part's name, and slower grades are slower."""

import csv
from dataclasses import fields
from itertools import pairwise

import pytest

from csynth.ir.model import Op, Ref
from csynth.part import speed_grade
from csynth.schedule import delay_tables
from csynth.schedule.delay_tables import DelayTable, table_of
from csynth.schedule.delays import product_timing


def test_every_value_has_a_kind_and_a_source():
    with delay_tables._FILE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["kind"] for row in rows} == {"data sheet", "public", "composed", "tool", "fitted", "assumed"}
    assert all(row["source"] for row in rows)
    parameters = {field.name for field in fields(DelayTable)} - {"family", "grade"}
    for key in delay_tables.delay_tables():
        assert {row["parameter"] for row in rows if (row["family"], row["grade"]) == key} == parameters


@pytest.mark.parametrize(
    ("part", "family", "grade"),
    [
        ("xczu7ev-ffvc1156-2-e", "UltraScale+", "-2"),
        ("xczu3eg-sbva484-1-e", "UltraScale+", "-1"),
        ("xcvu9p-flga2104-2L-e", "UltraScale+", "-2"),
        ("xck26-sfvc784-2LV-c", "UltraScale+", "-2LV"),
        ("xczu9eg-ffvb1156-3-e", "UltraScale+", "-3"),
        ("xczu2eg-sbva484-1LV-i", "UltraScale+", "-1LV"),
        ("xczu7ev-ffvc1156", "UltraScale+", "-1LV"),
        ("xc7z020clg400-1", "7-series", "-1"),
        ("xc7a100tcsg324-3", "7-series", "-3"),
        ("LFE5U-85F-6BG381C", "ECP5", "-6"),
        ("LFE5UM-45F-8BG554I", "ECP5", "-8"),
        ("lfe5u-25f", "ECP5", "-6"),
    ],
)
def test_the_part_chooses_the_table(part, family, grade):
    table = table_of(part)
    assert (table.family, table.grade) == (family, grade)


def test_a_part_without_a_grade():
    assert speed_grade("xczu7ev-ffvc1156") == ""


def test_slower_grades_are_slower():
    tables = delay_tables.delay_tables()
    orders = {"UltraScale+": ["-3", "-2", "-1", "-2LV", "-1LV"], "ECP5": ["-8", "-7", "-6"]}
    for name, one, two in [(name, *pair) for name, order in orders.items() for pair in pairwise(order)]:
        fast, slow = tables[name, one], tables[name, two]
        assert fast.dsp_through < slow.dsp_through
        assert fast.add_base <= slow.add_base


def test_one_multiplier_takes_signed_factors_of_all_its_bits():
    """18 x 18 bits, signed; unsigned factors have one bit less."""
    found = {}
    for part in ("LFE5U-85F-6BG381C", "xczu7ev-ffvc1156-2-e"):
        for opcode in ("smul", "umul"):
            op = Op(id=1, opcode=opcode, operands=(Ref("a", 18), Ref("b", 18)), result=Ref("p", 36))
            found[table_of(part).family, opcode] = product_timing(op, 18, 18, table_of(part)).latency_cycles
    assert found == {("ECP5", "smul"): 1, ("ECP5", "umul"): 3, ("UltraScale+", "smul"): 1, ("UltraScale+", "umul"): 2}
