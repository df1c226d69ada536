"""A person's requirement in plain language, turned into a checked specification for the search."""

from aigchip.requirement.specification import Specification

__all__ = ["Specification"]
