from __future__ import annotations

import json
from pathlib import Path

import pytest

from aigchip.toolchain.ecp5 import implement, tools


def report(reached: float = 100.0) -> str:
    def step(delay: float, kind: str, cell: str, port: str) -> dict:
        return {"delay": delay, "type": kind, "from": {}, "to": {"cell": cell, "port": port}}

    path = [
        step(0.5, "clk-to-q", "system.count_TRELLIS_FF_Q_3", "Q"),
        step(1.2, "routing", "system.sum_CCU2C_S0_1$CCU2_COMB0", "A"),
        step(0.45, "logic", "system.sum_CCU2C_S0_1$CCU2_COMB0", "FCO"),
        step(0.07, "logic", "system.sum_CCU2C_S0_2$CCU2_COMB0", "FCO"),
        step(0.0, "routing", "system.sum_CCU2C_S0_3$CCU2_COMB0", "FCI"),
        step(0.9, "routing", "system.got_TRELLIS_FF_Q", "DI"),
        step(0.0, "setup", "system.got_TRELLIS_FF_Q", "DI"),
    ]
    return json.dumps(
        {
            "fmax": {
                "clk": {"achieved": reached, "constraint": 120.0},
                "$glbnet$clk": {"achieved": 300.0, "constraint": 25.0},
            },
            "utilization": {
                name: {"used": used, "available": 1000}
                for name, used in (("TRELLIS_COMB", 900), ("TRELLIS_FF", 400), ("MULT18X18D", 16), ("DP16KD", 65))
            },
            "critical_paths": [{"from": "posedge clk", "to": "posedge clk", "path": path}],
        }
    )


def test_a_report_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    found = implement.read_report(report(), constraint_mhz=120.0, router="router1")
    assert found.used == {"lut": 900, "ff": 400, "dsp": 16, "bram18": 65}
    assert (found.reached_mhz, found.met) == (100.0, False)
    assert found.critical_path == (
        "0.50 ns clk-to-q to system.count",
        "1.20 ns routing to system.sum",
        "0.52 ns carry to system.sum",
        "0.90 ns routing to system.got",
    )
    figures = found.figures()
    assert str(figures["reached"]) == f"100 MHz (estimated, nextpnr-ecp5 {tools.version()})"
    assert implement.read_report(report(120.0), constraint_mhz=120.0, router="router1").met


def test_a_report_without_a_clock_is_refused() -> None:
    with pytest.raises(tools.PlaceAndRouteError) as error:
        implement.read_report('{"fmax": {}, "utilization": {}}', constraint_mhz=1.0, router="router1")
    assert str(error.value) == "nextpnr: the report names no clock. Read nextpnr's log."


def test_a_part_that_is_no_ecp5_is_refused(tmp_path: Path) -> None:
    (tmp_path / "netlist.json").write_text("{}")
    with pytest.raises(tools.PlaceAndRouteError) as error:
        implement.place_and_route(tmp_path / "netlist.json", part="xczu7ev-ffvc1156-2-e", pins="", mhz=100.0)
    assert (
        str(error.value)
        == "part: part is 'xczu7ev-ffvc1156-2-e'; must be as LFE5U-85F-6BG381C. Correct the board's part."
    )


def test_the_second_router_follows_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def run(work: Path, arguments: list[str], *, cpu_seconds: int) -> str:
        asked.append((arguments[-1], cpu_seconds))
        if len(asked) == 1:
            raise tools.OutOfTimeError("nextpnr-ecp5", "out of time")
        (work / "report.json").write_text(report(130.0))
        return ""

    monkeypatch.setattr(tools, "run_nextpnr", run)
    (tmp_path / "netlist.json").write_text("{}")
    found = implement.place_and_route(tmp_path / "netlist.json", part="LFE5U-85F-6BG381C", pins="x", mhz=120.0)
    assert [router for router, _ in asked] == ["router1", "router2"]
    assert (found.router, found.met) == ("router2", True)


def test_a_tool_that_uses_up_its_time_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_engine", lambda: tmp_path)
    monkeypatch.setattr(tools, "_CALL", "while True: pass  # {}")
    with pytest.raises(tools.OutOfTimeError) as error:
        tools.run_nextpnr(tmp_path, [], cpu_seconds=1)
    assert str(error.value) == "nextpnr-ecp5: it did not end within 1 s of processor time. Make the design smaller."


def test_a_tool_that_refuses_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_engine", lambda: tmp_path)
    monkeypatch.setattr(tools, "_CALL", "print('Info: x'); print('ERROR: no bels left'); exit(1)  # {}")
    with pytest.raises(tools.PlaceAndRouteError) as error:
        tools.run_nextpnr(tmp_path, [], cpu_seconds=10)
    assert str(error.value) == "nextpnr-ecp5: no bels left. Make the design smaller, or report this."
