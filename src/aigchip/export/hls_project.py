"""The C++ as a project of Vitis HLS: sources, headers, a bench, run_hls.tcl and hls_config.cfg."""

from __future__ import annotations

from collections.abc import Iterable

from aigchip.export import bench, common
from aigchip.export.description import Description, Files

_SOURCE_FLAGS = "-std=c++14 -Iinclude"
_TCL_FLAGS = "-std=c++14 -I$folder/include"


def files(description: Description) -> Files:
    """Return the project."""
    return {
        **common.told(description),
        **{f"src/{file.name}": file.text for file in description.units},
        f"src/{description.top.name}": top(description),
        **{f"include/{file.name}": file.text for file in description.includes},
        "tb/bench.cpp": _bench(description),
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
    for name, words in _depths(description, bench.layer(description)).items():
        text = text.replace(f"bundle={name} offset=slave", f"bundle={name} offset=slave depth={words}")
    return text


def _depths(description: Description, job: bench.BenchLayer) -> dict[str, int]:
    """Return how many words of each memory the bench's layer takes."""
    sizes = (len(job.operands.image_a), len(job.operands.image_b), job.operands.bytes_c)
    return {
        memory.name: size * 8 // memory.width_bits for memory, size in zip(description.memories, sizes, strict=True)
    }


def _bench(description: Description) -> str:
    job = bench.layer(description)
    operands, layer = job.operands, job.run.layer
    depths = _depths(description, job)
    values = operands.job.to_dict()
    memories = [
        f"static ap_uint<{memory.width_bits}> {memory.name}[{depths[memory.name]}];" for memory in description.memories
    ]
    images = {"image_a": operands.image_a, "image_b": operands.image_b}
    arrays = [_array("unsigned char", name, image) for name, image in images.items()]
    expected = [int(value) for value in job.run.reference().flatten()]
    arguments = [
        argument.name if argument.name in depths else f"{values[argument.name] & 0xFFFFFFFF}u"
        for argument in description.arguments
    ]
    name_a, name_b, name_c = depths
    return f"""{common.header(description, bench.TOLD, "//")}#include <stdio.h>

#include "ap_int.h"
#include "hls_burst_maxi.h"

{_declaration(description)};

{chr(10).join(memories)}
{chr(10).join(arrays)}
{_array("signed char", "expected", expected)}

template <int BITS>
static void fill(ap_uint<BITS>* memory, const unsigned char* image, int bytes) {{
  for (int at = 0; at < bytes; at += BITS / 8) {{
    ap_uint<BITS> word = 0;
    for (int byte = 0; byte < BITS / 8; byte++) word.range(8 * byte + 7, 8 * byte) = image[at + byte];
    memory[at / (BITS / 8)] = word;
  }}
}}

template <int BITS>
static signed char byte_of(const ap_uint<BITS>* memory, int at) {{
  return (signed char)ap_uint<8>(memory[at / (BITS / 8)] >> (8 * (at % (BITS / 8)))).to_uint();
}}

int main() {{
  fill({name_a}, image_a, sizeof image_a);
  fill({name_b}, image_b, sizeof image_b);
  {description.kernel}({", ".join(arguments)});
  int wrong = 0;
  for (int channel = 0; channel < {layer.outputs}; channel++) {{
    for (int row = 0; row < {layer.out_rows}; row++) {{
      for (int column = 0; column < {layer.out_columns}; column++) {{
        const int pixel = channel / {job.block} * {job.plane_pixels} + row * {operands.job.out_columns} + column;
        const signed char found = byte_of({name_c}, pixel * {job.block} + channel % {job.block});
        wrong += found != expected[(channel * {layer.out_rows} + row) * {layer.out_columns} + column];
      }}
    }}
  }}
  if (wrong) {{
    printf("FAIL: %d of %d elements of C are wrong\\n", wrong, {len(expected)});
    return 1;
  }}
  printf("PASS: {job.run.name} is bit-exact\\n");
  return 0;
}}
"""


def _array(kind: str, name: str, values: Iterable[int]) -> str:
    """Return a constant array in C++."""
    texts = [str(value) for value in values]
    rows = (f"  {', '.join(texts[at : at + 24])}," for at in range(0, len(texts), 24))
    return f"static const {kind} {name}[{len(texts)}] = {{\n" + "\n".join(rows) + "\n};"


def _declaration(description: Description) -> str:
    """Take the top's declaration from its source, so that there is one."""
    text = description.top.text
    begin = text.index(f"void {description.kernel}(")
    return text[begin : text.index("{", begin)].strip()
