"""The results of a run: checked, and turned into figures with median, spread and every sample."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aigchip.core.figures import Figure, Kind
from aigchip.deploy.errors import DeployError

SCHEMA = "aigchip-measured-3"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RunError(_Strict):
    """What stopped a run."""

    code: str
    what: str


class Device(_Strict):
    """Where it ran."""

    part: str | None
    pynq: str | None
    python: str
    kernel: str
    hostname: str


class ReadClock(_Strict):
    """The logic's clock: what the job requested, what the board was asked for at last, what it reads back [MHz]."""

    requested_mhz: float | None
    asked_mhz: float | None
    read_back_mhz: float | None


class SelfTest(_Strict):
    """Which layers came out right in every byte before anything was measured."""

    bit_exact: bool
    layers: list[str]


class Samples(_Strict):
    """Every sample of a number of runs."""

    cycles: list[int] = Field(min_length=0)
    wall_s: list[float]


class LayerSamples(Samples):
    """Every sample of one layer."""

    name: str
    bit_exact: bool


class ListedLayer(_Strict):
    """The cycles of one layer in each run of a list of jobs; of all its repeats together."""

    name: str
    cycles: list[int]


class ListSamples(Samples):
    """Every sample of a number of runs of all layers with one start."""

    layers: list[ListedLayer]


class StartedPart(_Strict):
    """Every sample of one start of an inference: cycles of each layer and of the whole list, and the wall time."""

    layers: list[ListedLayer]
    cycles: list[int]
    wall_s: list[float]


class HostPart(_Strict):
    """Every sample of one operator that the processor carried out [s]; layout is what it takes to bring maps here and back."""

    operator: str
    kind: str
    seconds: list[float]
    layout_seconds: list[float]


class InferenceSamples(_Strict):
    """Every sample of a whole network, in the order of execution."""

    bit_exact: bool
    starts: int
    parts: list[StartedPart | HostPart]


class RunnerResult(_Strict):
    """The contents of result.json, version 3."""

    version: Literal[3]
    ok: bool
    error: RunError | None
    device: Device
    clock: ReadClock
    self_test: SelfTest
    layers: list[LayerSamples]
    network: ListSamples
    inference: InferenceSamples | None


def parse(text: str, *, where: str) -> RunnerResult:
    """Check the contents of result.json.

    Args:
        text: The file.
        where: The board in error texts.

    Raises:
        DeployError: It is not what the runner writes (`malformed`).
    """
    try:
        return RunnerResult.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        at = f" at {place}" if place else ""
        raise DeployError(
            where, f"result.json is malformed{at}: {first['msg']}", "Deploy again.", code="malformed"
        ) from None


def judge(result: RunnerResult, job: Mapping[str, Any], *, where: str) -> None:
    """See that a result is whole: everything that was asked for ran, and every byte was right.

    Raises:
        DeployError: It is not (`malformed`), or the run says itself that it failed (the runner's code).
    """
    if result.error is not None or not result.ok:
        error = result.error or RunError(code="internal", what="it failed without an error")
        raise DeployError(where, error.what, _REMEDIES.get(error.code, _ANY_REMEDY), code=error.code)
    measured = [layer["name"] for layer in job["layers"] if not layer["self_test"]]
    wanted = f"{len(measured)} layers with {job['runs']} runs each"
    complete = (
        [layer.name for layer in result.layers] == measured
        and [layer.name for layer in result.network.layers] == measured
        and all(len(layer.cycles) == job["runs"] for layer in result.network.layers)
        and all(len(part.cycles) == len(part.wall_s) == job["runs"] for part in (*result.layers, result.network))
        and all(layer.bit_exact for layer in result.layers)
        and result.self_test.bit_exact
        and result.clock.read_back_mhz is not None
        and all(cycles > 0 for part in (*result.layers, result.network) for cycles in part.cycles)
        and _whole_inference(result.inference, job)
    )
    if not complete:
        raise DeployError(
            where, f"result.json is malformed: it does not hold {wanted}, all right", "Deploy again.", code="malformed"
        )
    if result.clock.read_back_mhz is not None and result.clock.read_back_mhz > job["clock"]["closed_mhz"] * 1.0001:
        raise DeployError(
            where,
            f"the clock was {result.clock.read_back_mhz:.3f} MHz; the design is closed for "
            f"{job['clock']['closed_mhz']:.3f} MHz only",
            _REMEDIES["clock"],
            code="clock",
        )


def _whole_inference(found: InferenceSamples | None, job: Mapping[str, Any]) -> bool:
    told = job["inference"]
    if found is None or told is None:
        return found is None and told is None
    names = [
        list(dict.fromkeys(one["name"] for one in step["jobs"])) if "jobs" in step else step["host"]["name"]
        for step in told["steps"]
    ]
    return (
        found.bit_exact
        and [
            [layer.name for layer in part.layers] if isinstance(part, StartedPart) else part.operator
            for part in found.parts
        ]
        == names
        and all(
            len(part.cycles if isinstance(part, StartedPart) else part.seconds) == job["runs"] for part in found.parts
        )
    )


_ANY_REMEDY = "Run the same command again; if it stays, report it with this line."
_REMEDIES = {
    "part": "Make the overlay for this board, with board=.",
    "clock": "Make the overlay for a clock that the board can set, or a slower one.",
    "wrong-result": "Do not use this overlay; make it again and co-simulate the design with ./doit cosim.",
    "hang": "Co-simulate the design with ./doit cosim; the board is free again.",
    "deadline": "Use fewer runs with runs=, or see whether the board is busy.",
    "busy": "Wait until that run has ended.",
    "disk-full": "Free some space on the board and run the same command again.",
    "memory": "Restart the board to free its contiguous memory, or enlarge cma= in its boot arguments.",
    "identity": "Make the overlay again; its registers are not those of this design.",
    "ip": "Make the overlay again; its handoff (.hwh) is of another design.",
    "overlay": "See whether the board has a PYNQ image for it, and make the overlay again.",
    "no-pynq": "Use a PYNQ image, or correct the interpreter in the board's settings.",
    "list": "Co-simulate the design with ./doit cosim; if it is right there, make the overlay again.",
    "lock": "Make the lock file writable for the user.",
    "stopped": "Run the same command again.",
}


def _spread(samples: Sequence[float], *, unit: str, kind: Kind, tool: str) -> dict[str, Any]:
    """Return median with its origin, extremes, quartile distance and every sample."""
    ordered = sorted(samples)
    quartiles = statistics.quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else [ordered[0]] * 3
    median = statistics.median(ordered)
    if all(isinstance(sample, int) for sample in samples):
        median = statistics.median_low(ordered)
    return {
        "median": Figure(value=median, unit=unit, kind=kind, tool=tool).to_dict(),
        "minimum": ordered[0],
        "maximum": ordered[-1],
        "quartile_distance": quartiles[2] - quartiles[0],
        "samples": list(samples),
    }


def document(
    result: RunnerResult,
    job: Mapping[str, Any],
    *,
    kind: Kind,
    tool: str,
    overlay_by: Mapping[str, Any],
    at: str,
) -> dict[str, Any]:
    """Return the results as a document for `compare`, reports and studies.

    Latencies are the logic's cycles over the clock that was read back; wall times, which hold the software's own, stand
    apart.

    Args:
        result: What `judge` let pass.
        job: The contents of job.json.
        kind: `measured` for hardware, `simulated` for the simulated board.
        tool: What ran, with versions.
        overlay_by: Who made the overlay, as a figure's JSON form.
        at: When, in ISO 8601.
    """
    megahertz = result.clock.read_back_mhz or 0.0
    told = {layer["name"]: layer for layer in job["layers"] if not layer["self_test"]}

    def of(part: Samples) -> dict[str, Any]:
        latencies = [cycles / megahertz / 1e3 for cycles in part.cycles]
        return {
            "cycles": _spread(part.cycles, unit="cycles", kind=kind, tool=tool),
            "latency_ms": _spread(latencies, unit="ms", kind=kind, tool=tool),
            "wall_ms": _spread([1e3 * wall for wall in part.wall_s], unit="ms", kind=kind, tool=f"{tool}, wall time"),
        }

    return {
        "schema": SCHEMA,
        "design": job["design"],
        "board": job["board"],
        "kind": kind,
        "tool": tool,
        "at": at,
        "overlay": {"file": job["overlay"], "clock": dict(overlay_by)},
        "device": result.device.model_dump(),
        "clock_mhz": {
            "read_back": megahertz,
            "requested": job["clock"]["requested_mhz"],
            "asked": result.clock.asked_mhz,
            "closed": job["clock"]["closed_mhz"],
        },
        "runs": job["runs"],
        "warmup": job["warmup"],
        "self_test": result.self_test.model_dump(),
        "layers": [
            {
                "name": layer.name,
                **{entry: told[layer.name][entry] for entry in ("layer", "macs", "count", "arguments")},
                "bit_exact": layer.bit_exact,
                **of(layer),
                "in_list": _spread(listed.cycles, unit="cycles", kind=kind, tool=tool),
            }
            for layer, listed in zip(result.layers, result.network.layers, strict=True)
        ],
        "network": {"covers": "network" if job["whole_network"] else "samples", "starts": 1, **of(result.network)},
        "inference": None if result.inference is None else _inference(result.inference, megahertz, kind, tool),
    }


def _inference(found: InferenceSamples, megahertz: float, kind: Kind, tool: str) -> dict[str, Any]:
    """Return an inference's figures: of the accelerator, and apart from it of each kind of operator on the processor."""
    started = [part for part in found.parts if isinstance(part, StartedPart)]
    hosted = [part for part in found.parts if isinstance(part, HostPart)]
    cycles = [sum(sample) for sample in zip(*(part.cycles for part in started), strict=True)]
    walls = [1e3 * sum(sample) for sample in zip(*(part.wall_s for part in started), strict=True)]

    def of_host(parts: Sequence[HostPart]) -> dict[str, Any]:
        spent = {
            "operators_ms": [sum(sample) for sample in zip(*(part.seconds for part in parts), strict=True)],
            "layout_ms": [sum(sample) for sample in zip(*(part.layout_seconds for part in parts), strict=True)],
        }
        return {"count": len(parts)} | {
            name: _spread([1e3 * one for one in samples], unit="ms", kind="measured", tool="numpy where the runner ran")
            for name, samples in spent.items()
        }

    kinds = dict.fromkeys(part.kind for part in hosted)
    return {
        "starts": found.starts,
        "accelerator": {
            "cycles": _spread(cycles, unit="cycles", kind=kind, tool=tool),
            "latency_ms": _spread([one / megahertz / 1e3 for one in cycles], unit="ms", kind=kind, tool=tool),
            "wall_ms": _spread(walls, unit="ms", kind=kind, tool=f"{tool}, wall time"),
        },
        "host": {name: of_host([part for part in hosted if part.kind == name]) for name in kinds},
        "parts": [part.model_dump() for part in found.parts],
    }


def read_document(text: str, *, where: str) -> dict[str, Any]:
    """Read a document that `document` made.

    Raises:
        DeployError: It is none (`malformed`).
    """
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise DeployError(where, f"this is no document of schema {SCHEMA}", "Measure again.", code="malformed")
    return data
