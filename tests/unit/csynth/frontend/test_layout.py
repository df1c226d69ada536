"""The layout of an array is one to one; subscripts are told apart as they were written."""

from itertools import product
from math import prod

from hypothesis import given, settings
from hypothesis import strategies as st

from csynth.frontend.layout import Array, Split


@st.composite
def arrays(draw):
    splits = []
    for extent in draw(st.lists(st.integers(1, 9), min_size=1, max_size=3)):
        splits.append(
            Split(
                extent=extent, banks=draw(st.integers(1, extent)), block=draw(st.booleans()), word=draw(st.booleans())
            )
        )
    return Array(base="%a", name="a", element_bytes=4, splits=splits)


@settings(max_examples=150, deadline=None)
@given(arrays())
def test_each_element_has_a_place_of_its_own(array):
    places = [array.place(position) for position in product(*(range(s.extent) for s in array.splits))]
    assert len(set(places)) == prod(s.extent for s in array.splits)
    assert all(0 <= part < array.banks and 0 <= index < array.depth for part, index in places)


@settings(max_examples=150, deadline=None)
@given(arrays())
def test_each_part_is_one_lane_of_one_bank(array):
    words = [array.word_of(part) for part in range(array.banks)]
    lanes = prod(s.banks for s in array.splits if s.word)
    assert len(set(words)) == array.banks
    assert all(0 <= bank < array.banks // lanes and 0 <= lane < lanes for bank, lane in words)
