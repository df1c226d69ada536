"""Programming through a stand-in openFPGALoader behind a real sshd, and the serial port there."""

from __future__ import annotations

import os
import pty
import stat
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sshd import Sshd, sshd
from support.uart_board import Board

from aigchip.board import load
from aigchip.core.errors import AigchipError
from aigchip.deploy import programming
from aigchip.remote.host import LocalHost
from aigchip.remote.ssh import SshHost
from aigchip.uart.errors import LinkError
from aigchip.uart.frames import Decoder
from aigchip.uart.session import Patience, Session

BOARD = load("ulx3s")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sshd, Path]]:
    folder = tmp_path_factory.mktemp("sshd")
    programs = folder / "bin"
    programs.mkdir()
    with sshd(folder / "server", environment={"PATH": f"{programs}:/usr/bin:/bin"}) as running:
        yield running, programs


def loader(programs: Path, answer: str) -> Path:
    """Write a stand-in openFPGALoader that keeps its arguments and the bitstream that it saw; return where."""
    seen = programs / "seen"
    script = programs / "openFPGALoader"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = --Version ] && {{ echo "openFPGALoader v0.10.0"; exit 0; }}\n'
        f'echo "$@" >{seen}\ncat "$3" >{seen}.bit\n{answer}\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return seen


@pytest.fixture
def bit(tmp_path: Path) -> Path:
    path = tmp_path / "square4.bit"
    path.write_bytes(bytes(range(256)) * 20)
    return path


@pytest.mark.verifies("openfpgaloader")
def test_the_bitstream_goes_into_the_board(server: tuple[Sshd, Path], bit: Path) -> None:
    running, programs = server
    seen = loader(programs, "echo 'Loading: [====] 100.00%'; echo Done")
    told: list[str] = []
    programming.program(SshHost(target=running.target), BOARD, bit, folder=running.target.folder, tell=told.append)
    assert seen.read_text() == f"--board ulx3s {running.target.folder}/square4.bit\n"
    assert seen.with_suffix(".bit").read_bytes() == bit.read_bytes()
    assert told == ["sending square4.bit (5,120 bytes)", "programming ulx3s with openFPGALoader v0.10.0"]


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        ("echo 'unable to open ftdi device: -3 (device not found)'; exit 1", "no-board",
         "no board is at its USB ports (openFPGALoader: unable to open ftdi device: -3 (device not found)). Plug the board's USB1 in; lsusb has to show FT231X."),
        ("echo 'unable to open ftdi device: -4 (usb_open() failed)'; exit 1", "usb-refused",
         "the user may not use the USB port (openFPGALoader: unable to open ftdi device: -4 (usb_open() failed)). Install openFPGALoader's udev rules (99-openfpgaloader.rules) and plug the board in anew."),
        ("echo 'unable to claim usb device' >&2; exit 1", "usb-busy",
         "another program holds the board's USB port (openFPGALoader: unable to claim usb device). End it; a terminal on the port counts."),
        ("echo 'Error: mismatch between target's idcode and file'; exit 1", "wrong-part", None),
        ("echo 'Loading: Fail'; exit 0", "refused",
         "the board did not take the bitstream (openFPGALoader: Loading: Fail). Plug the board in anew and run the same command again."),
        ("exit 7", "refused", "openFPGALoader ended with 7 (it says nothing). Run it there by hand to see more."),
    ],
)  # fmt: skip
def test_faults_are_said(server: tuple[Sshd, Path], bit: Path, answer: str, code: str, text: str | None) -> None:
    running, programs = server
    loader(programs, answer.replace("target's", "targets"))
    with pytest.raises(AigchipError) as error:
        programming.program(SshHost(target=running.target), BOARD, bit, folder=running.target.folder)
    assert error.value.code == code
    assert text is None or str(error.value) == f"{running.target.where}: {text}"


def test_a_host_without_the_loader_is_said(server: tuple[Sshd, Path], bit: Path) -> None:
    running, programs = server
    (programs / "openFPGALoader").unlink(missing_ok=True)
    with pytest.raises(AigchipError) as error:
        programming.program(SshHost(target=running.target), BOARD, bit, folder=running.target.folder)
    assert str(error.value) == (
        f"{running.target.where}: openFPGALoader is not installed. Install it there: apt-get install openfpgaloader."
    )


def test_a_board_with_a_processing_system_is_refused(bit: Path) -> None:
    with pytest.raises(AigchipError, match="board=zcu104: openFPGALoader does not program it"):
        programming.program(LocalHost(), load("zcu104"), bit, folder="/tmp")


def test_the_link_runs_over_a_serial_port_there(server: tuple[Sshd, Path]) -> None:
    running, _ = server
    main, device = pty.openpty()
    tty.setraw(main)
    board, decoder = Board(), Decoder()

    def serve() -> None:
        while True:
            try:
                data = os.read(main, 4096)
            except OSError:
                return
            for body in decoder.feed(data):
                os.write(main, board.answer(body))

    threading.Thread(target=serve, daemon=True).start()
    with SshHost(target=running.target).connected() as connected:
        port = programming.RemoteSerialPort(connected, os.ttyname(device), 1_000_000)
        session = Session(port, Patience(answer_s=2.0))
        data = bytes(range(256)) * 8
        session.write(0, data)
        assert session.read(0, len(data)) == data
        port.reopen()
        assert session.read(4, 8) == data[4:12]
        port.close()
        with pytest.raises(LinkError, match="/dev/nothing: the serial port cannot be opened"):
            programming.RemoteSerialPort(connected, "/dev/nothing", 1_000_000)
