"""A kernel that csynth made, an int8 array behind three AXI masters, as programs on stripes: with lean and with general DSP cells."""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks import fast_harness

from aigchip.toolchain import fastsim, program, registers, shell
from aigchip.toolchain.fastsim import Dump, Load, Run, Write
from aigchip.toolchain.fastsim.top import memory_ports

pytestmark = pytest.mark.xdist_group("fastsim-csynth")  # the kernel is made once
SIZE = 8  # words of 64 bits
STEPS = (50, 3, 200)
PROGRAM = 0x9000_0010
OPTIONS = shell.Options(ports=2, jobs=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Path]:
    return fast_harness.make(SIZE, tmp_path_factory.mktemp("array"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


def halves(data: np.ndarray) -> list[bytes]:
    """Return the two stripes of rows of 8 bytes."""
    return [np.ascontiguousarray(data[:, part : part + 4]).tobytes() for part in (0, 4)]


def run(made, cache, *, lean: bool, stall: float) -> fastsim.FastResult:
    """Run all jobs by one start and judge every byte."""
    rtl, network = made
    model = fastsim.build(
        rtl, network=network, cache=cache, options=OPTIONS, lean=lean, probes=fastsim.Probes(fifos=True, waits=True)
    )
    rng = np.random.default_rng(5)
    weights = rng.integers(-128, 128, (SIZE, SIZE)).astype(np.int8)
    rows = [rng.integers(-128, 128, (steps, SIZE)).astype(np.int8) for steps in STEPS]
    memories = memory_ports(json.loads(network.read_text()))
    base = {entry.master: 0x1000_0000 * (index + 1) for index, entry in enumerate(shell.bases(memories, OPTIONS))}
    actions = []
    for entry in shell.bases(memories, OPTIONS):
        actions += [Write(entry.register, base[entry.master]), Write(entry.register + 4, 0)]
    actions += [Load(base[f"gmem_b_{part}"], half) for part, half in enumerate(halves(weights.T))]
    jobs, dumps = [], []
    for index, a in enumerate(rows):
        at = 0x1_0000 * index + 0xFD0
        actions += [Load(base[f"gmem_a_{part}"] + at // 2, half) for part, half in enumerate(halves(a))]
        values = {"steps": len(a), "columns": SIZE, "gmem_a": at, "gmem_b": 0, "gmem_c": at}
        jobs.append(registers.writes(json.loads(network.read_text()), values))
        dumps += [Dump(f"{index}_{part}", base[f"gmem_c_{part}"] + at // 2, 4 * len(a)) for part in range(2)]
    walk = program.assemble(jobs)
    actions += [
        Load(PROGRAM, walk.image), *fastsim.ENABLE_INTERRUPT, Write(shell.REGISTER_PROGRAM, PROGRAM), Write(shell.REGISTER_PROGRAM + 4, 0),
        Run(shell.REGISTER_COMMAND, 1), *dumps, Dump("program", PROGRAM, len(walk.image)),
    ]  # fmt: skip
    result = fastsim.run(model, fastsim.ideal_memory(model.masters, latency_cycles=20, stall=stall), actions)
    for index, a in enumerate(rows):
        expected = ((a.astype(np.int32) @ weights.astype(np.int32)) >> 8).astype(np.int8)
        assert [result.dumps[f"{index}_{part}"] for part in range(2)] == halves(expected), index
    assert walk.cycles(result.dumps["program"]) == [job.cycles for job in result.jobs]
    if not stall:
        ends = [job.start_cycle + job.cycles for job in result.jobs]
        gaps = [job.start_cycle - end for job, end in zip(result.jobs[1:], ends, strict=False)]
        assert all(gap <= 20 + 5 * count for gap, count in zip(gaps, walk.writes[1:], strict=True)), (gaps, walk.writes)
    return result


def test_lean_and_general_cells_give_the_same_bytes_and_cycles(made, cache):
    lean, general = (run(made, cache, lean=lean, stall=0.0) for lean in (True, False))
    assert [job.cycles for job in lean.jobs] == [job.cycles for job in general.jobs]
    assert [job.waits for job in lean.jobs] == [job.waits for job in general.jobs]
    assert [job.fifos for job in lean.jobs] == [job.fifos for job in general.jobs]
    assert lean.jobs[2].fifos["cs"].words == STEPS[2]
    assert lean.jobs[0].waits["load_a.memory_R"] >= 20


def test_random_stalls_change_no_byte(made, cache):
    run(made, cache, lean=True, stall=0.4)
