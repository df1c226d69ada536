"""Hypothesis strategies for designs."""

from random import Random

from hypothesis import strategies as st

from aigchip.space import GENES, Design
from aigchip.space.sampling import sample

#: Any combination of values, buildable or not.
any_designs = st.fixed_dictionaries({name: st.sampled_from(gene.values) for name, gene in GENES.items()}).map(
    lambda genome: Design(**genome)
)
rngs = st.integers(min_value=0, max_value=2**32 - 1).map(Random)
valid_designs = rngs.map(sample)
