"""The contract that every sampler keeps; a new sampler is added to `SAMPLERS` and inherits it."""

from collections.abc import Callable
from random import Random

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.search.fake import evaluate

from aigchip.search.ageing_evolution import AgeingEvolutionSampler
from aigchip.search.design_sampler import Candidate, DesignSampler
from aigchip.search.random_sampling import RandomSampler
from aigchip.space import Design, canonical, check
from aigchip.space.families import GENES
from aigchip.space.sampling import sample


def estimate(design: Design) -> tuple[float, float]:
    figures = evaluate(0, design).figures
    return float(figures["latency"].value), float(figures["dsp"].value)


SAMPLERS: dict[str, Callable[[int], DesignSampler]] = {
    "random": lambda seed: RandomSampler(seed=seed, lag=4),
    "ageing_evolution": lambda seed: AgeingEvolutionSampler(seed=seed, lag=4, population=16, tournament=4),
    "ageing_evolution_screened": lambda seed: AgeingEvolutionSampler(
        seed=seed, lag=4, population=16, tournament=4, screening=4, screen=estimate
    ),
    "ageing_evolution_small": lambda seed: AgeingEvolutionSampler(seed=seed, lag=1, population=2, tournament=1),
}


def history(seed: int, length: int) -> list[Candidate]:
    """Some judged designs; every fifth was rejected, every seventh is over a limit."""
    rng = Random(seed)
    candidates = []
    for number in range(length):
        design = sample(rng)
        figures = evaluate(number, design).figures
        rejected = number % 5 == 4
        objectives = None if rejected else (float(figures["latency"].value), float(figures["dsp"].value))
        feasible = not rejected and number % 7 != 6
        candidates.append(Candidate(number=number, design=design, objectives=objectives, feasible=feasible))
    return candidates


@pytest.fixture(params=SAMPLERS)
def make(request: pytest.FixtureRequest) -> Callable[[int], DesignSampler]:
    return SAMPLERS[request.param]


@pytest.mark.parametrize("name", SAMPLERS)
@given(seed=st.integers(0, 1000), number=st.integers(0, 60))
def test_a_proposal_is_valid_canonical_and_repeats(name: str, seed: int, number: int) -> None:
    judged = history(seed, max(0, number - 3))
    proposals = [SAMPLERS[name](seed).fresh(number, judged, set()) for _ in range(2)]
    assert proposals[0] == proposals[1]
    assert check(proposals[0]) == []
    assert canonical(proposals[0]) == proposals[0]


def test_a_proposal_is_no_design_that_is_taken(make: Callable[[int], DesignSampler]) -> None:
    judged = history(1, 40)
    taken: set[Design] = set()
    for _ in range(40):
        design = make(1).fresh(44, judged, taken)
        assert design not in taken
        taken.add(design)


def test_every_proposal_has_the_fixed_values() -> None:
    """Also where parents differ so much that their child has to be repaired."""
    fixed = (("buffer_a_kib", 2), ("buffer_c_storage", "lutram"), ("ports", 4), ("clock_mhz", 200))
    sampler = AgeingEvolutionSampler(seed=1, lag=1, population=8, tournament=2, fixed=fixed)
    judged: list[Candidate] = []
    for number in range(80):
        design = sampler.fresh(number, judged, {candidate.design for candidate in judged})
        assert check(design) == []
        assert design.to_dict().items() >= dict(fixed).items()
        judged.append(Candidate(number=number, design=design, objectives=(1.0, 1.0), feasible=True))


def test_a_proposal_needs_no_feasible_design(make: Callable[[int], DesignSampler]) -> None:
    judged = [Candidate(number=c.number, design=c.design, objectives=None, feasible=False) for c in history(1, 40)]
    assert check(make(1).fresh(44, judged, set())) == []


def test_optuna_can_drive_the_sampler_itself(make: Callable[[int], DesignSampler]) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        design = Design(**{name: trial.suggest_categorical(name, gene.values) for name, gene in GENES.items()})
        figures = evaluate(trial.number, design).figures
        return float(figures["latency"].value), float(figures["dsp"].value)

    runs = []
    for _ in range(2):
        study = optuna.create_study(directions=["minimize", "minimize"], sampler=make(3))
        study.optimize(objective, n_trials=25)
        runs.append([trial.params for trial in study.trials])
    assert runs[0] == runs[1]
    assert len({tuple(params.values()) for params in runs[0]}) == 25


def test_a_parameter_that_is_no_gene_is_refused(make: Callable[[int], DesignSampler]) -> None:
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=make(3))
    with pytest.raises(ValueError, match="parameter is 'colour'; must be a gene of the design space"):
        study.ask().suggest_categorical("colour", ["red", "blue"])


def test_evolution_beats_random_search_on_average() -> None:
    """Both look for a design of which every gene matters on its own."""

    def latency(design: Design) -> float:
        wanted = sample(Random(99)).to_dict()
        return 1.0 + sum(value != wanted[name] for name, value in design.to_dict().items())

    def best(make: Callable[[int], DesignSampler], seed: int) -> float:
        sampler, judged, taken = make(seed), [], set()
        for number in range(64):
            design = sampler.fresh(number, [c for c in judged if c.number <= number - 4], taken)
            objectives = (latency(design), float(design.multipliers))
            taken.add(design)
            judged.append(Candidate(number=number, design=design, objectives=objectives, feasible=True))
        return min(c.objectives[0] for c in judged)

    means = {name: sum(best(SAMPLERS[name], seed) for seed in range(8)) / 8 for name in ("random", "ageing_evolution")}
    assert means["ageing_evolution"] < means["random"] - 1


def test_the_oldest_leave_the_population() -> None:
    """A design older than the population can have no child, however good it was."""
    judged = history(1, 60)
    old, young = judged[:44], judged[44:]
    sampler = AgeingEvolutionSampler(seed=1, lag=4, population=16, tournament=4)
    for attempt in range(30):
        assert sampler.propose(64, [*old, *young], Random(attempt)) == sampler.propose(64, young, Random(attempt))


def test_a_tournament_prefers_feasible_then_undominated_then_fast() -> None:
    designs = [c.design for c in history(1, 5)]
    judged = [
        Candidate(number=0, design=designs[0], objectives=None, feasible=False),
        Candidate(number=1, design=designs[1], objectives=(1.0, 2000.0), feasible=False, excess=0.9),
        Candidate(number=2, design=designs[2], objectives=(9.0, 90.0), feasible=True),
        Candidate(number=3, design=designs[3], objectives=(8.0, 10.0), feasible=True),
        Candidate(number=4, design=designs[4], objectives=(5.0, 20.0), feasible=True),
    ]
    order = []
    while judged:
        sampler = AgeingEvolutionSampler(seed=1, lag=1, population=5, tournament=5)
        chosen = sampler._parent(judged, Random(0))
        order.append(next(c.number for c in judged if c.design == chosen))
        judged = [c for c in judged if c.design != chosen]
    assert order == [4, 3, 2, 1, 0]
