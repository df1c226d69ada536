"""Cycles beyond a bound add up, whatever the array did."""

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from aigchip.report.lost import CAUSES, Activity, Lost, lost, total

cycles = st.integers(0, 10_000)


activities = st.builds(Activity, steps=cycles, pipeline=cycles, memory=cycles, buffers=cycles, control=cycles)


@given(activities, cycles, cycles)
def test_bound_and_causes_are_all_cycles(did, idle, beyond):
    products = max(did.steps - idle, 0)
    bound = products + beyond
    found = lost(did, product_cycles=products, bound=bound)
    assert bound + found.cycles == did.cycles
    assert all(getattr(found, name) >= 0 for name in CAUSES if name != "memory")


def test_what_the_memory_takes_in_any_case_is_not_lost_to_it():
    did = Activity(steps=120, pipeline=5, memory=900, buffers=30, control=10)
    assert lost(did, product_cycles=100, bound=100) == Lost(
        remainders=20, pipeline=5, memory=900, buffers=30, control=10
    )
    assert lost(did, product_cycles=100, bound=900) == Lost(
        remainders=20, pipeline=5, memory=100, buffers=30, control=10
    )
    assert lost(did, product_cycles=100, bound=1010) == Lost(remainders=10, pipeline=5, buffers=30, control=10)


def test_sums_count_every_run():
    assert total([(Lost(memory=3), 2), (Lost(memory=1, control=4), 1)]) == Lost(memory=7, control=4)
    assert [field.name for field in fields(Lost)] == list(CAUSES)
