"""Every kernel: C simulation = interpreter = RTL = the reference in Python; and the comparison can fail."""

import dataclasses
import re

import pytest
from benchmarks.kernels import kernels, native

from aigchip.core import paths
from aigchip.toolchain.rtlsim import verilated
from aigchip.toolchain.rtlsim.model import Job
from csynth.ir.interpret import Machine

# one text of the kernel -> another, which is wrong: made to hardware, it must fail its bench
MUTATIONS = {
    "fir": ("k < TAPS; k++) sum", "k < TAPS - 1; k++) sum"),
    "sobel": ("row >= 2", "row >= 3"),
    "histogram": ("old + 1", "old + 2"),
    "insertion_sort": ("else if (v < cells[k]) cells[k] = v;", "else if (v < cells[k]) cells[k] = v + 1;"),
    "prefix_sum": ("first ?", "!first ?"),
    "spmv": ("k < count", "k + 1 < count"),
    "crc32": ("0xedb88320u", "0xedb88321u"),
    "maxpool": ("up > pair", "up < pair"),
    "router": ("left = word(7, 0)", "left = word(6, 1)"),
    "matmul": ("k < N; k++) sum", "k < N - 1; k++) sum"),
    "square_root": ("rest >= trial", "rest > trial"),
    "scale_bursts": ("x.read() * factor", "x.read() * (factor + 1)"),
}
# the kernels with a wrong version run by default, all of them with the slow tests
NAMES = [name if name in MUTATIONS else pytest.param(name, marks=pytest.mark.slow) for name in kernels.names()]
pytestmark = pytest.mark.xdist_group("kernels")  # the fixtures are made once

STALLS = ((0.0, 0.0), (0.4, 0.4), (0.0, 0.75))
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def made(request, tmp_path_factory):
    """The kernels that the chosen tests need."""
    folder = tmp_path_factory.mktemp("kernels")
    chosen = {
        item.callspec.params.get("name")
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    }
    return {name: kernels.make(kernels.load(name), folder=folder) for name in kernels.names() if name in chosen}


@pytest.fixture(scope="module")
def stimuli(made):
    return {name: kernels.stimuli(one, SEEDS) for name, one in made.items()}


@pytest.fixture(scope="module")
def outcomes(made, stimuli):
    """Outcomes of every kernel under every stall: one build serves all."""
    program = verilated.build([one.design for one in made.values()], cache=paths.cache_dir() / "rtlsim")
    jobs = [
        Job(design=number, calls=tuple(stimuli[name][0]), stall_in=a, stall_out=b, seed=number + 3)
        for number, name in enumerate(made)
        for a, b in STALLS
    ]
    found = {name: {} for name in made}
    for job, result in zip(jobs, verilated.run(program, jobs), strict=True):
        found[list(made)[job.design]][job.stall_in, job.stall_out] = result.outcomes
    return found


@pytest.fixture(scope="module")
def simulated(made, stimuli, tmp_path_factory):
    """C simulation of every kernel."""
    sources = [one.kernel.source.read_text() for one in made.values()]
    designs = [one.design for one in made.values()]
    binary = native.build(sources, designs, folder=tmp_path_factory.mktemp("native"))
    return {
        name: native.run(binary, number, one.design, stimuli[name][0])
        for number, (name, one) in enumerate(made.items())
    }


@pytest.mark.parametrize("name", NAMES)
def test_rtl_equals_the_reference_at_full_rate_and_under_stalls(name, outcomes, stimuli):
    for stalls in STALLS:
        results = outcomes[name][stalls]
        assert len(results) == len(SEEDS)
        for outcome, expected in zip(results, stimuli[name][1], strict=True):
            assert kernels.outcome_difference(expected, outcome) is None


@pytest.mark.parametrize("name", NAMES)
def test_c_simulation_and_interpreter_equal_the_reference(name, made, stimuli, simulated):
    machine = Machine(made[name].program)
    for call, expected, found in zip(*stimuli[name], simulated[name], strict=True):
        returned = {} if found.returned is None else {"ap_return": found.returned}
        given = {"streams": found.streams, "scalars": returned, "memories": found.memories, "left": found.left}
        assert kernels.difference(expected, **given) is None
        outcome = machine.run(
            streams={port: list(words) for port, words in call.streams.items()},
            scalars=call.scalars,
            memories={port: list(words) for port, words in call.memories.items()},
        )
        left = {port: len(words) for port, words in outcome.left.items()}
        given = {"streams": outcome.streams, "scalars": outcome.scalars, "memories": outcome.memories, "left": left}
        assert kernels.difference(expected, **given) is None


@pytest.mark.parametrize("name", NAMES)
def test_every_pipelined_loop_has_a_bound_and_no_bound_is_beaten(name, made):
    achieved = {kernels.source_name(loop): loop.ii for loop in made[name].report.loops if loop.ii is not None}
    bounds = made[name].kernel.bounds
    assert achieved.keys() == bounds.keys()
    assert all(achieved[loop] >= bound for loop, (bound, _) in bounds.items())


ABOVE_THEIR_BOUND = {  # loop -> achieved II: what csynth does not reach yet; less is progress, more is a loss
    ("aes128", "ROUNDS"): 2,
    ("crc16_table", "MAIN"): 2,
    ("crc32", "MAIN"): 2,
}


def test_the_other_loops_reach_their_bounds(made):
    above = {
        (name, kernels.source_name(loop)): loop.ii
        for name, one in made.items()
        for loop in one.report.loops
        if loop.ii is not None and loop.ii > one.kernel.bounds[kernels.source_name(loop)][0]
    }
    assert above == {key: interval for key, interval in ABOVE_THEIR_BOUND.items() if key[0] in made}


@pytest.mark.parametrize("name", NAMES)
def test_the_bench_fails_wrong_outputs(name, outcomes, stimuli):
    """A no-op (zeros), an echo of the input, an output off by one, a missing and an extra word, and a word left over."""
    call, expected = stimuli[name][0][0], stimuli[name][1][0]
    right = outcomes[name][STALLS[0]][0]
    ports = "streams" if expected.streams else "memories"
    port = next(iter(getattr(expected, ports)))
    words = getattr(right, ports)[port]
    source = [*call.streams.values(), *call.memories.values()][0]
    echo = [source[k % len(source)] for k in range(len(words))]
    changed = [words[0] ^ 1, *words[1:]]
    for wrong in ([0] * len(words), [], echo, changed, [*words[:-1], words[-1] ^ 1], words[:-1], [*words, 0]):
        replaced = dataclasses.replace(right, **{ports: {**getattr(right, ports), port: wrong}})
        assert kernels.outcome_difference(expected, replaced) is not None
    if right.left:
        left = dataclasses.replace(right, left={**right.left, next(iter(right.left)): 1})
        assert kernels.outcome_difference(expected, left) is not None


@pytest.fixture(scope="module")
def mutants(tmp_path_factory):
    """Outcomes of each wrong version."""
    folder = tmp_path_factory.mktemp("mutants")
    wrong = {}
    for name, (old, new) in MUTATIONS.items():
        kernel = kernels.load(name)
        text = kernel.source.read_text()
        assert len(re.findall(re.escape(old), text)) == 1
        path = folder / f"{name}.cpp"
        path.write_text(text.replace(old, new))
        wrong[name] = kernels.make(dataclasses.replace(kernel, source=path), folder=folder)
    program = verilated.build(
        [one.design for one in wrong.values()], cache=paths.cache_dir() / "rtlsim", optimisation="-O0"
    )
    jobs = [
        Job(design=number, calls=tuple(kernels.stimuli(one, SEEDS)[0]), watchdog_cycles=2000)
        for number, one in enumerate(wrong.values())
    ]
    return dict(zip(wrong, verilated.run(program, jobs), strict=True))


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_bench_fails_hardware_of_a_wrong_source(name, mutants, stimuli):
    found = [
        kernels.outcome_difference(expected, outcome)
        for expected, outcome in zip(stimuli[name][1], mutants[name].outcomes, strict=False)
    ]
    assert any(text is not None for text in found)
