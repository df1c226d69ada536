"""The simulated board as a program on it sees it: real sshd, real pynq, a real design's RTL. Installs pynq on first use."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from aigchip.board.board import load
from aigchip.core import paths
from aigchip.core.store import Store
from aigchip.simboard import faults, machine, model, server
from aigchip.simboard import overlay as overlays
from aigchip.toolchain.gemm import Gemm

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = ROOT / "tests" / "support"
GEMM = Gemm(m=20, k=40, n=24)
pytestmark = pytest.mark.slow


class Board:
    def __init__(self, target):
        self.folder, self.told = server.folder_of(), json.loads(target.read_text())

    def ssh(self, *words):
        told = self.told
        command = [
            "ssh", "-F", "none", "-i", told["key_file"], "-o", f"UserKnownHostsFile={told['known_hosts']}",
            "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-p", str(told["port"]),
            f"{told['user']}@{told['address']}", *words,
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def script(self, bit, network, *, variables="XILINX_XRT=/usr"):
        operands = GEMM.operands()
        values = {"m": GEMM.m, "k": GEMM.k, "n": GEMM.n, "multiplier": GEMM.multiplier, "shift": GEMM.shift, "relu": 0}
        values["bias_offset"] = operands.bias_offset_words
        work = Path(self.told["folder"])
        np.savez(
            work / "data.npz",
            a=np.frombuffer(operands.image_a, np.uint8),
            b=np.frombuffer(operands.image_b, np.uint8),
            c=np.zeros((GEMM.m, operands.stride_c), np.int8),
            expected=GEMM.reference(),
            names=list(values),
            values=list(values.values()),
        )
        shutil.copy(SUPPORT / "on_board.py", work)
        for file in (bit, bit.with_suffix(".hwh")):
            shutil.copy(file, work)
        offsets = json.dumps({register["name"]: register["offset"] for register in network["registers"]})
        return self.ssh(
            f"cd {work} && env {variables} {self.told['python']} on_board.py {work / bit.name} data.npz '{offsets}'"
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Link the example, build its model, and start the board, with outputs in a folder of the module's own."""
    build = tmp_path_factory.mktemp("build")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIGCHIP_BUILD_DIR", str(build))
        patch.setenv("PYTHONPATH", str(ROOT / "src"))
        command = [sys.executable, "-P", "-m", "aigchip.tasks", "link", "design=example"]
        subprocess.run(command, cwd=ROOT, check=True, timeout=600)
        link = next((build / "store" / "link").iterdir())
        network = json.loads((link / "network.json").read_text())
        board, store = load("zcu104"), Store(paths.store_dir())
        overlay = overlays.write(
            model.build(link, store),
            design="example",
            part=board.part,
            clock_period_ps=3333,
            network=network,
            synthesis_tool="csynth",
            out=build / "overlay",
        )
        target = server.ensure_running(board, fabrics=model.fabrics_dir(store))
        yield Board(target), overlay, network
        server.stop()


@pytest.mark.verifies("board-sim")
def test_a_program_with_pynq_runs_a_gemm_bit_exact_with_equal_cycles(made):
    board, overlay, network = made
    done = board.script(overlay.bit, network)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["part"], told["pynq"]) == ("xczu7ev-ffvc1156-2-e", "4.0.0")
    assert told["ips"] == ["accelerator_0", "zynq_ultra_ps_e_0"]
    assert told["id"] == told["by_mmio"] == 0x41494743
    assert told["clock_of_overlay"] == pytest.approx(299.997)
    assert told["clock_200"] == pytest.approx(214.2836, rel=1e-6)  # the nearest divisor: an overclock, as on the board
    (first, right), (second, also_right) = told["right"]
    assert right and also_right and first == second
    assert not told["no_flush"] and not told["no_invalidate"]
    at_300, right = told["right_at_300"]
    assert right and at_300 > first  # the memory's latency is more cycles of a faster clock
    assert not (Path(board.told["folder"]) / "loaded.xclbin").exists()


def test_without_xilinx_xrt_there_is_no_device_as_on_the_board(made):
    board, overlay, network = made
    done = board.script(overlay.bit, network, variables="A=1")
    assert done.returncode == 1
    assert "No Devices Found" in done.stderr


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("part-mismatch", "the bitstream is for xczu7ev-ffvc1156-2-e; the device is xczu9eg-ffvb1156-2-e"),
        ("wrong-results", [False, False]),
        ("slow-clock", 49.9995),
        ("fast-clock", 499.995),
    ],
)
def test_a_fault_on_request_shows_and_passes(made, fault, expected):
    board, overlay, network = made
    faults.ask(board.folder, fault, lock=machine.Machine(folder=board.folder).lock)
    try:
        done = board.script(overlay.bit, network)
    finally:
        faults.clear(board.folder)
    if fault == "part-mismatch":
        assert done.returncode and expected in done.stderr
    elif fault == "wrong-results":
        assert [right for _, right in json.loads(done.stdout)["right"]] == expected
    else:
        assert json.loads(done.stdout)["clock_100"] == pytest.approx(expected)
    assert board.script(overlay.bit, network).returncode == 0


def test_a_cut_connection_is_cut_once_and_the_board_stays(made):
    board, overlay, network = made
    faults.ask(board.folder, "lost-connection", lock=machine.Machine(folder=board.folder).lock)
    assert board.script(overlay.bit, network).returncode == 255
    assert faults.asked(board.folder) == ""
    assert board.script(overlay.bit, network).returncode == 0


def test_a_bitstream_whose_model_is_elsewhere_is_refused(made, tmp_path):
    board, overlay, network = made
    payload = overlays.payload_of(overlay.bit.read_bytes()) | {"fabric": "0" * 40}
    other = tmp_path / "other.bit"
    other.write_bytes(
        overlays.bitstream(design="x", part=overlay.part, payload=overlays._MAGIC + json.dumps(payload).encode())
    )
    shutil.copy(overlay.hwh, tmp_path / "other.hwh")
    done = board.script(other, network)
    assert f"the model {'0' * 40} that the bitstream names is not on this machine" in done.stderr
