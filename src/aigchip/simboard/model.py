"""The fabric of the simulated board: a design's RTL in its shell, in Verilator, as a shared library."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.core.hashing import digest_files
from aigchip.core.store import Store
from aigchip.toolchain import deployed_shell, shell, verilator_library

LIBRARY = "libfabric.so"
KIND = "simboard-fabric"


def fabric_dir() -> Path:
    """Return the folder of the C++ main and the top module that a design's RTL is built with."""
    return paths.boards_dir() / "simulated" / "fabric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabric:
    """Name a built model.

    Attributes:
        library: The shared library, with the C interface of boards/simulated/fabric/fabric.cpp.
        key: The hash of all that determines it.
        tool: The simulator with its version.
    """

    library: Path
    key: str
    tool: str


@dataclass(frozen=True, slots=True)
class BuildFabric:
    """Build the library of a design's RTL.

    Attributes:
        folder: The design's assembled RTL: rtl/*.v and network.json.
    """

    folder: Path
    kind: str = KIND

    def inputs(self) -> dict[str, Any]:
        """Return what determines the result."""
        return {
            "rtl": digest_files(self.folder, ["rtl/*.v", "network.json"]),
            "main": digest_files(fabric_dir(), ["*.cpp", "*.j2"]),
            "shell": digest_files(paths.template_dir() / "shell"),
            "library": {name: repr(value) for name, value in verilator_library.identity().items()},
        }

    def run(self, out: Path) -> None:
        """Write the library into `out`."""
        network = json.loads((self.folder / "network.json").read_text())
        with tempfile.TemporaryDirectory(prefix="fabric-") as scratch:
            work = Path(scratch)
            sources = _sources(self.folder / "rtl", network, work)
            write_text(work / "ports.h", _ports(deployed_shell.masters(network)))
            verilator_library.build(
                sources, top="fabric_top", main=fabric_dir() / "fabric.cpp", headers=work, out=out / LIBRARY
            )


def fabrics_dir(store: Store) -> Path:
    """Return the folder of the built models, one folder a key; a board finds there what a bitstream names."""
    return store.root / KIND


def build(folder: Path, store: Store) -> Fabric:
    """Build the model of a design, or find it.

    Args:
        folder: The design's assembled RTL, as its step `link` leaves it.
        store: Where the model is kept.

    Raises:
        RtlBuildError: Verilator refuses the RTL.
        KernelPortError: The kernel does not fit the shell.
        ToolMissingError: There is no C++ compiler.
    """
    step = BuildFabric(folder)
    made = store.make(step)
    return Fabric(library=made / LIBRARY, key=store.key(step), tool=verilator_library.tool())


def _ports(memories: Sequence[shell.MemoryPort]) -> str:
    masters = " ".join(f"X({memory.name}, {memory.width_bits // 8})" for memory in memories)
    return f"#define MASTERS(X) {masters}\n"


def _sources(rtl: Path, network: Mapping[str, Any], out: Path) -> list[Path]:
    """Return the Verilog files: the design's, the shell that boards get, and the top module."""
    name = f"{network['top']}_shell"
    texts = {path.name: path.read_text() for path in sorted(rtl.glob("*.v"))}
    write_text(out / f"{name}.v", deployed_shell.with_shell(network, texts)[f"{name}.v"])
    environment = jinja2.Environment(  # noqa: S701 (Verilog, never HTML)
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    template = environment.from_string((fabric_dir() / "fabric_top.v.j2").read_text())
    ports = shell.outer_ports(deployed_shell.masters(network))
    top = template.render(
        shell_module=name,
        axi_ports=[{"direction": way, "name": name, "width_bits": bits} for way, name, bits in ports],
        control_ports=[name for names in shell.CONTROL.values() for name in names],
    )
    write_text(out / "fabric_top.v", top)
    return [*(rtl / file for file in texts if file != f"{name}.v"), out / f"{name}.v", out / "fabric_top.v"]
