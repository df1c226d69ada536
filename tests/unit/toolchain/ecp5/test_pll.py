import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigchip.core.errors import InputError
from aigchip.toolchain.ecp5.pll import at_most

OSCILLATOR_HZ = 25_000_000


@given(st.floats(5e6, 400e6))
def test_the_settings_are_within_the_limits_of_the_device(wanted_hz: float) -> None:
    found = at_most(wanted_hz, OSCILLATOR_HZ)
    assert 0.95 * wanted_hz <= found.output_hz <= wanted_hz
    assert 400e6 <= found.oscillator_hz <= 800e6
    assert OSCILLATOR_HZ / found.reference_divider >= 10e6
    assert all(1 <= divider <= 128 for divider in (found.reference_divider, found.loop_divider, found.output_divider))


@pytest.mark.parametrize(("wanted_mhz", "mhz"), [(120, 120), (100, 100), (119, 118.75), (121.7, 120.83333), (25, 25)])
def test_known_clocks(wanted_mhz: float, mhz: float) -> None:
    assert at_most(wanted_mhz * 1e6, OSCILLATOR_HZ).output_hz == pytest.approx(mhz * 1e6)


def test_a_clock_that_the_pll_does_not_make() -> None:
    with pytest.raises(InputError) as error:
        at_most(1e6, OSCILLATOR_HZ)
    assert str(error.value) == "clock: the clock is 1 MHz; the PLL makes none near it of 25 MHz. Ask for 4 to 400 MHz."
