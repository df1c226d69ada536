from __future__ import annotations

from collections.abc import Callable

import pytest
from support import stub_system

from aigchip.board import load
from aigchip.toolchain.ecp5 import pll, system


def render(**changes):
    given = {
        "network": stub_system.NETWORK,
        "rtl": {"stub_shell.v": "module stub_shell ();\nendmodule\n"},
        "board": load("ulx3s"),
    } | changes
    return system.render(
        given["board"],
        given["network"],
        given["rtl"],
        design="stub",
        pll=pll.at_most(120e6, 25_000_000),
        identity=0x1234,
    )


def test_the_files_of_a_system(golden: Callable[[str, str], None]) -> None:
    made = render()
    assert sorted(made.verilog) == ["link.v", "memory.v", "registers.v", "stub_shell.v", "system.v", "top.v", "uart.v"]
    assert 'LOCATE COMP "clk_25mhz" SITE "G2";' in made.pins
    golden("cosim/uart_system.v", made.verilog["system.v"])
    golden("cosim/ulx3s_top.v", made.verilog["top.v"])


def test_a_board_with_a_processing_system_is_refused() -> None:
    with pytest.raises(system.MisfitError) as error:
        render(board=load("zcu104"))
    assert str(error.value) == "board=zcu104: it has a processing system and takes no such link. Use board=ulx3s."


def test_an_accelerator_with_other_memory_ports_is_refused() -> None:
    ports = [{"name": "gmem_a", "width_bits": 64}, {"name": "gmem_b", "width_bits": 128}]
    with pytest.raises(system.MisfitError) as error:
        render(network={"top": "stub", "maxi": ports})
    assert str(error.value) == (
        "design=stub: its memory ports are gmem_a of 64 bits, gmem_b of 128 bits; must be gmem_a, gmem_b, gmem_c of one width. "
        "Set ports: 1 in its design.yaml."
    )


def test_a_module_that_is_called_as_a_part_of_the_system_is_refused() -> None:
    with pytest.raises(system.MisfitError) as error:
        render(rtl={"link.v": "module link (); endmodule"})
    assert str(error.value) == "design=stub: the file link.v is the system's own. Give the module another name."
