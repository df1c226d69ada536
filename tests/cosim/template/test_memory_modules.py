"""load_a, load_b, store_c, buffer_c and post: contract, vectors in C, wrong versions, interval, clock, RTL under stalls, and cycles."""

import json
from pathlib import Path

import numpy as np
import pytest

from aigchip.core import paths
from aigchip.template import module as template
from aigchip.template.vectors import Vector
from aigchip.toolchain import csim, module_rtl
from aigchip.toolchain.audit import audit, audit_loops
from aigchip.toolchain.contract import Contract
from csynth.driver import synthesize

SEED = 1

LOADS_A = ((8, 16, 4),)  # word_bytes, burst_words, outstanding_bursts
SLOW_LOADS_A = ((8, 16, 2), (16, 32, 8), (64, 16, 16), (64, 64, 32))
LOADS_B = ((8, 2, 32),)  # word_bytes, pixels_word, outstanding_bursts
SLOW_LOADS_B = ((8, 8, 4), (16, 1, 2), (64, 4, 32), (64, 64, 64))
STORES = ((8, 4, 16, 8),)  # word_bytes, results, burst_words, outstanding_bursts
SLOW_STORES = ((8, 8, 16, 2), (16, 1, 32, 4), (64, 2, 16, 16), (64, 32, 16, 16), (64, 64, 64, 32))
POSTS = ((4, 8, 8, 24, 16),)  # channel_block, results, word_bytes, accumulator_bits, tile_channels
SLOW_POSTS = (
    (16, 32, 64, 32, 512),
    (16, 64, 64, 32, 512),
    (1, 2, 64, 32, 128),
    (4, 8, 64, 24, 16),
    (16, 4, 16, 28, 32),
    (16, 2, 64, 28, 16),
    (64, 64, 64, 24, 64),
)
BUFFERS = (  # step_m, step_n, channel_block, pixels_word, dimension, factor, accumulator_bits, slots, slot_lines, storage
    (4, 4, 4, 2, "width", 2, 24, 2, 16, "bram"),
)
SLOW_BUFFERS = (
    (16, 4, 16, 4, "width", 2, 32, 2, 512, "bram"),
    (16, 4, 16, 4, "width", 4, 32, 4, 256, "uram"),
    (32, 32, 1, 64, "width", 2, 32, 2, 256, "bram"),
    (4, 8, 2, 4, "width", 8, 28, 8, 16, "lutram"),
    (16, 4, 1, 64, "width", 4, 32, 2, 1, "lutram"),
    (64, 2, 1, 8, "width", 2, 32, 2, 16, "lutram"),
    (8, 4, 4, 2, "height", 2, 28, 4, 128, "lutram"),
    (8, 2, 2, 4, "height", 8, 24, 2, 64, "bram"),
    (1, 1, 1, 8, "height", 1, 32, 2, 512, "bram"),
    (8, 2, 8, 8, "height", 1, 24, 2, 131072, "uram"),
)
CASES = {
    "load_a": (LOADS_A, SLOW_LOADS_A),
    "load_b": (LOADS_B, SLOW_LOADS_B),
    "store_c": (STORES, SLOW_STORES),
    "post": (POSTS, SLOW_POSTS),
    "buffer_c": (BUFFERS, SLOW_BUFFERS),
}
EVERY = [
    pytest.param(name, case, marks=[pytest.mark.slow] * slow, id=f"{name}-{'-'.join(map(str, case))}")
    for name, (few, many) in CASES.items()
    for slow, cases in enumerate((few, many))
    for case in cases
]


def parameters(name, case) -> dict[str, int | str]:
    return dict(zip(template.load(name).spec.parameters, case, strict=True))


def synthesised(name, values, folder: Path) -> list[Path]:
    """Synthesise; every loop to be pipelined must start an iteration each cycle at 3.333 ns."""
    module = template.load(name)
    file = folder / f"{name}.cpp"
    file.write_text(module.expert_code(values))
    out = folder / "out"
    report = synthesize(
        file,
        top=module.function(values),
        part="xczu7ev-ffvc1156-2-e",
        clock_period_ps=3333,
        out_dir=out,
        include_dirs=[template.include_dir()],
        resources=False,
    )
    pipelined = [loop for loop in report.loops if loop.ii_target is not None]
    assert pipelined
    for loop in pipelined:
        assert loop.ii == 1, loop.ii_limited_by
    assert json.loads((out / "report.json").read_text())["estimated_clock_ps"] <= 3333
    return sorted((out / "rtl").glob("*.v"))


def simulated(name, values, vectors, folder: Path) -> dict[tuple[str, str], int]:
    """Compare the RTL with the vectors; return the cycles of each run and vector."""
    module = template.load(name)
    cache = paths.cache_dir() / "verilator"
    cache.mkdir(parents=True, exist_ok=True)
    result = module_rtl.check_module(
        synthesised(name, values, folder),
        function=module.function(values),
        ports=module.ports(values),
        vectors=vectors,
        cache=cache,
        work=folder / "run",
        timeout_seconds=800,
    )
    return {(call.run, call.vector): call.cycles for call in result.calls}


@pytest.mark.parametrize(("name", "case"), EVERY)
def test_the_vectors_pass_the_expert_and_fail_the_wrong_versions(name, case):
    module, values = template.load(name), parameters(name, case)
    code, contract, vectors = module.expert_code(values), Contract.of(module, values), module.vectors(values, SEED)
    result = csim.simulate(code, contract, vectors)
    assert result.ok, result.errors[0]
    found = audit(code, contract, vectors)
    found.check(values)
    assert found.ok, found.counts()


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_vectors_fail_every_shorter_loop(name):
    module, values = template.load(name), parameters(name, CASES[name][0][0])
    loops = audit_loops(module.expert_code(values), Contract.of(module, values), module.vectors(values, SEED))
    assert [loop.name for loop in loops if not loop.caught] == []


@pytest.mark.parametrize(("name", "case"), EVERY)
def test_the_rtl_equals_the_vectors_under_stalls(name, case, tmp_path):
    values = parameters(name, case)
    simulated(name, values, template.load(name).vectors(values, SEED), tmp_path)


def words_of(vector: Vector, port: str) -> int:
    return len({**vector.streams_in, **vector.streams_out}[port])


def chosen(name, case, text) -> tuple[dict[str, int | str], Vector]:
    values = parameters(name, case)
    return values, next(v for v in template.load(name).vectors(values, SEED) if v.name == text)


# A vector of several commands, the port that counts, and the cycles beyond a word a cycle, memory's latency among them.
SPEEDS = (
    ("load_a", (8, 16, 4), "every kind of last burst, weights and parameters in turn", ("words", "param_words"), 18),
    ("load_a", (64, 64, 32), "tiles, each with its parameters", ("words", "param_words"), 24),
    ("load_b", (8, 2, 32), "windows around the map", ("words",), 20),
    ("load_b", (64, 4, 32), "windows around the map", ("words",), 20),
    ("store_c", (8, 4, 16, 8), "every kind of last burst", ("outputs",), 32),
    ("store_c", (64, 64, 64, 32), "every kind of last burst", ("outputs",), 24),
    ("post", (4, 8, 8, 24, 16), "zero points and limits", ("sums",), 24),
    ("post", (16, 32, 64, 32, 512), "more than 256 words of a block", ("sums",), 16),
)


@pytest.mark.parametrize("row", [pytest.param(row, marks=[pytest.mark.slow] * (row[1][0] > 8)) for row in SPEEDS])
def test_a_word_passes_in_every_cycle_over_several_commands(row, tmp_path):
    name, case, text, counted, beyond = row
    values, vector = chosen(name, case, text)
    cycles = simulated(name, values, [vector], tmp_path)[module_rtl.FULL_RATE, text]
    assert cycles <= sum(words_of(vector, port) for port in counted) + beyond


def test_folding_and_sending_do_not_wait_for_each_other(tmp_path):
    values = parameters("buffer_c", (4, 4, 4, 2, "width", 2, 24, 2, 256, "bram"))
    rng = np.random.default_rng(SEED)
    width, few, many = 8 * 24, 16, 240
    pieces = [int.from_bytes(rng.bytes(width // 8), "little") for _ in range(few + many)]

    def command(
        fold_slot, fold_lines, drain_words
    ):  # a line is a piece, a memory word of one block, and a word of sums
        drain = (1 - fold_slot) << 42 | 1 << 50 | drain_words << 66 if drain_words else 0
        return 1 << 1 | fold_slot << 2 | 1 << 10 | fold_lines // 2 << 26 | drain

    def vector(name, first, fold, drain):
        """Fold `first` lines, then `fold` more while `drain` of the first are sent."""
        return Vector(
            name=name,
            streams_in={
                "commands": (command(0, first, 0), command(1, fold, drain), 1),
                "results": tuple(pieces[: first + fold]),
            },
            streams_out={"sums": tuple(pieces[:drain])},
        )

    vectors = [vector("long fold", few, many, few), vector("long sending", many, few, many)]
    cycles = simulated("buffer_c", values, vectors, tmp_path)
    overhead = 40  # three commands
    assert cycles[module_rtl.FULL_RATE, "long fold"] <= few + many + overhead
    assert cycles[module_rtl.FULL_RATE, "long sending"] <= many + many + overhead
    assert (
        cycles[module_rtl.SLOW_OUTPUTS, "long fold"] <= few + many + overhead
    )  # though sending takes four times as long
