"""Search in a given set of designs: every proposal becomes the nearest design that is allowed."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from aigchip.search.design_sampler import Candidate, DesignSampler, seeded
from aigchip.search.settings import SearchError
from aigchip.space.design import FIELD_NAMES, Design
from aigchip.space.sampling import Fixed


class RestrictedSampler(DesignSampler):
    """Let another sampler propose, and take the allowed design that differs from its proposal in the fewest genes.

    Args:
        inner: the other sampler.
        allowed: the designs that may be proposed.
        seed: seed of the study.
        lag: see `DesignSampler`.
        fixed: see `DesignSampler`; the allowed designs have these values.
    """

    def __init__(
        self, inner: DesignSampler, allowed: Sequence[Design], *, seed: int, lag: int, fixed: Fixed = ()
    ) -> None:
        super().__init__(seed=seed, lag=lag, fixed=fixed)
        self._inner = inner
        self._allowed = tuple(allowed)

    def propose(self, number: int, judged: Sequence[Candidate], rng: Random) -> Design:
        """Propose an allowed design; see `DesignSampler.propose`."""
        return self._nearest(self._inner.propose(number, judged, rng), set())

    def fresh(self, number: int, judged: Sequence[Candidate], taken: set[Design]) -> Design:
        """Propose an allowed design that is not in `taken`.

        Raises:
            SearchError: all are taken.
        """
        return self._nearest(self._inner.propose(number, judged, seeded(self._seed, number, 0)), taken)

    def _nearest(self, wanted: Design, taken: set[Design]) -> Design:
        free = [design for design in self._allowed if design not in taken]
        if not free:
            raise SearchError(
                "search",
                f"all {len(self._allowed)} designs that are allowed have been proposed",
                f"Use trials={len(self._allowed)} at most.",
            )
        return min(free, key=lambda design: _distance(design, wanted))


def having(designs: Iterable[Design], fixed: Mapping[str, int | str]) -> list[Design]:
    """Return the designs that have the fixed values."""
    return [design for design in designs if all(getattr(design, name) == value for name, value in fixed.items())]


def _distance(one: Design, other: Design) -> int:
    return sum(getattr(one, name) != getattr(other, name) for name in FIELD_NAMES)
