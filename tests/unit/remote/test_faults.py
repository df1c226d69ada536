"""Every row of the table of SSH faults, provoked for real; each ends in one line and leaves the host usable."""

import contextlib
import dataclasses
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import paramiko
import pytest
from support.processes import runs
from support.sshd import key_pair, sshd

from aigchip.core.errors import AigchipError
from aigchip.remote.faults import of_connection
from aigchip.remote.ssh import Limits, SshHost

pytestmark = pytest.mark.verifies("ssh")
LIMITS = Limits(connect_s=2.5, transfer_s=2.5)


@pytest.fixture
def server(tmp_path):
    with sshd(tmp_path / "sshd") as served:
        yield served


def host(server, **changes):
    return SshHost(target=dataclasses.replace(server.target, **changes), limits=LIMITS)


def line(action, *, within_s=20.0):
    """Return code and text of the error that an action ends with, in good time."""
    started = time.monotonic()
    with pytest.raises(AigchipError) as caught:
        action()
    assert time.monotonic() - started < within_s
    assert "\n" not in str(caught.value)
    return caught.value.code, str(caught.value)


def refused(server, **changes):
    one = host(server, **changes)
    code, text = line(lambda: one.run(["true"]))
    assert text.startswith(f"{one.target.where}: ")
    usable(server)
    return code, text.removeprefix(f"{one.target.where}: ")


def usable(server):
    for number in (signal.SIGCONT, signal.SIGTERM):
        server.signal_sessions(number)
    assert host(server).run(["echo", "ok"]).out == "ok\n"


def fingerprint(public):
    return subprocess.run(
        ["ssh-keygen", "-lf", str(public)], capture_output=True, text=True, check=True
    ).stdout.split()[1]


def known(folder, server, public):
    path = folder / "other_known"
    path.write_text(f"[127.0.0.1]:{server.target.port} {' '.join(public.read_text().split()[:2])}\n")
    return path


def test_a_wrong_host_key(server, tmp_path):
    other = key_pair(tmp_path / "other").with_suffix(".pub")
    path = known(tmp_path, server, other)
    port = server.target.port
    assert refused(server, known_hosts=path) == (
        "wrong-host-key",
        f"its host key is {fingerprint(server.host_key.with_suffix('.pub'))}; {path} has {fingerprint(other)}: another "
        "machine answers, or the board's system was installed anew. Compare it with "
        "`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` typed on the board itself; if they are equal, drop the old "
        f"key with `ssh-keygen -f {path} -R '[127.0.0.1]:{port}'` and trust the new one with "
        f"`ssh-keyscan -p {port} -t ed25519 127.0.0.1 >> {path}`.",
    )


def test_only_a_key_of_another_kind_is_known(server, tmp_path):
    path = known(tmp_path, server, key_pair(tmp_path / "other", kind="rsa").with_suffix(".pub"))
    port = server.target.port
    assert refused(server, known_hosts=path) == (
        "wrong-host-key",
        f"it offers a host key of the kind ssh-ed25519 ({fingerprint(server.host_key.with_suffix('.pub'))}); {path} has "
        "only one of the kind ssh-rsa. Compare it with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` typed on the "
        f"board itself; if they are equal, trust it with `ssh-keyscan -p {port} -t ed25519 127.0.0.1 >> {path}`.",
    )


@pytest.mark.parametrize("there", [True, False], ids=["empty file", "no file"])
def test_an_unknown_host_is_never_added(server, tmp_path, there):
    path = tmp_path / "none"
    if there:
        path.touch()
    port = server.target.port
    assert refused(server, known_hosts=path) == (
        "unknown-host",
        f"its host key {fingerprint(server.host_key.with_suffix('.pub'))} is not in {path}. Compare it with "
        "`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` typed on the board itself; if they are equal, trust it with "
        f"`ssh-keyscan -p {port} -t ed25519 127.0.0.1 >> {path}`.",
    )
    assert not there or path.read_text() == ""


def test_the_remedy_of_an_unknown_host_works(server, tmp_path):
    path = tmp_path / "known"
    _, text = refused(server, known_hosts=path)
    command = text.rpartition("trust it with `")[2].partition("`")[0]
    subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    assert host(server, known_hosts=path).run(["echo", "ok"]).out == "ok\n"


def test_of_several_host_keys_one_that_is_known_is_enough(tmp_path):
    with sshd(tmp_path / "two", kinds=("ed25519", "rsa")) as served:
        path = known(tmp_path, served, tmp_path / "two" / "host_rsa.pub")
        assert host(served, known_hosts=path).run(["echo", "ok"]).out == "ok\n"


def test_a_wrong_key(server, tmp_path):
    key = key_pair(tmp_path / "wrong")
    user, port = server.target.user, server.target.port
    assert refused(server, key_file=key) == (
        "not-let-in",
        f"it does not let {user} in with {key}. Give the user with host=user@address and the key with key=, or put the "
        f"public key on the board with `ssh-copy-id -p {port} {user}@127.0.0.1`.",
    )


def test_a_wrong_user(server):
    port = server.target.port
    assert refused(server, user="nobody-at-all") == (
        "not-let-in",
        f"it does not let nobody-at-all in with {server.key}. Give the user with host=user@address and the key with "
        f"key=, or put the public key on the board with `ssh-copy-id -p {port} nobody-at-all@127.0.0.1`.",
    )


def test_no_agent(server, monkeypatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    assert refused(server, key_file=None) == (
        "not-let-in",
        "the SSH agent has no key. Run `ssh-add`, or name a key with key=.",
    )


def test_the_agent_is_asked_where_no_key_is_named(server, monkeypatch):
    told = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    found = dict(part.strip().split("=", 1) for part in told.replace("\n", " ").split(";") if "=" in part)
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", found["SSH_AUTH_SOCK"])
        subprocess.run(["ssh-add", "-q", str(server.key)], check=True, capture_output=True)
        assert host(server, key_file=None).run(["echo", "ok"]).out == "ok\n"
    finally:
        os.kill(int(found["SSH_AGENT_PID"]), signal.SIGTERM)


def test_an_encrypted_key(server, tmp_path):
    key = key_pair(tmp_path / "locked", passphrase="secret words")
    assert refused(server, key_file=key) == (
        "encrypted-key",
        f"the key {key} is encrypted. Run `ssh-add {key}` and leave key= out; the SSH agent is asked then.",
    )


def test_a_missing_key_file(server, tmp_path):
    assert refused(server, key_file=tmp_path / "none") == (
        "no-key-file",
        f"the key {tmp_path / 'none'} cannot be read (No such file or directory). "
        "Correct key=, or leave it out to use the SSH agent.",
    )


def test_a_file_that_is_no_key(server, tmp_path):
    (tmp_path / "text").write_text("hello\n")
    code, text = refused(server, key_file=tmp_path / "text")
    assert code == "no-key-file"
    assert text.startswith(f"the key {tmp_path / 'text'} cannot be used (")
    assert text.endswith("). Name a private key with key=.")


def test_a_closed_port(server):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert refused(server, port=port) == (
        "refused",
        f"nothing listens on port {port}. Start the board's SSH server, or correct host=.",
    )


def test_an_address_that_swallows_everything(server):
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)  # a queue that is full drops what comes
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        time.sleep(0.1)
        assert refused(server, port=full.getsockname()[1]) == (
            "unreachable",
            "no answer within 2.5 s. See whether the board is on and in this network, and whether a firewall is between.",
        )


def test_a_name_that_nobody_knows(server):
    assert refused(server, address="no-such-board.invalid") == (
        "unknown-name",
        "the name no-such-board.invalid is not known. Correct host=, or give the IP address.",
    )


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["silence", "http"])
def test_a_port_that_does_not_speak_ssh(server, says):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connection.sendall(says)
                    if says:
                        connection.close()
                    else:
                        held.append(connection)

        held = []
        threading.Thread(target=serve, daemon=True).start()
        port = listener.getsockname()[1]
        assert refused(server, port=port) == (
            "no-banner",
            f"what listens on port {port} does not speak SSH, or does not answer within 2.5 s. "
            "Correct the port in host=, or restart the board's SSH server.",
        )
        for connection in held:
            connection.close()


def test_an_exit_code_is_a_result(server):
    assert host(server).run(["sh", "-c", "echo out; echo err >&2; exit 9"]).exit_code == 9


def broken(server, number, *, after_s=0.7):
    """Send a signal to the sessions a little later."""
    timer = threading.Timer(after_s, lambda: server.signal_sessions(number))
    timer.start()
    return timer


def test_a_session_that_is_killed_during_a_run(server):
    with host(server).connected() as session:
        broken(server, signal.SIGKILL)
        assert line(lambda: session.run(["sleep", "8"])) == (
            "lost",
            f"{server.target.where}: the connection was lost. Run the same command again; see whether the board is still on.",
        )
    usable(server)


def test_a_session_that_freezes_during_a_run(server, tmp_path):
    pid = tmp_path / "pid"
    with host(server).connected() as session:
        broken(server, signal.SIGSTOP)
        assert line(lambda: session.run(["sh", "-c", f"echo $$ >{pid}; sleep 60; true"], timeout_s=2)) == (
            "frozen",
            f"{server.target.where}: it stopped answering. See whether the board is still on; run the same command again.",
        )
    assert not runs(int(pid.read_text()))  # the host itself ended it
    usable(server)


def test_a_session_that_freezes_before_a_run(server):
    with host(server).connected() as session:
        server.signal_sessions(signal.SIGSTOP)
        assert line(lambda: session.run(["true"], timeout_s=1))[0] == "frozen"
    usable(server)


def test_a_session_that_freezes_during_a_put(server, tmp_path):
    (tmp_path / "big").write_bytes(os.urandom(1 << 20) * 60)
    there = f"{server.target.folder}/big"
    with host(server).connected() as session:
        threading.Timer(0.0, lambda: freeze_when_it_grows(server, Path(f"{there}.part"))).start()
        code, text = line(lambda: session.put(tmp_path / "big", there), within_s=40)
    assert (code, text) == (
        "frozen",
        f"{server.target.where}: it stopped answering during an upload; files {server.target.folder}/*.part may "
        "be left. Run the same command again, it replaces them; see whether the board is still on.",
    )
    assert not Path(there).exists()
    usable(server)
    host(server).put(tmp_path / "big", there)
    assert Path(there).stat().st_size == 60 << 20
    assert not Path(f"{there}.part").exists()


def freeze_when_it_grows(server, part):
    while not part.exists() or part.stat().st_size < 1 << 20:
        time.sleep(0.001)
    server.signal_sessions(signal.SIGSTOP)


def test_a_session_that_freezes_before_a_put(server, tmp_path):
    (tmp_path / "one").write_text("1")
    with host(server).connected() as session:
        server.signal_sessions(signal.SIGSTOP)
        assert line(lambda: session.get("/etc/hostname", tmp_path / "two"))[0] == "frozen"
    assert not (tmp_path / "two").exists()
    usable(server)


def test_a_disk_that_fills_up_during_a_put(server, tmp_path, small_disk):
    (tmp_path / "big").write_bytes(os.urandom(2_500_000))
    (tmp_path / "old").write_text("old")
    there = small_disk.folder / "file"
    host(server).put(tmp_path / "old", str(there))

    def fill():
        part = Path(f"{there}.part")
        while not part.exists():
            time.sleep(0.0005)
        small_disk.fill()

    with host(server).connected() as session:
        filler = threading.Thread(target=fill)
        filler.start()
        code, text = line(lambda: session.put(tmp_path / "big", str(there)))
        filler.join()
    assert code == "disk-full"
    assert text == (
        f"{server.target.where}: the disk with {small_disk.folder} is full: 2.5 MB are needed, 0.0 MB are free. Free some "
        f"space there, for example by removing old folders below {small_disk.folder}, and run the same command again."
    )
    assert there.read_text() == "old"
    assert sorted(path.name for path in small_disk.folder.iterdir()) == ["file", "filler"]
    usable(server)


def test_a_disk_that_is_too_small_for_a_put(server, tmp_path, small_disk):
    (tmp_path / "big").write_bytes(bytes(6_000_000))
    code, text = line(lambda: host(server).put(tmp_path / "big", str(small_disk.folder / "big")))
    assert code == "disk-full"
    assert text.startswith(
        f"{server.target.where}: the disk with {small_disk.folder} is full: 7.0 MB are needed, 4.2 MB are free."
    )
    assert list(small_disk.folder.iterdir()) == []


@pytest.mark.parametrize("said", ["Failure", "size mismatch in put!  0 != 5"])
def test_a_quota_that_is_used_up(server, tmp_path, monkeypatch, said):
    import paramiko

    def put(*_, **__):
        raise OSError(said)

    (tmp_path / "five").write_text("12345")
    monkeypatch.setattr(paramiko.SFTPClient, "put", put)
    there = server.target.folder
    code, text = line(lambda: host(server).put(tmp_path / "five", f"{there}/five"))
    assert code == "disk-full"
    assert text.startswith(f"{server.target.where}: {there} takes no more, although the disk has ")
    assert text.endswith(
        "MB free: a quota is used up. Free some space there, for example by removing old folders below "
        f"{there}, and run the same command again."
    )


def test_a_file_that_is_not_there(server, tmp_path):
    assert line(lambda: host(server).get("/no/such/file", tmp_path / "x")) == (
        "no-file",
        f"{server.target.where}: there is no file /no/such/file. Run the step that writes it first.",
    )
    assert list(tmp_path.glob("*x*")) == []


def test_a_place_that_cannot_be_written(server, tmp_path):
    (tmp_path / "file").write_text("1")
    code, text = line(lambda: host(server).put(tmp_path / "file", "/proc/none/file"))
    assert code == "copy"
    assert text.startswith(f"{server.target.where}: /proc/none cannot be written (mkdir: cannot create directory")
    assert text.endswith("). Make its folder writable for the user there.")


STAND_IN = """\
#!/bin/sh
# A stand-in for sudo: asks for a password on standard input as `sudo -S` does, and takes only `right`.
if [ "$1" = -n ]; then echo "sudo: a password is required" >&2; exit 1; fi
shift; [ "$1" = -p ] && { prompt=$2; shift 2; }
for try in 1 2 3; do
  printf '%s' "$prompt" >&2
  read -r given || { echo "sudo: no password was provided" >&2; exit 1; }
  if [ "$given" = right ]; then
    [ -e "$(dirname "$0")/unlisted" ] && { echo "$USER is not in the sudoers file." >&2; exit 1; }
    SUDO_USER=$USER exec "$@"
  fi
  echo "Sorry, try again." >&2
done
exit 1
"""


@pytest.fixture
def with_sudo(tmp_path):
    """A server whose sudo is a stand-in."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sudo").write_text(STAND_IN)
    (folder / "sudo").chmod(0o755)
    with sshd(tmp_path / "sshd", environment={"PATH": f"{folder}:{os.environ['PATH']}"}) as served:
        yield served, folder


def as_root(server, password, words=("sh", "-c", "echo $SUDO_USER | tail -n 1")):
    one = SshHost(target=server.target, limits=LIMITS, password=lambda: password)
    with one.connected() as session:
        return session.run(list(words), sudo=True, timeout_s=10)


def test_the_right_sudo_password(with_sudo):
    served, _ = with_sudo
    done = as_root(served, "right")
    assert (done.exit_code, done.out, done.err) == (0, f"{served.target.user}\n", "")


def test_a_wrong_sudo_password(with_sudo):
    served, _ = with_sudo
    code, text = line(lambda: as_root(served, "not this"))
    assert (code, text) == (
        "sudo-password",
        f"{served.target.where}: sudo does not accept the password. Correct AIGCHIP_SUDO_PASSWORD, or run without it at "
        "a terminal to be asked.",
    )
    assert "not this" not in text
    usable(served)


def test_no_sudo_password(with_sudo):
    served, _ = with_sudo
    assert line(lambda: as_root(served, None)) == (
        "sudo-password",
        f"{served.target.where}: sudo wants a password. Put it into the environment variable AIGCHIP_SUDO_PASSWORD, or "
        "run at a terminal to be asked.",
    )
    usable(served)


def test_a_user_who_may_not_use_sudo(with_sudo):
    served, folder = with_sudo
    (folder / "unlisted").touch()
    assert line(lambda: as_root(served, "right")) == (
        "sudo-refused",
        f"{served.target.where}: {served.target.user} may not use sudo. Log in as a user who may, with host=user@address.",
    )
    usable(served)


@pytest.mark.parametrize(
    "said", ["Authentication failed: transport shut down or saw EOF", "Authentication failed: EOF"]
)
def test_a_connection_that_is_cut_off_while_it_lets_us_in_says_nothing_of_the_key(server, said):
    """Seen on the simulated board with fault=lost-connection: paramiko reports it as a failed authentication."""
    error = of_connection(paramiko.AuthenticationException(said), server.target, 1.0)
    assert (error.code, error.what) == ("lost", "the connection was lost")
