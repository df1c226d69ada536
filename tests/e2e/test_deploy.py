"""deploy and measure on the simulated board: real sshd, fabric, pynq and runner; behind pynq the design's RTL."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import vendor_tools
from support.vendor_tools import needs_tcl

pytestmark = [pytest.mark.slow, pytest.mark.verifies("board-sim")]


@pytest.fixture
def board(project):
    yield project
    for folder in (project.root / "build" / "boards").glob("sim-*/"):
        project.doit("board", "stop", f"board={folder.name.removeprefix('sim-')}")


def measured(project, board):
    return json.loads((project.root / "build" / "designs" / "example" / f"measured-sim-{board}.json").read_text())


def test_deploy_measure_and_faults(board):
    done = board.doit("deploy", "design=example", timeout=900)
    assert done.code == 0, done.out + done.err
    file = board.root / "build" / "designs" / "example" / "measured-sim-zcu104.json"
    first = json.loads(file.read_text())
    assert first["kind"] == "simulated"
    assert first["tool"].startswith("simulated zcu104, verilator ")
    assert all(layer["bit_exact"] for layer in first["layers"])
    assert first["network"]["starts"] == 1
    assert [layer["in_list"]["median"]["kind"] for layer in first["layers"]] == ["simulated"] * len(first["layers"])
    assert first["inference"] is None  # samples: the network is too large for the simulated board
    assert "design=example: simulated (simulated zcu104, verilator " in done.out

    done = board.doit("measure", "design=example", "runs=5")
    assert done.code == 0, done.out + done.err
    again = json.loads(file.read_text())
    assert [set(layer["cycles"]["samples"]) for layer in again["layers"]] == [
        set(layer["cycles"]["samples"]) for layer in first["layers"]
    ]

    assert board.doit("board", "start", "fault=lost-connection").code == 0
    done = board.doit("measure", "design=example")
    assert done.code == 0, done.out + done.err

    for fault, text in {
        "part-mismatch": "cannot be loaded (fpga_manager",
        "wrong-results": "C[0, 0, 0] is ",
        "fast-clock": "the clock is 499.995 MHz after 300.03 MHz were asked for, and no slower request brings it to the 300.030 MHz "
        "that the design is closed for.",
        "busy-lock": "another run has the board (user somebody, pid ",
    }.items():
        assert board.doit("board", "start", f"fault={fault}").code == 0
        done = board.doit("measure", "design=example")
        assert (done.code, done.err.count("\n")) == (1, 1), done.out + done.err
        assert text in done.err
    assert board.doit("board", "start").code == 0
    done = board.doit("measure", "design=example")
    assert done.code == 0, done.out + done.err
    work = board.root / "build" / "boards" / "sim-zcu104" / "work"
    assert list((work / "runs").iterdir()) == []


def test_a_network_runs_from_lists_of_jobs_and_a_wrong_weight_is_named_by_its_layer(board):
    words = ("design=example", "network=squeezenet1_1", "resolution=32")
    done = board.doit("deploy", *words, "runs=2", timeout=900)
    assert done.code == 0, done.out + done.err
    told = measured(board, "zcu104")
    assert told["network"]["covers"] == "network" and told["network"]["starts"] == 1
    alone = sum(layer["cycles"]["median"]["value"] for layer in told["layers"])
    listed = sum(layer["in_list"]["median"]["value"] for layer in told["layers"])
    total = told["network"]["cycles"]["median"]["value"]
    assert listed < total < 1.1 * listed
    assert listed == pytest.approx(alone, rel=0.05)
    whole = told["inference"]
    assert (whole["starts"], set(whole["host"])) == (10, {"max_pool", "concat", "average_pool", "softmax"})
    assert whole["accelerator"]["cycles"]["median"]["kind"] == "simulated"
    assert whole["host"]["concat"]["operators_ms"]["median"]["kind"] == "measured"
    assert "design=example: the network end to end" in done.out

    place = Path("data") / "network-image_a.bin"
    sent = next((board.root / "build" / "boards" / "sim-zcu104" / "work").glob("example-*"))
    for folder in (sent, board.root / "build" / "designs" / "example" / "bundle-sim-zcu104"):
        weights = bytearray((folder / place).read_bytes())
        weights[0] ^= 0x55
        (folder / place).write_bytes(weights)
    done = board.doit("measure", *words)
    assert (done.code, done.err.count("\n")) == (1, 1), done.out + done.err
    assert "conv1 in the first inference: element 0, 0, " in done.err


def test_two_simulated_boards_at_once(board):
    """Both are deployed to before either is measured again; each keeps its part, its clock, its files and its fault."""
    names = ("zcu104", "ultra96v2")
    for name in names:
        done = board.doit("deploy", "design=example", f"board={name}", timeout=900)
        assert done.code == 0, done.out + done.err
    with ThreadPoolExecutor(2) as pool:
        again = list(pool.map(lambda name: board.doit("measure", "design=example", f"board={name}", "runs=4"), names))
    assert [done.code for done in again] == [0, 0], again
    told = [measured(board, name) for name in names]
    assert [entry["device"]["part"] for entry in told] == ["xczu7ev-ffvc1156-2-e", "xczu3eg-sbva484-1-i"]
    assert [entry["board"] for entry in told] == list(names)
    assert [entry["clock_mhz"]["read_back"] for entry in told] == pytest.approx([299.997, 187.498125])
    assert [entry["tool"].partition(",")[0] for entry in told] == ["simulated zcu104", "simulated ultra96v2"]
    assert {layer["bit_exact"] for entry in told for layer in entry["layers"]} == {True}
    out = board.doit("board", "status").out
    assert [line.split(":")[0] for line in out.splitlines() if ": port " in line] == ["ultra96v2", "zcu104"]

    assert board.doit("board", "start", "board=ultra96v2", "fault=part-mismatch").code == 0
    refused = board.doit("measure", "design=example", "board=ultra96v2")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert (
        "cannot be loaded (fpga_manager fpga0: the bitstream is for xczu3eg-sbva484-1-i; the device is xczu9eg-ffvb1156-2-e)"
        in refused.err
    )
    done = board.doit("measure", "design=example", "board=zcu104")
    assert done.code == 0, done.out + done.err


@pytest.mark.slow
def test_a_design_of_csynth_on_the_simulated_pynq_z2(board):
    done = board.doit("deploy", "design=example", "board=pynq-z2", "runs=2", timeout=900)
    assert done.code == 0, done.out + done.err
    told = measured(board, "pynq-z2")
    assert (told["kind"], told["board"], told["device"]["part"]) == ("simulated", "pynq-z2", "7z020clg400")
    assert told["overlay"]["clock"]["tool"].startswith("csynth ")
    assert told["self_test"]["bit_exact"] and all(layer["bit_exact"] for layer in told["layers"])
    assert board.doit("resources", "design=example", "board=pynq-z2", timeout=900).code == 0
    (counted,) = (board.root / "build" / "store" / "resources").glob("*/result.json")
    total = json.loads(counted.read_text())["total"]
    assert total["tool"].endswith("(synth_xilinx -family xc7)")
    assert 0 < total["dsp"] <= 220


@needs_tcl
def test_a_design_of_vitis_on_the_simulated_pynq_z2(board, tmp_path):
    """RTL of Vitis HLS; that is a stand-in here, which gives csynth's RTL for the ZCU104."""
    made = board.doit("link", "design=example")
    assert made.code == 0, made.out + made.err
    link = next((board.root / "build" / "store" / "link").iterdir())
    vendor_tools.install_vitis_with_rtl(tmp_path / "Vitis" / "2025.1", link)
    (board.root / "aigchip.yaml").write_text(f"vendor:\n  vitis: {tmp_path}/Vitis/2025.1\n")

    words = ("design=example", "board=pynq-z2", "toolchain=vitis")
    done = board.doit("deploy", *words, "runs=2", timeout=900)
    assert done.code == 0, done.out + done.err
    told = measured(board, "pynq-z2-vitis")
    assert (told["kind"], told["board"], told["device"]["part"]) == ("simulated", "pynq-z2", "7z020clg400")
    assert told["clock_mhz"] == {"read_back": 100.0, "requested": 100.0, "asked": 100.0, "closed": 100.0}
    assert told["overlay"]["clock"]["tool"] == "Vitis HLS 2025.1"
    assert told["self_test"]["bit_exact"] and all(layer["bit_exact"] for layer in told["layers"])
    again = board.doit("measure", *words, "runs=3")
    assert again.code == 0, again.out + again.err
    first, second = (
        [set(layer["cycles"]["samples"]) for layer in entry["layers"]]
        for entry in (told, measured(board, "pynq-z2-vitis"))
    )
    assert first == second
    for fault, text in {
        "part-mismatch": "the bitstream is for xc7z020clg400-1; the device is xc7z010clg400-1",
        "fast-clock": "the clock is 500.000 MHz after 100 MHz were asked for",
        "wrong-results": "C[0, 0, 0] is ",
    }.items():
        assert board.doit("board", "start", "board=pynq-z2", f"fault={fault}").code == 0
        done = board.doit("measure", *words)
        assert (done.code, done.err.count("\n")) == (1, 1), done.out + done.err
        assert text in done.err
