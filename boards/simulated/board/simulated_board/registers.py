"""The processing system's registers that pynq reads and writes: clocks, and the widths of the ports to the logic.

References: UG1087, modules CRL_APB and CRF_APB (Zynq UltraScale+); UG585, appendix B, module slcr (Zynq-7000). The values are
those that the first stage boot loader of a ZCU104 and of a PYNQ-Z2 leaves, as far as pynq reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_CRL_APB, _CRF_APB, _SLCR = 0xFF5E0000, 0xFD1A0000, 0xF8000000
_PLL_1500 = 45 << 8  # 33.333 MHz x 45
_ACTIVE = 1 << 24


@dataclass(frozen=True)
class ProcessingSystem:
    """A family's clock registers.

    Attributes:
        architecture: What `uname -m` says on the board; pynq chooses its clocks by it.
        other_part: A part of the family that no board of boards/ has.
        reference_mhz: The oscillator [MHz].
        pll_control: The register of the PLL that the logic's clocks come from.
        feedback_bit: Where its multiplier begins, of 7 bits.
        half_bit: Which bit halves its output, or None.
        clock_control: The register of the logic's first clock.
        divisor_bits: Where its two divisors begin, of 6 bits each.
        active: What is set in it beside the divisors.
        reset: Values after boot by address; what is not named is 0.
        windows: Base and size of what is simulated.
    """

    architecture: str
    other_part: str
    reference_mhz: float
    pll_control: int
    feedback_bit: int
    half_bit: int | None
    clock_control: int
    divisor_bits: tuple[int, int]
    active: int
    reset: Mapping[int, int]
    windows: tuple[tuple[int, int], ...]

    def divided_by(self, divisor: int) -> int:
        """Return what the first clock's register holds for a divisor."""
        first, second = self.divisor_bits
        return self.active | 1 << second | divisor << first

    def stuck(self, fault: str) -> int | None:
        """Return what the first clock's register holds, whatever is written, under a fault of the clock."""
        pll_mhz = self._pll_mhz(self.reset[self.pll_control])
        megahertz = {"slow-clock": 50, "fast-clock": 500}.get(fault)
        return None if megahertz is None else self.divided_by(round(pll_mhz / megahertz))

    def clock_hz(self, pll: int, control: int) -> float:
        """Return the frequency of the logic's first clock [Hz].

        Args:
            pll: What `pll_control` holds.
            control: What `clock_control` holds.
        """
        first, second = (control >> bit & 0x3F for bit in self.divisor_bits)
        return self._pll_mhz(pll) / max(1, first * second) * 1e6

    def _pll_mhz(self, pll: int) -> float:
        is_half = self.half_bit is not None and pll >> self.half_bit & 1
        return self.reference_mhz * (pll >> self.feedback_bit & 0x7F) / (2 if is_half else 1)


PROCESSING_SYSTEMS = {
    "zynqmp": ProcessingSystem(
        architecture="aarch64",
        other_part="xczu9eg-ffvb1156-2-e",
        reference_mhz=33.333,
        pll_control=_CRL_APB + 0x20,  # IOPLL_CTRL
        feedback_bit=8,
        half_bit=16,
        clock_control=_CRL_APB + 0xC0,  # PL0_REF_CTRL
        divisor_bits=(8, 16),
        active=_ACTIVE,
        reset={
            _CRL_APB + 0x20: _PLL_1500,
            _CRL_APB + 0x30: _PLL_1500,
            **{_CRL_APB + 0xC0 + 4 * index: _ACTIVE | 1 << 16 | 15 << 8 for index in range(4)},  # 100 MHz
            _CRF_APB + 0x20: 72 << 8,
            _CRF_APB + 0x2C: 64 << 8,
            _CRF_APB + 0x38: 90 << 8 | 1 << 16,
            _CRF_APB + 0x60: 2 << 8,
        },
        windows=(
            (_CRL_APB, 0x1000),
            (_CRF_APB, 0x1000),
            (0xFD615000, 0x1000),
            (0xFF419000, 0x1000),
            (0xFD360000, 0x60000),
            (0xFF9B0000, 0x10000),
        ),
    ),
    "zynq": ProcessingSystem(
        architecture="armv7l",
        other_part="xc7z010clg400-1",
        reference_mhz=50.0,
        pll_control=_SLCR + 0x108,  # IO_PLL_CTRL
        feedback_bit=12,
        half_bit=None,
        clock_control=_SLCR + 0x170,  # FPGA0_CLK_CTRL
        divisor_bits=(8, 20),
        active=0,
        reset={
            _SLCR + 0x100: 26 << 12,  # ARM_PLL_CTRL: 1300 MHz
            _SLCR + 0x104: 21 << 12,  # DDR_PLL_CTRL: 1050 MHz
            _SLCR + 0x108: 20 << 12,  # IO_PLL_CTRL: 1000 MHz
            _SLCR + 0x120: 2 << 8,  # ARM_CLK_CTRL: 650 MHz
            **{_SLCR + 0x170 + 0x10 * index: 2 << 20 | 5 << 8 for index in range(4)},  # 100 MHz
        },
        windows=((_SLCR, 0x1000),),
    ),
}
"""By the name in the marker file."""


class Registers:
    """The registers' values.

    Args:
        system: The board's processing system.
        stuck: What the first clock's register holds for ever, or None.
    """

    def __init__(self, system: ProcessingSystem, stuck: int | None = None) -> None:
        self._system = system
        self._values = dict(system.reset)
        self._stuck = stuck

    def is_there(self, address: int) -> bool:
        """Say whether the processing system has a register here that is simulated."""
        return any(base <= address < base + size for base, size in self._system.windows)

    def read(self, address: int) -> int:
        """Return a word; what was never written is 0."""
        if address == self._system.clock_control and self._stuck is not None:
            return self._stuck
        return self._values.get(address, 0)

    def write(self, address: int, value: int) -> None:
        """Keep a word."""
        self._values[address] = value

    def clock_hz(self) -> float:
        """Return the frequency of the logic's first clock [Hz]."""
        return self._system.clock_hz(self.read(self._system.pll_control), self.read(self._system.clock_control))
