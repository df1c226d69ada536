"""The evolutionary search of the framework: tournaments on a random subset, mutation, crossover, the oldest out.

Reference: Fu et al., ICCAD 2023 (the search of GPT4AIGChip); Real et al., AAAI 2019, algorithm 1 (ageing evolution).
"""

from collections.abc import Sequence
from random import Random

from aigchip.search.design_sampler import Candidate, DesignSampler, seeded
from aigchip.search.pareto import pareto_ranks
from aigchip.space.design import Design
from aigchip.space.sampling import cross, mutate, sample

#: Chance that a child has two parents.
CROSSOVER_CHANCE = 0.5
#: Chance that a child of two parents is mutated as well.
MUTATION_AFTER_CROSSOVER_CHANCE = 0.25
#: One in so many members of the initial population is drawn anew; the others are crossed and mutated from those.
FOUNDER_EVERY = 3


class AgeingEvolutionSampler(DesignSampler):
    """Evolve a population of fixed size whose oldest member leaves for each new one.

    The population of design i is the `population` youngest designs that are at least `lag` older than i. Members are
    compared by the Pareto rank of (latency, DSPs) within the population, then by latency; designs over a limit come
    after all others, rejected ones last.

    Args:
        seed: seed of the study.
        lag: see `DesignSampler`.
        population: size of the population; so many designs are initial.
        tournament: size of the random subset from which a parent is chosen.
    """

    def __init__(self, *, seed: int, lag: int, population: int, tournament: int) -> None:
        super().__init__(seed=seed, lag=lag)
        self._population = population
        self._tournament = tournament

    def propose(self, number: int, judged: Sequence[Candidate], rng: Random) -> Design:
        """Propose an initial design or a child; see `DesignSampler.propose`."""
        if number < self._population or not judged:
            return self._initial(number, rng)
        alive = judged[-self._population :]
        first = self._parent(alive, rng)
        if rng.random() >= CROSSOVER_CHANCE:
            return mutate(first, rng)
        child = cross(first, self._parent(alive, rng), rng)
        if child == first or rng.random() < MUTATION_AFTER_CROSSOVER_CHANCE:
            child = mutate(child, rng)
        return child

    def _initial(self, number: int, rng: Random) -> Design:
        """Draw a member of the initial population.

        Founders are uniform. The others combine the families of founders, so that the initial designs share modules and
        fewer have to be synthesised than there are designs. Founders are drawn from the seed alone, for no design may
        depend on one that is younger than the lag.
        """
        founders = [sample(seeded(self._seed, "founder", i)) for i in range(-(-self._population // FOUNDER_EVERY))]
        if number < len(founders):
            return founders[number]
        if len(founders) == 1:
            return mutate(founders[0], rng)
        first, second = rng.sample(founders, 2)
        child = cross(first, second, rng)
        return child if child not in founders else mutate(child, rng)

    def _parent(self, alive: Sequence[Candidate], rng: Random) -> Design:
        """Return the best of a random subset of the population."""
        subset = rng.sample(range(len(alive)), min(self._tournament, len(alive)))
        ranks = _ranks(alive)
        return alive[min(subset, key=lambda position: ranks[position])].design


def _ranks(alive: Sequence[Candidate]) -> list[tuple[int, int, float, int]]:
    """Return a sort key for each member: class, Pareto rank, latency (DSPs where infeasible), number."""
    points = [member.objectives or (float("inf"), float("inf")) for member in alive]
    keys: list[tuple[int, int, float, int]] = []
    feasible = [i for i, member in enumerate(alive) if member.feasible]
    rank_of = dict(zip(feasible, pareto_ranks([points[i] for i in feasible]), strict=True))
    for i, member in enumerate(alive):
        if member.feasible:
            keys.append((0, rank_of[i], points[i][0], member.number))
        else:  # of designs over a limit the smaller one is nearer to it
            keys.append((1 if member.objectives else 2, 0, points[i][1], member.number))
    return keys
