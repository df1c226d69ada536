"""What a model costs: the table that ships, and the person's own over it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core import config, paths
from aigchip.core.errors import InputError

_DATE = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")
_KEYS = {"input", "output", "max_output_tokens", "batch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A model's price.

    Args:
        input: Of a prompt. [USD for a million tokens]
        output: Of a reply. [USD for a million tokens]
        max_output_tokens: The longest reply that the model gives; None if unknown. [tokens]
        batch: Factor on both for the Batch API.
    """

    input: float
    output: float
    max_output_tokens: int | None = None
    batch: float = 1.0

    def usd(self, prompt_tokens: int, completion_tokens: int, *, batch: bool = False) -> float:
        """Return what a request costs [USD]."""
        return (prompt_tokens * self.input + completion_tokens * self.output) * (self.batch if batch else 1.0) / 1e6


def price_of(model: str, own: Mapping[str, Any] | str | None = None) -> Price | None:
    """Return a model's price, None if unknown; a name with a date stands for the same name without one.

    Args:
        model: The model's name, as it is asked for.
        own: The person's table, or the name of the YAML file that holds it, from the project's folder.

    Raises:
        InputError: A table is malformed.
    """
    where, mine = f"{config.FILE_NAME}: llm.prices", own
    if isinstance(own, str):
        where = own
        mine = config.load_yaml(paths.root() / own)
    tables = [(where, mine or {}), ("prices.yaml", config.load_yaml(Path(__file__).with_name("prices.yaml")))]
    for place, table in tables:
        if not isinstance(table, Mapping):
            raise InputError(place, "the price table is not a mapping", "Write `<model>: {input: 1.0, output: 2.0}`.")
        for name in (model, _DATE.sub("", model)):
            if name in table:
                return _price(f"{place}: {name}", table[name])
    return None


def _price(where: str, value: Any) -> Price:
    good = isinstance(value, Mapping) and {"input", "output"} <= set(value) <= _KEYS
    numbers = list(value.values()) if good else []
    if not good or any(isinstance(n, bool) or not isinstance(n, (int, float)) or n < 0 for n in numbers):
        raise InputError(
            where,
            f"the price is {value!r}; must be numbers: input and output, if wanted batch and max_output_tokens",
            "Write for example {input: 1.0, output: 2.0}, in USD for a million tokens.",
        )
    return Price(**value)
