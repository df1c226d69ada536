"""A whole network's inference: what the accelerator took, and apart from it what the host took for each kind of operator."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aigchip.core.figures import Figure

HEADINGS = ("what", "by", "number", "cycles", "ms", "layout ms", "origin")
_COLUMNS = ("network", "part", "by", "what", "kind", "cycles", "ms", "layout ms", "origin", "tool")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInference:
    """What an inference gave.

    Attributes:
        network: With its resolution.
        clock_mhz: Of the design.
        host: What did the host's operators, and on which machine.
        parts: As the step writes them: either `layers` and `cycles`, or `operator`, `kind`, `seconds` and `layout_seconds`.
        changes: What the network does otherwise than its description, a line each.
    """

    network: str
    clock_mhz: float
    host: str
    parts: Sequence[Mapping[str, Any]]
    changes: tuple[str, ...] = ()

    @property
    def starts(self) -> tuple[Figure, ...]:
        """Cycles of each start."""
        return tuple(Figure.from_dict(part["cycles"]) for part in self.parts if "cycles" in part)

    @property
    def cycles(self) -> Figure:
        """Cycles of the accelerator in all."""
        first = self.starts[0]
        return Figure(
            value=sum(int(start.value or 0) for start in self.starts), unit="cycles", kind=first.kind, tool=first.tool
        )

    @property
    def accelerator_ms(self) -> float:
        """Time of the accelerator at the design's clock [ms]."""
        return float(self.cycles.value or 0) / self.clock_mhz / 1e3

    @property
    def host_ms(self) -> float:
        """Time of the host, to lay maps out included [ms]."""
        return sum(1e3 * (part["seconds"] + part["layout_seconds"]) for part in self.parts if "operator" in part)


def rows(found: NetworkInference) -> list[tuple[str, ...]]:
    """Return the accelerator's line and one for each kind of host operator, for a table under `HEADINGS`."""
    layers = sum(len(part["layers"]) for part in found.parts if "layers" in part)
    starts = len(found.starts)
    told: list[tuple[str, ...]] = [
        (
            f"layers, with {starts} start{'s' if starts > 1 else ''}",
            "accelerator",
            str(layers),
            f"{found.cycles.value:,}",
            f"{found.accelerator_ms:.3f}",
            "",
            found.cycles.kind,
        )
    ]
    kinds = dict.fromkeys(part["kind"] for part in found.parts if "operator" in part)
    for kind in kinds:
        of_kind = [part for part in found.parts if part.get("kind") == kind]
        seconds, layout = (sum(part[name] for part in of_kind) for name in ("seconds", "layout_seconds"))
        told.append((kind, "host", str(len(of_kind)), "", f"{1e3 * seconds:.3f}", f"{1e3 * layout:.3f}", "measured"))
    return told


def comma_separated(networks: Sequence[NetworkInference]) -> str:
    """Write every layer and every operator in the order of execution; layers of one start share their part's number."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for found in networks:
        for number, part in enumerate(found.parts, start=1):
            if "operator" in part:
                seconds, layout = 1e3 * part["seconds"], 1e3 * part["layout_seconds"]
                writer.writerow([
                    found.network, number, "host", part["operator"], part["kind"], "", f"{seconds:.6f}", f"{layout:.6f}",
                    "measured", found.host,
                ])  # fmt: skip
                continue
            figure = Figure.from_dict(part["cycles"])
            listed = [(layer["name"], "layer", layer["cycles"]) for layer in part["layers"]]
            for name, kind, cycles in [*listed, ("", "start", figure.value)]:
                milliseconds = cycles / found.clock_mhz / 1e3
                writer.writerow([
                    found.network, number, "accelerator", name, kind, cycles, f"{milliseconds:.6f}", "", figure.kind,
                    figure.tool,
                ])  # fmt: skip
    return out.getvalue()
