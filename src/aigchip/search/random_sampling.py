"""Random search: every design is drawn uniformly from the valid ones, whatever the others scored."""

from collections.abc import Sequence
from random import Random

from aigchip.search.design_sampler import Candidate, DesignSampler
from aigchip.space.design import Design
from aigchip.space.sampling import sample


class RandomSampler(DesignSampler):
    """Propose uniformly drawn valid designs."""

    def propose(self, number: int, judged: Sequence[Candidate], rng: Random) -> Design:
        """Draw a design; see `DesignSampler.propose`."""
        del number, judged
        return sample(rng, self._fixed)
