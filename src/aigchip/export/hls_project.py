"""The C++ as a project of Vitis HLS: sources, headers, a bench, run_hls.tcl and hls_config.cfg."""

from __future__ import annotations

from aigchip.export import bench, common
from aigchip.export.description import Description, Files
from aigchip.toolchain.gemm import Gemm

_SOURCE_FLAGS = "-std=c++14 -Iinclude"
_TCL_FLAGS = "-std=c++14 -I$folder/include"


def files(description: Description) -> Files:
    """Return the project."""
    return {
        **common.told(description),
        **{f"src/{file.name}": file.text for file in description.units},
        f"src/{description.top.name}": top(description),
        **{f"include/{file.name}": file.text for file in description.includes},
        "tb/bench.cpp": _bench(description, bench.gemm(description)),
        "run_hls.tcl": tcl(description),
        "hls_config.cfg": config(description),
    }


def _sources(description: Description) -> list[str]:
    return [f"src/{file.name}" for file in (*description.units, description.top)]


def tcl(description: Description) -> str:
    """Return the script for vitis_hls -f, vitis-run --mode hls --tcl and vivado_hls -f."""
    what = "Vitis HLS: C simulation, C synthesis, co-simulation and packaging of the accelerator"
    lines = [common.header(description, what, "#").rstrip("\n")]
    lines += [
        "# AIGCHIP_HLS_STEPS in the environment chooses the steps, as vitis-run hands no arguments to a script.",
        "set folder [file dirname [file normalize [info script]]]",
        "cd $folder",
        "set steps {csim csynth cosim export}",
        "if {[info exists ::env(AIGCHIP_HLS_STEPS)]} { set steps $::env(AIGCHIP_HLS_STEPS) }",
        "foreach step $steps {",
        "  if {$step ni {csim csynth cosim export}} {",
        '    error "AIGCHIP_HLS_STEPS: $step is no step; use csim, csynth, cosim, export"',
        "  }",
        "}",
        f"open_project -reset {description.identifier}",
        f"set_top {description.kernel}",
        *(f'add_files {source} -cflags "{_TCL_FLAGS}"' for source in _sources(description)),
        f'add_files -tb tb/bench.cpp -cflags "{_TCL_FLAGS}"',
        "open_solution -reset solution1 -flow_target vivado",
        f"set_part {{{description.part}}}",
        f"create_clock -period {description.clock_period_ns} -name default",
        'if {"csim" in $steps} { csim_design }',
        'if {"csynth" in $steps} { csynth_design }',
        'if {"cosim" in $steps} { cosim_design -rtl verilog }',
        'if {"export" in $steps} { export_design -format ip_catalog -rtl verilog }',
        "exit",
    ]
    return "\n".join(lines) + "\n"


def config(description: Description) -> str:
    """Return the configuration for v++ -c --mode hls and vitis-run --mode hls."""
    lines = [common.header(description, "Vitis HLS, unified flow (2023.2 and later)", "#").rstrip("\n")]
    lines += [
        f"part={description.part}",
        "",
        "[hls]",
        "flow_target=vivado",
        f"clock={description.clock_period_ns}ns",
        *(f"syn.file={source}" for source in _sources(description)),
        f"syn.cflags={_SOURCE_FLAGS}",
        f"syn.top={description.kernel}",
        "tb.file=tb/bench.cpp",
        f"tb.cflags={_SOURCE_FLAGS}",
        "package.output.format=ip_catalog",
        "package.output.syn=false",
    ]
    return "\n".join(lines) + "\n"


def top(description: Description) -> str:
    """Return the top's source with the depth of each memory, which co-simulation in Vitis HLS needs: that of the bench."""
    text = description.top.text
    for name, words in _memories(bench.gemm(description)).items():
        text = text.replace(f"bundle={name} offset=slave", f"bundle={name} offset=slave depth={len(words)}")
    return text


def _memories(job: Gemm) -> dict[str, list[str]]:
    """Return what the memories hold before the run, in words of 64 bits."""
    operands = job.operands()
    return {
        "gmem_a": _words64(operands.image_a),
        "gmem_b": _words64(operands.image_b),
        "gmem_c": ["0"] * (job.m * operands.stride_c // 8),
    }


def _bench(description: Description, job: Gemm) -> str:
    operands = job.operands()
    words = _memories(job)
    scalars = {
        "m": job.m,
        "k": job.k,
        "n": job.n,
        "multiplier": job.multiplier,
        "shift": job.shift,
        "relu": int(job.relu),
        "bias_offset": operands.bias_offset_words,
    }
    arrays = [
        f"static ap_uint<64> {name}[{len(values)}] = {{\n{_folded(values)}\n}};" for name, values in words.items()
    ]
    expected = [str(int(value)) for value in job.reference().flatten()]
    arguments = [
        argument.name if argument.name in words else f"{scalars[argument.name]}" for argument in description.arguments
    ]
    head = common.header(description, "One GEMM on the accelerator, every byte of C compared with numpy's result", "//")
    return f"""{head}#include <stdio.h>

#include "ap_int.h"
#include "hls_burst_maxi.h"

{_declaration(description)};

{chr(10).join(arrays)}
static const signed char expected[{len(expected)}] = {{
{_folded(expected)}
}};

int main() {{
  {description.kernel}({", ".join(arguments)});
  int wrong = 0;
  for (int row = 0; row < {job.m}; row++) {{
    for (int column = 0; column < {job.n}; column++) {{
      const int at = row * {operands.stride_c} + column;
      const signed char found = (signed char)(gmem_c[at / 8] >> (8 * (at % 8))).to_uint();
      wrong += found != expected[row * {job.n} + column];
    }}
  }}
  if (wrong) {{
    printf("FAIL: %d of %d elements of C are wrong\\n", wrong, {job.m * job.n});
    return 1;
  }}
  printf("PASS: m {job.m}, k {job.k}, n {job.n} is bit-exact\\n");
  return 0;
}}
"""


def _declaration(description: Description) -> str:
    """Take the top's declaration from its source, so that there is one."""
    text = description.top.text
    begin = text.index(f"void {description.kernel}(")
    return text[begin : text.index("{", begin)].strip()


def _words64(image: bytes) -> list[str]:
    return [f"0x{int.from_bytes(image[at : at + 8], 'little'):x}ULL" for at in range(0, len(image), 8)]


def _folded(values: list[str]) -> str:
    return "\n".join(f"  {', '.join(values[at : at + 8])}," for at in range(0, len(values), 8))
