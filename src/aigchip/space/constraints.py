"""Explicit constraints between genes; each explains a rejection in a sentence that names the remedy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from aigchip.space.design import Design
from aigchip.space.families import HEIGHT, LEVELS, LUTRAM, NO_WINDOW, REUSE_OUTPUT, UNICAST, WIDTH
from aigchip.space.spans import array_step, illegal, level_span, level_styles, level_units, sums_bits

#: Products that the smallest and the largest array form in a cycle: 4 x 4 and 32 x 64.
MACS_MIN = 16
MACS_MAX = 2048
#: Widest word between two modules: what C simulation computes with [bits].
WORD_BITS_MAX = 4096
#: Widest memory word, all ports of an operand together [bits].
MEMORY_WORD_BITS_MAX = 512
#: The largest step along each axis.
STEP_MAX = 64
#: Bytes in which buffer C's size is counted for an accumulator, however wide it is.
ACCUMULATOR_BYTES = 4
#: The largest buffer of LUTs [KiB].
LUTRAM_KIB_MAX = 64

_UNITS_NAME = {"mac": "mac_width", "lane": "lane_macs", "array": "array_lanes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a design cannot be built.

    Attributes:
        constraint: name of the constraint that it breaks.
        explanation: one sentence with the values and the rule.
        remedy: the smallest change that satisfies the constraint.
    """

    constraint: str
    explanation: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.explanation}. {self.remedy}"


def _array_size(design: Design) -> Iterator[Rejection]:
    if MACS_MIN <= design.macs <= MACS_MAX:
        return
    sizes = f"mac_width * lane_macs * array_lanes * pack is {design.mac_width} * {design.lane_macs} * "
    sizes += f"{design.array_lanes} * {design.pack} = {design.macs}"
    if design.macs > MACS_MAX:
        yield Rejection(
            constraint="array_size",
            explanation=f"{sizes}; must be at most {MACS_MAX}, arrays up to 32 x 64 are built",
            remedy=f"Set array_lanes: {MACS_MAX * design.array_lanes // design.macs}.",
        )
    else:
        yield Rejection(
            constraint="array_size",
            explanation=f"{sizes}; must be at least {MACS_MIN}, arrays from 4 x 4 on are built",
            remedy=f"Set array_lanes: {MACS_MIN * design.array_lanes // design.macs}.",
        )


def _styles(design: Design) -> Iterator[Rejection]:
    for level in LEVELS:
        units, styles = level_units(design, level), level_styles(design, level)
        reason = illegal(level, units, styles)
        if reason:
            yield Rejection(
                constraint="styles",
                explanation=f"noc_a_{level}, noc_b_{level}, noc_c_{level} is {', '.join(styles)} for {units} units "
                f"({_UNITS_NAME[level]}): {reason}",
                remedy="Take three styles that docs/reference/networks-on-chip.md draws, such as "
                + ("unicast, unicast, unicast." if units == 1 else "unicast, broadcast, unicast."),
            )


def _has_step(design: Design) -> bool:
    return MACS_MIN <= design.macs <= MACS_MAX and not any(
        illegal(level, level_units(design, level), level_styles(design, level)) for level in LEVELS
    )


def _step_size(design: Design) -> Iterator[Rejection]:
    if not _has_step(design):
        return
    step = array_step(design)
    for axis in ("m", "n", "k"):
        taken = getattr(step, axis)
        if taken > STEP_MAX:
            yield Rejection(
                constraint="step_size",
                explanation=f"the array takes {step} a cycle; must be at most {STEP_MAX} along {axis}",
                remedy=f"Let fewer units span {axis}.",
            )


def _memory_word(design: Design) -> Iterator[Rejection]:
    bits = design.port_bits * design.ports
    if bits > MEMORY_WORD_BITS_MAX:
        yield Rejection(
            constraint="memory_word",
            explanation=f"port_bits * ports is {design.port_bits} * {design.ports} = {bits}; "
            f"must be at most {MEMORY_WORD_BITS_MAX}",
            remedy=f"Set port_bits: {MEMORY_WORD_BITS_MAX // design.ports}.",
        )


def _word_bits(design: Design) -> Iterator[Rejection]:
    if not _has_step(design):
        return
    step = array_step(design)
    pixels = max(step.n, design.buffer_b_factor) if design.depthwise != NO_WINDOW else step.n
    c_piece = design.buffer_c_factor * (step.m if design.buffer_c_dimension == WIDTH else 1)
    lane = level_span(design, "mac") * level_span(design, "lane")
    words = {
        "a word of a lane's sums": (sums_bits(lane), "Let fewer units within a lane span m or n."),
        "a step of A": (8 * step.m * step.k, "Let fewer units span m or k."),
        "a step of B": (8 * step.k * pixels, "Let fewer units span k or n."),
        "a piece of C": (design.accumulator_bits * c_piece, "Halve buffer_c_factor."),
    }
    for name, (bits, remedy) in words.items():
        if bits > WORD_BITS_MAX:
            yield Rejection(
                constraint="word_bits",
                explanation=f"{name} has {bits} bits (the array takes {step} a cycle); must be at most {WORD_BITS_MAX}",
                remedy=remedy,
            )


def _factors(design: Design) -> Iterator[Rejection]:
    if not _has_step(design):
        return
    step = array_step(design)
    window = design.depthwise != NO_WINDOW
    limits = {
        "a": step.m if design.buffer_a_dimension == HEIGHT else step.k,
        "b": step.k if design.buffer_b_dimension == HEIGHT else step.n,
        "c": step.m if design.buffer_c_dimension == HEIGHT else step.n,
    }
    for buffer, limit in limits.items():
        factor = getattr(design, f"buffer_{buffer}_factor")
        if window and buffer == "b":
            continue  # told by _window
        if factor > limit:
            axis = {"a": "mk", "b": "kn", "c": "mn"}[buffer][getattr(design, f"buffer_{buffer}_dimension") == WIDTH]
            yield Rejection(
                constraint="factors",
                explanation=f"buffer_{buffer}_factor is {factor}; must be at most {limit}, the array takes {step} "
                f"a cycle and the banks divide {axis}",
                remedy=f"Set buffer_{buffer}_factor: {limit}.",
            )


def _window(design: Design) -> Iterator[Rejection]:
    if design.depthwise == NO_WINDOW or not _has_step(design):
        return
    step, lanes = array_step(design), level_span(design, "array")
    remedy = "Set depthwise: none."
    if lanes.n > 1 or lanes.k > 1 or lanes.m != step.m:
        yield Rejection(
            constraint="window",
            explanation=f"depthwise is window and the lanes span {lanes} of a step of {step}; "
            "each lane must take one row m, and the lanes span m alone",
            remedy=remedy,
        )
    if step.k > min(step.m, design.word_bytes):
        yield Rejection(
            constraint="window",
            explanation=f"depthwise is window and a step takes {step.k} channels; must be at most "
            f"{min(step.m, design.word_bytes)}, the lanes and the bytes of a memory word",
            remedy=remedy,
        )
    if design.buffer_b_dimension != WIDTH or design.buffer_b_factor != 2 * step.n:
        yield Rejection(
            constraint="window",
            explanation=f"depthwise is window with buffer_b_dimension {design.buffer_b_dimension}, buffer_b_factor "
            f"{design.buffer_b_factor}; must be width and {2 * step.n}, two steps of pixels",
            remedy=f"Set buffer_b_dimension: width and buffer_b_factor: {2 * step.n}."
            if 2 * step.n <= STEP_MAX
            else remedy,
        )
    elif step.n + 1 > step.k:
        yield Rejection(
            constraint="window",
            explanation=f"depthwise is window and a lane forms {step.k} products a pixel; must be at least "
            f"{step.n + 1}, the taps of a window",
            remedy=remedy,
        )


def _buffer_sizes(design: Design) -> Iterator[Rejection]:
    if not _has_step(design):
        return
    step = array_step(design)
    pixels = max(step.n, design.buffer_b_factor if design.buffer_b_dimension == WIDTH else 1)
    needs = {
        "a": ("half", 2 * step.m * step.k, "a step"),
        "b": ("half", 2 * 2 * pixels * step.k, "two pieces"),
        "c": ("slot", design.slots * ACCUMULATOR_BYTES * step.m * step.n, "a sub-tile"),
    }
    for buffer, (part, needed, held) in needs.items():
        kib = getattr(design, f"buffer_{buffer}_kib")
        if kib * 1024 < needed:
            yield Rejection(
                constraint="buffer_sizes",
                explanation=f"buffer_{buffer}_kib is {kib}; must be at least {-(-needed // 1024)}, "
                f"each {part} holds {held} of {step}",
                remedy=f"Set buffer_{buffer}_kib: {1 << (-(-needed // 1024) - 1).bit_length()}.",
            )
        if getattr(design, f"buffer_{buffer}_storage") == LUTRAM and kib > LUTRAM_KIB_MAX:
            yield Rejection(
                constraint="buffer_sizes",
                explanation=f"buffer_{buffer}_kib is {kib} in lutram; must be at most {LUTRAM_KIB_MAX}, "
                "larger memories of LUTs are slower and larger than block RAM",
                remedy=f"Set buffer_{buffer}_storage: bram.",
            )


#: Every constraint, by name, in the order in which rejections are told.
CONSTRAINTS: dict[str, Callable[[Design], Iterator[Rejection]]] = {
    "array_size": _array_size,
    "styles": _styles,
    "step_size": _step_size,
    "memory_word": _memory_word,
    "word_bits": _word_bits,
    "factors": _factors,
    "window": _window,
    "buffer_sizes": _buffer_sizes,
}


def check(design: Design) -> list[Rejection]:
    """Return every reason why `design` cannot be built; an empty list means that it can."""
    return [rejection for constraint in CONSTRAINTS.values() for rejection in constraint(design)]


def canonical(design: Design) -> Design:
    """Return the one genome that stands for the same hardware: genes without effect get their first value.

    Idempotent, and keeps a valid design valid. A buffer of one bank has no partition dimension; a level of one unit has
    no NoC style; output reuse computes one tile at a time, which takes two slots.
    """
    changes: dict[str, int | str] = {}
    for level in LEVELS:
        if level_units(design, level) == 1:
            changes |= {f"noc_{operand}_{level}": UNICAST for operand in "abc"}
    for buffer in ("a", "b", "c"):
        if getattr(design, f"buffer_{buffer}_factor") == 1:
            changes[f"buffer_{buffer}_dimension"] = HEIGHT
    if design.reuse == REUSE_OUTPUT:
        changes["slots"] = 2
    return replace(design, **changes)  # type: ignore[arg-type]
