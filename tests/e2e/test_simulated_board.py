"""The simulated board as a program on it sees it: real sshd, real pynq, a real design's RTL. Installs pynq on first use."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from aigchip.board.board import load
from aigchip.core import paths
from aigchip.core.store import Store
from aigchip.mapping import Convolution, Geometry, LayerRun
from aigchip.simboard import faults, machine, model, server
from aigchip.simboard import overlay as overlays
from aigchip.space import files

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = ROOT / "tests" / "support"
RUN = LayerRun(
    layer=Convolution(channels=10, rows=8, columns=9, outputs=12, kernel=(3, 3), padding=(1, 1, 1, 1)), padding=4
)
GEOMETRY = Geometry.of(files.load(paths.designs_dir() / "example" / "design.yaml"))
pytestmark = pytest.mark.slow


class Board:
    def __init__(self, target):
        self.folder, self.told = target.parent, json.loads(target.read_text())

    def ssh(self, *words):
        told = self.told
        command = [
            "ssh", "-F", "none", "-i", told["key_file"], "-o", f"UserKnownHostsFile={told['known_hosts']}",
            "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-p", str(told["port"]),
            f"{told['user']}@{told['address']}", *words,
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def script(self, bit, network, *, variables="XILINX_XRT=/usr"):
        operands, layer = RUN.operands(GEOMETRY), RUN.layer
        values = operands.job.to_dict()
        channel, row, column = np.indices((layer.outputs, layer.out_rows, layer.out_columns))
        block, plane = GEOMETRY.block, operands.job.out_plane * GEOMETRY.word_pixels
        pixel = channel // block * plane + row * operands.job.out_columns + column
        work = Path(self.told["folder"])
        np.savez(
            work / "data.npz",
            a=np.frombuffer(operands.image_a, np.uint8),
            b=np.frombuffer(operands.image_b, np.uint8),
            c=np.zeros(operands.bytes_c, np.int8),
            expected=RUN.reference(),
            places=pixel * block + channel % block,
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
def start(tmp_path_factory):
    """Link the example, build its model, and start boards with it, with outputs in a folder of the module's own."""
    build = tmp_path_factory.mktemp("build")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIGCHIP_BUILD_DIR", str(build))
        patch.setenv("PYTHONPATH", str(ROOT / "src"))
        command = [sys.executable, "-P", "-m", "aigchip.tasks", "link", "design=example"]
        subprocess.run(command, cwd=ROOT, check=True, timeout=600)
        link = next((build / "store" / "link").iterdir())
        network = json.loads((link / "network.json").read_text())
        store = Store(paths.store_dir())
        fabric = model.build(link, store)

        def start(name, clock_period_ps):
            board = load(name)
            overlay = overlays.write(
                fabric,
                design="example",
                board=board,
                clock_period_ps=clock_period_ps,
                network=network,
                synthesis_tool="csynth",
                out=build / "overlay",
            )
            return Board(server.ensure_running(board, fabrics=model.fabrics_dir(store))), overlay, network

        yield start
        for name in server.made():
            server.stop(server.folder_of(name))


@pytest.fixture(scope="module")
def made(start):
    return start("zcu104", 3333)


@pytest.fixture(scope="module")
def zynq(start):
    """Another simulated board, of the other family, with the same logic."""
    return start("pynq-z2", 10_000)


@pytest.mark.verifies("board-sim")
def test_a_program_with_pynq_runs_a_layer_bit_exact_with_equal_cycles(made):
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


@pytest.mark.verifies("board-sim")
def test_two_boards_at_once_of_two_families_are_both_right(made, zynq):
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda one: one[0].script(one[1].bit, one[2]), (made, zynq))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    told = [json.loads(done.stdout) for done in (first, second)]
    assert [entry["part"] for entry in told] == ["xczu7ev-ffvc1156-2-e", "7z020clg400"]
    for entry in told:
        assert entry["id"] == entry["by_mmio"] == 0x41494743
        assert all(right for _, right in entry["right"]) and entry["right_at_300"][1]
        assert not entry["no_flush"] and not entry["no_invalidate"]
    second = told[1]
    assert second["ips"] == ["accelerator_0", "processing_system7_0"]
    clocks = (second["clock_of_overlay"], second["clock_200"], second["clock_100"])
    assert clocks == pytest.approx((100.0, 200.0, 100.0))  # 1000 MHz over 10, 5 and 10: the IO PLL of a PYNQ-Z2
    assert second["right"][0] == second["right"][1] != told[0]["right"][0]  # another memory


def test_a_bitstream_of_one_board_is_refused_by_the_other(made, zynq):
    for (board, _, network), (_, overlay, _), device in (
        (made, zynq, "xczu7ev-ffvc1156-2-e"),
        (zynq, made, "xc7z020clg400-1"),
    ):
        done = board.script(overlay.bit, network)
        assert done.returncode == 1
        assert f"fpga_manager fpga0: the bitstream is for {overlay.part}; the device is {device}" in done.stderr


def test_plain_pynq_4_cannot_load_an_overlay_of_zynq_7000(zynq):
    """The reason for what the runner does: the real pynq, a handoff with the names that Vivado gives there."""
    board, overlay, _ = zynq
    done = board.ssh(f"env XILINX_XRT=/usr {board.told['python']} -c 'import pynq; pynq.Overlay(\"{overlay.bit}\")'")
    assert done.returncode == 1
    assert "TypeError: unsupported operand type(s) for /: 'float' and 'NoneType'" in done.stderr


def test_the_processor_of_zynq_7000_has_its_clock(zynq):
    board, _, _ = zynq
    done = board.ssh(f"env XILINX_XRT=/usr {board.told['python']} -c 'import pynq; print(pynq.Clocks.cpu_mhz)'")
    assert (done.stdout, done.returncode) == ("650.0\n", 0), done.stderr


def test_without_xilinx_xrt_there_is_no_device_as_on_the_board(made):
    board, overlay, network = made
    done = board.script(overlay.bit, network, variables="A=1")
    assert done.returncode == 1
    assert "No Devices Found" in done.stderr


@pytest.mark.parametrize(
    ("name", "fault", "expected"),
    [
        ("made", "part-mismatch", "the bitstream is for xczu7ev-ffvc1156-2-e; the device is xczu9eg-ffvb1156-2-e"),
        ("made", "wrong-results", [False, False]),
        ("made", "slow-clock", 49.9995),
        ("made", "fast-clock", 499.995),
        ("zynq", "part-mismatch", "the bitstream is for xc7z020clg400-1; the device is xc7z010clg400-1"),
        ("zynq", "slow-clock", 50.0),
        ("zynq", "fast-clock", 500.0),
    ],
)
def test_a_fault_on_request_shows_and_passes(request, name, fault, expected):
    board, overlay, network = request.getfixturevalue(name)
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
