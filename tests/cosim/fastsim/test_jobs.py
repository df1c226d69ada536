"""The shell's walker: a program of many jobs by one start, bit by bit under random stalls; a wrong walker fails."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aigchip.toolchain import fastsim, program, shell
from aigchip.toolchain.fastsim import Dump, Idle, Load, Protect, Read, Run, Start, Wait, Write
from cosim.fastsim import combine

pytestmark = pytest.mark.xdist_group("fastsim-jobs")  # the models are made once
AT = 0x5000_0FA8  # of the program: it begins in the middle of a burst and crosses 4 KiB
JOBS = (
    3,
    200,
    1,
    64,
    17,
    90,
    33,
    5,
    40,
    2,
    8,
    71,
    6,
    19,
)  # words of each; the program is longer than what is read ahead
STATE = tuple(
    Read(register)
    for register in (
        shell.REGISTER_COMMAND,
        shell.REGISTER_JOBS,
        shell.REGISTER_TOTAL,
        shell.REGISTER_ERROR,
        shell.REGISTER_TAKEN,
    )
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def built(cache, tmp_path):
    def go(change: tuple[str, str] | None = None) -> fastsim.Model:
        rtl, network = combine.write(tmp_path / "kernel")
        if change is None:
            return fastsim.build(rtl, network=network, cache=cache, options=shell.Options(jobs=True))
        ports = [shell.MemoryPort(name=name, width_bits=64) for name in combine.MEMORIES]
        kernel = (rtl / "accelerator.v").read_text()
        text = shell.render(kernel, kernel="accelerator", memories=ports, options=shell.Options(jobs=True))
        assert text.count(change[0]) == 1, change[0]
        (rtl / "accelerator_shell.v").write_text(text.replace(*change))
        return fastsim.build(rtl, network=network, cache=cache)

    return go


def places(index: int) -> tuple[int, int, int]:
    return tuple(0x1000_0F80 + (part << 28) + 0x1000 * index for part in range(3))  # type: ignore[return-value]


def loads(jobs=JOBS) -> list:
    found = []
    for index, words in enumerate(jobs):
        a, b = combine.images(words, seed=index)
        found += [Load(places(index)[0], a), Load(places(index)[1], b)]
    return found


def dumps(jobs=JOBS) -> list:
    return [Dump(f"c{index}", places(index)[2], 8 * words) for index, words in enumerate(jobs)]


def assembled(jobs=JOBS, **more) -> program.Program:
    return program.assemble([combine.register_writes(words, places(i)) for i, words in enumerate(jobs)], **more)


def begin(image: bytes, at: int = AT) -> list:
    return [
        Load(at, image),
        *fastsim.ENABLE_INTERRUPT,
        Write(shell.REGISTER_PROGRAM, at & 0xFFFFFFFF),
        Write(shell.REGISTER_PROGRAM + 4, at >> 32),
    ]


RUN = Run(shell.REGISTER_COMMAND, 1)


def whole(model: fastsim.Model, *, stall: float, seed: int = 1, latency: int = 30) -> fastsim.FastResult:
    """Run the program of all jobs and judge everything that it leaves."""
    made = assembled()
    memory = fastsim.ideal_memory(model.masters, latency_cycles=latency, stall=stall, seed=seed)
    actions = [
        *loads(),
        *begin(made.image),
        RUN,
        *STATE,
        fastsim.CLEAR_INTERRUPT,
        *dumps(),
        Dump("program", AT, len(made.image)),
    ]
    result = fastsim.run(model, memory, actions, watchdog_cycles=2000)
    for index, words in enumerate(JOBS):
        assert result.dumps[f"c{index}"] == combine.expected(*combine.images(words, seed=index)), index
    cycles = made.cycles(result.dumps["program"])
    assert cycles == [job.cycles for job in result.jobs]
    left = bytearray(result.dumps["program"])
    for slot in made.slots:
        left[slot : slot + 8] = bytes(8)
    assert bytes(left) == made.image
    status, jobs, total, error, taken = result.reads
    assert (status, jobs, error, taken) == (0, len(JOBS), 0, len(made.image) // 8)
    assert abs(total - result.runs[0].cycles) <= 8
    assert len(result.jobs) == len(JOBS)
    return result


@pytest.mark.parametrize(("stall", "seed"), [(0.0, 1), (0.3, 2), (0.6, 3)])
def test_a_program_runs_every_job_and_notes_their_cycles(built, stall, seed):
    whole(built(), stall=stall, seed=seed)


@pytest.mark.parametrize("latency", [1, 45])
def test_the_time_between_two_jobs_is_short(built, latency):
    result = whole(built(), stall=0.0, latency=latency)
    writes = assembled().writes
    ends = [job.start_cycle + job.cycles for job in result.jobs]
    gaps = [job.start_cycle - end for job, end in zip(result.jobs[1:], ends, strict=False)]
    assert all(gap <= 20 + 5 * count for gap, count in zip(gaps, writes[1:], strict=True)), (gaps, writes)


def errors(model: fastsim.Model) -> None:
    """Programs that are wrong end at the word that is wrong, and a right one runs after them."""
    good = assembled((4,))
    write, run, end = program.WRITE << 56, program.RUN << 56, program.END << 56
    wrong = {
        "nothing": ([write | 0x10 << 32, 0], 1, 1),
        "ap_ctrl": ([write | 0x00 << 32 | 1], 1, 0),
        "interrupts": ([write | 0x0C << 32 | 1], 1, 0),
        "page": ([write | 0x1020 << 32 | 1], 1, 0),
        "odd": ([write | 0x12 << 32], 1, 0),
        "operation": ([4 << 56], 1, 0),
        "end with a register": ([end | 0x10 << 32], 1, 0),
        "run with a register": ([run | 0x10 << 32], 1, 0),
    }
    memory = fastsim.ideal_memory(model.masters, latency_cycles=9, size=0x6000_0000)
    actions = [*loads((4,))]
    expected: list[int] = []
    for words, error, taken in wrong.values():
        image = b"".join(word.to_bytes(8, "little") for word in [*words, end])
        actions += [*begin(image), RUN, fastsim.CLEAR_INTERRUPT, *STATE[3:], Read(0x10)]
        expected += [error, taken, 0]
    top = 0x6000_0000  # of the memory: the program's last word is behind it
    cut = b"".join(word.to_bytes(8, "little") for word in [write | 0x10 << 32 | 4, write | 0x18 << 32 | 16])
    actions += [*begin(cut, top - 16), RUN, fastsim.CLEAR_INTERRUPT, *STATE[3:]]
    expected += [2, 2]
    actions += [*begin(good.image[: good.slots[0]], top - good.slots[0]), RUN, fastsim.CLEAR_INTERRUPT, *STATE[3:]]
    expected += [2, good.slots[0] // 8]
    actions += [*begin(good.image), RUN, fastsim.CLEAR_INTERRUPT, *STATE[3:], *dumps((4,))]
    expected += [0, len(good.image) // 8]
    actions += [*begin(good.image), Protect(AT, 4096), RUN, *STATE[3:]]
    expected += [3, len(good.image) // 8]
    result = fastsim.run(model, memory, actions, watchdog_cycles=2000)
    assert list(result.reads) == expected
    assert result.dumps["c0"] == combine.expected(*combine.images(4))
    assert len(result.jobs) == 3


def test_a_wrong_program_ends_with_an_error_that_names_its_word(built):
    errors(built())


def refusals(model: fastsim.Model) -> None:
    """The host and a program do not share the kernel; what is refused has no effect and is told."""
    made = assembled((300, 20))
    command, at = shell.REGISTER_COMMAND, shell.REGISTER_PROGRAM
    memory = fastsim.ideal_memory(model.masters, latency_cycles=9)
    host = combine.register_writes(250, places(7))
    a, b = combine.images(250, seed=7)
    actions = [
        *loads((300, 20)), Load(places(7)[0], a), Load(places(7)[1], b), *begin(made.image),
        # a program runs: the host may read, and change interrupts, but no register of the kernel
        Start(command, 1), Idle(100), Read(command), Write(0x10, 5), Read(command), Write(at, 0), Write(0x00, 1), Write(command, 1),
        Read(at), Wait(), Read(command), fastsim.CLEAR_INTERRUPT, *STATE[1:2], Read(shell.REGISTER_RUNS), *dumps((300, 20)),
        # a new start forgets it; then the host's own run, during which no program may start
        RUN, Read(command), fastsim.CLEAR_INTERRUPT,
        *(Write(*pair) for pair in host), Start(), Write(command, 1), Read(command), Wait(), fastsim.CLEAR_INTERRUPT,
        Read(shell.REGISTER_RUNS), Dump("host", places(7)[2], 8 * 250),
    ]  # fmt: skip
    result = fastsim.run(model, memory, actions, watchdog_cycles=2000)
    assert list(result.reads) == [1, 3, AT, 2, 2, 2, 0, 2, 5]
    assert [result.dumps[f"c{i}"] for i in range(2)] == [
        combine.expected(*combine.images(n, seed=i)) for i, n in enumerate((300, 20))
    ]
    assert result.dumps["host"] == combine.expected(a, b)
    assert [len(run.jobs) for run in result.runs] == [2, 2, 1]


def test_host_and_program_do_not_share_the_kernel(built):
    refusals(built())


def test_the_host_s_own_runs_are_as_before(built):
    model = built()
    writes = [Write(*pair) for pair in combine.register_writes(40, places(0))]
    actions = [
        *loads((40,)),
        *fastsim.ENABLE_INTERRUPT,
        *writes,
        Run(),
        fastsim.CLEAR_INTERRUPT,
        *fastsim.read_cycles(),
        *dumps((40,)),
    ]
    result = fastsim.run(model, fastsim.ideal_memory(model.masters), actions)
    assert result.dumps["c0"] == combine.expected(*combine.images(40))
    assert result.reads == (result.jobs[0].cycles, 0)


def stalled(model: fastsim.Model) -> None:
    whole(model, stall=0.5, seed=4)


WRONG: dict[str, tuple[str, str, Callable[[fastsim.Model], object]]] = {
    "bursts cross 4 KiB": ("5'd16 - {1'b0, fetch[3:0]}", "5'd16 - {1'b0, fetch[3:0] & 4'd0}", stalled),
    "the FIFO overflows": ("!arvalid && room >= {2'd0, wanted}", "!arvalid", stalled),
    "a place is lost at every word": (": 7'd0) + {6'd0, move};", ": 7'd0);", stalled),
    "a request is withdrawn": ("end else if (arvalid && arready) begin", "end else if (arvalid) begin", stalled),
    "cycles are one too many": ("wdata <= cycles;", "wdata <= cycles + 64'd1;", stalled),
    "cycles go to the next word": ("awaddr <= {at, 3'd0};", "awaddr <= {at + 61'd1, 3'd0};", stalled),
    "the kernel's end is not waited for": ("if (!running) begin\n          jobs", "begin\n          jobs", stalled),
    "a write is taken before it is sent": ("(put && put_taken) ||", "put ||", stalled),
    "a value changes": ("is_run ? 32'd1 : head[31:0]", "is_run ? 32'd1 : {head[31:7], 1'b0, head[5:0]}", stalled),
    "the end does not wait for the cycles": ("&& !awvalid && !wvalid && writes == 3'd0;", ";", errors),
    "each job interrupts": ("(done && !job_busy) || job_ended", "done || job_ended", stalled),
    "jobs are not counted": ("jobs <= jobs + 32'd1;", "", stalled),
    "read errors are not seen": ("words[last] <= {rresp[1], rdata};", "words[last] <= {1'b0, rdata};", errors),
    "an error at the cycles' word is not seen": ("if (have && head[64]) begin", "if (1'b0) begin", errors),
    "write errors are not seen": ("if (answered && bresp[1])", "if (1'b0)", errors),
    "every register may be written": ("operation == WRITE && legal", "operation == WRITE", errors),
    "the host writes while a program runs": ("for_shell || job_busy ? W_RESPONSE", "for_shell ? W_RESPONSE", refusals),
    "a program starts while the kernel runs": ("page_command && !job_locked", "page_command && !job_busy", refusals),
    "what is refused is not told": ("refused <= 1'b1;", "refused <= 1'b0;", refusals),
}  # fmt: skip


QUICK = {
    "the FIFO overflows",
    "a place is lost at every word",
    "the kernel's end is not waited for",
    "the end does not wait for the cycles",
    "every register may be written",
    "the host writes while a program runs",
}


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in WRONG]
)
def test_a_wrong_walker_fails(built, name):
    old, new, check = WRONG[name]
    model = built((old, new))
    with pytest.raises((AssertionError, fastsim.FastsimError)):
        check(model)
