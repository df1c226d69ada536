"""Pragmas of Vitis HLS that csynth has no hardware for: those that it passes over with a note, and those that it refuses.

What changes speed or size alone may be passed over: the program means the same without it. What changes values, the first
values after a reset, or the cycle in which a port acts is refused.

Reference: UG1399, "HLS Pragmas" (2024.2), and the names of older releases.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a pragma is refused, and the smallest change that helps."""

    reason: str
    remedy: str


#: Pragmas that have no effect, with the reason as the report's note gives it.
PASSED_OVER = {
    "array_stencil": "no line buffer is made of an array; the array stays as it is written",
    "cache": "an m_axi port has no cache; bursts are inferred",
    "expression_balance": "sums are balanced where that shortens a pipeline, which changes no value",
    "function_instantiate": "a function that stays a module is one module for all its calls",
    "latency": "operations start as early as they can; no latency is enforced",
    "loop_merge": "loops run one after the other",
    "occurrence": "all of a pipeline is scheduled at the pipeline's own interval",
    "performance": "no other pragmas are derived from a target",
    "stable": "the argument is synchronised as all others are",
    "top": "the top is the function that was asked for",
}
#: Pragmas that are refused.
REFUSED = {
    "alias": Refusal(
        reason="pointers of different ports are taken to point to different memory",
        remedy="Use one pointer with offsets for memory that overlaps",
    ),
    "array_map": Refusal(reason="Vitis HLS does it no more", remedy="Remove it; declare one array that holds both"),
    "data_pack": Refusal(reason="Vitis HLS has another name for it", remedy="Use aggregate"),
    "protocol": Refusal(
        reason="csynth chooses the cycles of all operations itself",
        remedy="Use an interface mode with a handshake, such as ap_hs",
    ),
    "reset": Refusal(
        reason="a reset leaves variables as they are; they have their first values when the device is configured",
        remedy="Set the variable in the function where it is to start anew, or write off",
    ),
    "resource": Refusal(reason="Vitis HLS has another name for it", remedy="Use bind_op or bind_storage"),
}


def note_of(kind: str, options: str) -> str | None:
    """Return why a pragma has no effect; None if it has one, or is refused.

    Args:
        kind: name of the pragma, in lower case.
        options: the rest of its text.
    """
    if kind == "reset" and "off" in options.lower().split():
        return "no variable is reset"
    return PASSED_OVER.get(kind)
