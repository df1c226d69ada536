"""A system after place and route, simulated by its pins: it multiplies matrices bit by bit as it must, and a changed cell does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import small_gemm

from aigchip.board import load
from aigchip.core import paths
from aigchip.toolchain.ecp5 import implement, routed, simulated
from aigchip.toolchain.ecp5.system import TOP
from aigchip.uart.errors import LinkError
from aigchip.uart.session import Patience, Session

PATIENCE = Patience(answer_s=0.02, attempts=4)


@pytest.fixture(scope="module")
def netlist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Place and route the system; nextpnr's netlist."""
    work = tmp_path_factory.mktemp("routed")
    system = small_gemm.made()
    made = implement.place_and_route(
        implement.synthesise(system, work), part=load("ulx3s").part, pins=system.pins, mhz=120.0
    )
    assert made.reached_mhz >= small_gemm.MHZ, made
    assert made.used["dsp"] == 16
    implement.pack(work, work / "small.bit")
    assert (work / "small.bit").stat().st_size > 100_000
    return work / "routed.json"


def _session(verilog: dict[str, str]) -> Session:
    library = simulated.build(verilog, cache=paths.cache_dir() / "test-uart", top=TOP)
    return Session(simulated.SimulatedPort(library, clocks_per_bit=small_gemm.CLOCKS_PER_BIT), PATIENCE)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.verifies("ecp5")
def test_the_routed_netlist_multiplies_matrices(netlist: Path) -> None:
    session = _session(routed.verilog(netlist))
    for seed, depth in enumerate((1, 2, 16, 37, 128)):
        small_gemm.multiply(session, depth, seed)


def _of_type(cells: dict[str, Any], kind: str, wanted: Callable[[str, Any], bool] = lambda name, cell: True) -> Any:
    return next(cell for name, cell in cells.items() if cell["type"] == kind and wanted(name, cell))


def _swap_factor(cells: dict[str, Any]) -> None:
    pins = _of_type(cells, "MULT18X18D")["connections"]
    pins["A0"], pins["A1"] = pins["A1"], pins["A0"]


def _invert_sum(cells: dict[str, Any]) -> None:
    cell = _of_type(
        cells, "TRELLIS_COMB", lambda name, cell: "kernel" in name and cell["parameters"].get("MODE") == "CCU2"
    )
    cell["parameters"]["INITVAL"] = cell["parameters"]["INITVAL"].translate(str.maketrans("01", "10"))


def _stuck_register(cells: dict[str, Any]) -> None:
    cell = _of_type(cells, "TRELLIS_FF", lambda name, cell: "kernel" in name and cell["parameters"]["CEMUX"] == "CE")
    cell["parameters"]["CEMUX"] = "0 "


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("change", [_swap_factor, _invert_sum, _stuck_register])
def test_a_changed_netlist_fails(netlist: Path, change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises((AssertionError, LinkError)):
        session = _session(routed.verilog(netlist, change=change))
        for seed, depth in enumerate((2, 37, 128)):
            small_gemm.multiply(session, depth, seed)


def test_a_cell_that_is_not_modelled_is_refused(tmp_path: Path) -> None:
    cell = {"type": "ALU54B", "connections": {}, "parameters": {}}
    module = {"ports": {}, "cells": {"adder": cell}}
    (tmp_path / "routed.json").write_text(json.dumps({"modules": {"top": module}}))
    with pytest.raises(implement.tools.PlaceAndRouteError) as error:
        routed.verilog(tmp_path / "routed.json")
    assert str(error.value) == "ALU54B adder: the cell is not modelled. Report this with the netlist."
