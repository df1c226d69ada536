"""The kernels: one folder each with `kernel.cpp` (top function named as the folder) and `reference.py`.

A reference has `inputs(rng)`, which gives a word list for each stream input and memory and a number for each scalar;
`reference(inputs)`, which gives the words of each stream output, of each memory that is written, and `ap_return`; and `BOUNDS`,
which gives the least possible II of each pipelined loop, with the reason. Numbers may be negative.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aigchip.toolchain.rtlsim.from_csynth import design_of
from aigchip.toolchain.rtlsim.model import Call, Design, Outcome, PortKind
from csynth.driver import make_hardware
from csynth.frontend import compile_source
from csynth.ir.model import Program
from csynth.report.build import build_report
from csynth.report.model import LoopReport, SynthesisReport

FOLDER = Path(__file__).parent
PART = "xczu7ev-ffvc1156-2-e"
CLOCK_PERIOD_PS = 3333
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """One kernel. `bounds`: loop name -> (least II, why)."""

    name: str
    source: Path
    inputs: Callable[[np.random.Generator], Values]
    reference: Callable[[Values], Values]
    bounds: Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a call must give, as bit patterns."""

    streams: dict[str, list[int]]
    scalars: dict[str, int]
    memories: dict[str, list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A kernel's hardware. `seconds`: from C++ to Verilog."""

    kernel: Kernel
    program: Program
    verilog: Mapping[str, str]
    report: SynthesisReport
    design: Design
    seconds: float


def source_name(loop: LoopReport) -> str:
    """The name in the source of the innermost loop that a loop was made of."""
    return loop.flattened[-1] if loop.flattened else loop.name


def names() -> list[str]:
    """All kernels, in order of their names."""
    return sorted(path.parent.name for path in FOLDER.glob("*/kernel.cpp"))


def load(name: str) -> Kernel:
    """Read one kernel."""
    module = importlib.import_module(f"{__package__}.{name}.reference")
    return Kernel(
        name=name,
        source=FOLDER / name / "kernel.cpp",
        inputs=module.inputs,
        reference=module.reference,
        bounds=module.BOUNDS,
    )


def make(kernel: Kernel, *, folder: Path) -> Made:
    """Synthesise a kernel without counting resources; its Verilog goes to `folder`/<name>."""
    started = time.perf_counter()
    program = compile_source(kernel.source, top=kernel.name)
    hardware = make_hardware(program, clock_period_ps=CLOCK_PERIOD_PS)
    seconds = time.perf_counter() - started
    report = build_report(
        program,
        hardware.schedules,
        part=PART,
        clock_period_ps=CLOCK_PERIOD_PS,
        tool="csynth",
        module_resources={},
        resources=None,
    )
    design = design_of(program, hardware.verilog, name=kernel.name, folder=folder / kernel.name)
    return Made(kernel=kernel, program=program, verilog=hardware.verilog, report=report, design=design, seconds=seconds)


def stimuli(made: Made, seeds: Sequence[int]) -> tuple[list[Call], list[Expected]]:
    """One call for each seed, and what the reference says of it."""
    calls, expected = [], []
    for seed in seeds:
        values = made.kernel.inputs(np.random.default_rng(seed))
        result = made.kernel.reference(values)
        calls.append(call_of(made.design, values))
        expected.append(expected_of(made.design, result))
    return calls, expected


def call_of(design: Design, values: Values) -> Call:
    """The values as bit patterns of the design's ports."""
    scalars, streams = {}, {}
    for port in design.ports:
        if port.kind is PortKind.SCALAR_IN:
            scalars[port.name] = int(values[port.name]) % (1 << port.width_bits)
        elif port.kind is PortKind.STREAM_IN and not design.served(port):
            streams[port.name] = tuple(_patterns(values[port.name], port.width_bits))
    memories = {name: tuple(_patterns(values[name], design.memory_width_bits(name))) for name in design.memories}
    return Call(scalars=scalars, streams=streams, memories=memories)


def expected_of(design: Design, values: Values) -> Expected:
    """What the reference returned as bit patterns."""
    widths = {port.name: port for port in design.ports}
    streams, scalars, memories = {}, {}, {}
    for name, value in values.items():
        if name in design.memories:
            memories[name] = _patterns(value, design.memory_width_bits(name))
        elif widths[name].kind is PortKind.STREAM_OUT:
            streams[name] = _patterns(value, widths[name].width_bits)
        else:
            scalars[name] = int(value) % (1 << widths[name].width_bits)
    return Expected(streams=streams, scalars=scalars, memories=memories)


def _patterns(values: Sequence[int], width_bits: int) -> list[int]:
    return [int(value) % (1 << width_bits) for value in values]


def difference(
    expected: Expected,
    *,
    streams: Mapping[str, Sequence[int]],
    scalars: Mapping[str, int],
    memories: Mapping[str, Sequence[int]],
    left: Mapping[str, int],
) -> str | None:
    """The first thing that is not as expected, or None."""
    for name, wanted in {**expected.streams, **expected.memories}.items():
        found = list(streams[name] if name in streams else memories[name])
        if found != wanted:
            at = next((k for k, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), None)
            if at is None:
                return f"{name}: {len(found)} words; must be {len(wanted)}"
            return f"{name}[{at}] is {found[at]:#x}; must be {wanted[at]:#x}"
    for name, value in expected.scalars.items():
        if scalars.get(name) != value:
            return f"{name} is {scalars.get(name)}; must be {value}"
    return next((f"{name}: {count} words were not taken" for name, count in left.items() if count), None)


def outcome_difference(expected: Expected, outcome: Outcome) -> str | None:
    """The first thing that is wrong with an RTL call, or None."""
    if outcome.waiting is not None:
        return f"stuck: {'; '.join(outcome.waiting) or 'no port waits'}"
    if outcome.faults:
        return outcome.faults[0]
    return difference(
        expected, streams=outcome.streams, scalars=outcome.scalars, memories=outcome.memories, left=outcome.left
    )
