"""The synthesis report and its JSON form.

`to_json` writes one object with the fields of `SynthesisReport` below plus `"schema": "csynth-report-1"`; a Range is
`{"minimum": int|null, "maximum": int|null}` with null for unknown. Times are in ps, latencies in clock cycles. Resource figures
are estimated: nothing here has been placed or routed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

SCHEMA = "csynth-report-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Bounds of a count; None = unknown."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationReport:
    """One operation of a bound: what it does and where; `latency_cycles` registers inside it."""

    label: str
    file: str
    line: int
    delay_ps: int
    latency_cycles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundsReport:
    """What a pipelined loop's interval is limited by, whatever the scheduler does.

    Attributes:
        recurrence_ii: RecMII.
        recurrence: operations of the recurrence that needs it, in order; empty when RecMII is 1.
        recurrence_cycles, recurrence_distance: cycles along it, in that many iterations.
        resource_ii: ResMII.
        resource: the shared resource that needs it; empty when ResMII is 1.
        resource_users: operations that use it.
        exit_ii: interval that the exit condition needs.
        exit_path: operations that make it late; empty when exit_ii is 1.
        remedy: the smallest change of the source that gives ii_target; empty when it is reached.
    """

    recurrence_ii: int
    recurrence: tuple[OperationReport, ...]
    recurrence_cycles: int
    recurrence_distance: int
    resource_ii: int
    resource: str
    resource_users: tuple[OperationReport, ...]
    exit_ii: int
    exit_path: tuple[OperationReport, ...]
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopReport:
    """One loop.

    Attributes:
        function: the module that contains it.
        name, file, line: where it is in the source.
        trip_count: iterations.
        ii_target: wanted initiation interval; None when not pipelined.
        ii: achieved initiation interval; None when not pipelined.
        depth: cycles from the start to the end of one iteration.
        latency_cycles: cycles of the whole loop when nothing stalls.
        pipelined: whether iterations overlap.
        ii_limited_by: what forbids ii_target, as a sentence; None when it is reached.
        flattened: names of the loops that were merged into this one, outermost first.
        notes: what was or was not done with the loop, in sentences.
        bounds: what limits the interval; None when not pipelined.
    """

    function: str
    name: str
    file: str
    line: int
    trip_count: Range
    ii_target: int | None
    ii: int | None
    depth: int
    latency_cycles: Range
    pipelined: bool
    ii_limited_by: str | None = None
    flattened: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    bounds: BoundsReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorReport:
    """Operators of one kind in one module; `width_bits` is the widest operand or result."""

    module: str
    opcode: str
    width_bits: int
    count: int
    impl: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryReport:
    """One bank of an array."""

    module: str
    name: str
    array: str
    width_bits: int
    depth: int
    storage: str
    read_only: bool
    ports: str = "auto"
    lanes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Estimated resources of UltraScale+. `bram18` counts a 36 Kb block as two."""

    lut: int
    ff: int
    dsp: int
    bram18: int
    uram: int
    tool: str
    kind: str = "estimated"

    def __add__(self, other: Resources) -> Resources:
        """Sum of two modules."""
        return Resources(
            lut=self.lut + other.lut,
            ff=self.ff + other.ff,
            dsp=self.dsp + other.dsp,
            bram18=self.bram18 + other.bram18,
            uram=self.uram + other.uram,
            tool=self.tool,
            kind=self.kind,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleReport:
    """One emitted Verilog module.

    Attributes:
        file: name under `rtl/`.
        latency_cycles: from ap_start to ap_done when nothing stalls; for a module without them, from its operands to its result.
        instances: in the whole design.
        ii: cycles between two calls of a module without ap_start and ap_done; None for others.
        ii_limited_by: what forbids the wanted II of such a module, as a sentence; None when it is reached.
        resources: of the module without the modules it instantiates; None when not asked for.
    """

    name: str
    file: str
    latency_cycles: Range
    resources: Resources | None = None
    instances: int = 1
    ii: int | None = None
    ii_limited_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisReport:
    """What one run of csynth made. `notes` say what could not be resolved as the source wishes, where, and the smallest remedy."""

    top: str
    part: str
    clock_period_ps: int
    estimated_clock_ps: int
    latency_cycles: Range
    loops: tuple[LoopReport, ...]
    operators: tuple[OperatorReport, ...]
    memories: tuple[MemoryReport, ...]
    resources: Resources | None
    modules: tuple[ModuleReport, ...]
    tool: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The report as JSON text."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> SynthesisReport:
        """Read what `to_json` wrote.

        Raises:
            ValueError: the text is not a report of this schema.
        """
        try:
            data: dict[str, Any] = json.loads(text)
            schema = data.pop("schema", None)
            if schema != SCHEMA:
                raise ValueError(f"schema is {schema!r}")
            data["latency_cycles"] = Range(**data["latency_cycles"])
            data["loops"] = tuple(_loop(item) for item in data["loops"])
            data["operators"] = tuple(OperatorReport(**item) for item in data["operators"])
            data["memories"] = tuple(MemoryReport(**item) for item in data["memories"])
            data["resources"] = _resources(data["resources"])
            data["notes"] = tuple(data.get("notes", ()))
            data["modules"] = tuple(_module(item) for item in data["modules"])
            return cls(**data)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"report: text is not readable ({error}); must be {SCHEMA}. Run csynth again.") from error


def _resources(data: dict[str, Any] | None) -> Resources | None:
    return None if data is None else Resources(**data)


def _loop(data: dict[str, Any]) -> LoopReport:
    ranges = {name: Range(**data[name]) for name in ("trip_count", "latency_cycles")}
    texts = {name: tuple(data.get(name, ())) for name in ("flattened", "notes")}
    return LoopReport(**{**data, **ranges, **texts, "bounds": _bounds(data.get("bounds"))})


def _bounds(data: dict[str, Any] | None) -> BoundsReport | None:
    if data is None:
        return None
    operations = {
        name: tuple(OperationReport(**item) for item in data[name])
        for name in ("recurrence", "resource_users", "exit_path")
    }
    return BoundsReport(**{**data, **operations})


def _module(data: dict[str, Any]) -> ModuleReport:
    return ModuleReport(
        **{**data, "latency_cycles": Range(**data["latency_cycles"]), "resources": _resources(data["resources"])}
    )
