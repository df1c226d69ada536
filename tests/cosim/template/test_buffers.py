"""arbiter, buffer_a and buffer_b over their parameters: contract, vectors in C, interval and clock, RTL on the same vectors, and cycles."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from aigchip.core import paths
from aigchip.template import module as template
from aigchip.template.vectors import Vector
from aigchip.toolchain import csim, module_rtl, verilator
from aigchip.toolchain.audit import audit
from aigchip.toolchain.contract import Contract
from csynth.driver import synthesize

SEED = 1
CLOCK_PERIOD_PS = 3333

ARBITERS = ((8, 2), (8, 8), (16, 64))  # bytes of a word, and of a piece
SLOW_ARBITERS = ((8, 1), (8, 16), (64, 16), (64, 64), (64, 256))
BUFFERS_A = (  # dimension, factor, step_m, step_k, half_pieces, storage
    ("height", 4, 4, 4, 64, "bram"),
    ("width", 8, 4, 8, 256, "uram"),
)
SLOW_BUFFERS_A = (
    ("height", 16, 16, 16, 256, "bram"),
    ("height", 32, 32, 1, 64, "lutram"),
    ("width", 1, 8, 4, 64, "bram"),
    ("width", 4, 1, 4, 1, "lutram"),
)
BUFFERS_B = (  # dimension, factor, window, channel_block, pixels_word, step_n, step_k, half_positions, storage
    ("width", 2, 0, 4, 2, 2, 4, 128, "bram"),
    ("width", 8, 1, 4, 2, 4, 8, 256, "uram"),
    ("height", 4, 0, 2, 8, 2, 8, 256, "lutram"),
)
SLOW_BUFFERS_B = (
    ("width", 4, 0, 16, 4, 4, 16, 2048, "bram"),  # 16 x 4 x 16
    ("width", 8, 1, 16, 4, 4, 16, 2048, "bram"),
    ("width", 32, 0, 1, 64, 32, 1, 2048, "lutram"),  # 32 x 32 x 1
    ("width", 1, 0, 2, 4, 4, 8, 256, "bram"),
    ("width", 4, 0, 4, 2, 8, 8, 256, "bram"),
    ("width", 2, 0, 1, 8, 2, 1, 512, "bram"),
    ("width", 8, 1, 8, 1, 4, 8, 512, "bram"),
    ("height", 1, 0, 4, 2, 4, 4, 256, "bram"),
    ("height", 8, 0, 4, 2, 4, 8, 256, "bram"),
    ("height", 16, 0, 4, 4, 4, 16, 512, "uram"),
)

pytestmark = pytest.mark.xdist_group("buffers")  # the models are made once


def cases(few, slow):
    """Parametrise over both, the second ones for the slow tests."""
    return [*few, *(pytest.param(case, marks=pytest.mark.slow) for case in slow)]


def buffer_a(case) -> dict[str, int | str]:
    return dict(zip(("dimension", "factor", "step_m", "step_k", "half_pieces", "storage"), case, strict=True))


def buffer_b(case) -> dict[str, int | str]:
    names = ("dimension", "factor", "window", "channel_block", "pixels_word", "step_n", "step_k", "half_positions")
    return dict(zip((*names, "storage"), case, strict=True))


def synthesised(name: str, parameters, folder: Path) -> list[Path]:
    """Synthesise; every pipelined loop starts an iteration each cycle, and the clock is met."""
    module = template.load(name)
    file = folder / f"{module.function(parameters)}.cpp"
    file.write_text(module.expert_code(parameters))
    synthesize(
        file,
        top=file.stem,
        part="xczu7ev-ffvc1156-2-e",
        clock_period_ps=CLOCK_PERIOD_PS,
        out_dir=folder / "out",
        include_dirs=[template.include_dir()],
        resources=False,
    )
    report = json.loads((folder / "out" / "report.json").read_text())
    intervals = [loop["ii"] for loop in report["loops"] if loop["pipelined"]]
    assert intervals == [1]
    assert report["estimated_clock_ps"] <= CLOCK_PERIOD_PS
    return sorted((folder / "out" / "rtl").glob("*.v"))


def simulated(name: str, parameters, rtl: list[Path], vectors, folder: Path) -> module_rtl.ModuleRtlResult:
    module = template.load(name)
    return module_rtl.check_module(
        rtl,
        function=module.function(parameters),
        ports=module.ports(parameters),
        vectors=vectors,
        cache=folder / "models",
        work=folder / "run",
    )


def check(name: str, parameters, folder: Path) -> None:
    """Check the expert's code in every way; the vectors fail the wrong versions."""
    module = template.load(name)
    code, contract, vectors = (
        module.expert_code(parameters),
        Contract.of(module, parameters),
        module.vectors(parameters, SEED),
    )
    result = csim.simulate(code, contract, vectors)
    assert result.ok, result.errors[0]
    found = audit(code, contract, vectors)
    found.check(parameters)
    assert found.ok, found.counts()
    simulated(name, parameters, synthesised(name, parameters, folder), vectors, folder)


@pytest.mark.parametrize("case", cases(ARBITERS, SLOW_ARBITERS), ids=str)
def test_an_arbiter(case, tmp_path):
    check("arbiter", {"operand": "b", "word_bytes": case[0], "piece_bytes": case[1]}, tmp_path)


@pytest.mark.parametrize("case", cases(BUFFERS_A, SLOW_BUFFERS_A), ids=str)
def test_a_buffer_of_a(case, tmp_path):
    check("buffer_a", buffer_a(case), tmp_path)


@pytest.mark.parametrize("case", cases(BUFFERS_B, SLOW_BUFFERS_B), ids=str)
def test_a_buffer_of_b(case, tmp_path):
    check("buffer_b", buffer_b(case), tmp_path)


@pytest.mark.parametrize(("storage", "style"), [("bram", "block"), ("uram", "ultra"), ("lutram", "distributed")])
@pytest.mark.parametrize(("name", "memory"), [("buffer_a", "memory"), ("buffer_b", "bank")])
def test_a_buffer_is_made_of_the_memory_that_it_asks_for(name, memory, storage, style, tmp_path):
    case = buffer_a(BUFFERS_A[0]) if name == "buffer_a" else buffer_b(BUFFERS_B[0])
    (rtl,) = synthesised(name, {**case, "storage": storage}, tmp_path)
    declared = [line for line in rtl.read_text().splitlines() if line.endswith(f"// {memory}")]
    assert declared
    assert all(f'ram_style = "{style}"' in line for line in declared)


def turn_of_a(fill: int, read: int) -> int:
    """Return a command that fills and reads so many pieces."""
    return fill << 1 | bool(read) << 25 | bool(read) << 41 | read << 57


def turn_of_b(fill: int, read: int) -> int:
    """Return the same of buffer_b, for a matrix product with steps of two pixels, which are a piece in and out."""
    layout = 2 * 256 << 142 | 2 * 256 << 158 | 2 * 256 << 182
    filled = 1 << 2 | 1 << 18 | 2 * fill << 34 | 1 << 66 | 2 * fill << 98 | 1 << 130 | 1 << 133 | 1 << 136 | 1 << 139
    used = 1 << 206 | read << 222 | 2 * 256 << 238 | 1 << 254 | 1 << 270 | 65535 << 286
    return layout | bool(fill) * filled | bool(read) * used


@pytest.mark.parametrize(
    ("name", "parameters", "turn", "start"),
    [
        ("buffer_a", {**buffer_a(BUFFERS_A[0]), "half_pieces": 256}, turn_of_a, 0),
        (
            "buffer_b",
            {**buffer_b(BUFFERS_B[0]), "half_positions": 512},
            turn_of_b,
            3,
        ),  # to find the places of two lanes
    ],
    ids=["a", "b"],
)
def test_filling_and_reading_take_a_cycle_a_piece_and_do_not_wait_for_each_other(
    name, parameters, turn, start, tmp_path
):
    rtl = synthesised(name, parameters, tmp_path)
    ports = template.load(name).ports(parameters)
    model = verilator.build(rtl, top=name, cache=tmp_path / "models")

    def cycles(*turns, stall_out=0.0) -> int:
        """Return the cycles of these turns of (pieces filled, pieces read) after one that fills a half."""
        turns = ((256, 0), *turns)
        vector = Vector(
            name=str(turns),
            streams_in={
                "commands": (*(turn(*each) for each in turns), 1),
                "pieces_in": (0,) * sum(fill for fill, _ in turns),
            },
        )
        result = verilator.run(
            model,
            bench=module_rtl.BENCH,
            bench_dir=paths.testbench_dir(),
            work=tmp_path / "run",
            request={
                "ports": [{"name": port.name, "kind": port.kind, "width_bits": port.width_bits} for port in ports],
                "vectors": [asdict(vector)],
                "runs": [{"name": "run", "stall_in": 0.0, "stall_out": stall_out, "seed": 1}],
                "watchdog_cycles": 2000,
                "region": None,
            },
            seed=1,
        )
        (call,) = result["runs"][0]["calls"]
        assert call["deadlock"] is None
        assert len(call["streams_out"]["pieces_out"]) == sum(read for _, read in turns)
        return call["cycles"]

    idle = cycles()
    assert cycles((100, 0)) == idle + 1 + 100  # one cycle for the command
    assert cycles((0, 100)) == idle + 1 + start + 100 + 1  # and one until the last piece has left
    assert cycles((90, 100)) == cycles((0, 100))
    assert cycles((150, 100)) == cycles((150, 0))
    assert cycles(*[(100, 100)] * 3) == idle + 3 * (1 + 100) + start + 1
    assert (
        200 < cycles((200, 20), stall_out=2.0) - idle < 300
    )  # a piece leaves in ten cycles: 20 pieces hold no filling
