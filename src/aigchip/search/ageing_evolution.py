"""The evolutionary search of the framework: tournaments on a random subset, mutation, crossover, the oldest out.

Reference: Fu et al., ICCAD 2023 (the search of GPT4AIGChip); Real et al., AAAI 2019, algorithm 1 (ageing evolution).
"""

import math
from collections.abc import Callable, Sequence
from random import Random

from aigchip.search.design_sampler import Candidate, DesignSampler, seeded
from aigchip.search.pareto import Point, excess, pareto_ranks
from aigchip.space.design import Design
from aigchip.space.sampling import Fixed, cross, mutate, sample

#: Chance that a child has two parents.
CROSSOVER_CHANCE = 0.5
#: Chance that a child of two parents is mutated as well.
MUTATION_AFTER_CROSSOVER_CHANCE = 0.25
#: Chance that a screened child is mutated once more.
FURTHER_MUTATION_CHANCE = 0.4
#: One in so many members of the initial population is drawn anew; the others are crossed and mutated from those.
FOUNDER_EVERY = 3
#: Exponents of the DSPs in the cost by which children are screened; 0 looks at the latency alone.
DSP_WEIGHTS = (0.0, 0.5, 1.0)

#: Estimates (latency [ms], DSPs) of a design without synthesis.
Screen = Callable[[Design], Point]


class AgeingEvolutionSampler(DesignSampler):
    """Evolve a population of fixed size whose oldest member leaves for each new one.

    The population of design i is the `population` youngest designs that are at least `lag` older than i. Members are
    compared by the Pareto rank of (latency, DSPs) within the population, then by latency; designs over a limit come
    after all others, the nearest to it first, rejected ones last.

    Args:
        seed: seed of the study.
        lag: see `DesignSampler`.
        population: size of the population; so many designs are initial.
        tournament: size of the random subset from which a parent is chosen.
        screening: children of which `screen` chooses the one that is evaluated.
        screen: estimates (latency, DSPs) of a design without synthesis; must depend on the design alone.
        bounds: the most that both may be; a child whose estimate keeps them is preferred to any that does not.
        fixed: see `DesignSampler`.
    """

    def __init__(
        self,
        *,
        seed: int,
        lag: int,
        population: int,
        tournament: int,
        screening: int = 1,
        screen: Screen | None = None,
        bounds: Point = (math.inf, math.inf),
        fixed: Fixed = (),
    ) -> None:
        super().__init__(seed=seed, lag=lag, fixed=fixed)
        self._bounds = bounds
        self._population = population
        self._tournament = tournament
        self._screening = screening
        self._screen = screen
        self._screened: dict[Design, Point] = {}

    def propose(self, number: int, judged: Sequence[Candidate], rng: Random) -> Design:
        """Propose an initial design or a child; see `DesignSampler.propose`."""
        if number < self._population or not judged:
            return self._initial(number, rng)
        alive = judged[-self._population :]
        if self._screen is None:
            return self._child(alive, rng)
        # Some children are to be fast, some fast for their size, so that the whole front moves.
        weight = rng.choice(DSP_WEIGHTS)
        known = {member.design for member in judged}
        children = [self._child(alive, rng) for _ in range(self._screening)]
        return min([child for child in children if child not in known] or children, key=lambda c: self._cost(c, weight))

    def _cost(self, design: Design, weight: float) -> tuple[float, float]:
        """Return a key for sorting: how far the estimate is above the bounds, then the product to be small."""
        if design not in self._screened and self._screen is not None:
            self._screened[design] = self._screen(design)
        latency, dsp = self._screened[design]
        return excess((latency, dsp), self._bounds), latency * dsp**weight

    def _child(self, alive: Sequence[Candidate], rng: Random) -> Design:
        """Mutate a parent, or cross two."""
        first = self._parent(alive, rng)
        if rng.random() >= CROSSOVER_CHANCE:
            child = mutate(first, rng, self._fixed)
            # A screen sorts out bad children, so that bolder ones are worth a try.
            while self._screen is not None and rng.random() < FURTHER_MUTATION_CHANCE:
                child = mutate(child, rng, self._fixed)
            return child
        child = cross(first, self._parent(alive, rng), rng, self._fixed)
        if child == first or rng.random() < MUTATION_AFTER_CROSSOVER_CHANCE:
            child = mutate(child, rng, self._fixed)
        return child

    def _initial(self, number: int, rng: Random) -> Design:
        """Draw a member of the initial population.

        Founders are uniform (the best of `screening` such where there is a screen). The others combine the families of
        founders, so that the initial designs share modules and fewer have to be synthesised than there are designs.
        Founders are drawn from the seed alone, for no design may depend on one that is younger than the lag.
        """
        founders = [self._founder(i) for i in range(-(-self._population // FOUNDER_EVERY))]
        if number < len(founders):
            return founders[number]
        if len(founders) == 1:
            return mutate(founders[0], rng, self._fixed)
        first, second = rng.sample(founders, 2)
        child = cross(first, second, rng, self._fixed)
        return child if child not in founders else mutate(child, rng, self._fixed)

    def _founder(self, index: int) -> Design:
        rng = seeded(self._seed, "founder", index)
        if self._screen is None:
            return sample(rng, self._fixed)
        weight = DSP_WEIGHTS[index % len(DSP_WEIGHTS)]
        return min(
            (sample(rng, self._fixed) for _ in range(self._screening)), key=lambda design: self._cost(design, weight)
        )

    def _parent(self, alive: Sequence[Candidate], rng: Random) -> Design:
        """Return the best of a random subset of the population."""
        subset = rng.sample(range(len(alive)), min(self._tournament, len(alive)))
        ranks = _ranks(alive)
        return alive[min(subset, key=lambda position: ranks[position])].design


def _ranks(alive: Sequence[Candidate]) -> list[tuple[int, int, float, int]]:
    """Return a sort key for each member: class, Pareto rank, latency (excess where infeasible), number."""
    points = [member.objectives or (float("inf"), float("inf")) for member in alive]
    keys: list[tuple[int, int, float, int]] = []
    feasible = [i for i, member in enumerate(alive) if member.feasible]
    rank_of = dict(zip(feasible, pareto_ranks([points[i] for i in feasible]), strict=True))
    for i, member in enumerate(alive):
        if member.feasible:
            keys.append((0, rank_of[i], points[i][0], member.number))
        else:
            keys.append((1 if member.objectives else 2, 0, member.excess, member.number))
    return keys
