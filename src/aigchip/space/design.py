"""The genome: everything that tells one accelerator of the template from another, as flat scalars."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from aigchip.core.errors import AigchipError, nearest
from aigchip.space.families import GENES


class DesignError(AigchipError):
    """A design that cannot be read, or that names a value no family has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One point of the design space; every field is a gene of `aigchip.space.families`.

    The fields have values of their families (checked here); whether they fit together is asked of
    `aigchip.space.constraints.check`. Two designs that describe the same hardware become equal by `canonical`.
    """

    mac_width: int
    lane_macs: int
    array_lanes: int
    pack: int
    noc_a_mac: str
    noc_b_mac: str
    noc_c_mac: str
    noc_a_lane: str
    noc_b_lane: str
    noc_c_lane: str
    noc_a_array: str
    noc_b_array: str
    noc_c_array: str
    buffer_a_kib: int
    buffer_a_storage: str
    buffer_b_kib: int
    buffer_b_storage: str
    buffer_c_kib: int
    buffer_c_storage: str
    buffer_a_dimension: str
    buffer_a_factor: int
    buffer_b_dimension: str
    buffer_b_factor: int
    buffer_c_dimension: str
    buffer_c_factor: int
    reuse: str
    slots: int
    port_bits: int
    ports: int
    accumulator_bits: int
    depthwise: str
    clock_mhz: int

    def __post_init__(self) -> None:
        for name, (kind, values) in _ALLOWED.items():
            value = getattr(self, name)
            if type(value) is not kind or value not in values:
                _check_value("design", name, value)

    @property
    def multipliers(self) -> int:
        """Multipliers in the whole array."""
        return self.mac_width * self.lane_macs * self.array_lanes

    @property
    def macs(self) -> int:
        """Products that the array forms in a cycle."""
        return self.multipliers * self.pack

    @property
    def word_bytes(self) -> int:
        """Bytes of a memory word: of all ports of an operand together."""
        return self.port_bits * self.ports // 8

    @property
    def clock_period_ps(self) -> int:
        """Period of the clock that synthesis aims at [ps], rounded down."""
        return 1_000_000 // self.clock_mhz

    def to_dict(self) -> dict[str, int | str]:
        """Return the genome as plain scalars, in the order of the fields."""
        return asdict(self)

    @staticmethod
    def from_dict(data: Mapping[str, object], *, where: str = "design") -> "Design":
        """Read a genome from plain scalars.

        Args:
            data: exactly the fields of `Design`.
            where: the file or place that the data came from, for errors.

        Raises:
            DesignError: a field is missing, unknown, or has a value that its family does not have.
        """
        for name in data:
            if name not in GENES:
                raise DesignError(where, f"the parameter {name} is unknown", _unknown_remedy(str(name)))
        for name in FIELD_NAMES:
            if name not in data:
                raise DesignError(where, f"the parameter {name} is missing", f"Add {name} with one of {_listed(name)}.")
            _check_value(where, name, data[name])
        return Design(**{name: data[name] for name in FIELD_NAMES})  # type: ignore[arg-type]


FIELD_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Design))
_ALLOWED = {name: (type(GENES[name].values[0]), frozenset(GENES[name].values)) for name in FIELD_NAMES}


def _listed(name: str) -> str:
    return ", ".join(str(value) for value in GENES[name].values)


def _unknown_remedy(name: str) -> str:
    close = nearest(name, FIELD_NAMES)
    return f"Did you mean {close}?" if close else f"Use only {', '.join(FIELD_NAMES)}."


def _check_value(where: str, name: str, value: object) -> None:
    values = GENES[name].values
    if type(value) is not type(values[0]) or value not in values:
        suggestion: int | str = values[0]
        if type(value) is int and isinstance(suggestion, int):
            suggestion = min((v for v in values if isinstance(v, int)), key=lambda v: abs(v - value))
        elif isinstance(value, str):
            suggestion = nearest(value, [str(v) for v in values]) or suggestion
        what = f"{name} is {value if type(value) is type(values[0]) else repr(value)}; must be one of {_listed(name)}"
        raise DesignError(where, what, f"Set {name}: {suggestion}.")
