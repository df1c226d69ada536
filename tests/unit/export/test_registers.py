"""The register map: one set of offsets, in SystemRDL, C and the RTL."""

import re
import subprocess
from dataclasses import replace

import pytest
from support import exported
from systemrdl.compiler import RDLCompiler
from systemrdl.messages import RDLCompileError

from aigchip.export import Argument, registers
from aigchip.mapping import Convolution, Geometry, LayerRun
from aigchip.space import Design
from aigchip.toolchain import cosim, shell

pytestmark = pytest.mark.verifies("register-map")


def compiled(text, tmp_path):
    source = tmp_path / "registers.rdl"
    source.write_text(text)
    compiler = RDLCompiler()
    compiler.compile_file(str(source))
    return {node.inst_name: node.absolute_address for node in compiler.elaborate().top.registers()}


def test_the_offsets_are_those_that_the_co_simulation_writes(description, tmp_path):
    found = compiled(registers.rdl(description), tmp_path)
    told = [{"name": one.name, "offset": one.offset, "width_bits": one.width_bits} for one in description.arguments]
    run = LayerRun(layer=Convolution.of_product(3, 5, 7))
    operands = run.operands(Geometry.of(Design.from_dict(description.parameters)))
    network = {"registers": told, "maxi": [{"width_bits": memory.width_bits} for memory in description.memories]}
    job = cosim._job(cosim.CosimRun(run=run), operands, 0, network)
    written = [offset for offset, _ in job["registers"]]
    fixed = {"control": 0, "interrupt_global": 4, "interrupt_enable": 8, "interrupt_status": 12}
    fixed |= {"id": shell.REGISTER_ID, "version": shell.REGISTER_VERSION, "runs": shell.REGISTER_RUNS}
    fixed |= {"cycles_low": shell.REGISTER_CYCLES_LOW, "cycles_high": shell.REGISTER_CYCLES_HIGH}
    assert {name: found[name] for name in fixed} == fixed
    assert sorted(offset for name, offset in found.items() if name not in fixed) == sorted(written)
    assert found["gmem_b_high"] == found["gmem_b_low"] + 4


def test_the_offsets_are_those_that_the_rtl_decodes(description, tmp_path):
    rtl = {file.name: file.text for file in description.rtl}
    decoded = {int(text, 16) for text in re.findall(r"13'h([0-9a-f]{4}): r_data", rtl["accelerator_shell.v"])}
    decoded |= {int(text, 16) for text in re.findall(r"12'h([0-9a-f]{3}): read_data", rtl["accelerator_control.v"])}
    assert set(compiled(registers.rdl(description), tmp_path).values()) == decoded


def test_registers_that_overlap_are_no_system_rdl(description):
    twice = (*description.arguments, Argument(name="wrong", offset=0x10, width_bits=32))
    with pytest.raises(RDLCompileError):
        registers.files(replace(description, arguments=twice))


CHECK = """
#include <stddef.h>
#include "registers/example_registers.h"
{asserts}
int main(void) {{
  static accelerator_t device;
  device.control.f.start = 1;
  return device.control.w != ACCELERATOR__CONTROL__START_bm;
}}
"""


def gcc(folder, asserts):
    (folder / "check.c").write_text(CHECK.format(asserts="\n".join(asserts)))
    command = ["gcc", "-std=c11", "-Wall", "-Werror", "-I.", "check.c", "-o", "check"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_c_header_compiles_with_the_same_offsets_and_a_wrong_one_is_seen(description, tmp_path):
    folder = exported.write(registers.files(description), tmp_path)
    asserts = [
        f'_Static_assert(offsetof(accelerator_t, {one.name}) == 0x{one.offset:x}, "{one.name}");'
        for one in description.registers
    ]
    done = gcc(folder, asserts)
    assert done.returncode == 0, done.stderr
    assert subprocess.run([str(folder / "check")], check=False).returncode == 0
    wrong = gcc(folder, [*asserts, '_Static_assert(offsetof(accelerator_t, tile_m) == 0x14, "tile_m moved");'])
    assert "tile_m moved" in wrong.stderr


def test_the_pages_name_every_register(description):
    files = registers.files(description)
    assert "registers/html/index.html" in files
    meanings = {register.name: register.meaning for register in description.registers}
    assert meanings["stride"] == "Columns of the map from an output column to the next: 1, 2 or 4."
    assert meanings["gmem_c_low"] == "Byte address of the output map, a multiple of a memory word, the lower word."
    data = b"".join(content for path, content in files.items() if path.startswith("registers/html/content"))
    for register in description.registers:
        assert register.name.encode() in data
