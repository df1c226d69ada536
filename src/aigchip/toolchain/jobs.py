"""Jobs of an accelerator in the memory of the fast harness: operands in regions and stripes, one program, one start."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from aigchip.toolchain import fastsim, program, registers, shell

#: Byte boundary of every image and map: a page.
_ALIGNED_BYTES = 4096
#: Distance of the regions where there are no stripes: more than any of them takes.
_APART_BYTES = 1 << 30
_APART = {"a": "a", "b": "b", "c": "c"}


class Space:
    """Regions of memory as the kernel's operands see them, and the stripes on which they lie.

    Args:
        ports: masters that each operand lies on.
        word_bytes: of a memory word, all masters of an operand together.
        regions: operand to its region; two operands may share one.
    """

    def __init__(self, ports: int, word_bytes: int, regions: Mapping[str, str] = _APART) -> None:
        self._ports = ports
        self._word_bytes = word_bytes
        self._region_of = dict(regions)
        self._regions = {region: bytearray() for region in dict.fromkeys(regions.values())}
        self._at: dict[str, list[int]] = {}

    def put(self, name: str, data: bytes) -> int:
        """Add bytes to a region, from a page of every stripe on, and return their address in it."""
        region = self._regions[name]
        start = len(region)
        page = _ALIGNED_BYTES * self._ports
        region += data
        region += bytes(-len(region) % page)
        return start + self.first(name)

    def first(self, name: str) -> int:
        """Return the kernel's address of a region: its place in memory where there are no stripes, else 0."""
        return _APART_BYTES * list(self._regions).index(name) if self._ports == 1 else 0

    def run(
        self,
        model: fastsim.Model,
        memory: fastsim.MemorySystem,
        jobs: Sequence[Mapping[str, int]],
        *,
        wanted: str,
        where: str,
        timeout_seconds: float,
    ) -> tuple[fastsim.FastResult, bytes]:
        """Run jobs one after another with one start; return what was counted, and a region as they left it.

        Args:
            model: the simulation of the accelerator, with a shell that walks programs and stripes over the ports.
            memory: behind the masters.
            jobs: for each run the value of every register of the kernel.
            wanted: the region.
            where: for error texts.
            timeout_seconds: limit on the simulation [s].

        Raises:
            FastsimError: the accelerator hangs, or breaks a rule of AXI.
        """
        network = json.loads(model.network.read_text(encoding="utf-8"))
        listed = program.assemble([registers.writes(network, job) for job in jobs])
        actions, program_at = self._loaded(network, listed.image)
        result = fastsim.run(
            model,
            memory,
            [*actions, *start_program(program_at), *self._dumps(wanted)],
            where=where,
            timeout_seconds=timeout_seconds,
        )
        return result, self._joined(wanted, result.dumps)

    def _loaded(self, network: Mapping[str, Any], image: bytes) -> tuple[list[fastsim.Action], int]:
        """Return what loads all regions and a program and says where they lie, and the program's address."""
        memories = [shell.MemoryPort(name=m["name"], width_bits=m["width_bits"]) for m in network["maxi"]]
        bases = {base.master: base.register for base in shell.bases(memories, shell.Options(ports=self._ports))}
        found: list[fastsim.Action] = []
        at = 0
        for name, region in self._regions.items():
            operands = [operand for operand, its in self._region_of.items() if its == name]
            self._at[name] = []
            for part, data in enumerate(self._split(bytes(region))):
                at = max(at, self.first(name))
                found.append(fastsim.Load(at, data))
                self._at[name].append(at)
                for operand in operands:
                    register = bases.get(f"gmem_{operand}_{part}")
                    if register is not None:
                        found += [fastsim.Write(register, at & 0xFFFFFFFF), fastsim.Write(register + 4, at >> 32)]
                at += len(data) + _ALIGNED_BYTES
        found.append(fastsim.Load(at, image))
        return found, at

    def _split(self, region: bytes) -> list[bytes]:
        words = np.frombuffer(region, np.uint8).reshape(-1, self._ports, self._word_bytes // self._ports)
        return [words[:, part].tobytes() for part in range(self._ports)]

    def _dumps(self, name: str) -> list[fastsim.Action]:
        size = len(self._regions[name]) // self._ports
        return [fastsim.Dump(f"{name}{part}", at, size) for part, at in enumerate(self._at[name])]

    def _joined(self, name: str, dumps: Mapping[str, bytes]) -> bytes:
        part_bytes = self._word_bytes // self._ports
        parts = [
            np.frombuffer(dumps[f"{name}{part}"], np.uint8).reshape(-1, 1, part_bytes) for part in range(self._ports)
        ]
        return np.concatenate(parts, axis=1).tobytes()


def start_program(program_at: int) -> list[fastsim.Action]:
    """Return what runs a program in memory to its end."""
    return [
        *fastsim.ENABLE_INTERRUPT,
        fastsim.Write(shell.REGISTER_PROGRAM, program_at & 0xFFFFFFFF),
        fastsim.Write(shell.REGISTER_PROGRAM + 4, program_at >> 32),
        fastsim.Run(shell.REGISTER_COMMAND, 1),
    ]
