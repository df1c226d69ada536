import ast
import fcntl
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.overlays import FAKE_PYNQ, make

from aigchip.core import paths
from aigchip.deploy import results
from aigchip.toolchain import program, shell

pytestmark = pytest.mark.verifies("runner")
RUNNER = paths.boards_dir() / "runner" / "runner.py"


def start(made, folder, *, faults=None, words=()):
    (folder / "faults.json").write_text(json.dumps(faults or {}))
    return subprocess.Popen(
        [
            sys.executable, str(made.folder / "runner.py"), "--job", str(made.folder / "job.json"),
            "--result", str(folder / "result.json"), "--lock", str(folder / "lock"), *words,
        ],
        env={**os.environ, "PYTHONPATH": str(FAKE_PYNQ), "FAKE_PYNQ": str(folder / "faults.json")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(made, folder, *, faults=None, code=1):
    process = start(made, folder, faults=faults)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert not list(folder.glob("*.part"))
    return json.loads((folder / "result.json").read_text()), err


@pytest.mark.parametrize("name", ["runner.py", "look.py"])
def test_is_python_3_8(name):
    ast.parse((paths.boards_dir() / "runner" / name).read_text(), feature_version=(3, 8))


@pytest.fixture
def runner():
    spec = importlib.util.spec_from_file_location("aigchip_runner_under_test", RUNNER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_knows_our_shell(runner):
    accelerator = sys.modules[runner.Accelerator.__module__]
    assert (accelerator.IDENTITY, accelerator.SHELL_MAJOR) == (shell.ID, shell.VERSION >> 16)
    assert (accelerator.WRITE, accelerator.RUN, accelerator.END) == (program.WRITE, program.RUN, program.END)
    assert accelerator.READ_AHEAD_BYTES == program.READ_AHEAD_BYTES


def steps(arguments):
    """Return what the stand-in takes as cycles."""
    a = arguments
    return a["m_subtiles"] * a["kernel_rows"] * a["kernel_columns"] * a["k_groups"] * a["out_rows"] * a["out_columns"]


def test_measures_every_layer_and_the_network_bit_exactly(tmp_path):
    made = make(tmp_path)
    told, _ = run(made, tmp_path, code=0)
    result = results.parse(json.dumps(told), where="test")
    results.judge(result, made.job, where="test")
    assert told["device"]["part"] == "xczu7ev-ffvc1156-2-e"
    assert told["device"]["pynq"] == "0.0 (stand-in)"
    assert told["clock"] == {"requested_mhz": 300.0, "asked_mhz": 300.0, "read_back_mhz": 300.0}
    assert told["self_test"] == {"bit_exact": True, "layers": ["test", "one", "two"]}
    assert [(layer["name"], len(layer["cycles"]), len(layer["wall_s"])) for layer in told["layers"]] == [
        ("one", 4, 4),
        ("two", 4, 4),
    ]
    one, two = (steps(layer["arguments"]) + 100 for layer in made.job["layers"][1:])
    assert all(one <= cycles <= one + 2 for cycles in told["layers"][0]["cycles"])
    listed = 20 + 3 * 30  # what the stand-in takes for a list and each of its jobs
    assert all(one + 2 * two <= cycles - listed <= one + 2 * two + 6 for cycles in told["network"]["cycles"])
    assert [layer["name"] for layer in told["network"]["layers"]] == ["one", "two"]
    for sample, *alone in zip(
        told["network"]["cycles"], *(layer["cycles"] for layer in told["network"]["layers"]), strict=True
    ):
        assert sum(alone) == sample - listed
    assert (tmp_path / "lock").read_text() == ""


def test_addresses_are_whole_memory_words_wherever_buffers_begin(tmp_path):
    """The stand-in refuses an address that is no multiple of a word."""
    told, _ = run(make(tmp_path), tmp_path, faults={"misaligned": 8}, code=0)
    assert told["ok"]


def test_memory_around_the_output_is_watched(tmp_path):
    told, _ = run(make(tmp_path), tmp_path, faults={"beyond": -1})
    assert told["error"] == {"code": "wrong-result", "what": "layer test: memory before C was overwritten"}
    shutil.rmtree(tmp_path / "bundle")
    told, _ = run(make(tmp_path), tmp_path, faults={"beyond": 1})
    assert told["error"] == {"code": "wrong-result", "what": "layer test: memory after C was overwritten"}


@pytest.mark.parametrize(
    ("in_bit", "faults", "code", "what"),
    [
        ("xczu9eg-ffvb1156-2-e", {}, "part", "the overlay is for xczu9eg-ffvb1156-2-e; the job is for xczu7ev-ffvc1156-2-e"),
        (None, {"clock_stuck_mhz": 321.42}, "clock", "the clock is 321.420 MHz after 300 MHz were asked for, and no slower request brings it to the 300.030 MHz that the design is closed for"),
        (None, {"clock_stuck_mhz": 0.0}, "clock", "the clock reads back as 0.000 MHz"),
        (None, {"identity": 0}, "identity", "the id register is 0x00000000; must be 0x41494743"),
        (None, {"ip": "dma_0"}, "ip", "the overlay has no accelerator_0; it has dma_0"),
        (None, {"overlay_fails": True}, "overlay", "square8-0123.bit cannot be loaded (no such device)"),
        (None, {"allocate_fails": True}, "memory", "96 bytes for layer test cannot be allocated (failed to allocate contiguous memory)"),
    ],
)  # fmt: skip
def test_names_what_is_wrong_with_the_board(tmp_path, in_bit, faults, code, what):
    told, err = run(make(tmp_path, in_bit=in_bit), tmp_path, faults=faults)
    assert (told["ok"], told["error"]) == (False, {"code": code, "what": what})
    assert err == f"{code}: {what}\n"


def test_a_clock_above_the_closed_one_is_lowered_to_the_next_that_the_board_has(tmp_path):
    """2142 MHz over 300 MHz is 7.14: the nearest division is the seventh, which is too fast; the next is the eighth."""
    trace = tmp_path / "trace"
    told, err = run(make(tmp_path), tmp_path, faults={"clock_source_mhz": 2142.0, "trace": str(trace)}, code=0)
    clocks = [tuple(map(float, line.split()[1:])) for line in trace.read_text().splitlines() if line[:5] == "clock"]
    assert clocks[0] == (300.0, 306.0)
    assert {read for _, read in clocks[:-1]} == {306.0}
    assert clocks[-1][1] == 267.75  # the next division: none between was passed over
    assert told["clock"]["requested_mhz"] == 300.0
    assert told["clock"]["asked_mhz"] == pytest.approx(clocks[-1][0], abs=1e-3)
    assert told["clock"]["read_back_mhz"] == 267.75
    assert err == ""


def test_a_clock_is_right_at_the_second_try(tmp_path):
    trace = tmp_path / "trace"
    # 7.492 divides to 7, above; the step below asks for a division of 7.53, which is 8
    told, _ = run(make(tmp_path), tmp_path, faults={"clock_source_mhz": 300.0 * 7.492, "trace": str(trace)}, code=0)
    assert [line for line in trace.read_text().splitlines() if line[:5] == "clock"] == [
        "clock 300.000 321.086",
        "clock 298.500 280.950",
    ]
    assert told["clock"] == {"requested_mhz": 300.0, "asked_mhz": 298.5, "read_back_mhz": pytest.approx(280.95)}


@pytest.mark.parametrize(
    ("entry", "loaded_at"),
    [
        ({}, "100"),
        ({"frequency": 187.5}, "187.5"),
        ({"frequency": None}, "300"),
        ({"enable": 0, "frequency": 50.0}, "50"),
    ],
)
def test_a_handoff_in_which_pynq_finds_no_frequency_is_loaded_at_the_clock_of_the_job(tmp_path, entry, loaded_at):
    """pynq 4.0.0 knows no name for it in a .hwh of Zynq-7000; older ones have no such entry, and other families the value."""
    trace = tmp_path / "trace"
    told, _ = run(make(tmp_path), tmp_path, faults={"clock_entry": entry, "trace": str(trace)}, code=0)
    assert trace.read_text().splitlines()[0] == f"load {loaded_at}"
    assert told["clock"]["read_back_mhz"] == 300.0


class Clocks:
    """Takes any clock from 200 MHz, and refuses slower ones as pynq does where no divisor fits."""

    def __init__(self, refused_below_mhz):
        self.refused_below_mhz, self.found = refused_below_mhz, 400.0

    @property
    def fclk0_mhz(self):
        return self.found

    @fclk0_mhz.setter
    def fclk0_mhz(self, value):
        if value < self.refused_below_mhz:
            raise ValueError("Frequency divider 0 value out of range.")


@pytest.mark.parametrize(
    ("slowest_mhz", "what"),
    [
        (200.0, "the clock is 400.000 MHz after 300 MHz were asked for, and no slower request brings it to the 300.030 MHz that the design is closed for"),
        (310.0, "the board cannot set a clock of 300 MHz"),
    ],
)  # fmt: skip
def test_a_clock_without_a_divisor(runner, slowest_mhz, what):
    with pytest.raises(runner.RunError) as caught:
        runner.set_clock(Clocks(slowest_mhz), {"requested_mhz": 300.0, "closed_mhz": 300.03})
    assert (caught.value.code, caught.value.what) == ("clock", what)


def test_a_header_of_zynq_7000_leaves_out_what_the_part_says(runner):
    assert runner.same_part("7z020clg400", "xc7z020clg400-1")
    assert runner.same_part("xczu7ev-ffvc1156-2-e", "xczu7ev-ffvc1156-2-e")
    assert not runner.same_part("7z010clg400", "xc7z020clg400-1")
    assert not runner.same_part("7z", "xc7z020clg400-1")


def test_wrong_bytes_stop_the_run_before_and_after_the_measurement(tmp_path):
    told, _ = run(make(tmp_path), tmp_path, faults={"wrong": True})
    assert told["error"]["code"] == "wrong-result"
    assert told["error"]["what"].startswith("layer test: C[0, 0, 0] is ")
    assert told["error"]["what"].endswith("(1 of 45 elements are wrong)")
    assert told["self_test"]["bit_exact"] is False
    shutil.rmtree(tmp_path / "bundle")
    told, _ = run(make(tmp_path), tmp_path, faults={"wrong_after": 7})
    assert told["error"]["what"].startswith("layer one after 4 runs: C[0, 0, 0] is ")
    assert told["layers"] == []


def test_a_wrong_byte_of_one_layer_in_the_list_is_named(tmp_path):
    """After 3 tests, and 2 layers alone 5 times each, the list runs `one` once and `two` twice, 5 times."""
    for wrong_after, layer in ((13 + 14, "two"), (13 + 12, "one")):
        shutil.rmtree(tmp_path / "bundle", ignore_errors=True)
        told, _ = run(make(tmp_path), tmp_path, faults={"wrong_after": wrong_after})
        assert told["error"]["code"] == "wrong-result"
        assert told["error"]["what"].startswith(f"layer {layer} in the list after 4 runs: C[0, 0, 0] is ")


@pytest.mark.parametrize(
    ("faults", "code", "what"),
    [
        ({"no_lists": True}, "identity", "the shell takes no lists of jobs; it is of an older overlay"),
        ({"list_error": 1}, "list", "all layers with one start, run 0 of 4: the shell ended the list of jobs with error 1 at its word "),
        ({"lost_job": 1}, "counter", "all layers with one start, run 0 of 4: the shell counted 1 jobs of 3, "),
    ],
)  # fmt: skip
def test_a_list_that_does_not_run_whole_is_told(tmp_path, faults, code, what):
    told, _ = run(make(tmp_path), tmp_path, faults=faults)
    assert told["error"]["code"] == code
    assert told["error"]["what"].startswith(what)
    assert told["network"]["cycles"] == []


def test_a_hang_ends_at_the_deadline_and_the_logic_is_reset_before_memory_is_given_back(tmp_path):
    trace = tmp_path / "trace"
    told, _ = run(make(tmp_path, deadline_s=1), tmp_path, faults={"hang": True, "trace": str(trace)})
    assert told["error"] == {
        "code": "hang",
        "what": "self test of layer test: the accelerator did not end before the limit was reached",
    }
    words = [line.split()[0] for line in trace.read_text().splitlines()]
    assert words == ["load", "clock", "load", *["free"] * 9]
    assert "load again" in trace.read_text().splitlines()


def test_a_call_that_never_returns_ends_too(tmp_path):
    made = make(tmp_path, deadline_s=1)
    text = (made.folder / "runner.py").read_text()
    (made.folder / "runner.py").write_text(text.replace("GRACE_S = 10.0", "GRACE_S = 0.5"))
    told, _ = run(made, tmp_path, faults={"block_s": 60})
    assert told["error"] == {"code": "deadline", "what": "a call into pynq did not return before the limit was reached"}


def test_a_busy_board_names_who_has_it(tmp_path):
    made = make(tmp_path)
    with (tmp_path / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write('{"user": "ann", "design": "7"}')
        file.flush()
        told, err = run(made, tmp_path, code=75)
    assert told["error"] == {"code": "busy", "what": 'another run has the board: {"user": "ann", "design": "7"}'}
    assert err == 'busy: another run has the board: {"user": "ann", "design": "7"}\n'


def test_the_holder_is_in_the_lock_while_it_runs_and_a_killed_runner_frees_it(tmp_path):
    made = make(tmp_path)
    process = start(made, tmp_path, faults={"run_s": 5})
    end = time.monotonic() + 20
    while not (tmp_path / "lock").exists() or not (tmp_path / "lock").read_text():
        assert time.monotonic() < end
        time.sleep(0.02)
    holder = json.loads((tmp_path / "lock").read_text())
    assert (holder["pid"], holder["design"]) == (process.pid, "square8")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (tmp_path / "result.json.part").unlink(missing_ok=True)
    told, _ = run(made, tmp_path, code=0)
    assert told["ok"]


def test_a_stopped_run_says_so(tmp_path):
    process = start(make(tmp_path), tmp_path, faults={"run_s": 5})
    assert process.stdout is not None
    while "self test" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (1, "stopped: the run was stopped from outside\n")


def test_a_full_disk_is_named_before_the_board_is_touched(tmp_path):
    made = make(tmp_path)
    process = start(made, tmp_path, words=["--result", "/dev/full/result.json"])
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err == "disk: /dev/full/result.json cannot be written (Not a directory)\n"


def test_a_full_disk_on_a_small_file_system(tmp_path, small_disk):
    made = make(tmp_path)
    small_disk.fill()
    process = start(made, tmp_path, words=["--result", str(small_disk.folder / "result.json")])
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (1, f"disk-full: the disk with {small_disk.folder} is full\n")
    assert sorted(path.name for path in small_disk.folder.iterdir()) == ["filler"]


def test_without_pynq_it_says_so(tmp_path):
    made = make(tmp_path)
    process = subprocess.run(
        [sys.executable, str(made.folder / "runner.py"), "--job", str(made.folder / "job.json"), "--lock", str(tmp_path / "lock")],
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 1
    assert process.stderr == "no-pynq: pynq cannot be imported (No module named 'pynq')\n"
    told = json.loads((made.folder / "result.json").read_text())
    assert told["error"]["code"] == "no-pynq"


def test_a_job_of_another_version_is_refused(tmp_path):
    made = make(tmp_path)
    job = Path(made.folder / "job.json")
    job.write_text(
        job.read_text().replace('"version": 3,', '"version": 2,').replace('"version": 3\n', '"version": 2\n')
    )
    told, _ = run(made, tmp_path)
    assert told["error"] == {"code": "job", "what": "job.json is of version 2; this runner takes 3"}
