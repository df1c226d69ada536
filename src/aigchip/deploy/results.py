"""The results of a run: checked, and turned into figures with median, spread and every sample."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aigchip.core.figures import Figure, Kind
from aigchip.deploy.errors import DeployError

SCHEMA = "aigchip-measured-2"


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


class RunnerResult(_Strict):
    """The contents of result.json, version 2."""

    version: Literal[2]
    ok: bool
    error: RunError | None
    device: Device
    clock: ReadClock
    self_test: SelfTest
    layers: list[LayerSamples]
    network: Samples


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
        and all(len(part.cycles) == len(part.wall_s) == job["runs"] for part in (*result.layers, result.network))
        and all(layer.bit_exact for layer in result.layers)
        and result.self_test.bit_exact
        and result.clock.read_back_mhz is not None
        and all(cycles > 0 for part in (*result.layers, result.network) for cycles in part.cycles)
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
            }
            for layer in result.layers
        ],
        "network": {"covers": "network" if job["whole_network"] else "samples", **of(result.network)},
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
