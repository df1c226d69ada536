"""Have a model read a requirement; what it says is checked like what a person writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import pydantic

from aigchip.llm import structured
from aigchip.llm.completion import Purpose
from aigchip.requirement.plain import Understood
from aigchip.requirement.specification import Specification
from aigchip.space.families import GENES
from aigchip.workload.networks import NETWORKS

PURPOSE = Purpose(module="requirement")

SYSTEM = """\
You turn a person's requirement for an FPGA accelerator of a neural network into fields. Fill in only what the person
says; everything else is null or empty. Invent nothing, and settle no contradiction: list contradictory words under
not_understood.

network: one of {networks}, or the .onnx file that the person names.
resolution: height and width of the input picture in pixels.
board: one of {boards}.
latency_ms: the most that one inference may take, in milliseconds; a rate of f inferences a second is 1000 / f.
at_most: the most of each resource: dsp, lut, ff, bram18 (a block RAM of 36 Kbit is two), uram.
objective: latency if the person wants the fastest design, dsp if the smallest.
fixed: design parameters that the person fixes, of these:
{genes}
  Weight-stationary is reuse first, input-stationary reuse second, output-stationary reuse output. A clock that the
  person gives is clock_mhz; one that is no value of clock_mhz belongs under not_understood.
not_understood: the person's words that ask for something that no field can hold, as they stand.
"""


class _Fixed(pydantic.BaseModel):
    name: str
    value: str


class _AtMost(pydantic.BaseModel):
    resource: Literal["dsp", "lut", "ff", "bram18", "uram"]
    amount: int


class Reading(pydantic.BaseModel):
    """The fields that a model fills in."""

    network: str | None = None
    resolution: int | None = None
    board: str | None = None
    latency_ms: float | None = None
    at_most: list[_AtMost] = []
    objective: Literal["latency", "dsp"] | None = None
    fixed: list[_Fixed] = []
    not_understood: list[str] = []


def ask(client: structured.FormCompleter, prompt: str, boards: Iterable[str]) -> Understood:
    """Have a model read a requirement.

    Raises:
        LlmError: No usable reply.
        SpecificationError: What it read cannot be used.
    """
    genes = "\n".join(f"  {gene.name}: {', '.join(map(str, gene.values))}. {gene.doc}" for gene in GENES.values())
    system = SYSTEM.format(networks=", ".join(NETWORKS), boards=", ".join(sorted(boards)), genes=genes)
    found = structured.ask(client, Reading, system=system, user=prompt, purpose=PURPOSE)
    fixed = {entry.name: int(entry.value) if entry.value.isdigit() else entry.value for entry in found.fixed}
    return Understood(
        specification=Specification(
            network=found.network,
            resolution=found.resolution,
            board=found.board,
            latency_ms=found.latency_ms,
            at_most={entry.resource: entry.amount for entry in found.at_most},
            objective=found.objective,
            fixed=fixed,
        ),
        not_understood=tuple(found.not_understood),
    )
