"""The whole course against a real sshd; pynq is a stand-in (tests/support/fake_pynq), so is the board behind it."""

import dataclasses
import fcntl
import json
import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from support.overlays import FAKE_PYNQ, make
from support.processes import wait_until_gone
from support.sshd import sshd

from aigchip.core.errors import AigchipError
from aigchip.deploy import course
from aigchip.remote.ssh import Limits, SshHost

pytestmark = pytest.mark.verifies("runner")
PACE = course.Pace(first_s=0.1, longest_s=0.5, patience_s=15)


class Board:
    """A target behind a real sshd, with what its pynq does wrong."""

    def __init__(self, served, folder):
        self.served = served
        self.faults = folder / "faults.json"
        self.pids = folder / "trace"
        self.break_things()
        self.target = dataclasses.replace(
            served.target,
            python=sys.executable,
            simulated=True,
            environment={"PYTHONPATH": str(FAKE_PYNQ), "FAKE_PYNQ": str(self.faults)},
        )
        self.work = Path(self.target.folder)

    @property
    def host(self):
        return SshHost(target=self.target, limits=Limits(connect_s=5, transfer_s=5))

    def break_things(self, **faults):
        self.faults.write_text(json.dumps(faults))

    def left(self):
        """What lies in the work folder beside the lock."""
        return sorted(path.relative_to(self.work).as_posix() for path in self.work.glob("*/*") if path.is_dir())


@pytest.fixture
def board(tmp_path):
    with sshd(tmp_path / "sshd") as served:
        yield Board(served, tmp_path)


def refused(board, made, **options):
    with pytest.raises(AigchipError) as caught:
        course.deploy(board.host, made, tell=lambda _: None, pace=PACE, **options)
    assert str(caught.value).startswith(f"{board.target.where}: ")
    return caught.value.code, str(caught.value).removeprefix(f"{board.target.where}: ")


def usable(board, tmp_path):
    """See that the board takes the next run."""
    board.break_things()
    ran = course.deploy(board.host, make(tmp_path / "again"), tell=lambda _: None, pace=PACE)
    assert ran.result.ok
    assert board.left() == ["square8-0123/data"]


def test_deploys_and_measures_again(board, tmp_path):
    made, said = make(tmp_path), []
    ran = course.deploy(board.host, made, tell=said.append, pace=PACE)
    assert ran.result.ok
    assert [len(layer.cycles) for layer in ran.result.layers] == [4, 4]
    assert ran.left == (f"{board.target.folder}/square8-0123",)
    assert board.left() == ["square8-0123/data"]
    assert not list(board.work.rglob("*.part"))
    assert said[0].startswith(f"Python {sys.version.split()[0]}, pynq 0.0 (stand-in), kernel ")
    assert any(line.startswith("sending 15 files, ") for line in said)
    assert course.measure(board.host, made, tell=said.append, pace=PACE).result.ok
    assert list(course.said_of(ran)) == [
        f"the bundle stays on the board in {board.target.folder}/square8-0123, for ./doit measure"
    ]


def test_measure_wants_what_was_deployed(board, tmp_path):
    made = make(tmp_path)
    with pytest.raises(AigchipError) as caught:
        course.measure(board.host, made, tell=lambda _: None, pace=PACE)
    there = f"{board.target.folder}/square8-0123"
    assert str(caught.value) == (
        f"{board.target.where}: {there} is not there, or not as it was sent. "
        "Run ./doit deploy design=square8 with the same host."
    )
    course.deploy(board.host, made, tell=lambda _: None, pace=PACE)
    (Path(there) / "data" / "0-a.bin").write_bytes(b"other")
    with pytest.raises(AigchipError, match="not as it was sent"):
        course.measure(board.host, made, tell=lambda _: None, pace=PACE)


def test_a_lost_connection_does_not_stop_the_run(board, tmp_path):
    board.break_things(run_s=0.15)
    said = []

    def tell(line):
        said.append(line)
        if line.startswith("layer one"):
            board.served.signal_sessions(signal.SIGKILL)

    ran = course.deploy(board.host, make(tmp_path), tell=tell, pace=PACE)
    assert ran.result.ok
    assert "layer one measured (1 of 2)" in said
    assert board.left() == ["square8-0123/data"]


@pytest.mark.slow
def test_a_board_that_is_away_for_a_while_is_waited_for(board, tmp_path):
    board.break_things(run_s=0.3)
    said = []

    def tell(line):
        said.append(line)
        if line.startswith("self test") and not any("trying again" in word for word in said):
            board.served.process.send_signal(signal.SIGSTOP)
            os.system(f"(sleep 7; kill -CONT {board.served.process.pid}) &")

    ran = course.deploy(board.host, make(tmp_path), tell=tell, pace=dataclasses.replace(PACE, patience_s=40))
    assert ran.result.ok
    assert any(line.endswith("trying again, the run goes on without us") for line in said)


@pytest.mark.parametrize(
    ("in_bit", "faults", "wanted"),
    [
        ("xczu9eg-ffvb1156-2-e", {}, ("part", "the overlay is for xczu9eg-ffvb1156-2-e; the job is for xczu7ev-ffvc1156-2-e. Make the overlay for this board, with board=.")),
        (None, {"clock_stuck_mhz": 321.42}, ("clock", "the clock is 321.420 MHz after 300 MHz were asked for, and no slower request brings it to the 300.030 MHz that the design is closed for. Make the overlay for a clock that the board can set, or a slower one.")),
        (None, {"overlay_fails": True}, ("overlay", "square8-0123.bit cannot be loaded (no such device). See whether the board has a PYNQ image for it, and make the overlay again.")),
    ],
)  # fmt: skip
def test_a_run_that_fails_says_why_and_leaves_nothing(board, tmp_path, in_bit, faults, wanted):
    board.break_things(**faults)
    assert refused(board, make(tmp_path, in_bit=in_bit)) == wanted
    usable(board, tmp_path)


def test_a_hang_is_stopped_at_the_deadline(board, tmp_path):
    board.break_things(hang=True)
    assert refused(board, make(tmp_path, deadline_s=2)) == (
        "hang",
        "self test of layer test: the accelerator did not end before the limit was reached. "
        "Co-simulate the design with ./doit cosim; the board is free again.",
    )
    usable(board, tmp_path)


def test_a_runner_that_ignores_its_deadline_is_ended_with_its_group(board, tmp_path, monkeypatch):
    made = make(tmp_path, deadline_s=2)
    monkeypatch.setattr(course, "_AFTER_DEADLINE_S", 1.0)
    pid = tmp_path / "pid"
    (made.folder / "runner.py").write_text(
        "import os, signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '300'])\n"
        f"open({str(pid)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "print('stuck', flush=True)\n"
        "child.wait()\n"
    )
    assert refused(board, made) == (
        "deadline",
        "the run did not end within 2 s and was stopped (at: stuck). "
        "Use fewer runs with runs=, or co-simulate the design with ./doit cosim.",
    )
    assert all(wait_until_gone(int(number)) for number in pid.read_text().split())
    assert board.left() == ["square8-0123/data"]
    usable(board, tmp_path)


def test_a_busy_board_is_named_before_anything_is_sent(board, tmp_path):
    lock = Path(board.target.folder) / "board.lock"
    lock.write_text('{"user": "ann", "design": "7", "since": "2026-11-26T05:00:00Z", "pid": 12}')
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert refused(board, make(tmp_path)) == (
            "busy",
            "another run has the board (user ann, design 7, since 2026-11-26T05:00:00Z, pid 12). Wait until it has ended.",
        )
        assert board.left() == []
    usable(board, tmp_path)


@pytest.mark.slow
def test_a_board_that_becomes_busy_after_the_look(board, tmp_path):
    lock = Path(board.target.folder) / "board.lock"
    with lock.open("w+") as file:

        def tell(line):
            if line.startswith("sending"):
                fcntl.flock(file, fcntl.LOCK_EX)
                file.write('{"user": "ann"}')
                file.flush()

        with pytest.raises(AigchipError) as caught:
            course.deploy(board.host, make(tmp_path), tell=tell, pace=PACE)
    assert str(caught.value) == (
        f"{board.target.where}: another run has the board (user ann). Wait until it has ended."
    )
    assert board.left() == ["square8-0123/data"]


def test_a_runner_that_is_killed_is_missed(board, tmp_path):
    made = make(tmp_path)
    (made.folder / "runner.py").write_text(
        "import os, signal, sys\nprint('last words', file=sys.stderr, flush=True)\nos.killpg(0, signal.SIGKILL)\n"
    )
    assert refused(board, made) == (
        "run-lost",
        "the run is gone without an exit code: it was killed, or the board was restarted; its last words: last words. "
        "Run the same command again; if it stays, look at the board's memory and power.",
    )
    usable(board, tmp_path)


@pytest.mark.slow
def test_a_runner_that_leaves_no_result(board, tmp_path):
    made = make(tmp_path)
    (made.folder / "runner.py").write_text("raise SystemExit('no luck')\n")
    assert refused(board, made) == (
        "no-result",
        "the run ended with exit code 1 and without a result: no luck. "
        "Run the same command again; if it stays, report it with this line.",
    )
    usable(board, tmp_path)


def test_an_interpreter_that_is_not_there(board, tmp_path):
    board.target = dataclasses.replace(board.target, python="/no/python3")
    code, text = refused(board, make(tmp_path))
    assert code == "no-python"
    assert text.startswith("/no/python3 does not run (")
    assert text.endswith(
        "No such file or directory). Use a PYNQ image, or correct the interpreter in the board's settings."
    )


@pytest.mark.slow
def test_pynq_that_is_not_there(board, tmp_path):
    board.target = dataclasses.replace(board.target, environment={})
    assert refused(board, make(tmp_path)) == (
        "no-pynq",
        f"pynq cannot be imported by {sys.executable} (ModuleNotFoundError: No module named 'pynq'). "
        "Use a PYNQ image, or correct the interpreter in the board's settings.",
    )


def test_a_disk_that_is_too_small_is_named_before_anything_is_sent(board, tmp_path, small_disk):
    board.target = dataclasses.replace(board.target, folder=str(small_disk.folder / "work"))
    code, text = refused(board, make(tmp_path))
    assert code == "disk-full"
    assert text.startswith(
        f"the disk with {small_disk.folder}/work is full: 16.8 MB are needed, 4.2 MB are free. Free some"
    )
    assert not (small_disk.folder / "work").exists()


def test_a_disk_that_fills_up_during_the_run(board, tmp_path, small_disk, monkeypatch):
    from aigchip.deploy import preflight

    monkeypatch.setattr(preflight, "_SPARE_BYTES", 0)
    board.target = dataclasses.replace(board.target, folder=str(small_disk.folder / "work"))
    made = make(tmp_path)
    runner = made.folder / "runner.py"  # waits, so that the disk fills up between its start and its result
    runner.write_text(
        runner.read_text().replace("        file.reserve(", "        time.sleep(6)\n        file.reserve(")
    )

    def tell(line):
        if line.startswith("sending"):
            threading.Timer(3.0, small_disk.fill).start()

    with pytest.raises(AigchipError) as caught:
        course.deploy(board.host, made, tell=tell, pace=PACE)
    assert caught.value.code == "disk-full"
    assert str(caught.value).startswith(f"{board.target.where}: the disk with {small_disk.folder}/work/runs/")
    assert not list((small_disk.folder / "work" / "runs").iterdir())


def test_ctrl_c_ends_the_run_and_cleans_up(board, tmp_path):
    board.break_things(run_s=1)

    def tell(line):
        if line.startswith("self test"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        course.deploy(board.host, make(tmp_path), tell=tell, pace=PACE)
    assert board.left() == ["square8-0123/data"]
    usable(board, tmp_path)
