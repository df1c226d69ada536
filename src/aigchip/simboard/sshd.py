"""An OpenSSH server of the board's own: loopback only, its own keys, no passwords, nothing of the host's configuration."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from aigchip.core.atomic import write_text
from aigchip.core.errors import ToolMissingError
from aigchip.simboard.errors import SimulatedBoardError

ADDRESS = "127.0.0.1"
_PLACES = "/usr/sbin:/usr/local/sbin:/sbin:/opt/homebrew/sbin"
_SFTP_SERVERS = ("/usr/lib/openssh", "/usr/libexec/openssh", "/usr/lib/ssh", "/usr/libexec", "/usr/lib/misc")
_OPTIONS = """\
ListenAddress {address}
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/client_key.pub
AuthenticationMethods publickey
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers {user}
StrictModes no
UsePAM {pam}
UseDNS no
PermitUserRC no
PermitUserEnvironment no
SetEnv HOME={home}
DisableForwarding yes
PrintMotd no
PrintLastLog no
MaxStartups 100
MaxSessions 100
Subsystem sftp {sftp}
"""
_PATIENT = "PerSourcePenalties no\n"  # from OpenSSH 9.8; a test with a wrong key must not lock out the next connection
_SFTP = """#!/bin/sh
# The board's file transfer; with the fault disk-full every write finds no room.
if grep -q '"disk-full"' '{folder}/fault.json' 2>/dev/null; then
    trap '' XFSZ
    ulimit -f 0
fi
exec '{server}'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that is ready to be started.

    Attributes:
        command: The process to start.
        note: What differs from a start as root or as a user; for people.
    """

    command: tuple[str, ...]
    note: str


def program() -> str:
    """Return the path of sshd.

    Raises:
        ToolMissingError: OpenSSH's server or its key generator is not installed.
    """
    for name, package in (("sshd", "openssh-server"), ("ssh-keygen", "openssh-client")):
        if shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_PLACES}") is None:
            raise ToolMissingError(
                name,
                "it is not installed; the simulated board is reached over SSH",
                f"Run: sudo apt-get install {package}",
                code="tool-missing",
            )
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:{_PLACES}")
    return str(found)


def user() -> str:
    """Return the person's login name."""
    return pwd.getpwuid(os.geteuid()).pw_name


def make_keys(folder: Path) -> None:
    """Make the host key and the client key where they are missing.

    Raises:
        SimulatedBoardError: ssh-keygen fails.
    """
    for name in ("host_key", "client_key"):
        key = folder / name
        if key.is_file() and key.with_name(f"{name}.pub").is_file():
            continue
        key.unlink(missing_ok=True)
        command = [
            "ssh-keygen",
            "-q",
            "-t",
            "ed25519",
            "-N",
            "",
            "-C",
            f"aigchip simulated board {name}",
            "-f",
            str(key),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise SimulatedBoardError(
                "board=sim",
                f"ssh-keygen cannot make {key}: {_last(done.stderr)}",
                "Correct what it names.",
                code="sshd",
            )


def prepare(folder: Path, *, port: int, home: Path) -> Server:
    """Write the server's configuration for a port, and let sshd check it.

    Args:
        folder: The board's folder, with its keys.
        port: The TCP port.
        home: The home folder that programs on the board see.

    Raises:
        ToolMissingError: There is no sshd.
        SimulatedBoardError: sshd refuses the configuration or the machine.
    """
    sshd = program()
    server = next((place for base in _SFTP_SERVERS if (place := Path(base) / "sftp-server").is_file()), None)
    sftp = folder / "sftp"
    if server is not None:
        write_text(sftp, _SFTP.format(folder=folder, server=server))
        sftp.chmod(0o755)
    options = _OPTIONS.format(
        address=ADDRESS,
        port=port,
        folder=folder,
        user=user(),
        pam="yes" if os.geteuid() == 0 and _is_locked() else "no",
        home=home,
        sftp=f"/bin/sh {sftp}" if server is not None else "internal-sftp",
    )
    write_text(
        folder / "known_hosts", f"[{ADDRESS}]:{port} {' '.join((folder / 'host_key.pub').read_text().split()[:2])}\n"
    )
    configuration = folder / "sshd_config"
    for text in (options + _PATIENT, options):
        write_text(configuration, text)
        complaint = _check(sshd, configuration)
        if "PerSourcePenalties" not in complaint:
            break
    command = (sshd, "-D", "-e", "-f", str(configuration))
    missing = re.search(r"Missing privilege separation directory: (\S+)", complaint)
    if missing:
        return _in_own_namespace(command, Path(missing[1]))
    if complaint:
        package = " Run: sudo apt-get install openssh-server" if "user sshd does not exist" in complaint else ""
        raise SimulatedBoardError("board=sim", f"sshd refuses to start: {complaint}", package.strip(), code="sshd")
    return Server(command=command, note=_note())


def _note() -> str:
    if os.geteuid() == 0:
        return f"sshd runs as root; only {user()} can log in"
    return f"sshd runs without root, as {user()}: it can log in only {user()}, and uses no PAM"


def _check(sshd: str, configuration: Path) -> str:
    done = subprocess.run(
        [sshd, "-t", "-f", str(configuration)], capture_output=True, text=True, check=False, timeout=60
    )
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip() and ": terminating, " not in line]
    return "" if done.returncode == 0 else " ".join(lines[-1:]) or f"sshd -t ends with {done.returncode}"


def _in_own_namespace(command: tuple[str, ...], folder: Path) -> Server:
    """Let sshd have the folder that it demands in a mount namespace of its own, so that the host has none afterwards."""
    script = 'mount -t tmpfs tmpfs "$1" && mkdir -p "$2" && chmod 755 "$2" && shift 2 && exec "$@"'
    top = Path("/", *folder.parts[1:2])
    own = ("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", str(top), str(folder))
    tried = subprocess.run([*own, "true"], capture_output=True, text=True, check=False, timeout=60)
    if tried.returncode:
        raise SimulatedBoardError(
            "board=sim",
            f"sshd as root needs the folder {folder}, and a mount namespace of its own is not permitted: {_last(tried.stderr)}",
            f"Run as a user that is not root, or: mkdir -p -m 755 {folder}",
            code="sshd",
        )
    return Server(command=(*own, *command), note=f"{_note()}; it has {folder} in a mount namespace of its own")


def _is_locked() -> bool:
    """Say whether the person's account is locked, which sshd without PAM refuses; only root can read that."""
    try:
        lines = Path("/etc/shadow").read_text().splitlines()
    except OSError:
        return False
    return any(line.startswith(f"{user()}:!") for line in lines)


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"
