"""A real OpenSSH server on a free loopback port, with keys of its own, for one test."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from aigchip.remote.target import Target

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")


def needs_sshd() -> None:
    """Skip the test where there is no OpenSSH server."""
    if SSHD is None or shutil.which("ssh-keygen") is None:
        pytest.skip("no sshd on this machine (Debian: openssh-server)")


def key_pair(path: Path, *, kind: str = "ed25519", passphrase: str = "") -> Path:
    """Make a key pair; return the private key."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", str(path)],
        check=True,
        capture_output=True,
    )
    return path


@dataclass(frozen=True, kw_only=True)
class Sshd:
    """The running server; `target` reaches it."""

    process: subprocess.Popen[bytes]
    target: Target
    host_key: Path
    key: Path
    log: Path

    def connections(self) -> int:
        """Return how many connections have logged in so far, as the server's own log has them."""
        return self.log.read_text().count("Accepted publickey for ")

    def sessions(self) -> list[int]:
        """Return the processes that serve connections: the server's descendants that are sshd themselves."""
        parents: dict[int, tuple[int, str]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                text = stat.read_text()
                fields = text.rsplit(")", 1)[1].split()
                parents[int(stat.parent.name)] = int(fields[1]), text.split("(", 1)[1].rsplit(")", 1)[0]
        found: list[int] = []
        wave = [self.process.pid]
        while wave:
            wave = [pid for pid, (parent, name) in parents.items() if parent in wave and name.startswith("sshd")]
            found += wave
        return found

    def signal_sessions(self, number: int) -> None:
        """Send a signal to every session."""
        for pid in self.sessions():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def _privilege_separation() -> bool:
    """As root sshd wants an empty /run/sshd; make it where it is missing."""
    if os.geteuid() != 0:
        return True
    try:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def sshd(
    folder: Path, *, environment: Mapping[str, str] | None = None, kinds: tuple[str, ...] = ("ed25519",)
) -> Iterator[Sshd]:
    """Serve on loopback until the block ends; the test skips where it cannot.

    Args:
        folder: For keys, settings, the log, and the work folder of the target.
        environment: Set in every session.
        kinds: Kinds of host keys.
    """
    needs_sshd()
    if not _privilege_separation():
        pytest.skip("sshd as root needs /run/sshd, which cannot be made")
    folder.mkdir(parents=True, exist_ok=True)
    host_keys = [key_pair(folder / f"host_{kind}", kind=kind) for kind in kinds]
    key = key_pair(folder / "key")
    shutil.copy(key.with_suffix(".pub"), folder / "authorized")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        *(f"HostKey {path}" for path in host_keys),
        f"PidFile {folder / 'pid'}",
        f"AuthorizedKeysFile {folder / 'authorized'}",
        "UsePAM no",
        "StrictModes no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "Subsystem sftp internal-sftp",
        "AllowTcpForwarding no",
        "X11Forwarding no",
    ]
    if environment:
        settings.append("SetEnv " + " ".join(f'"{name}={value}"' for name, value in environment.items()))
    (folder / "sshd_config").write_text("\n".join(settings) + "\n")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log, stdout=log)
    try:
        _wait(port, process, folder / "log")
        known = folder / "known_hosts"
        known.write_text(
            "".join(
                f"[127.0.0.1]:{port} {' '.join(path.with_suffix('.pub').read_text().split()[:2])}\n"
                for path in host_keys
            )
        )
        work = folder / "work"
        work.mkdir()
        target = Target(
            name="test-board",
            address="127.0.0.1",
            port=port,
            user=getpass.getuser(),
            key_file=key,
            known_hosts=known,
            python="/usr/bin/python3",
            folder=str(work),
        )
        served = Sshd(process=process, target=target, host_key=host_keys[0], key=key, log=folder / "log")
        yield served
        served.signal_sessions(signal.SIGCONT)
        served.signal_sessions(signal.SIGKILL)
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.skip(f"sshd does not start here: {log.read_text().strip()[-300:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return
        time.sleep(0.05)
    pytest.fail("sshd does not listen")
