"""`bench inference`: whole networks, layers on a design's RTL and the operators between them on this machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from aigchip.board import Board
from aigchip.board import load as load_board
from aigchip.core import hashing, paths
from aigchip.core.atomic import write_json, write_text
from aigchip.core.console import print_table
from aigchip.core.errors import InputError
from aigchip.report import inference as report
from aigchip.space import Design
from aigchip.tasks import accelerator_rtl
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.designs import ChosenDesign
from aigchip.tasks.inference_step import InferNetwork
from aigchip.workload import built_in, load_quantised
from aigchip.workload.graph import Graph
from aigchip.workload.in_integers import in_integers

NETWORKS = ("squeezenet1_1", "mobilenetv2", "resnet18", "googlenet", "resnet50", "alexnet", "vgg16", "yolov2_voc")
RESOLUTION = 224


@dataclass(frozen=True, slots=True, kw_only=True)
class _Network:
    """A network to infer with.

    Attributes:
        name: With its resolution.
        graph: Quantised where it comes from a file.
        key: The hash of all that makes it.
        changes: What it does otherwise than its description.
    """

    name: str
    graph: Graph
    key: str
    changes: tuple[str, ...] = ()


def run(given: Arguments, chosen: ChosenDesign) -> int:
    """Infer with each network on the design's RTL, and print and write the accelerator's and the host's time.

    Raises:
        InputError: An argument is not valid.
        AigchipError: A tool is missing, a network has no meaning in 8 bits, or the RTL is wrong.
    """
    if "level" in given.given:
        raise InputError("level", "an inference is simulated in RTL", "Leave level= out.")
    board = load_board(given.text("board"))
    networks = _networks(given)
    found = _infer(chosen.design, board, networks)
    folder = paths.build_dir() / "bench" / "inference" / chosen.name
    write_text(folder / "inference.csv", report.comma_separated(found))
    for one in found:
        write_json(folder / f"{one.network.replace('@', '-')}.json", asdict(one))
        print_table(
            f"{one.network} on {chosen.name}, {one.clock_mhz:g} MHz: accelerator {one.accelerator_ms:.3f} ms, "
            f"host {one.host_ms:.3f} ms",
            report.HEADINGS,
            report.rows(one),
            right=(2, 3, 4, 5),
        )
        for change in one.changes:
            print(f"{one.network}: {change}.")
    print(
        f"Every map equals the integer reference. Cycles are simulated ({found[0].cycles.tool}, memory of {board.name}). The host is "
        f"{found[0].host}, not the board's processor; layout is what it takes to bring maps out of the accelerator's order of memory "
        "and back."
    )
    print(f"Written to {paths.relative(folder)}: inference.csv, and a .json for each network.")
    return 0


def _networks(given: Arguments) -> list[_Network]:
    names = [given.text("network")] if "network" in given.given else NETWORKS
    size = given.number("resolution") if "resolution" in given.given else None
    return [_network(name, size) for name in names]


def _network(name: str, size: int | None) -> _Network:
    if name.endswith(".onnx") or "/" in name:
        path = Path(name)
        workload = load_quantised(path, size)
        graph, resolution = workload.graph, workload.resolution
        assert graph is not None  # noqa: S101 - a quantised file is read as a graph
        key = hashing.digest({"file": hashing.digest_files(path.parent, [path.name]), "resolution": size})
        return _Network(name=path.stem if resolution is None else f"{path.stem}@{resolution}", graph=graph, key=key)
    workload = built_in(name, RESOLUTION if size is None else size)
    assert workload.graph is not None  # noqa: S101 - built-in networks have graphs
    found = in_integers(workload.graph)
    return _Network(
        name=f"{name}@{workload.resolution}",
        graph=found.graph,
        key=hashing.digest(asdict(found.graph)),
        changes=found.changes,
    )


def _infer(design: Design, board: Board, networks: Sequence[_Network]) -> list[report.NetworkInference]:
    linked = accelerator_rtl.make(design, board)
    steps = [
        InferNetwork(
            design=design,
            folder=linked.folder,
            rtl=linked.key,
            board=board,
            name=network.name,
            graph=network.graph,
            graph_key=network.key,
        )
        for network in networks
    ]
    folders = accelerator_rtl.make_steps("infer", steps)
    return [_read(design, network, folder) for network, folder in zip(networks, folders, strict=True)]


def _read(design: Design, network: _Network, folder: Path) -> report.NetworkInference:
    told = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return report.NetworkInference(
        network=network.name,
        clock_mhz=design.clock_mhz,
        host=told["host"],
        parts=told["parts"],
        changes=network.changes,
    )
