"""Designs for a network side by side: the expert's, searched ones, random ones, what others published, and the roofline.

Two pictures stand for the paper's figures 6 and 7: accelerators by network and resolution against what others published, and
a search against chance and the expert.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import log2

from aigchip.core.figures import Figure

#: Who is compared, in the order of tables and bars; with the colour of the bars.
ROLES = {
    "expert": "#1f4e79",
    "expert, one for all": "#7fa7c9",
    "searched": "#2a9d5c",
    "random, best": "#d9a441",
    "random, median": "#efd9a7",
    "CHaiDNN": "#b04a4a",
    "DPU": "#8a6fb0",
}
_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 1080, 60, 20, 70, 60
#: Where the bars begin, below the roofline so that it and what reaches it can be seen.
_FOOT = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One accelerator on one network.

    Attributes:
        role: one of `ROLES`.
        name: of the design, or of the accelerator.
        milliseconds: of an inference; of convolutions alone where `convolutions`.
        bound_milliseconds: what the roofline allows for the same layers, at the products a second that all have.
        convolutions: whether fully connected layers are left out.
        dsp: DSP blocks; None where not known.
        published: whether its makers measured it, and it is scaled to the products a second that all have.
    """

    role: str
    name: str
    milliseconds: Figure
    bound_milliseconds: float
    convolutions: bool = False
    dsp: int | None = None
    published: bool = False

    @property
    def origin(self) -> str:
        """How its time was obtained, in a word."""
        return "published" if self.published else self.milliseconds.kind

    @property
    def ratio(self) -> float:
        """Its time by the roofline's."""
        return float(self.milliseconds.value or 0) / self.bound_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a search went: the best latency after each design [ms]; None before the first that fits."""

    role: str
    best: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that is compared on one network at one resolution."""

    network: str
    entries: tuple[Entry, ...]
    courses: tuple[Course, ...]

    def of(self, role: str) -> Entry | None:
        """Return the entry of a role, if there is one."""
        return next((entry for entry in self.entries if entry.role == role), None)


HEADINGS = ("network", "who", "design", "ms", "origin", "by roofline", "DSP")


def rows(found: Iterable[Comparison]) -> list[list[str]]:
    """Return the rows of the table."""
    return [
        [
            each.network,
            entry.role,
            entry.name + (", convolutions" if entry.convolutions else ""),
            f"{entry.milliseconds.value:.3f}",
            entry.origin,
            f"{entry.ratio:.3f}",
            "" if entry.dsp is None else f"{entry.dsp:,}",
        ]
        for each in found
        for entry in each.entries
    ]


def comma_separated(found: Iterable[Comparison]) -> str:
    """Return the same as CSV, with the roofline's time and the tool of each figure."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([
        "network", "who", "design", "layers", "ms", "origin", "tool", "roofline ms", "by roofline", "DSP",
    ])  # fmt: skip
    for each in found:
        for entry in each.entries:
            figure = entry.milliseconds
            layers = "convolutions" if entry.convolutions else "all"
            times = (
                f"{figure.value:.6g}",
                entry.origin,
                figure.tool,
                f"{entry.bound_milliseconds:.6g}",
                f"{entry.ratio:.4f}",
            )
            writer.writerow([each.network, entry.role, entry.name, layers, *times, entry.dsp or ""])
    return out.getvalue()


def bars(found: Sequence[Comparison], *, caption: str) -> str:
    """Draw each accelerator's time by the roofline's, network by network, on a logarithmic axis (the paper's Fig. 6)."""
    most = max(entry.ratio for each in found for entry in each.entries)
    marks = [mark for mark in (1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256) if mark <= most]
    height = 300
    parts = _page(_WIDTH, _TOP + height + _BOTTOM, "Time of an inference by the roofline's", caption)

    def y_of(ratio: float) -> float:
        return round(_TOP + height * (1 - log2(max(ratio, _FOOT) / _FOOT) / log2(most * 1.1 / _FOOT)), 1)

    for mark in marks:
        parts.append(f'<path d="M{_LEFT} {y_of(mark)}H{_WIDTH - _RIGHT}" stroke="{"#333" if mark == 1 else "#ddd"}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y_of(mark) + 4}" text-anchor="end">{mark:g}</text>')
    group = (_WIDTH - _LEFT - _RIGHT) / len(found)
    width = min(16.0, group * 0.86 / len(ROLES))
    for at, each in enumerate(found):
        middle = _LEFT + group * (at + 0.5)
        x = middle - width * len(each.entries) / 2
        for entry in each.entries:
            y = y_of(entry.ratio)
            tip = f"{each.network}, {entry.role}, {entry.name}: {entry.milliseconds.value:.3f} ms, {entry.ratio:.3f}, {entry.origin}"
            dash = "" if entry.origin != "estimated" else ' fill-opacity="0.75"'
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width - 1:.1f}" height="{max(_TOP + height - y, 1.5):.1f}" '
                f'fill="{ROLES[entry.role]}"{dash}><title>{escape(tip)}</title></rect>'
            )
            x += width
        name, _, size = each.network.partition("@")
        parts.append(f'<text x="{middle:.1f}" y="{_TOP + height + 16}" text-anchor="middle">{escape(name)}</text>')
        parts.append(f'<text x="{middle:.1f}" y="{_TOP + height + 31}" text-anchor="middle">{escape(size)}</text>')
    parts += _legend([role for role in ROLES if any(each.of(role) for each in found)])
    return "\n".join([*parts, "</svg>"]) + "\n"


def curves(found: Sequence[Comparison], *, caption: str) -> str:
    """Draw the best latency by designs judged, of a search and of chance, with the expert and the roofline (the paper's Fig. 7)."""
    across = 3
    down = -(-len(found) // across)
    wide, high = 330, 190
    parts = _page(
        60 + across * (wide + 20), _TOP + down * (high + 60) + 30, "Best design after so many were judged", caption
    )
    for at, each in enumerate(found):
        left, top = 60 + at % across * (wide + 20), _TOP + 20 + at // across * (high + 60)
        parts += _panel(each, left, top, wide - 85, high)
    parts += _legend(["expert", "searched", "random, best"])
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(each: Comparison, left: float, top: float, wide: float, high: float) -> list[str]:
    expert = each.of("expert") or each.entries[0]
    bound = expert.bound_milliseconds
    values = [value for course in each.courses for value in course.best if value is not None]
    most = log2(max([*values, bound * 2]) / bound)
    designs = max((len(course.best) for course in each.courses), default=1)

    def x_of(number: int) -> float:
        return round(left + wide * number / designs, 1)

    def y_of(value: float) -> float:
        return round(top + high * (1 - log2(max(value / bound, 1.0)) / most), 1)

    parts = [
        f'<text x="{left}" y="{top - 8}" font-weight="bold">{escape(each.network)}</text>',
        f'<path d="M{left} {top}V{top + high}H{left + wide}" fill="none" stroke="#333"/>',
        f'<text x="{left + wide}" y="{top + high + 15}" text-anchor="end">{designs} designs</text>',
        f'<text x="{left + wide + 4}" y="{top + high}" font-size="10">roofline</text>',
        f'<text x="{left - 5}" y="{top + high}" text-anchor="end" font-size="10">{bound:.3g} ms</text>',
    ]
    scale = 2.0
    while log2(scale) < most:
        y = y_of(bound * scale)
        parts.append(f'<path d="M{left} {y}H{left + wide}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 5}" y="{y + 4}" text-anchor="end" font-size="10">x {scale:g}</text>')
        scale *= 2
    y = y_of(float(expert.milliseconds.value or bound))
    parts.append(
        f'<path d="M{left} {y}H{left + wide}" stroke="{ROLES["expert"]}" stroke-dasharray="6 3" stroke-width="1.5"/>'
    )
    for course in each.courses:
        path, last = "", None
        for number, value in enumerate(course.best):
            if value is not None:
                place = y_of(value)
                path += (
                    f"M{x_of(number)} {place}"
                    if last is None
                    else f"H{x_of(number)}" + (f"V{place}" if place != last else "")
                )
                last = place
        if last is not None:
            path += f"H{x_of(designs)}"
            parts.append(f'<path d="{path}" fill="none" stroke="{ROLES[course.role]}" stroke-width="2"/>')
    return parts


def _page(width: float, height: float, title: str, caption: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width:g}" height="{height:g}" fill="white"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(title)}</text>',
        f'<text x="{_LEFT}" y="{height - 10:g}" fill="#555" font-size="11">{escape(caption)}</text>',
    ]


def _legend(roles: Sequence[str]) -> list[str]:
    parts, x = [], float(_LEFT)
    for role in roles:
        parts.append(f'<rect x="{x:g}" y="36" width="12" height="12" fill="{ROLES[role]}"/>')
        parts.append(f'<text x="{x + 17:g}" y="46">{escape(role)}</text>')
        x += 40 + 7 * len(role)
    return parts
