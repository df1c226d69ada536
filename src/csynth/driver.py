"""From an HLS C++ file to Verilog and a report: the Python entry point and the `csynth` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from csynth import results
from csynth.dsp.library import CELLS, models_of
from csynth.errors import CsynthError, ToolError
from csynth.frontend.compile import compile_source
from csynth.ir.model import Program
from csynth.ir.text import print_program
from csynth.ir.verify import verify
from csynth.link.dataflow import dataflow_network
from csynth.link.depths import with_depths
from csynth.link.emit import emit_network
from csynth.link.interface import emit_interface
from csynth.link.link import write_text
from csynth.part import family, family_of
from csynth.refusals import tag
from csynth.report.build import build_report
from csynth.report.explain import explain
from csynth.report.model import Resources, SynthesisReport
from csynth.resources.estimate import estimate
from csynth.rtl.cells import FIFO, PIPO
from csynth.rtl.maxi import MAXI
from csynth.rtl.module import emit_module
from csynth.schedule.delay_tables import table_of
from csynth.schedule.flattening import NestChoice, add_notes
from csynth.schedule.function import FunctionSchedule, schedule_program
from csynth.tables import pragmas, refusals

DEFAULT_PART = "xczu7ev-ffvc1156-2-e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """A synthesised program: its schedules, by function, and its Verilog, by module."""

    program: Program
    schedules: dict[str, FunctionSchedule]
    verilog: dict[str, str]


def tool_version() -> str:
    """Name and version of this engine."""
    try:
        return f"csynth {version('aigchip')}"
    except PackageNotFoundError:
        return "csynth (not installed)"


def make_hardware(
    program: Program,
    *,
    clock_period_ps: int,
    part: str = DEFAULT_PART,
    compute_depths: bool = True,
    pack_int8: bool = False,
) -> Hardware:
    """Schedule every function of `program` and emit its Verilog.

    Args:
        program: what the front end made.
        clock_period_ps: wanted clock period.
        part: FPGA part.
        compute_depths: check and set the depths of FIFOs.
        pack_int8: pair int8 products with a common factor in one DSP even where their sums then are made of LUTs.

    Raises:
        CsynthError: the program has something that csynth makes no hardware for.
    """
    verify(program)
    _check_memories(program, part)
    schedules = schedule_program(program, clock_period_ps=clock_period_ps, table=table_of(part), pack_int8=pack_int8)
    verilog: dict[str, str] = {}
    if compute_depths:
        program = with_depths(program, schedules)
    for function in program.functions:
        if function.is_dataflow:
            verilog.update(emit_network(dataflow_network(program, function)))
        else:
            verilog[function.name] = emit_module(schedules[function.name], program)
    verilog.update(emit_interface(program.function(program.top)))
    everything = "\n".join(verilog.values())
    if "csynth_pipo #(" in everything:
        verilog["csynth_pipo"] = PIPO
    if "csynth_maxi #(" in everything:
        verilog["csynth_maxi"] = MAXI
    verilog.update({name: text for name, text in CELLS.items() if f"{name} #(" in everything})
    verilog.update(models_of(verilog.keys() & CELLS.keys()))
    if "csynth_fifo #(" in everything or "csynth_maxi" in verilog:
        verilog["csynth_fifo"] = FIFO
    return Hardware(program=program, schedules=schedules, verilog=verilog)


def _check_memories(program: Program, part: str) -> None:
    """Refuse UltraRAM on a part of a family that has none."""
    device = family(part)
    if device is None or device.has_uram:
        return
    for function in program.functions:
        for memory in function.memories:
            if memory.storage == "uram":
                raise CsynthError(
                    "storage",
                    f"impl is 'uram' for {memory.array!r}; must be 'bram' or 'lutram', {device.name} has no UltraRAM",
                    memory.location or function.location,
                    "Use impl=bram, or an UltraScale+ part.",
                )


def choose_nests(
    source: Path | tuple[str, str],
    *,
    top: str,
    clock_period_ps: int,
    part: str = DEFAULT_PART,
    include_dirs: Sequence[Path] = (),
    defines: Sequence[str] = (),
    compiled: Callable[[Program], object] = id,
    pack_int8: bool = False,
) -> tuple[Program, Hardware]:
    """Compile and schedule; a flattened loop that needs a longer interval than the nest it was made of becomes a nest again.

    Args:
        source: a file, or a name and a text.
        top: name of the top function.
        clock_period_ps: wanted clock period.
        part: FPGA part; its family and speed grade give the delays.
        include_dirs: further folders for #include.
        defines: macros.
        compiled: told each program before it is scheduled.
        pack_int8: see `make_hardware`.
    """
    choice = NestChoice()
    while True:
        program = compile_source(source, top=top, include_dirs=include_dirs, defines=defines, kept_nests=choice.kept)
        program = add_notes(program, choice.kept)
        compiled(program)
        hardware = make_hardware(program, clock_period_ps=clock_period_ps, part=part, pack_int8=pack_int8)
        following = choice.after(hardware.schedules)
        if following is None:
            return program, hardware
        choice = following


def synthesize(
    source: Path,
    *,
    top: str,
    part: str,
    clock_period_ps: int,
    out_dir: Path,
    include_dirs: Sequence[Path] = (),
    defines: Sequence[str] = (),
    resources: bool = True,
    cache_dir: Path | None = None,
    reuse: bool = False,
    pack_int8: bool = False,
) -> SynthesisReport:
    """Synthesise function `top` of `source`.

    Writes `out_dir`/rtl/<module>.v, `out_dir`/ir.txt and, last, `out_dir`/report.json; each file appears whole or not at all.

    Args:
        source: HLS C++ file.
        top: name of the top function.
        part: FPGA part; its family and speed grade give the delays, its family how resources are counted.
        clock_period_ps: wanted clock period.
        out_dir: made if missing.
        include_dirs: further folders for #include.
        defines: macros, `NAME` or `NAME=VALUE`.
        resources: count resources with yosys too (takes most of the time).
        cache_dir: where yosys's libraries, the counts of known modules and results are kept; default `out_dir`/.cache.
        reuse: take the result of an earlier run from `cache_dir` when nothing that it depends on has changed, and keep this one there.
        pack_int8: see `make_hardware`.

    Raises:
        CsynthError: see csynth.errors; nothing but ir.txt may have been written then.
    """
    device = family_of(part)
    if clock_period_ps <= 0:
        raise CsynthError(
            "clock", f"clock period is {clock_period_ps} ps; must be positive", None, "Use --clock 3.333."
        )
    cache_dir = cache_dir or out_dir / ".cache"
    try:
        key = ""
        if reuse:
            options = {
                "top": top,
                "part": part,
                "clock": clock_period_ps,
                "defines": [*defines],
                "resources": resources,
                "pack_int8": pack_int8,
            }
            key = results.key_of(source, include_dirs, options)
            if results.load(cache_dir, key, out_dir):
                return SynthesisReport.from_json((out_dir / "report.json").read_text())
        program, hardware = choose_nests(
            source,
            top=top,
            clock_period_ps=clock_period_ps,
            part=part,
            include_dirs=include_dirs,
            defines=defines,
            compiled=lambda program: write_text(out_dir / "ir.txt", print_program(program)),
            pack_int8=pack_int8,
        )
        for name, verilog in hardware.verilog.items():
            write_text(out_dir / "rtl" / f"{name}.v", verilog)
        counts: Mapping[str, Resources] = {}
        total = None
        if resources:
            result = estimate(hardware.verilog, top=program.top, cache_dir=cache_dir, family=device.name)
            counts, total = result.modules, result.total
        report = build_report(
            hardware.program,
            hardware.schedules,
            part=part,
            clock_period_ps=clock_period_ps,
            tool=tool_version(),
            module_resources=dict(counts),
            resources=total,
        )
        write_text(out_dir / "report.json", report.to_json())
        if reuse:
            names = ["ir.txt", *(f"rtl/{name}.v" for name in hardware.verilog), "report.json"]
            results.store(cache_dir, key, out_dir, names)
    except OSError as error:
        raise ToolError(
            "write", f"{error.filename or out_dir}: {error.strerror}", None, "Free space or choose another -o."
        ) from error
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="csynth",
        description="Compile a function in HLS C++ to Verilog.",
        epilog="Example: csynth dot.cpp --top dot --part xczu7ev-ffvc1156-2-e --clock 3.333 -o out. "
        "Writes out/rtl/*.v, out/ir.txt and out/report.json. Exit code 1 with one line on stderr when the source is refused. "
        "`csynth explain out` then says why an initiation interval is not what was asked for; `csynth pragmas` and "
        "`csynth refusals` print what is obeyed and what is refused.",
    )
    parser.add_argument("source", type=Path, help="the C++ file")
    parser.add_argument("--top", required=True, help="name of the top function")
    parser.add_argument(
        "--part",
        default=DEFAULT_PART,
        help="FPGA part: UltraScale+, 7-series or ECP5 (default: %(default)s)",
    )
    parser.add_argument(
        "--clock", type=float, default=3.333, metavar="NS", help="clock period in ns (default: %(default)s)"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument(
        "-I", dest="include", type=Path, action="append", default=[], metavar="DIR", help="folder for #include"
    )
    parser.add_argument("-D", dest="define", action="append", default=[], metavar="NAME[=VALUE]", help="define a macro")
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="folder kept between runs (default: DIR of -o, .cache)"
    )
    parser.add_argument("--no-resources", action="store_true", help="do not count LUTs, FFs, DSPs and RAMs with yosys")
    parser.add_argument("--again", action="store_true", help="do not take an unchanged result from the cache")
    parser.add_argument(
        "--pack-int8",
        action="store_true",
        help="pair int8 products with a common factor in one DSP even where their sums then take LUTs",
    )
    parser.add_argument("--version", action="version", version=tool_version())
    return parser


def _range_text(minimum: int | None, maximum: int | None) -> str:
    low, high = ("?" if bound is None else str(bound) for bound in (minimum, maximum))
    return low if low == high else f"{low}..{high}"


def summary(report: SynthesisReport) -> str:
    """The report in a few lines for people."""
    latency = _range_text(report.latency_cycles.minimum, report.latency_cycles.maximum)
    lines = [
        f"{report.top}: latency {latency} cycles, clock {report.estimated_clock_ps / 1000:.2f} ns"
        f" (estimated; wanted {report.clock_period_ps / 1000:.2f} ns), {len(report.modules)} modules"
    ]
    for loop in report.loops:
        place = f"{Path(loop.file).name}:{loop.line}" if loop.line else "?"
        trips = _range_text(loop.trip_count.minimum, loop.trip_count.maximum)
        interval = f"II={loop.ii}, " if loop.pipelined else ""
        if loop.bounds is not None:
            interval = f"II={loop.ii} (RecMII {loop.bounds.recurrence_ii}, ResMII {loop.bounds.resource_ii}), "
        reason = f" (wanted {loop.ii_target}: {loop.ii_limited_by})" if loop.ii_limited_by else ""
        lines.append(
            f"  {loop.function}: loop {loop.name} ({place}): {interval}depth {loop.depth}, {trips} iterations{reason}"
        )
        lines += [f"    {note}" for note in loop.notes]
    for module in report.modules:
        if module.name != report.top:
            cycles = _range_text(module.latency_cycles.minimum, module.latency_cycles.maximum)
            interval = f", II={module.ii}" if module.ii is not None else ""
            reason = f" ({module.ii_limited_by})" if module.ii_limited_by else ""
            plural = "s" if module.instances != 1 else ""
            lines.append(
                f"  {module.name}: {module.instances} instance{plural}, latency {cycles} cycles{interval}{reason}"
            )
    lines += [f"  note: {note}" for note in report.notes]
    if report.resources is not None:
        r = report.resources
        lines.append(f"  {r.lut} LUT, {r.ff} FF, {r.dsp} DSP, {r.bram18} BRAM18, {r.uram} URAM ({r.kind}, {r.tool})")
    return "\n".join(lines)


def _explain(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="csynth explain",
        description="Say what limits the initiation interval of each pipelined loop, and the smallest remedy.",
    )
    parser.add_argument("report", type=Path, help="report.json, or the folder that csynth wrote it to")
    parser.add_argument("loop", nargs="?", help="name of one loop (default: all pipelined loops)")
    options = parser.parse_args(arguments)
    path = options.report / "report.json" if options.report.is_dir() else options.report
    try:
        text = explain(SynthesisReport.from_json(path.read_text()), options.loop)
    except OSError as error:
        print(f"{path}: {error.strerror}. Run csynth first", file=sys.stderr)
        return 1
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(text)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code. `synth`, the default, may be left out."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["explain"]:
        return _explain(words[1:])
    if words in (["pragmas"], ["refusals"]):
        print(pragmas() if words == ["pragmas"] else refusals(), end="")
        return 0
    options = _parser().parse_args(words[1:] if words[:1] == ["synth"] else words)
    try:
        if not options.source.is_file():
            raise CsynthError(
                "source", f"source is {str(options.source)!r}; must be a readable file", None, "Check the path."
            )
        report = synthesize(
            options.source,
            top=options.top,
            part=options.part,
            clock_period_ps=round(options.clock * 1000),
            out_dir=options.output,
            include_dirs=options.include,
            defines=options.define,
            resources=not options.no_resources,
            cache_dir=options.cache,
            reuse=not options.again,
            pack_int8=options.pack_int8,
        )
    except CsynthError as error:
        print(error, tag(error.code), file=sys.stderr)
        return 1
    print(summary(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
