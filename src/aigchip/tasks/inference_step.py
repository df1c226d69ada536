"""The step that runs a whole network on a design's RTL, with the operators between its layers on this machine."""

from __future__ import annotations

import functools
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aigchip.board import Board
from aigchip.core import hashing, paths
from aigchip.core.atomic import write_json
from aigchip.space import Design
from aigchip.tasks.network_step import BURSTS, simulation_tools
from aigchip.workload.graph import Graph

#: Of random weights and of the picture.
SEED = 1


@functools.cache
def inference_tools() -> dict[str, str]:
    """Return what an inference is made of."""
    sources = paths.source_dir() / "aigchip"
    return simulation_tools() | {
        "inference": hashing.digest_files(sources / "toolchain", ["inference.py"]),
        "workload": hashing.digest_files(sources / "workload", ["*.py"]),
    }


def machine() -> str:
    """Name this machine's processor, for figures of the host."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        told = []
    names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores"


@dataclass(frozen=True, slots=True, kw_only=True)
class InferNetwork:
    """Infer one random picture; every layer's map is compared with the integer reference.

    Attributes:
        design: The genome.
        folder: Where the RTL is; no input of its own.
        rtl: The hash of the RTL and its description.
        board: Whose memory stands behind the ports.
        name: The network with its resolution.
        graph: The network; where it is not quantised, it gets random weights.
        graph_key: The hash of the network, weights included where it has them.
    """

    design: Design
    folder: Path
    rtl: str
    board: Board
    name: str
    graph: Graph
    graph_key: str
    kind: str = field(default="inference", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines maps and cycles; the host's times are those of the machine that ran it."""
        return {
            "design": self.design.to_dict(),
            "rtl": self.rtl,
            "memory": asdict(self.board.memory),
            "graph": self.graph_key,
            "seed": SEED,
            "machine": machine(),
            "tools": inference_tools(),
        }

    def run(self, out: Path) -> None:
        """Write result.json: the parts in the order of execution, with the accelerator's cycles and the host's times.

        Raises:
            WorkloadError: An operator has no meaning in 8 bits.
            MappingError: The design cannot do a layer.
            CosimError: A byte is wrong.
            FastsimError: The accelerator hangs.
        """
        import numpy as np

        from aigchip.mapping import Geometry
        from aigchip.mapping.plan import plan
        from aigchip.perf import memory_timing
        from aigchip.toolchain import fastsim, inference, layers, shell
        from aigchip.workload.synthetic import with_random_weights

        design, period = self.design, self.design.clock_period_ps
        graph = self.graph if self.graph.input_quantisation is not None else with_random_weights(self.graph, SEED)
        traffic = memory_timing(self.board, period).traffic(design.word_bytes, design.ports)
        laid_out = plan(graph, Geometry.of(design), traffic)
        model = fastsim.build(
            self.folder / "rtl",
            network=self.folder / "network.json",
            cache=paths.cache_dir() / "fastsim",
            options=shell.Options(ports=design.ports, jobs=True),
        )
        memory = fastsim.board_memory(
            self.board, period, layers.on_board(self.board, design.ports), reads=BURSTS, writes=BURSTS
        )
        picture = np.random.default_rng(SEED).integers(-128, 128, graph.input_shape, dtype=np.int8)
        found = inference.infer(model, laid_out, design.ports, memory, picture)
        write_json(
            out / "result.json",
            {
                "host": f"numpy {np.__version__} on {machine()}",
                "parts": [
                    {
                        "layers": [{"name": layer.name, "cycles": layer.cycles.value} for layer in part.layers],
                        "cycles": part.cycles.to_dict(),
                    }
                    if isinstance(part, inference.Started)
                    else {
                        "operator": part.name,
                        "kind": part.kind,
                        "seconds": part.seconds,
                        "layout_seconds": part.layout_seconds,
                    }
                    for part in found.parts
                ],
            },
        )
