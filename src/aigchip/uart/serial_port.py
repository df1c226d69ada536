"""A serial port of this machine."""

from __future__ import annotations

import time

import serial

from aigchip.uart.errors import LinkCutError, LinkError

_BETWEEN_TRIES_S = 0.2


class SerialPort:
    """A serial port by its device; see `aigchip.uart.session.Port`.

    Args:
        device: for example /dev/ttyUSB0.
        baud: bits a second.

    Raises:
        LinkError: It cannot be opened.
    """

    def __init__(self, device: str, baud: int) -> None:
        self.name, self._baud = device, baud
        try:
            self._port = serial.Serial(device, baud, timeout=0.0, exclusive=True)
        except (OSError, ValueError) as error:
            raise LinkError(
                device,
                f"the serial port cannot be opened ({_reason(error)})",
                "See with ls /dev/serial/by-id which ports there are; its group is mostly dialout.",
                code="port",
            ) from error

    def write(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self._port.write(data)
        except OSError as error:
            raise LinkCutError(self.name, "the serial port is gone", code="cut") from error

    def read(self, timeout_s: float) -> bytes:
        """Return what came, at the latest after `timeout_s` [s]."""
        try:
            self._port.timeout = timeout_s
            first = self._port.read(1)
            return first + self._port.read(self._port.in_waiting) if first else b""
        except OSError as error:
            raise LinkCutError(self.name, "the serial port is gone", code="cut") from error

    def reopen(self) -> None:
        """Open the port again."""
        try:
            self._port.close()
            self._port.open()
            self._port.reset_input_buffer()
        except OSError as error:
            time.sleep(_BETWEEN_TRIES_S)
            raise LinkCutError(self.name, "the serial port is gone", code="cut") from error

    def close(self) -> None:
        """Close the port."""
        self._port.close()


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
