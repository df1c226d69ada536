"""The board's server: a real sshd on loopback, real clients. pynq is not needed for it, so the packages here are empty."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aigchip.board.board import load
from aigchip.core.errors import ToolMissingError
from aigchip.remote.target import Target
from aigchip.simboard import environment, faults, keeper, machine, server, sshd
from aigchip.simboard.errors import SimulatedBoardError

FOUND = f"{os.environ.get('PATH', '')}:{sshd._PLACES}"
needs_sshd = pytest.mark.skipif(
    shutil.which("sshd", path=FOUND) is None or shutil.which("ssh") is None,
    reason="OpenSSH is not installed: sudo apt-get install openssh-server",
)


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Start boards in a folder of the test's own; they are stopped at the end."""
    packages = tmp_path / "packages"
    packages.mkdir()
    made = environment.Environment(python=environment.interpreter(), packages=packages)
    monkeypatch.setattr(environment, "ensure", lambda say: made)
    folder = tmp_path / "board"

    def run(**options):
        return server.ensure_running(load("zcu104"), fabrics=tmp_path / "fabrics", folder=folder, **options)

    run.folder = folder
    yield run
    server.stop(folder)


@pytest.fixture
def several(start, tmp_path, monkeypatch):
    """Start boards in the places that they have in a project."""
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))

    def run(name):
        return json.loads(server.ensure_running(load(name), fabrics=tmp_path / "fabrics").read_text())

    yield run
    for name in server.made():
        server.stop(server.folder_of(name))


def options(told):
    return [
        "-F", "none", "-i", told["key_file"], "-o", f"UserKnownHostsFile={told['known_hosts']}", "-o", "BatchMode=yes",
        "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=10",
    ]  # fmt: skip


def ssh(told, command, *more):
    words = ["ssh", *more, *options(told), "-p", str(told["port"]), f"{told['user']}@{told['address']}", command]
    return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)


def gone(process):
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def number(folder, name):
    return int((folder / f"{name}.pid").read_text())


@needs_sshd
def test_a_client_with_the_boards_key_gets_in_and_finds_the_boards_python(start):
    told = json.loads(start().read_text())
    assert told == {
        "name": "sim-zcu104", "address": "127.0.0.1", "port": told["port"], "user": sshd.user(), "sudo": False, "simulated": True,
        "key_file": str(start.folder / "client_key"), "known_hosts": str(start.folder / "known_hosts"),
        "python": str(start.folder / "venv/bin/python3"), "environment": {"XILINX_XRT": "/usr"},
        "folder": str(start.folder / "work"),
    }  # fmt: skip
    done = ssh(told, f"echo $HOME; {told['python']} -c 'import sys, simulated_board; print(sys.prefix)'")
    assert (done.stdout.splitlines(), done.stderr) == ([str(start.folder / "home"), str(start.folder / "venv")], "")


@needs_sshd
def test_the_target_is_what_the_package_for_hosts_reads(start):
    read = Target.from_json(start().read_text())
    assert (read.simulated, read.known_hosts) == (True, start.folder / "known_hosts")


@needs_sshd
def test_it_is_found_running_and_ends_with_all_that_it_started(start):
    first = json.loads(start().read_text())
    assert json.loads(start().read_text()) == first
    assert server.status(start.folder).running
    processes = [number(start.folder, name) for name in ("keeper", "sshd")]
    client = subprocess.Popen(
        ["ssh", *options(first), "-p", str(first["port"]), f"{first['user']}@127.0.0.1", "sleep 60"]
    )
    runner = f"setsid -f {first['python']} -c 'import os, time; print(os.getpid(), flush=True); time.sleep(60)' > {start.folder}/pid 2> /dev/null < /dev/null"
    ssh(first, runner)
    limit = time.monotonic() + 10
    while not (start.folder / "pid").read_text().strip() and time.monotonic() < limit:
        time.sleep(0.05)
    left = int((start.folder / "pid").read_text())
    assert server.status(start.folder).used
    assert server.stop(start.folder)
    assert client.wait(timeout=10) == 255
    assert all(gone(process) for process in (*processes, left))
    assert not (start.folder / "target.json").exists()
    assert not server.status(start.folder).running and not server.stop(start.folder)


@needs_sshd
def test_two_that_start_it_at_once_get_one_board(start):
    with ThreadPoolExecutor(2) as pool:
        first, second = (job.result().read_text() for job in [pool.submit(start) for _ in range(2)])
    assert first == second
    assert ssh(json.loads(first), "true").returncode == 0


@needs_sshd
def test_two_boards_at_once_share_nothing(several):
    first, second = several("zcu104"), several("pynq-z2")
    assert server.made() == ("pynq-z2", "zcu104")
    differ = {name for name in first if first[name] != second[name]}
    assert differ == {"name", "port", "key_file", "known_hosts", "python", "folder"}
    markers = [
        json.loads(machine.Machine(folder=server.folder_of(name)).marker.read_text()) for name in ("zcu104", "pynq-z2")
    ]
    assert [(told["part"], told["processing_system"]) for told in markers] == [
        ("xczu7ev-ffvc1156-2-e", "zynqmp"),
        ("xc7z020clg400-1", "zynq"),
    ]
    assert [told["memory_bytes"] >> 20 for told in markers] == [512, 128]
    assert ssh(first, "echo first").stdout == "first\n" and ssh(second, "echo second").stdout == "second\n"
    assert ssh(second | {"port": first["port"]}, "true").returncode == 255  # neither keys nor host keys are shared
    faults.ask(server.folder_of("pynq-z2"), "hang", lock=machine.Machine(folder=server.folder_of("pynq-z2")).lock)
    assert [faults.asked(server.folder_of(name)) for name in ("zcu104", "pynq-z2")] == ["", "hang"]
    assert several("zcu104") == first  # the other one is none of its concern
    assert server.stop(server.folder_of("pynq-z2"))
    assert ssh(first, "echo still").stdout == "still\n"
    assert ssh(second, "true").returncode == 255


@needs_sshd
def test_a_wrong_host_key_and_a_wrong_user_key_are_refused(start, tmp_path):
    told = json.loads(start().read_text())
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    other = (tmp_path / "other.pub").read_text()
    wrong_host = tmp_path / "known_hosts"
    wrong_host.write_text(f"[127.0.0.1]:{told['port']} {' '.join(other.split()[:2])}\n")
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in ssh(told | {"known_hosts": str(wrong_host)}, "true").stderr
    refused = ssh(told | {"key_file": str(tmp_path / "other")}, "true")
    assert "Permission denied (publickey)" in refused.stderr  # and no method with a password is offered
    assert ssh(told, "true").returncode == 0


@needs_sshd
def test_it_listens_on_loopback_only(start):
    port = json.loads(start().read_text())["port"]
    listening = [
        line.split()[1]
        for file in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(file).exists()
        for line in Path(file).read_text().splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].split(":")[1], 16) == port
    ]
    assert [address.split(":")[0] for address in listening] == ["0100007F"]


@needs_sshd
def test_it_stops_by_itself_when_nobody_uses_it(start):
    told = json.loads(start(idle_seconds=1.5).read_text())
    assert ssh(told, "sleep 3; echo still here").stdout == "still here\n"  # a connection is use
    server_process = number(start.folder, "sshd")
    assert gone(server_process)
    assert not server.status(start.folder).running
    assert ssh(told, "true").returncode == 255


@needs_sshd
def test_it_stops_when_its_folder_goes_away_and_does_not_make_it_again(start):
    start()
    processes = [number(start.folder, name) for name in ("keeper", "sshd")]
    shutil.rmtree(start.folder)
    assert all(gone(process) for process in processes)
    assert not start.folder.exists()


@needs_sshd
def test_a_killed_keeper_leaves_no_second_server(start):
    start()
    old = number(start.folder, "sshd")
    os.kill(number(start.folder, "keeper"), signal.SIGKILL)
    assert gone(number(start.folder, "keeper"))
    assert not server.status(start.folder).running
    told = json.loads(start().read_text())
    assert gone(old)
    assert ssh(told, "echo new").stdout == "new\n"


@needs_sshd
def test_a_full_disk_refuses_uploads_until_the_fault_is_cleared(start, tmp_path):
    told = json.loads(start().read_text())
    (tmp_path / "file").write_bytes(bytes(5000))
    where = f"{told['user']}@127.0.0.1:{told['folder']}/"
    upload = ["scp", "-q", *options(told), "-P", str(told["port"]), str(tmp_path / "file"), where]
    faults.ask(start.folder, "disk-full", lock=machine.Machine(folder=start.folder).lock)
    full = subprocess.run(upload, capture_output=True, text=True, timeout=30, check=False)
    assert full.returncode and "Failure" in full.stderr
    write = f'{told["python"]} -c \'open("{told["folder"]}/result.json", "w")\''
    assert "OSError: [Errno 28] No space left on device" in ssh(told, write).stderr
    assert ssh(told, write.replace("work/result", "home/other")).returncode == 0
    faults.clear(start.folder)
    assert subprocess.run(upload, capture_output=True, timeout=30, check=False).returncode == 0
    assert (start.folder / "work" / "file").stat().st_size == 5000


@needs_sshd
def test_a_port_that_somebody_takes_first_is_given_up(start, monkeypatch):
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    free = server._free_port()
    ports = iter([taken.getsockname()[1], free])
    monkeypatch.setattr(server, "_free_port", lambda: next(ports))
    assert json.loads(start().read_text())["port"] == free
    taken.close()


def test_a_folder_that_sshd_cannot_name_is_refused(tmp_path):
    with pytest.raises(SimulatedBoardError) as refused:
        server.ensure_running(load("zcu104"), fabrics=tmp_path, folder=Path("/a folder/sim"))
    assert str(refused.value) == (
        "/a folder/sim: the path holds a space or a sign that sshd's options cannot hold. "
        "Set AIGCHIP_BUILD_DIR to a folder of letters, digits, dots, dashes and underscores."
    )


@pytest.mark.parametrize(("missing", "package"), [("sshd", "openssh-server"), ("ssh-keygen", "openssh-client")])
def test_a_missing_server_is_one_line_with_its_package(monkeypatch, tmp_path, missing, package):
    monkeypatch.setattr(sshd, "_PLACES", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in {"sshd", "ssh-keygen"} - {missing}:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(ToolMissingError) as refused:
        server.ensure_running(load("zcu104"), fabrics=tmp_path, folder=tmp_path / "board")
    assert str(refused.value) == (
        f"{missing}: it is not installed; the simulated board is reached over SSH. Run: sudo apt-get install {package}"
    )


def test_a_server_that_refuses_its_options_is_told_in_its_own_words(start, monkeypatch, tmp_path):
    monkeypatch.setattr(sshd, "_PLACES", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "sshd").write_text("#!/bin/sh\necho 'Privilege separation user sshd does not exist' >&2\nexit 255\n")
    (tmp_path / "sshd").chmod(0o755)
    with pytest.raises(SimulatedBoardError) as refused:
        start()
    assert str(refused.value) == (
        "board=sim: sshd refuses to start: Privilege separation user sshd does not exist. "
        "Run: sudo apt-get install openssh-server"
    )


def test_a_number_that_another_program_has_now_is_not_killed(tmp_path):
    folder = tmp_path / "board"
    folder.mkdir()
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    for name in ("keeper", "sshd"):
        (folder / f"{name}.pid").write_text(f"{other.pid}\n")
    (folder / "server.json").write_text('{"port": 1, "note": ""}')
    assert not server.status(folder).running
    server.stop(folder)
    assert other.poll() is None
    other.communicate(b"\n")


def test_programs_of_other_interpreters_are_not_the_boards(tmp_path):
    assert os.getpid() not in keeper.programs(tmp_path)
