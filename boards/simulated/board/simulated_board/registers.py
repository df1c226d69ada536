"""The processing system's registers that pynq reads and writes: clocks, and the widths of the ports to the logic.

Reference: UG1087, modules CRL_APB and CRF_APB; the values are those that the ZCU104's first stage boot loader leaves.
"""

from __future__ import annotations

REFERENCE_MHZ = 33.333
_CRL_APB, _CRF_APB = 0xFF5E0000, 0xFD1A0000
IOPLL_CTRL, PL0_REF_CTRL = _CRL_APB + 0x20, _CRL_APB + 0xC0
_PLL_1500 = 45 << 8  # 33.333 MHz x 45
_RESET = {
    IOPLL_CTRL: _PLL_1500,
    _CRL_APB + 0x30: _PLL_1500,
    **{PL0_REF_CTRL + 4 * index: 1 << 24 | 1 << 16 | 15 << 8 for index in range(4)},  # 100 MHz
    _CRF_APB + 0x20: 72 << 8,
    _CRF_APB + 0x2C: 64 << 8,
    _CRF_APB + 0x38: 90 << 8 | 1 << 16,
    _CRF_APB + 0x60: 2 << 8,
}
_WINDOWS = (
    (_CRL_APB, 0x1000),
    (_CRF_APB, 0x1000),
    (0xFD615000, 0x1000),
    (0xFF419000, 0x1000),
    (0xFD360000, 0x60000),
    (0xFF9B0000, 0x10000),
)
STUCK = {"slow-clock": 1 << 24 | 1 << 16 | 30 << 8, "fast-clock": 1 << 24 | 1 << 16 | 3 << 8}
"""What PL0_REF_CTRL holds, whatever is written, under a fault of the clock: 50 MHz and 500 MHz."""


def is_there(address: int) -> bool:
    """Say whether the processing system has a register here that is simulated."""
    return any(base <= address < base + size for base, size in _WINDOWS)


class Registers:
    """The registers' values.

    Args:
        stuck: What PL0_REF_CTRL holds for ever, or None.
    """

    def __init__(self, stuck: int | None = None) -> None:
        self._values = dict(_RESET)
        self._stuck = stuck

    def read(self, address: int) -> int:
        """Return a word; what was never written is 0."""
        if address == PL0_REF_CTRL and self._stuck is not None:
            return self._stuck
        return self._values.get(address, 0)

    def write(self, address: int, value: int) -> None:
        """Keep a word."""
        self._values[address] = value

    def clock_hz(self) -> float:
        """Return the frequency of the logic's first clock [Hz]."""
        pll, control = self.read(IOPLL_CTRL), self.read(PL0_REF_CTRL)
        source = REFERENCE_MHZ * (pll >> 8 & 0x7F) / (2 if pll >> 16 & 1 else 1)
        return source / max(1, (control >> 8 & 0x3F) * (control >> 16 & 0x3F)) * 1e6
