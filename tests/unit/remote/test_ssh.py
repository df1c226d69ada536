import hashlib
import os
import time

import pytest
from support.processes import wait_until_gone
from support.sshd import sshd

from aigchip.core.errors import AigchipError
from aigchip.remote import job
from aigchip.remote.ssh import Limits, SshHost


@pytest.fixture
def server(tmp_path):
    with sshd(tmp_path / "sshd") as served:
        yield served


def test_runs_programs_and_moves_files(server, tmp_path):
    host = SshHost(target=server.target)
    done = host.run(["sh", "-c", 'pwd; echo "$WORD" >&2; exit 3'], cwd=str(tmp_path), environment={"WORD": "a 'b' $c"})
    assert (done.exit_code, done.out, done.err) == (3, f"{tmp_path}\n", "a 'b' $c\n")
    data = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(data)
    host.put(tmp_path / "a", str(tmp_path / "there" / "b c"))
    host.get(str(tmp_path / "there" / "b c"), tmp_path / "d")
    assert hashlib.sha256((tmp_path / "d").read_bytes()).digest() == hashlib.sha256(data).digest()
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["b c"]


def test_a_program_that_a_signal_ends_has_a_negative_code_as_here(server):
    assert SshHost(target=server.target).run(["sh", "-c", "kill -SEGV $$"]).exit_code == -11


def test_a_program_is_ended_on_the_host_when_time_is_up(server, tmp_path):
    pid = tmp_path / "pid"
    with pytest.raises(AigchipError) as caught:
        SshHost(target=server.target).run(["sh", "-c", f"echo $$ > {pid}; sleep 60; true"], timeout_s=0.7)
    assert str(caught.value) == (
        f"{server.target.where}: sh did not end within 0.7 s. See whether the host is busy, or allow more time."
    )
    assert caught.value.code == "time-out"
    assert wait_until_gone(int(pid.read_text()))


def test_a_job_outlives_its_connection_and_ends_with_its_code(server, tmp_path):
    host = SshHost(target=server.target, limits=Limits(connect_s=5, transfer_s=5))
    one = job.Job(folder=str(tmp_path / "job"))
    with host.connected() as session:
        job.start(session, one, ["sh", "-c", 'echo "step $A"; sleep 4; exit 7'], environment={"A": "1"}, deadline_s=30)
        job.start(session, one, ["false"], environment={}, deadline_s=30)  # again: nothing happens
    server.signal_sessions(9)
    with host.connected() as session:
        time.sleep(0.3)
        assert job.poll(session, one) == job.Seen(state=job.State.RUNNING, last_line="step 1")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with host.connected() as session:
            seen = job.poll(session, one)
        if seen.state is not job.State.RUNNING:
            break
        time.sleep(0.2)
    assert seen == job.Seen(state=job.State.DONE, exit_code=7, last_line="step 1")
    with host.connected() as session:
        job.remove(session, one)
    assert not (tmp_path / "job").exists()
