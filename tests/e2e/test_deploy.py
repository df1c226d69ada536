"""deploy and measure on the simulated board: real sshd, fabric, pynq and runner; behind pynq the design's RTL."""

import json

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.verifies("board-sim")]


@pytest.fixture
def board(project):
    yield project
    project.doit("board", "stop")


def test_deploy_measure_and_faults(board):
    done = board.doit("deploy", "design=example", timeout=900)
    assert done.code == 0, done.out + done.err
    file = board.root / "build" / "designs" / "example" / "measured-sim.json"
    first = json.loads(file.read_text())
    assert first["kind"] == "simulated"
    assert first["tool"].startswith("simulated board, verilator ")
    assert all(layer["bit_exact"] for layer in first["layers"])
    assert "design=example: simulated (simulated board, verilator " in done.out

    done = board.doit("measure", "design=example", "runs=5")
    assert done.code == 0, done.out + done.err
    again = json.loads(file.read_text())
    assert [set(layer["cycles"]["samples"]) for layer in again["layers"]] == [
        set(layer["cycles"]["samples"]) for layer in first["layers"]
    ]

    assert board.doit("board", "start", "board=sim", "fault=lost-connection").code == 0
    done = board.doit("measure", "design=example")
    assert done.code == 0, done.out + done.err

    for fault, text in {
        "part-mismatch": "cannot be loaded (fpga_manager",
        "wrong-results": "layer test odd sizes: C[0, 0] is ",
        "fast-clock": "the clock is 499.995 MHz after 300.03 MHz were asked for, and no slower request brings it to the 300.030 MHz "
        "that the design is closed for.",
        "busy-lock": "another run has the board (user somebody, pid ",
    }.items():
        assert board.doit("board", "start", "board=sim", f"fault={fault}").code == 0
        done = board.doit("measure", "design=example")
        assert (done.code, done.err.count("\n")) == (1, 1), done.out + done.err
        assert text in done.err
    assert board.doit("board", "start", "board=sim").code == 0
    done = board.doit("measure", "design=example")
    assert done.code == 0, done.out + done.err
    work = board.root / "build" / "boards" / "sim" / "work"
    assert list((work / "runs").iterdir()) == []
