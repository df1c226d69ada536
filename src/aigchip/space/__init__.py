"""The design space: families of parameters as data, constraints that explain themselves, and moves between designs."""

from aigchip.space.constraints import CONSTRAINTS, Rejection, canonical, check
from aigchip.space.design import FIELD_NAMES, Design, DesignError
from aigchip.space.families import FAMILIES, GENES, Family, Gene
from aigchip.space.spans import Span, array_step, level_span

__all__ = [
    "CONSTRAINTS",
    "FAMILIES",
    "FIELD_NAMES",
    "GENES",
    "Design",
    "DesignError",
    "Family",
    "Gene",
    "Rejection",
    "Span",
    "array_step",
    "canonical",
    "check",
    "level_span",
]
