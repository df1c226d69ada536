"""Say in one line why an accelerator no longer moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a simulation saw when it stopped.

    Attributes:
        quiet: Nothing moved any more; else the run came to no end in time.
        cycles: For how long [cycles].
        count: Words in each FIFO, in the order of network.json.
        producer_waits: Whether a word is offered to a full FIFO.
        consumer_waits: Whether a word is asked of an empty one.
        finished: Whether each process has ended, where the kernel tells.
        axi_waits: Memory channels on which an offer is not taken.
    """

    quiet: bool
    cycles: int
    count: Sequence[int]
    producer_waits: Sequence[bool]
    consumer_waits: Sequence[bool]
    finished: Sequence[bool]
    axi_waits: Sequence[str]


def describe(network: Mapping[str, Any], waiting: Waiting) -> str:
    """Say which FIFOs are full or empty with somebody waiting, and which memory channels are not taken.

    Args:
        network: The contents of network.json.
        waiting: What was seen.
    """
    full, empty = [], []
    names = [process["name"] for process in network.get("processes", ())]
    open_processes = [name for name, finished in zip(names, waiting.finished, strict=False) if not finished]
    for fifo, count, producer, consumer in zip(
        network["fifos"], waiting.count, waiting.producer_waits, waiting.consumer_waits, strict=True
    ):
        if producer:
            full.append(
                f"{fifo['name']} ({count} of {fifo['depth']} words; {fifo['producer']} waits for {fifo['consumer']})"
            )
        elif count == 0 and (consumer or fifo["consumer"].split(".")[0] in open_processes):
            empty.append(f"{fifo['name']} ({fifo['consumer']} waits for {fifo['producer']})")
    parts = [f"deadlock: no {'progress' if waiting.quiet else 'end'} for {waiting.cycles} cycles"]
    if full:
        parts.append("full: " + ", ".join(full))
    if empty:
        parts.append("empty: " + ", ".join(empty))
    if open_processes:
        parts.append("not ended: " + ", ".join(open_processes))
    if waiting.axi_waits:
        parts.append("memory channels not taken: " + ", ".join(waiting.axi_waits))
    return "; ".join(parts)
