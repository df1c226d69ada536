"""The driver's request and result as bytes and text; the format is described in testbench/rtlsim/driver.cpp."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

from aigchip.toolchain.rtlsim.model import Call, Design, Job, JobResult, Outcome, PortKind, RequestError

_MAGIC = 0x4D495352


def encode(designs: Sequence[Design], jobs: Sequence[Job]) -> bytes:
    """Give the binary request.

    Raises:
        RequestError: a call lacks a port's value, names none of its ports, or a value does not fit.
    """
    parts = [struct.pack("<2I", _MAGIC, len(jobs))]
    for job in jobs:
        design = designs[job.design]
        parts.append(
            struct.pack(
                "<7I",
                job.design,
                job.seed & 0xFFFFFFFF,
                round(job.stall_in * 65536),
                round(job.stall_out * 65536),
                job.watchdog_cycles,
                job.response_delay_cycles,
                len(job.calls),
            )
        )
        for call in job.calls:
            parts += _call(design, call)
    return b"".join(parts)


def _call(design: Design, call: Call) -> list[bytes]:
    scalars = {port.name: port.width_bits for port in design.ports if port.kind is PortKind.SCALAR_IN}
    streams = {
        port.name: port.width_bits
        for port in design.ports
        if port.kind is PortKind.STREAM_IN and not design.served(port)
    }
    memories = {name: design.memory_width_bits(name) for name in design.memories}
    for what, wanted, given in (
        ("scalar inputs", scalars, call.scalars),
        ("stream inputs", streams, call.streams),
        ("memories", memories, call.memories),
    ):
        if wanted.keys() != given.keys():
            raise RequestError(
                design.name,
                f"{what} are {sorted(given)}; must be {sorted(wanted)}",
                "Give each port its values.",
                code="ports",
            )
    parts = [_words(design, name, (call.scalars[name],), width) for name, width in scalars.items()]
    for widths, values in ((streams, call.streams), (memories, call.memories)):
        for name, width in widths.items():
            parts += [struct.pack("<I", len(values[name])), _words(design, name, values[name], width)]
    return parts


def _words(design: Design, name: str, values: Sequence[int], width_bits: int) -> bytes:
    size = 4 * ((width_bits + 31) // 32)
    for value in values:
        if not 0 <= value < 1 << width_bits:
            raise RequestError(
                design.name,
                f"{name}: a word is {value}; must be 0 or more and fit {width_bits} bits",
                "Give the bit pattern.",
                code="width",
            )
    return b"".join(value.to_bytes(size, "little") for value in values)


def decode(text: str, jobs: Sequence[Job]) -> list[JobResult]:
    """Read the driver's lines.

    Raises:
        ValueError: a job has no end in it.
    """
    outcomes: list[list[Outcome]] = [[] for _ in jobs]
    ends: dict[int, dict[str, Any]] = {}
    for line in text.splitlines():
        item = json.loads(line)
        if "seconds" in item:
            ends[item["job"]] = item
        else:
            outcomes[item["job"]].append(_outcome(item))
    if len(ends) != len(jobs):
        raise ValueError(f"{len(ends)} of {len(jobs)} jobs came to an end")
    return [
        JobResult(
            outcomes=tuple(found), simulated_cycles=ends[number]["simulated_cycles"], seconds=ends[number]["seconds"]
        )
        for number, found in enumerate(outcomes)
    ]


def _numbers(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def _outcome(item: dict[str, Any]) -> Outcome:
    return Outcome(
        cycles=item["cycles"],
        waiting=None if item["waiting"] is None else tuple(item["waiting"]),
        faults=tuple(item["faults"]),
        streams={name: _numbers(words) for name, words in item["streams"].items()},
        left=item["left"],
        scalars={name: _numbers(word)[0] for name, word in item["scalars"].items()},
        memories={name: _numbers(words) for name, words in item["memories"].items()},
    )
