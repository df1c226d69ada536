"""Test vectors: what a module is given and what it must answer, as plain Python ints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One call of a module.

    All values are unsigned two's-complement patterns of the port's width.

    Attributes:
        name: what the vector is about, for error texts.
        scalars_in: value of each scalar port.
        streams_in: words of each input stream, in order; the module has to take all of them.
        streams_out: words that each output stream must hold afterwards, in order, no more.
        memories_in: words behind each `burst_maxi` port before the call, from offset 0.
        memories_out: words behind it after the call.
        returns: the value that the function must return; None for a void function.
    """

    name: str
    scalars_in: Mapping[str, int] = field(default_factory=dict)
    streams_in: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    streams_out: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    memories_in: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    memories_out: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    returns: int | None = None

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Vector:
        """Read what a module's model.py returns: the fields of `Vector`, with any sequences and integer types."""

        def words(group: str) -> dict[str, tuple[int, ...]]:
            return {port: tuple(int(word) for word in values) for port, values in data.get(group, {}).items()}

        returns = data.get("returns")
        return Vector(
            name=str(data["name"]),
            scalars_in={port: int(value) for port, value in data.get("scalars_in", {}).items()},
            streams_in=words("streams_in"),
            streams_out=words("streams_out"),
            memories_in=words("memories_in"),
            memories_out=words("memories_out"),
            returns=None if returns is None else int(returns),
        )
