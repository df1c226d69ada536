"""A bitstream into a board by openFPGALoader, on this machine or on one that is reached over SSH; and the board's serial port there."""

from __future__ import annotations

import contextlib
import re
import shlex
import time
from collections.abc import Callable
from pathlib import Path

import paramiko

from aigchip.board import Board
from aigchip.deploy.errors import DeployError
from aigchip.remote.host import Host
from aigchip.remote.ssh import Session
from aigchip.uart.errors import LinkCutError, LinkError

_PROGRAM = "openFPGALoader"
_TIMEOUT_S = 120.0
#: What openFPGALoader says, the fault's code, what it means, and what puts it right.
_FAULTS = (
    (r"device not found|unable to find|no cable|not found.*(ftdi|cable)", "no-board", "no board is at its USB ports",
     "Plug the board's USB1 in; lsusb has to show FT231X."),
    (r"usb_open\(\) failed|access denied|permission|insufficient permissions", "usb-refused", "the user may not use the USB port",
     "Install openFPGALoader's udev rules (99-openfpgaloader.rules) and plug the board in anew."),
    (r"unable to claim|device or resource busy|already in use", "usb-busy", "another program holds the board's USB port",
     "End it; a terminal on the port counts."),
    (r"idcode|wrong device|mismatch", "wrong-part", "the board carries another device than the bitstream is for",
     "Give the board= that it is."),
    (r"fail|error", "refused", "the board did not take the bitstream", "Plug the board in anew and run the same command again."),
)  # fmt: skip


def program(host: Host, board: Board, bit: Path, *, folder: str, tell: Callable[[str], None] = lambda _: None) -> None:
    """Load a bitstream into a board's device (not into its flash: it is gone when the board is switched off).

    Args:
        host: Where the board is plugged in.
        board: A board with a link.
        bit: The bitstream here.
        folder: An absolute folder there for the bitstream.
        tell: Told what is done.

    Raises:
        RemoteError: The host cannot be reached, or the file does not arrive.
        DeployError: openFPGALoader is not there, finds no board, may not use it, or the board does not take the bitstream.
    """
    if board.link is None:
        raise DeployError(
            f"board={board.name}", "openFPGALoader does not program it", "Use ./doit deploy with its host."
        )
    remote = f"{folder.rstrip('/')}/{bit.name}"
    with host.connected() as connected:
        asked = connected.run([_PROGRAM, "--Version"], timeout_s=20.0)
        if asked.exit_code in {126, 127}:
            raise DeployError(
                host.name,
                f"{_PROGRAM} is not installed",
                "Install it there: apt-get install openfpgaloader.",
                code="no-loader",
            )
        tell(f"sending {bit.name} ({bit.stat().st_size:,} bytes)")
        connected.put(bit, remote)
        tell(f"programming {board.name} with {' '.join((asked.out or asked.err).split()) or _PROGRAM}")
        done = connected.run([_PROGRAM, "--board", board.link.programmer, remote], timeout_s=_TIMEOUT_S)
    said = f"{done.out}\n{done.err}"
    if done.exit_code or re.search(r"\bfail", said, re.IGNORECASE):
        raise _fault(host.name, said, done.exit_code)


def _fault(where: str, said: str, exit_code: int) -> DeployError:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for pattern, code, what, remedy in _FAULTS:
        line = next((line for line in lines if re.search(pattern, line, re.IGNORECASE)), None)
        if line is not None:
            return DeployError(where, f"{what} ({_PROGRAM}: {line[:120]})", remedy, code=code)
    last = lines[-1][:120] if lines else "it says nothing"
    return DeployError(
        where, f"{_PROGRAM} ended with {exit_code} ({last})", "Run it there by hand to see more.", code="refused"
    )


#: Run by sh on the other machine with the device and its rate: says "ready", then passes bytes both ways until its input ends.
_BRIDGE = """\
stty -F "$1" "$2" raw -echo -crtscts clocal cs8 -parenb -cstopb || exit 3
exec 3<>"$1" || exit 4
echo ready
cat <&3 &
cat >&3
kill $!
"""
_READY = b"ready\n"
_OPEN_S = 15.0
_BETWEEN_TRIES_S = 0.5


class RemoteSerialPort:
    """A serial port of another machine, over an SSH connection that is open; see `aigchip.uart.session.Port`.

    Args:
        session: The connection.
        device: For example /dev/ttyUSB0.
        baud: Bits a second.

    Raises:
        LinkError: It cannot be opened.
    """

    def __init__(self, session: Session, device: str, baud: int) -> None:
        self.name = f"{session.where} {device}"
        self._session, self._device, self._baud = session, device, baud
        self._channel = self._open()

    def _open(self) -> paramiko.Channel:
        transport = self._session.connection.transport
        if transport is None or not transport.is_active():
            raise LinkCutError(self.name, "the SSH connection is lost", code="cut")
        channel = transport.open_session(timeout=10.0)
        channel.exec_command(f"exec sh -c {shlex.quote(_BRIDGE)} sh {shlex.quote(self._device)} {self._baud}")
        channel.settimeout(_OPEN_S)
        told = b""
        try:
            while not told.endswith(_READY) and (more := channel.recv(1)):
                told += more
        except (TimeoutError, OSError) as error:
            raise LinkCutError(self.name, "the host does not open the serial port in time", code="cut") from error
        if not told.endswith(_READY):
            said = channel.makefile_stderr("rb").read().decode(errors="replace").strip()
            reason = said.splitlines()[-1] if said else f"exit code {channel.recv_exit_status()}"
            raise LinkError(
                self.name,
                f"the serial port cannot be opened ({reason.removeprefix('stty: ')})",
                "See with ls /dev/serial/by-id there which ports it has; its group is mostly dialout.",
                code="port",
            )
        return channel

    def write(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self._channel.sendall(data)
        except OSError as error:
            raise LinkCutError(self.name, "the connection to the serial port is lost", code="cut") from error

    def read(self, timeout_s: float) -> bytes:
        """Return what came, at the latest after `timeout_s` [s]."""
        self._channel.settimeout(timeout_s)
        try:
            found = self._channel.recv(65536)
        except TimeoutError:
            return b""
        except OSError as error:
            raise LinkCutError(self.name, "the connection to the serial port is lost", code="cut") from error
        if not found:
            raise LinkCutError(self.name, "the connection to the serial port is lost", code="cut")
        return found

    def reopen(self) -> None:
        """Open the port again over the same connection."""
        with contextlib.suppress(Exception):
            self._channel.close()
        try:
            self._channel = self._open()
        except (LinkError, OSError, paramiko.SSHException) as error:
            time.sleep(_BETWEEN_TRIES_S)
            raise LinkCutError(self.name, "the serial port is gone", code="cut") from error

    def close(self) -> None:
        """Let the port go."""
        self._channel.close()
