"""What a study is asked for: everything that its designs depend on, and nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aigchip.core.errors import AigchipError, nearest


class SearchError(AigchipError):
    """A study that cannot be begun or continued as asked."""


#: Names of the samplers; `aigchip.search.study` knows their classes.
SAMPLERS = ("ageing_evolution", "random")
#: How a design of a study is judged at first: by the performance model alone, or by C synthesis of its modules too.
LEVELS = ("model", "csynth")
#: Figures by which the best designs are chosen.
OBJECTIVES = ("latency", "dsp")


_SMALLEST = {"seed": 0, "trials": 1, "population": 2, "tournament": 1, "lag": 1, "screening": 1, "max_dsp": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySettings:
    """Settings of a study, checked at construction.

    Attributes:
        study: name of the study and of its folder.
        seed: seed of every random draw.
        trials: designs to evaluate.
        population: designs that take part in evolution at a time.
        tournament: designs drawn from the population to choose a parent from.
        lag: a design is proposed from the scores of designs that are at least `lag` older, so that `lag` evaluations
            may run at once without changing the result.
        screening: children that are screened by an estimate for each design that is evaluated; 1 for no screen.
        sampler: one of `SAMPLERS`.
        level: one of `LEVELS`.
        max_dsp: DSP blocks that a feasible design may use.
        limits: the most that further figures of a feasible design may be, by name (`lut`, `bram18`, `latency` [ms], ...).
        objective: one of `OBJECTIVES`: by which figure the best designs are chosen, the other one second.
        fixed: genes that may not vary, with their values.
        context: what the scores depend on beside the design (network, board, generator, tools), as words.
    """

    study: str
    seed: int = 1
    trials: int = 64
    population: int = 16
    tournament: int = 4
    lag: int = 4
    screening: int = 1
    sampler: str = "ageing_evolution"
    level: str = "csynth"
    max_dsp: int = 1024
    limits: Mapping[str, float] = field(default_factory=dict)
    objective: str = "latency"
    fixed: Mapping[str, int | str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", self.study):
            raise SearchError(
                "study",
                f"study is {self.study!r}; must be 1 to 80 letters, digits, dots, dashes or underscores, the first a "
                "letter or digit",
                "Use a name such as study=resnet18.",
            )
        for name, smallest in _SMALLEST.items():
            if (value := getattr(self, name)) < smallest:
                raise SearchError(name, f"{name} is {value}; must be at least {smallest}", f"Use {name}={smallest}.")
        if self.tournament > self.population:
            raise SearchError(
                "tournament",
                f"tournament is {self.tournament}; must be at most the population, {self.population}",
                f"Use tournament={self.population}.",
            )
        for name, value, known in (
            ("sampler", self.sampler, SAMPLERS),
            ("level", self.level, LEVELS),
            ("objective", self.objective, OBJECTIVES),
        ):
            if value not in known:
                close = nearest(value, known)
                raise SearchError(
                    name,
                    f"{name} is {value}; must be one of {', '.join(known)}",
                    f"Did you mean {close}?" if close else f"Use {name}={known[0]}.",
                )

    def identity(self) -> dict[str, Any]:
        """Return what must stay equal while the study lives: all but its name and the number of designs."""
        further: dict[str, Any] = {}
        if self.objective != OBJECTIVES[0]:
            further["objective"] = self.objective
        if self.fixed:
            further["fixed"] = dict(self.fixed)
        return {
            "seed": self.seed,
            "population": self.population,
            "tournament": self.tournament,
            "lag": self.lag,
            "screening": self.screening,
            "sampler": self.sampler,
            "level": self.level,
            "max_dsp": self.max_dsp,
            "limits": dict(self.limits),
            "context": dict(self.context),
            **further,
        }
