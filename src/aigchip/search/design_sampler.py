"""What every sampler shares: it proposes design i from its seed, i, and designs that are at least a fixed lag older."""

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from aigchip.search.pareto import Point
from aigchip.space.design import Design
from aigchip.space.families import GENES
from aigchip.space.sampling import Fixed, sample

#: User attributes of a trial.
NUMBER = "design_number"
STATUS = "status"
EXCESS = "excess"

SEARCH_SPACE: dict[str, BaseDistribution] = {name: CategoricalDistribution(gene.values) for name, gene in GENES.items()}

_FRESH_ATTEMPTS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An older design as a sampler may see it.

    Attributes:
        number: its number in the study.
        design: the genome.
        objectives: latency [ms] and DSP blocks; None where it was rejected.
        feasible: whether it keeps every limit.
        excess: by how much it misses its limits: the sum of value / limit - 1 over those that it does not keep.
    """

    number: int
    design: Design
    objectives: Point | None
    feasible: bool
    excess: float = 0.0


class DesignSampler(BaseSampler, abc.ABC):
    """A sampler whose proposals do not depend on how many evaluations run at once, nor on interruptions.

    A trial belongs to the design number in its user attribute `design_number` (its own number where there is none), so
    that a number whose trial was lost is simply asked again. Nothing is kept between proposals.

    Args:
        seed: seed of the study.
        lag: only designs with numbers up to i - lag may be judged when design i is proposed.
        fixed: genes that may not vary, with their values.
    """

    def __init__(self, *, seed: int, lag: int, fixed: Fixed = ()) -> None:
        self._seed = seed
        self._lag = lag
        self._fixed = fixed

    @abc.abstractmethod
    def propose(self, number: int, judged: Sequence[Candidate], rng: Random) -> Design:
        """Propose a valid design.

        Args:
            number: its number.
            judged: every judged design with a number up to `number - lag`, in the order of their numbers.
            rng: the only source of randomness, seeded by (seed, number, attempt).
        """

    def fresh(self, number: int, judged: Sequence[Candidate], taken: set[Design]) -> Design:
        """Propose a design that is not in `taken`; after many attempts at it, draw one at random."""
        for attempt in range(_FRESH_ATTEMPTS_MAX):
            design = self.propose(number, judged, seeded(self._seed, number, attempt))
            if design not in taken:
                return design
        rng = seeded(self._seed, number, "random")
        while (design := sample(rng, self._fixed)) in taken:
            pass
        return design

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return the whole genome; see `optuna.samplers.BaseSampler`."""
        return SEARCH_SPACE

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return every gene of the next design; see `optuna.samplers.BaseSampler`."""
        number = design_number(trial)
        older = [
            (design_number(other), other)
            for other in study.get_trials(deepcopy=False)
            if other.state != TrialState.FAIL and other.number != trial.number and len(other.params) == len(GENES)
        ]
        taken = {Design(**other.params) for other_number, other in older if other_number < number}
        judged = [
            Candidate(
                number=other_number,
                design=Design(**other.params),
                objectives=(other.values[0], other.values[1]) if other.values else None,
                feasible=other.user_attrs.get(STATUS, "feasible") == "feasible" and bool(other.values),
                excess=other.user_attrs.get(EXCESS, 0.0),
            )
            for other_number, other in sorted(older, key=lambda pair: pair[0])
            if other_number <= number - self._lag and other.state in {TrialState.COMPLETE, TrialState.PRUNED}
        ]
        return self.fresh(number, judged, taken).to_dict()

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Refuse: a gene on its own would leave the constraints unmet."""
        raise ValueError(f"parameter is {param_name!r}; must be a gene of the design space")


def seeded(*words: int | str) -> Random:
    """Return a source of randomness that depends on the words alone, on every machine."""
    return Random("/".join(map(str, words)))  # noqa: S311 - draws have to repeat, nothing is secret


def design_number(trial: FrozenTrial) -> int:
    """Return the number of the design that a trial evaluates."""
    return trial.user_attrs.get(NUMBER, trial.number)
