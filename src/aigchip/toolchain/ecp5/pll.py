"""Dividers of ECP5's EHXPLLL: CLKOP only closes the loop, at the frequency of the phase detector; CLKOS is the clock.

Reference: Lattice FPGA-TN-02200 (sysCLOCK of ECP5); FPGA-DS-02012, table of sysCLOCK PLL timing.
"""

from __future__ import annotations

from dataclasses import dataclass

from aigchip.core.errors import InputError

_VCO_HZ = (400_000_000, 800_000_000)
_COMPARED_HZ = 10_000_000  # at the phase detector, at least
_DIVIDERS = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Pll:
    """Settings of a PLL; CLKFB_DIV is 1.

    Attributes:
        reference_hz: what goes in [Hz].
        reference_divider: CLKI_DIV.
        loop_divider: CLKOP_DIV.
        output_divider: CLKOS_DIV.
    """

    reference_hz: int
    reference_divider: int
    loop_divider: int
    output_divider: int

    @property
    def oscillator_hz(self) -> float:
        """The PLL's own oscillator [Hz]."""
        return self.reference_hz / self.reference_divider * self.loop_divider

    @property
    def output_hz(self) -> float:
        """The clock that comes out [Hz]."""
        return self.oscillator_hz / self.output_divider


def at_most(wanted_hz: float, reference_hz: int) -> Pll:
    """Return the settings of the fastest clock that is not faster than `wanted_hz`.

    Raises:
        InputError: The PLL makes no clock near it.
    """
    found: Pll | None = None
    for reference in range(1, reference_hz // _COMPARED_HZ + 1):
        for output in range(1, _DIVIDERS + 1):
            loop = min(_DIVIDERS, int(min(wanted_hz * output, _VCO_HZ[1]) * reference // reference_hz))
            made = Pll(
                reference_hz=reference_hz,
                reference_divider=reference,
                loop_divider=max(1, loop),
                output_divider=output,
            )
            if _VCO_HZ[0] <= made.oscillator_hz and made.output_hz <= wanted_hz:
                found = made if found is None or made.output_hz > found.output_hz else found
    if found is None or found.output_hz < 0.95 * wanted_hz:
        raise InputError(
            "clock",
            f"the clock is {wanted_hz / 1e6:g} MHz; the PLL makes none near it of {reference_hz / 1e6:g} MHz",
            "Ask for 4 to 400 MHz.",
        )
    return found
