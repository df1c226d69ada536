"""Bitstreams and deployment of boards without a processing system, without any tool: what is tried, taken, refused and printed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from aigchip.board import load
from aigchip.core.errors import AigchipError
from aigchip.core.figures import Figure
from aigchip.tasks import boards, deploying, ecp5_bitstream, ecp5_steps
from aigchip.tasks.arguments import parse
from aigchip.toolchain.ecp5.tools import PlaceAndRouteError

BOARD = load("ulx3s")


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))
    link = tmp_path / "link"
    (link / "rtl").mkdir(parents=True)
    (link / "rtl" / "accelerator.v").write_text("module accelerator (); endmodule\n")
    (link / "network.json").write_text("{}")
    return SimpleNamespace(name="square4", clock_period_ps=8333, result=lambda name: link)


def maker(tmp_path: Path, reached: list[float]):
    """Make steps as the tools would: each placement reaches the next clock of the list."""
    steps: list[object] = []

    def made(step) -> Path:
        steps.append(step)
        folder = tmp_path / f"step{len(steps)}"
        folder.mkdir()
        if isinstance(step, ecp5_steps.SynthesiseSystem):
            (folder / ecp5_steps.NETLIST).write_text(str(step.pll))
            (folder / "pins.lpf").write_text("")
            return folder
        mhz = reached.pop(0)
        figures = {"constraint": step.mhz, "reached": mhz, "lut": 25000, "dsp": 45}
        units = {"lut": "LUT", "dsp": "DSP"}
        summary = {
            "met": mhz >= step.mhz,
            "router": "router1",
            "figures": {
                name: Figure(
                    value=value, unit=units.get(name, "MHz"), kind="estimated", tool="nextpnr-ecp5 0.11.1"
                ).to_dict()
                for name, value in figures.items()
            },
            "critical_path": ["1.00 ns logic to x"],
        }
        (folder / ecp5_steps.SUMMARY).write_text(json.dumps(summary))
        (folder / ecp5_steps.BITSTREAM).write_bytes(b"bits")
        return folder

    return made, steps


def test_a_clock_that_is_met_is_taken(flow: SimpleNamespace, tmp_path: Path) -> None:
    made, steps = maker(tmp_path, [121.5])
    found = ecp5_steps.make(flow, BOARD, lambda line: None, made)
    assert (found.clock_hz, found.missed, len(steps)) == (120e6, (), 2)
    assert found.identity == int(steps[0].rtl[:8], 16)


def test_a_clock_that_is_not_met_gives_way_to_one_that_was_reached(flow: SimpleNamespace, tmp_path: Path) -> None:
    made, steps = maker(tmp_path, [101.0, 99.5, 103.0])
    told: list[str] = []
    found = ecp5_steps.make(flow, BOARD, told.append, made)
    assert [step.mhz for step in steps[1::2]] == [120.0, 100.0, 98.4375]
    assert found.clock_hz == 98.4375e6
    assert found.missed == ((120.0, 101.0), (100.0, 99.5))
    assert "120 MHz are not met: 101 MHz are reached; trying a slower clock" in told


def test_a_clock_that_is_never_met_is_said(flow: SimpleNamespace, tmp_path: Path) -> None:
    made, _ = maker(tmp_path, [110.0, 100.0, 90.0, 80.0])
    with pytest.raises(PlaceAndRouteError) as error:
        ecp5_steps.make(flow, BOARD, lambda line: None, made)
    assert str(error.value).startswith(
        "design=square4: the clock is not met: 120 MHz (reached 110), 110 MHz (reached 100), 100 MHz (reached 90), "
        "90 MHz (reached 80). Set clock_mhz lower in its design.yaml, or see the slowest path in "
    )
    assert error.value.code == "clock"


def test_the_figures_are_printed_with_who_says_them(
    flow: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made, _ = maker(tmp_path, [101.0, 101.0])
    found = ecp5_steps.make(flow, BOARD, lambda line: None, made)
    monkeypatch.setattr(ecp5_bitstream, "make", lambda context, board: found)
    folder = tmp_path / "design"
    ecp5_bitstream.run(SimpleNamespace(chosen=SimpleNamespace(name="square4", folder=folder)), BOARD)
    said = " ".join(capsys.readouterr().out.split())
    assert "design=square4 board=ulx3s: after place and route (nextpnr-ecp5 0.11.1, router1)" in said
    assert "120 MHz were not met (101 MHz reached); the PLL makes 100 MHz instead." in said
    assert "25,000" in said and "clock reached" in said and "nothing is measured" in said
    assert (folder / "bitstream-ulx3s" / "square4.bit").read_bytes() == b"bits"
    kept = json.loads((folder / "bitstream-ulx3s" / "bitstream.json").read_text())
    assert (kept["clock_hz"], kept["missed"], kept["identity"]) == (100e6, [[120.0, 101.0]], f"{found.identity:08x}")


@pytest.mark.parametrize(
    ("do", "text"),
    [
        (lambda: deploying.run(parse(["design=square4", "board=ulx3s", "runs=3", "host=pi@nowhere"])),
         "runs=3: board=ulx3s takes no runs. Leave it out."),
        (lambda: deploying.measure(parse(["design=square4", "board=ulx3s"])),
         "board=ulx3s: it keeps no runner to ask again. Use ./doit deploy, which runs it anew."),
        (lambda: deploying.run(parse(["design=square8", "port=/dev/ttyUSB0"])),
         "port=/dev/ttyUSB0: board=zcu104 has no link. Leave it out."),
        (lambda: boards.run(["start"], parse(["board=ulx3s"])),
         "board=ulx3s: it has no system that could be simulated. Use ./doit deploy design=... board=ulx3s, which simulates its logic."),
    ],
)  # fmt: skip
def test_what_such_a_board_does_not_take_is_said(
    do, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))
    with pytest.raises(AigchipError) as error:
        do()
    assert str(error.value) == text
