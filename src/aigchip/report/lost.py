"""Where the cycles of a layer went that its roofline does not ask for, by cause.

The simulation tells what the array did in every cycle: it took the operands of a step, or it did not, for one of four causes.
Steps beyond the layer's products are lost to the remainders of tiles. Where the memory bounds the layer, the array has to
wait for it in any case: so many cycles belong to the bound, and are taken off what the array waited for the memory, and, where
it worked or waited for something else meanwhile, off the other causes. The parts add up to the layer's cycles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 760, 190, 20, 16, 56
_COLOURS = ("#bbbbbb", "#e6a700", "#1f77b4", "#d62728", "#2ca02c", "#9467bd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What the array did in one run of a layer [cycles].

    Attributes:
        steps: it took operands.
        pipeline: operands were on their way to it, or results left.
        memory: it waited for words, or for the memory to take some.
        buffers: it waited for words that were there to fill a buffer, or for the further pieces of a step.
        control: all else: commands, start and end.
    """

    steps: int
    pipeline: int
    memory: int
    buffers: int
    control: int

    @property
    def cycles(self) -> int:
        """All cycles of the run."""
        return self.steps + self.pipeline + self.memory + self.buffers + self.control


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Cycles beyond the bound, by cause; with the bound they are all cycles.

    Attributes:
        remainders: lanes, pixels or products of a step had nothing to do, because the layer's sizes are no multiples.
        pipeline: the array and what lies around it filled and drained.
        memory: the DDR stalled loads or stores; below 0 where it had less to move than the bound counts.
        buffers: buffers were refreshed while the array waited.
        control: commands, start and end.
    """

    remainders: int = 0
    pipeline: int = 0
    memory: int = 0
    buffers: int = 0
    control: int = 0

    @property
    def cycles(self) -> int:
        """All that is lost."""
        return sum(value for _, value in self.parts())

    def parts(self) -> list[tuple[str, int]]:
        """Return the causes with their cycles."""
        return [(name, getattr(self, name)) for name in CAUSES]

    @property
    def main(self) -> str:
        """The cause that takes most, in words."""
        return CAUSES[max(self.parts(), key=lambda part: part[1])[0]]


#: What the causes are called.
CAUSES: Mapping[str, str] = {
    "remainders": "tile remainders",
    "pipeline": "fill and drain",
    "memory": "DDR stalls",
    "buffers": "refresh of buffers",
    "control": "control",
}


def lost(activity: Activity, *, product_cycles: int, bound: int) -> Lost:
    """Return the cycles that a run took beyond its bound, by cause.

    Args:
        activity: what the array did.
        product_cycles: the fewest in which the array forms the layer's products.
        bound: the fewest of the layer: these, or those that the memory needs.
    """
    left = {
        "memory": activity.memory,
        "remainders": activity.steps - product_cycles,
        "buffers": activity.buffers,
        "pipeline": activity.pipeline,
        "control": activity.control,
    }
    owed = bound - product_cycles
    for name, cycles in left.items():
        taken = min(owed, max(cycles, 0))
        left[name], owed = cycles - taken, owed - taken
    left["memory"] -= owed
    return Lost(**left)


def total(parts: Iterable[tuple[Lost, int]]) -> Lost:
    """Return the sum over runs, each with how often it stands."""
    sums = dict.fromkeys(CAUSES, 0)
    for each, count in parts:
        for name, cycles in each.parts():
            sums[name] += count * cycles
    return Lost(**sums)


def picture(title: str, rows: Iterable[tuple[str, int, Lost]]) -> str:
    """Return an SVG: a bar for each layer, its bound and what is lost by each cause, as shares of its cycles.

    Args:
        title: above the picture.
        rows: names, bounds [cycles], and what is lost.
    """
    shown = list(rows)
    height = _TOP + _ROW * len(shown) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
        f'<text x="10" y="20" font-size="14">{escape(title)}</text>',
    ]
    for number, (name, colour) in enumerate(zip(("bound", *CAUSES.values()), _COLOURS, strict=True)):
        x = 10 + 122 * number
        parts.append(
            f'<rect x="{x}" y="32" width="10" height="10" fill="{colour}"/><text x="{x + 14}" y="41">{name}</text>'
        )
    for number, (name, bound, each) in enumerate(shown):
        y, x = _TOP + _ROW * number, float(_LEFT)
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 11}" text-anchor="end">{escape(name)}</text>')
        scale = (_WIDTH - _LEFT - _RIGHT) / (bound + each.cycles)
        for (what, cycles), colour in zip((("bound", bound), *each.parts()), _COLOURS, strict=True):
            width = max(cycles, 0) * scale
            words = CAUSES.get(what, what)
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_ROW - 3}" fill="{colour}">'
                f"<title>{escape(name)}: {words} {cycles:,} cycles</title></rect>"
            )
            x += width
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
