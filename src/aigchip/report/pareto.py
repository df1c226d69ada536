"""The picture of a study: latency against DSPs, every design a point, the Pareto front a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 20, 50, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One design in the picture.

    Attributes:
        number: The design's number in its study.
        latency_ms: Latency of the network [ms].
        dsp: DSP blocks.
        on_front: Whether no other design is at least as good in both and better in one.
    """

    number: int
    latency_ms: float
    dsp: int
    on_front: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBoard:
    """What the network took on a board, of a design that is a point too.

    Attributes:
        number: The design's number in its study.
        latency_ms: Latency of the network [ms].
        kind: `measured` (hardware), or `simulated` (the simulated board).
        tool: What ran it.
    """

    number: int
    latency_ms: float
    kind: str
    tool: str


def _ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers that divide [low, high] into about `count` parts."""
    span = max(high - low, 1e-9)
    raw = span / count
    scale = 10.0 ** len(str(int(raw))) / 10 if raw >= 1 else 1.0
    while scale > raw:
        scale /= 10
    step = next(factor * scale for factor in (1, 2, 5, 10) if factor * scale >= raw)
    first = int(low // step) * step
    ticks = []
    value = first
    while value <= high + step * 0.999:
        ticks.append(round(value, 10))
        value += step
    return ticks


def pareto_svg(points: Sequence[Point], *, title: str, caption: str, on_boards: Sequence[OnBoard] = ()) -> str:
    """Draw the designs of a study.

    Args:
        points: At least one design.
        title: The line above the picture.
        caption: The line below it: how the figures were obtained, and by which tools.
        on_boards: What designs among them took on boards: a square each, joined to its design's point.

    Returns:
        An SVG document; each point carries its number and figures as a tooltip.

    Raises:
        ValueError: There is no point.
    """
    if not points:
        raise ValueError("points is empty; must hold at least one design")
    x_ticks = _ticks(0, max(point.dsp for point in points))
    dsp = {point.number: point.dsp for point in points}
    latency = {point.number: point.latency_ms for point in points}
    ran = [entry for entry in on_boards if entry.number in dsp]
    y_ticks = _ticks(0, max(entry.latency_ms for entry in (*points, *ran)))
    plot_width, plot_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x_of(dsp: float) -> float:
        return round(_LEFT + plot_width * dsp / x_ticks[-1], 1)

    def y_of(latency: float) -> float:
        return round(_TOP + plot_height * (1 - latency / y_ticks[-1]), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(title)}</text>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}" fill="#555" font-size="11">{escape(caption)}</text>',
        f'<text x="{_LEFT + plot_width / 2}" y="{_HEIGHT - 26}" text-anchor="middle">DSP</text>',
        f'<text x="16" y="{_TOP + plot_height / 2}" text-anchor="middle" '
        f'transform="rotate(-90 16 {_TOP + plot_height / 2})">latency [ms]</text>',
    ]
    for tick in x_ticks:
        x = x_of(tick)
        parts.append(f'<path d="M{x} {_TOP}V{_TOP + plot_height}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{_TOP + plot_height + 16}" text-anchor="middle">{tick:g}</text>')
    for tick in y_ticks:
        y = y_of(tick)
        parts.append(f'<path d="M{_LEFT} {y}H{_LEFT + plot_width}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{tick:g}</text>')
    front = sorted((point for point in points if point.on_front), key=lambda point: (point.dsp, point.latency_ms))
    if front:
        path = f"M{x_of(front[0].dsp)} {y_of(front[0].latency_ms)}"
        path += "".join(f"H{x_of(point.dsp)}V{y_of(point.latency_ms)}" for point in front[1:])
        parts.append(f'<path d="{path}" fill="none" stroke="#c33" stroke-width="1.5"/>')
    for point in sorted(points, key=lambda point: (point.on_front, point.number)):
        colour = "#c33" if point.on_front else "#469"
        x, y, radius = x_of(point.dsp), y_of(point.latency_ms), 5 if point.on_front else 3.5
        tip = f"design {point.number}: {point.latency_ms:.2f} ms, {point.dsp} DSP"
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}" fill-opacity="0.8"><title>{tip}</title></circle>'
        )
        if point.on_front:
            parts.append(f'<text x="{x + 7}" y="{y - 6}" font-size="11">{point.number}</text>')
    for entry in ran:
        x, y = x_of(dsp[entry.number]), y_of(entry.latency_ms)
        tip = f"design {entry.number}: {entry.latency_ms:.2f} ms {entry.kind} ({entry.tool})"
        fill = "#282" if entry.kind == "measured" else "white"
        parts.append(f'<path d="M{x} {y_of(latency[entry.number])}V{y}" stroke="#282" stroke-dasharray="2 2"/>')
        parts.append(
            f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{fill}" stroke="#282">'
            f"<title>{escape(tip)}</title></rect>"
        )
    if ran:
        tools = "; ".join(sorted({f"{entry.kind}, {entry.tool}" for entry in ran}))
        parts.append(
            f'<text x="{_LEFT}" y="40" fill="#282" font-size="11">{escape(f"Squares: latency on a board ({tools})")}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
