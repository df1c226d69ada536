"""Compares what a call left behind with what the model says, and classifies every difference."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aigchip.template.module import Port
from aigchip.template.vectors import Vector
from aigchip.toolchain.contract import Contract
from aigchip.toolchain.errors import ValidationError
from aigchip.toolchain.sandbox import RunResult
from aigchip.toolchain.words import Answer


def _error(error_class: str, message: str, location: str, remedy: str, *, vector: Vector) -> ValidationError:
    return ValidationError(
        stage="csim",
        error_class=error_class,
        message=f"{message} (vector {vector.name!r})",
        location=location,
        remedy=remedy,
        vector=vector.name,
    )


def _sequence(
    port: Port, got: Sequence[int], expected: Sequence[int], where: str, vector: Vector
) -> ValidationError | None:
    digits, name = (port.width_bits + 3) // 4, port.name
    for index, (left, right) in enumerate(zip(got, expected, strict=False)):
        if left != right:
            counts = "" if len(got) == len(expected) else f", and {len(got)} words came where {len(expected)} must"
            message = f"word {index} of {name} is 0x{left:0{digits}x}; must be 0x{right:0{digits}x}{counts}"
            remedy = f"Correct how word {index} of {name} is computed."
            return _error("wrong-result", message, where, remedy, vector=vector)
    if len(got) < len(expected):
        message = f"{name} has {len(got)} words; must have {len(expected)}"
        return _error("missing-output", message, where, f"Write the missing words to {name}.", vector=vector)
    if len(got) > len(expected):
        message = f"{name} has {len(got)} words; must have {len(expected)}"
        return _error(
            "excess-output", message, where, f"Write no more than the instruction says to {name}.", vector=vector
        )
    return None


def compare(answer: Answer, vector: Vector, contract: Contract) -> tuple[ValidationError, ...]:
    """Find every port that differs; at most one error a port, wrong words before missing or left ones."""
    found: list[ValidationError | None] = []
    where = contract.file
    for port in contract.ports:
        if port.kind == "stream_out":
            expected = vector.streams_out.get(port.name, ())
            found.append(_sequence(port, answer.streams[port.name], expected, where, vector))
        elif port.kind == "maxi":
            expected = vector.memories_out.get(port.name, vector.memories_in[port.name])
            found.append(_sequence(port, answer.memories[port.name], expected, where, vector))
            if port.name in answer.unsettled:
                message = f"a burst on {port.name} is not completed or not answered"
                remedy = (
                    "Read or write every word of each request, and call write_response once for each write_request."
                )
                found.append(_error("burst", message, where, remedy, vector=vector))
        elif port.kind == "return" and vector.returns is not None and answer.returned != vector.returns:
            digits = (port.width_bits + 3) // 4
            message = (
                f"the returned value is 0x{answer.returned or 0:0{digits}x}; must be 0x{vector.returns:0{digits}x}"
            )
            found.append(_error("wrong-result", message, where, "Correct how the value is computed.", vector=vector))
    for name, count in answer.leftover.items():
        if count:
            message = f"{count} of {len(vector.streams_in[name])} words of {name} are not read"
            found.append(_error("leftover", message, where, f"Read every word of {name}.", vector=vector))
    order = ("wrong-result", "missing-output", "excess-output", "burst", "leftover")
    return tuple(sorted((e for e in found if e is not None), key=lambda e: order.index(e.error_class)))


_ABORTS: tuple[tuple[str, str, str], ...] = (
    (r"read from an empty stream", "underflow", "Read only as many words as the command or the instruction says."),
    (
        r"burst|request|write_response",
        "burst",
        "Request inside the memory, then read or write exactly the requested words.",
    ),
    (r"is out of bounds of '(unsigned )?_BitInt", "trap", "Keep every bit index and range x(hi, lo) inside the width."),
    (r"is out of bounds", "trap", "Keep the index inside the array."),
    (r"division by zero", "trap", "Divide only by numbers that are not 0."),
    (r"without a return value", "trap", "Return a value on every way through the function."),
)
_ENDS = {
    "timeout": ("timeout", "the call does not end within its limit of instructions", "Make every loop end."),
    "memory": ("memory", "the call needs too much memory", "Write no endless output and use smaller arrays."),
    "output": ("memory", "the outputs are too large", "Write no more words than the instruction says."),
    "invalid": (
        "redefinition",
        "the program cannot be run in the sandbox",
        "Remove attributes and definitions of special names.",
    ),
    "trap": ("trap", "the call ends by a fault", "Keep indices, divisors and recursion inside their bounds."),
}


def run_error(result: RunResult, vector: Vector, contract: Contract) -> ValidationError:
    """Classify a call that did not come to its end."""
    if result.outcome == "abort":
        place = re.match(r"([\w.]+:\d+(?::\d+)?): (.*)$", result.message)
        where, message = (place.group(1), place.group(2)) if place else (contract.file, result.message)
        error_class, remedy = next(
            ((kind, advice) for pattern, kind, advice in _ABORTS if re.search(pattern, message)),
            ("trap", "Remove what ends the run."),
        )
        return _error(error_class, message, where, remedy, vector=vector)
    error_class, message, remedy = _ENDS[result.outcome]
    detail = f": {result.message}" if result.outcome == "trap" and result.message else ""
    return _error(error_class, message + detail, contract.file, remedy, vector=vector)
