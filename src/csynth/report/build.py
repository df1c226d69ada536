"""Make the report of a scheduled program."""

from __future__ import annotations

from collections import Counter

from csynth.bind.instances import instances
from csynth.ir.model import Program
from csynth.report.bounds import bounds_report
from csynth.report.latency import LatencyModel, function_latencies, trip_count
from csynth.report.model import (
    LoopReport,
    MemoryReport,
    ModuleReport,
    OperatorReport,
    Range,
    Resources,
    SynthesisReport,
)
from csynth.schedule.delays import WIRES
from csynth.schedule.function import FunctionSchedule

_NOT_OPERATORS = WIRES | {"read", "write", "read_nb", "write_nb", "empty", "full", "load", "store", "set", "call"}


def _loops(schedules: dict[str, FunctionSchedule], latencies: dict[str, Range]) -> list[LoopReport]:
    reports = []
    for schedule in schedules.values():
        model = LatencyModel(schedule, latencies)
        for loop in schedule.function.loops:
            block = schedule.blocks[loop.header]
            pipelined = loop.pipeline is not None
            depth = block.length_cycles if pipelined else (model.iteration(loop).maximum or block.length_cycles)
            reports.append(
                LoopReport(
                    function=schedule.function.name,
                    name=loop.name,
                    file=loop.location.file if loop.location else "",
                    line=loop.location.line if loop.location else 0,
                    trip_count=trip_count(loop),
                    ii_target=loop.pipeline.initiation_interval if loop.pipeline else None,
                    ii=block.initiation_interval if pipelined else None,
                    depth=depth,
                    latency_cycles=model.loop(loop),
                    pipelined=pipelined,
                    ii_limited_by=block.ii_limited_by if pipelined else None,
                    flattened=loop.flattened,
                    notes=loop.notes,
                    bounds=bounds_report(schedule, loop, block) if pipelined else None,
                )
            )
    return reports


def _operators(schedules: dict[str, FunctionSchedule]) -> list[OperatorReport]:
    reports = []
    for schedule in schedules.values():
        counts: Counter[tuple[str, int, str]] = Counter()
        for block in schedule.function.blocks:
            for op in block.ops:
                if op.opcode not in _NOT_OPERATORS:
                    widths = [operand.width_bits for operand in op.operands]
                    counts[op.opcode, max([*widths, op.result.width_bits if op.result else 1]), op.impl] += 1
        reports += [
            OperatorReport(module=schedule.function.name, opcode=opcode, width_bits=width, count=count, impl=impl)
            for (opcode, width, impl), count in sorted(counts.items())
        ]
    return reports


def instance_counts(program: Program, schedules: dict[str, FunctionSchedule]) -> dict[str, int]:
    """Instances of each function's module in the whole design, by name."""
    inside: dict[str, Counter[str]] = {}
    for function in program.functions:
        if function.is_dataflow:
            inside[function.name] = Counter(process.function for process in function.processes)
        else:
            inside[function.name] = Counter(i.callee for i in instances(schedules[function.name], program))
    parents: dict[str, list[str]] = {function.name: [] for function in program.functions}
    for name, called in inside.items():
        for callee in called:
            parents[callee].append(name)
    found: dict[str, int] = {program.top: 1}

    def count(name: str) -> int:
        if name not in found:
            found[name] = sum(count(parent) * inside[parent][name] for parent in parents[name])
        return found[name]

    return {function.name: count(function.name) for function in program.functions}


def build_report(
    program: Program,
    schedules: dict[str, FunctionSchedule],
    *,
    part: str,
    clock_period_ps: int,
    tool: str,
    module_resources: dict[str, Resources] | None = None,
    resources: Resources | None = None,
) -> SynthesisReport:
    """The report of `program`; `module_resources` are those of each module without its instances."""
    latencies = function_latencies(program, schedules)
    counts = instance_counts(program, schedules)
    static = {name: block for name, s in schedules.items() if s.function.is_static for block in s.blocks.values()}
    memories = [
        MemoryReport(
            module=function.name,
            name=memory.name,
            array=memory.array,
            width_bits=memory.width_bits,
            depth=memory.depth,
            storage="register" if memory.depth == 1 else memory.storage,
            read_only=memory.read_only,
            ports=memory.ports,
            lanes=memory.lanes,
        )
        for function in (schedules[f.name].function if f.name in schedules else f for f in program.functions)
        for memory in function.memories
    ]
    modules = [
        ModuleReport(
            name=function.name,
            file=f"{function.name}.v",
            latency_cycles=latencies[function.name],
            resources=(module_resources or {}).get(function.name),
            instances=counts[function.name],
            ii=static[function.name].initiation_interval if function.name in static else None,
            ii_limited_by=static[function.name].ii_limited_by if function.name in static else None,
        )
        for function in program.functions
    ]
    return SynthesisReport(
        top=program.top,
        part=part,
        clock_period_ps=clock_period_ps,
        estimated_clock_ps=max((schedule.estimated_clock_ps for schedule in schedules.values()), default=0),
        latency_cycles=latencies[program.top],
        loops=tuple(_loops(schedules, latencies)),
        operators=tuple(_operators(schedules)),
        memories=tuple(memories),
        resources=resources,
        modules=tuple(modules),
        tool=tool,
        notes=tuple(dict.fromkeys(note for function in program.functions for note in function.notes)),
    )
