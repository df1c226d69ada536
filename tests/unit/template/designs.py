"""Random valid designs for the tests of the template, and one that is known by heart."""

from __future__ import annotations

from random import Random

from aigchip.core import paths
from aigchip.space.design import Design
from aigchip.space.files import load
from aigchip.space.sampling import sample


def random_design(seed: int, **fixed: int | str) -> Design:
    """Return a design of the whole space that has the fixed values."""
    return sample(Random(seed), tuple(fixed.items()))


EIGHT_BY_EIGHT = load(paths.examples_dir() / "square8" / "design.yaml")
