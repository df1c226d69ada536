"""Hypothesis strategies for designs."""

from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from aigchip.space import GENES, Design
from aigchip.space.sampling import sample

#: Any combination of values; hardly ever buildable.
any_designs = st.fixed_dictionaries({name: st.sampled_from(gene.values) for name, gene in GENES.items()}).map(
    lambda genome: Design(**genome)
)
rngs = st.integers(min_value=0, max_value=2**32 - 1).map(Random)
valid_designs = rngs.map(sample)


def _changed(design: Design) -> st.SearchStrategy[Design]:
    pairs = [(name, value) for name, gene in GENES.items() for value in gene.values]
    return st.sampled_from(pairs).map(lambda pair: replace(design, **dict([pair])))


#: Valid designs of which one gene was set to any value: about half of them are buildable, few of those canonical.
nearly_valid_designs = valid_designs.flatmap(_changed)
