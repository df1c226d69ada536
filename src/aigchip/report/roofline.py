"""Layers of a network on an accelerator against the roofline: as a table, as CSV, and as a picture.

The bound of a layer is the larger of its products by the products that the array forms in a cycle, and its weights, input
and output, each moved once, by the memory's bandwidth. The bound of a network is the sum over its layers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

from aigchip.core.figures import Figure
from aigchip.report import lost

_WIDTH, _HEIGHT = 760, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 20, 40, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerPoint:
    """One distinct layer of a network.

    Attributes:
        name: of its first occurrence.
        count: occurrences.
        convolution: whether it is no fully connected layer.
        macs: products of one run, as the network asks for them.
        bytes_once: weights, input and output of one run, at 8 bits [bytes].
        cycles: of one run.
        bytes_moved: what its ports moved in one run [bytes]; None where only estimated.
        activity: what the array did in one run; None where only estimated.
    """

    name: str
    count: int
    convolution: bool
    macs: int
    bytes_once: int
    cycles: Figure
    bytes_moved: int | None = None
    activity: lost.Activity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPoints:
    """A network on an accelerator.

    Attributes:
        network: name and resolution.
        macs_per_cycle: products that the array forms in a cycle.
        bytes_per_cycle: of the memory.
        clock_mhz: of the accelerator.
        layers: the distinct layers, in order.
    """

    network: str
    macs_per_cycle: int
    bytes_per_cycle: float
    clock_mhz: float
    layers: tuple[LayerPoint, ...]

    def bound(self, layer: LayerPoint) -> int:
        """Return the fewest cycles of one run of a layer."""
        return max(ceil(layer.macs / self.macs_per_cycle), ceil(layer.bytes_once / self.bytes_per_cycle))

    def lost(self, layer: LayerPoint) -> lost.Lost | None:
        """Return the cycles of one run beyond the bound, by cause; None where the layer was not simulated."""
        if layer.activity is None:
            return None
        cycles = ceil(layer.macs / self.macs_per_cycle)
        return lost.lost(layer.activity, product_cycles=cycles, bound=self.bound(layer))

    @property
    def lost_in_all(self) -> lost.Lost | None:
        """The cycles of an inference beyond the bound, by cause; None where that is not known of every layer."""
        found = [(self.lost(layer), layer.count) for layer in self.layers]
        known = [(each, count) for each, count in found if each is not None]
        return lost.total(known) if len(known) == len(found) else None

    @property
    def cycles(self) -> float:
        """Cycles of an inference."""
        return sum(float(layer.cycles.value or 0) * layer.count for layer in self.layers)

    @property
    def bound_cycles(self) -> int:
        """The fewest cycles of an inference, layer by layer."""
        return sum(self.bound(layer) * layer.count for layer in self.layers)

    @property
    def ratio(self) -> float:
        """Cycles by the bound."""
        return self.cycles / self.bound_cycles

    @property
    def milliseconds(self) -> float:
        """Time of an inference [ms]."""
        return self.cycles / self.clock_mhz / 1e3

    @property
    def origin(self) -> str:
        """How the cycles were obtained, in a word; both where layers differ."""
        return " and ".join(sorted({layer.cycles.kind for layer in self.layers}))

    @property
    def memory(self) -> float | None:
        """What the ports moved by what the memory moves in that time; None where that is not known of every layer."""
        moved = [layer.bytes_moved and layer.bytes_moved * layer.count for layer in self.layers]
        if any(count is None for count in moved):
            return None
        return sum(count for count in moved if count) / self.cycles / self.bytes_per_cycle

    def utilisation(self, *, convolutions: bool) -> float:
        """Return products by those that the array can form in the time, of convolutions alone or of all layers."""
        chosen = [layer for layer in self.layers if layer.convolution or not convolutions]
        cycles = sum(float(layer.cycles.value or 0) * layer.count for layer in chosen)
        return sum(layer.macs * layer.count for layer in chosen) / self.macs_per_cycle / cycles

    def convolution_milliseconds(self) -> float:
        """Return the time of the convolutions alone [ms]."""
        cycles = sum(float(layer.cycles.value or 0) * layer.count for layer in self.layers if layer.convolution)
        return cycles / self.clock_mhz / 1e3


_COLUMNS = ("layer", "count", "MACs", "bytes", "cycles", "origin", "utilisation", "bound", "ratio", "memory")


def _row(points: NetworkPoints, layer: LayerPoint) -> tuple[str, ...]:
    cycles = float(layer.cycles.value or 0)
    bound = points.bound(layer)
    moved = "" if layer.bytes_moved is None else f"{layer.bytes_moved / cycles / points.bytes_per_cycle:.3f}"
    return (
        layer.name,
        str(layer.count),
        str(layer.macs),
        str(layer.bytes_once),
        f"{cycles:.0f}",
        layer.cycles.kind,
        f"{layer.macs / points.macs_per_cycle / cycles:.3f}",
        str(bound),
        f"{cycles / bound:.3f}",
        moved,
    )


def furthest(points: NetworkPoints, count: int) -> list[tuple[LayerPoint, lost.Lost]]:
    """Return the layers that lose most cycles of an inference, beginning with the worst, where they were simulated."""
    found = [(layer, each) for layer in points.layers if (each := points.lost(layer)) is not None]
    return sorted(found, key=lambda pair: -pair[0].count * pair[1].cycles)[:count]


def table(points: NetworkPoints) -> str:
    """Return a Markdown table, a row for each distinct layer, and a line that sums it up."""
    lines = ["| " + " | ".join(_COLUMNS) + " |", "|" + "---|" * len(_COLUMNS)]
    lines += ["| " + " | ".join(_row(points, layer)) + " |" for layer in points.layers]
    lines.append("")
    lines.append(
        f"{points.network}: {points.cycles:,.0f} cycles, {points.milliseconds:.3f} ms at {points.clock_mhz:g} MHz, "
        f"{points.ratio:.3f} of the layer-by-layer roofline; {points.utilisation(convolutions=True):.3f} of "
        f"{points.macs_per_cycle} products a cycle in the convolutions, {points.utilisation(convolutions=False):.3f} in all"
    )
    return "\n".join(lines)


def comma_separated(networks: Sequence[NetworkPoints]) -> str:
    """Return all layers of all networks as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("network", *_COLUMNS, *(f"lost: {cause}" for cause in lost.CAUSES.values()), "tool"))
    for points in networks:
        for layer in points.layers:
            each = points.lost(layer)
            parts = [str(cycles) for _, cycles in each.parts()] if each else [""] * len(lost.CAUSES)
            writer.writerow((points.network, *_row(points, layer), *parts, layer.cycles.tool))
    return out.getvalue()


def picture(points: NetworkPoints) -> str:
    """Return an SVG: products a cycle of each layer against products a byte, under the roof of array and memory."""
    shown = [
        (layer.macs / layer.bytes_once, layer.macs / float(layer.cycles.value or 1), layer) for layer in points.layers
    ]
    low_x, high_x = min(x for x, _, _ in shown) / 1.5, max(x for x, _, _ in shown) * 1.5
    low_y = min(*(y for _, y, _ in shown), low_x * points.bytes_per_cycle) / 1.5
    high_y = points.macs_per_cycle * 1.5

    def at(x: float, y: float) -> tuple[float, float]:
        across = (log10(x) - log10(low_x)) / (log10(high_x) - log10(low_x))
        up = (log10(y) - log10(low_y)) / (log10(high_y) - log10(low_y))
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    corner = points.macs_per_cycle / points.bytes_per_cycle
    roof = [at(low_x, low_x * points.bytes_per_cycle), at(corner, points.macs_per_cycle)]
    roof.append(at(max(high_x, corner), points.macs_per_cycle))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="22" font-size="14">{escape(points.network)}: {points.ratio:.3f} of the roofline, '
        f"{points.milliseconds:.2f} ms at {points.clock_mhz:g} MHz</text>",
        '<polyline fill="none" stroke="#444" stroke-width="2" points="'
        + " ".join(f"{x:.1f},{y:.1f}" for x, y in roof)
        + '"/>',
    ]
    for exponent in range(-3, 5):
        value = 10.0**exponent
        if low_x <= value <= high_x:
            x, bottom = at(value, low_y)
            parts.append(f'<line x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{_TOP}" stroke="#ddd"/>')
            parts.append(f'<text x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{value:g}</text>')
        if low_y <= value <= high_y:
            left, y = at(low_x, value)
            parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
            parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for x, y, layer in shown:
        place = at(x, y)
        colour = "#1f77b4" if layer.cycles.kind == "simulated" else "none"
        parts.append(
            f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="4" fill="{colour}" stroke="#1f77b4">'
            f"<title>{escape(layer.name)}: {y:.0f} products a cycle, {x:.1f} a byte, {layer.cycles.kind}</title></circle>"
        )
    parts.append(
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 18}" text-anchor="middle">products a byte of weights, input and output'
        "</text>"
    )
    parts.append(
        f'<text x="18" y="{_HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 18 {_HEIGHT / 2})">'
        "products a cycle (full: simulated in RTL, empty: estimated)</text>"
    )
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
