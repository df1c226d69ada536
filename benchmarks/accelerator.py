"""Run the layers of networks on a design cycle by cycle, and hold them against the roofline and against others.

    .venv/bin/python -m benchmarks.accelerator [--design expert1024] [--networks resnet50@224,...] [--model] [--out FOLDER]

Every distinct layer runs once, from one list of jobs with one start, on RTL in the fast harness behind the board's DDR; every
byte is compared with numpy. `--model` estimates instead. Modules and RTL lie in the store under AIGCHIP_BUILD_DIR. Writes
accelerator.csv and a roofline for each network. Exit code 1 when a byte is wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from math import exp, log
from pathlib import Path

from aigchip.board import Board
from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.core.figures import Figure
from aigchip.core.store import Store
from aigchip.generate.expert import ExpertGenerator
from aigchip.mapping import Geometry, LayerRun, MappedLayer, of_layer
from aigchip.perf import CycleModel, assumed_timing, memory_timing
from aigchip.perf.network import TOOL
from aigchip.report import roofline
from aigchip.space import Design, files
from aigchip.tasks.execute import with_needs
from aigchip.tasks.flow import Flow
from aigchip.toolchain import fastsim, layers, shell
from aigchip.workload import load as load_workload

BOARD = "zcu104"
NETWORKS = ("alexnet", "vgg16", "googlenet", "resnet50", "mobilenetv2", "yolov2_voc")
#: Convolutions alone, frames a second on 1,024 DSPs at 250/500 MHz, 512 GMAC/s: CHaiDNN's own table.
CHAIDNN_GMACS = 512.0
CHAIDNN_FPS = {"alexnet": 390.3, "googlenet": 151.8, "resnet50": 43.1, "vgg16": 19.3}
#: One thread on two B4096 at 300 MHz of a ZCU104, 614 GMAC/s [ms]: Vitis AI's model zoo.
DPU_GMACS = 614.0
DPU_MS = {"resnet50": 11.97, "googlenet": 5.24, "vgg16": 46.5, "mobilenetv2": 3.52, "yolov2_voc": 35.2}
_DPU_RESOLUTION = {"yolov2_voc": 448}


def rtl(design: Design, board: Board, store: Store) -> Path:
    """Build a design from the expert's modules and return the folder of its RTL."""
    flow = Flow(
        store=store,
        design=design,
        generator=ExpertGenerator(),
        part=board.part,
        clock_period_ps=design.clock_period_ps,
    )

    def make(name: str) -> None:
        if flow.result(name) is None:
            step = flow.nodes[name].step()
            assert step is not None, name  # noqa: S101 - what it needs is made
            store.make(step)

    names = with_needs(flow, ["link"])
    synthesised = [name for name in names if name.startswith("csynth:")]
    for name in names:
        if name not in synthesised and name != "link":
            make(name)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(make, synthesised))
    make("link")
    folder = flow.result("link")
    assert folder is not None  # noqa: S101 - just made
    return folder


def distinct(name: str, resolution: int) -> list[tuple[MappedLayer, int]]:
    """Return each distinct layer of a network with how often it runs."""
    found: dict[object, tuple[MappedLayer, int]] = {}
    for layer in load_workload(name, resolution).layers:
        mapped = of_layer(layer)
        key = mapped.layer, mapped.original
        first, count = found.get(key, (mapped, 0))
        found[key] = first, count + mapped.count
    return list(found.values())


def points(
    design: Design, board: Board, name: str, resolution: int, model: fastsim.Model | None
) -> roofline.NetworkPoints:
    """Run or estimate a network."""
    geometry = Geometry.of(design)
    period = design.clock_period_ps
    bytes_per_cycle = board.memory.effective_bytes_per_second * period / 1e12
    found = distinct(name, resolution)
    cycles: list[Figure]
    moved: list[int | None]
    if model is None:
        estimate = CycleModel(design, assumed_timing(), memory_timing(board, period))
        cycles = [
            Figure(value=estimate.cycles(mapped.layer), unit="cycles", kind="estimated", tool=TOOL)
            for mapped, _ in found
        ]
        moved = [None] * len(found)
    else:
        memory = fastsim.board_memory(board, period, layers.on_board(board, design.ports), reads=64, writes=64)
        traffic = memory_timing(board, period).traffic(design.word_bytes, design.ports)
        runs = [LayerRun(layer=mapped.layer, relu=True) for mapped, _ in found]
        result = layers.simulate(model, geometry, design.ports, memory, runs, traffic, where=f"{name}@{resolution}")
        cycles = [layer.cycles for layer in result.layers]
        moved = [
            sum(master.bytes_read + master.bytes_written for master in layer.result.masters.values())
            for layer in result.layers
        ]
        print(f"simulated at {result.cycles_per_second:,.0f} cycles/s of processor time", flush=True)
    rows = []
    for (mapped, count), figure, moved_bytes in zip(found, cycles, moved, strict=True):
        original = mapped.original
        weights = original.outputs * original.group_channels * original.kernel[0] * original.kernel[1]
        inputs = original.channels * original.rows * original.columns
        outputs = original.outputs * original.out_rows * original.out_columns
        rows.append(
            roofline.LayerPoint(
                name=mapped.name,
                count=count,
                convolution=original.out_rows * original.out_columns > 1,
                macs=original.macs,
                bytes_once=weights + inputs + outputs,
                cycles=figure,
                bytes_moved=moved_bytes,
            )
        )
    return roofline.NetworkPoints(
        network=f"{name}@{resolution}",
        macs_per_cycle=design.macs,
        bytes_per_cycle=bytes_per_cycle,
        clock_mhz=design.clock_mhz,
        layers=tuple(rows),
    )


def against_others(found: roofline.NetworkPoints) -> str:
    """Compare a network with what others take at equal products a second."""
    name, resolution = found.network.split("@")
    gmacs = found.macs_per_cycle * found.clock_mhz / 1e3
    told = []
    if name in CHAIDNN_FPS and resolution == "224":
        theirs = 1e3 / CHAIDNN_FPS[name] * CHAIDNN_GMACS / gmacs
        ours = found.convolution_milliseconds()
        told.append(f"CHaiDNN's convolutions {theirs:.2f} ms at {gmacs:.0f} GMAC/s: {ours / theirs:.3f} of its time")
    if name in DPU_MS and resolution == str(_DPU_RESOLUTION.get(name, 224)):
        theirs = DPU_MS[name] * DPU_GMACS / gmacs
        told.append(f"DPU {theirs:.2f} ms: {found.milliseconds / theirs:.3f} of its time")
    return "; ".join(told)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--design", default="expert1024", help="folder in designs/")
    default = ",".join(f"{name}@{size}" for name in NETWORKS for size in (224, 448))
    parser.add_argument("--networks", default=default, help="name@resolution, with commas between")
    parser.add_argument("--model", action="store_true", help="estimate instead of simulating")
    parser.add_argument(
        "--out", type=Path, default=paths.build_dir() / "accelerator", help="folder for CSV and pictures"
    )
    given = parser.parse_args()
    board = load_board(BOARD)
    design = files.load(paths.designs_dir() / given.design / "design.yaml")
    model = None
    if not given.model:
        folder = rtl(design, board, Store(paths.store_dir()))
        model = fastsim.build(
            folder / "rtl",
            network=folder / "network.json",
            cache=paths.cache_dir() / "fastsim",
            options=shell.Options(ports=design.ports, jobs=True),
        )
    done = []
    for text in given.networks.split(","):
        name, _, resolution = text.partition("@")
        found = points(design, board, name, int(resolution or 224), model)
        done.append(found)
        print(roofline.table(found))
        print(against_others(found), "\n", flush=True)
        write_text(given.out / f"{name}-{resolution}.svg", roofline.picture(found))
        write_text(given.out / "accelerator.csv", roofline.comma_separated(done))
    ratios = [found.ratio for found in done]
    print(
        f"{given.design}: geometric mean over the roofline {exp(sum(map(log, ratios)) / len(ratios)):.3f}, "
        f"worst {max(ratios):.3f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
