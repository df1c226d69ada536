"""ap_ctrl_chain around a dataflow region that is the top: its calls overlap (ap_ready before ap_done), and every one waits for ap_continue."""

from pathlib import Path

import pytest
from cosim.csynth.dataflow_cases import EMIT, LOAD
from cosim.csynth.ip import build
from unit.csynth.frontend.cases import HEAD, words

from aigchip.core import paths
from aigchip.toolchain import verilator
from csynth.driver import make_hardware
from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.rtl.protocol import faults_of

BENCHES = Path(__file__).parent / "benches"
WORDS, CALLS = 32, 8
MIX = """
static void mix(int from[32], int to[32], int add) {
  for (int i = 0; i < 32; i++) {
#pragma HLS pipeline
    to[i] = from[i] * 3 + add;
  }
}
"""
SOURCE = """
void f(hls::stream<int>& in, hls::stream<int>& out, int add) {
#pragma HLS interface %s port=return
#pragma HLS dataflow
  int a[32], b[32];
  load(in, a);
  mix(a, b, add);
  emit(b, out);
}
"""
CHAINED = HEAD + LOAD + MIX + EMIT + SOURCE % "ap_ctrl_chain"
RUNS = [
    {"name": "full rate", "stall": 0.0, "holds": 0.0, "seed": 1},
    {"name": "random stalls", "stall": 0.4, "holds": 0.0, "seed": 2},
    {"name": "slow continue", "stall": 0.2, "holds": 0.97, "seed": 3},
]
RESTART = 6  # cycles from the end of a process's run to its next, as in test_dataflow


def run_chain(folder, change=lambda name, text: text):
    """The runs of the bench, what the checkers bound to the pins say, and the words that the interpreter gives."""
    program, model = build(CHAINED, "f", folder, change)
    scalars = words(5, CALLS, 32)
    given = words(6, CALLS * WORDS, 32)
    machine, wanted = Machine(program), []
    for k, add in enumerate(scalars):
        wanted += machine.run(streams={"in": given[k * WORDS : (k + 1) * WORDS]}, scalars={"add": add}).streams["out"]
    result = verilator.run(
        model,
        bench="chain_bench",
        bench_dir=Path(f"{BENCHES}:{paths.testbench_dir()}"),
        work=folder / "work",
        request={"in": given, "scalars": scalars, "runs": RUNS},
    )
    return result["runs"], faults_of((folder / "work" / "log.txt").read_text()), wanted


@pytest.mark.verifies("csynth")
def test_calls_of_a_chained_top_overlap(tmp_path):
    runs, faults, wanted = run_chain(tmp_path)
    assert not faults, faults
    for run, settings in zip(runs, RUNS, strict=True):
        assert run["words"] == wanted, settings["name"]
        assert (len(run["taken"]), len(run["ended"]), run["idle"]) == (CALLS, CALLS, True), settings["name"]
        assert run["most_open"] > 1, settings["name"]
    ended = runs[0]["ended"]
    interval = (ended[-1] - ended[2]) / (CALLS - 3)
    assert interval <= WORDS + RESTART, "a call for each run of one process, not of all three"
    assert runs[0]["taken"][1] < ended[0], "ap_ready before ap_done"


def test_without_chain_a_call_waits_for_the_end_of_the_last(tmp_path):
    source = CHAINED.replace("ap_ctrl_chain", "ap_ctrl_hs")
    text = make_hardware(compile_source(("hs.cpp", source), top="f"), clock_period_ps=3333).verilog["f"]
    assert "assign ap_ready = done;" in text


def test_a_lost_end_is_found(tmp_path):
    """The fault that a single bit for `ended` would be: two calls end while the next block holds, one of them is forgotten."""

    def forget(name, text):
        right = "if (core_done && !ap_continue) held_done <= held_done +"
        assert name != "f_ip" or right in text
        return text.replace(right, "if (core_done && !ap_continue && !(|held_done)) held_done <= held_done +")

    runs, _, _ = run_chain(tmp_path, forget)
    assert len(runs[2]["ended"]) < CALLS
