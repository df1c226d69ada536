"""The RTL as a FuseSoC core (CAPI2): targets sim and lint with Verilator, and a default for cores that depend on it."""

from __future__ import annotations

from aigchip.export import bench, common, driver, registers
from aigchip.export.description import LIBRARY, VENDOR, Description, Files
from aigchip.toolchain.verilator_tools import CORRECT

#: Verilog 2005 for .v files, as SystemVerilog reserves the name of a module; that C++ reserves a name is no fault of the RTL.
VERILATOR = ("+1364-2005ext+v", "-Wno-SYMRSVDWORD", *CORRECT)


def files(description: Description) -> Files:
    """Return the core, its RTL and its bench."""
    return {
        **common.told(description, registers.made_with(description)),
        **common.rtl(description),
        **bench.files(description),
        f"{description.identifier}.core": text(description),
        **registers.files(description),
        **driver.files(description),
    }


def core_name(description: Description) -> str:
    """Return the core's name: vendor, library, name, version."""
    return f"{VENDOR}:{LIBRARY}:{description.identifier}:{description.version}"


def text(description: Description) -> str:
    """Return the .core file."""
    data = [name for name in bench.files(description) if name.endswith(".hex")]
    lines = ["CAPI=2:", common.header(description, "The accelerator as a FuseSoC core", "#").rstrip("\n")]
    lines += [
        f"name: {core_name(description)}",
        f"description: int8 convolution accelerator, design {description.design}",
        "",
        "filesets:",
        "  rtl:",
        "    file_type: verilogSource-2005",
        "    files:",
        *(f"      - rtl/{file.name}" for file in description.rtl),
        "  bench:",
        "    files:",
        f"      - {bench.FOLDER}/{bench.TOP}.sv: {{file_type: systemVerilogSource}}",
        *(f"      - {name}: {{file_type: user, copyto: {name}}}" for name in data),
        "",
        "targets:",
        "  default:",
        "    filesets: [rtl]",
        f"    toplevel: {description.shell}",
        "  lint:",
        "    description: Verilator's lint of the RTL",
        "    flow: lint",
        "    flow_options:",
        "      tool: verilator",
        f"      verilator_options: [{', '.join(VERILATOR)}]",
        "    filesets: [rtl]",
        f"    toplevel: {description.shell}",
        "  sim:",
        "    description: One layer, every byte compared",
        "    flow: sim",
        "    flow_options:",
        "      tool: verilator",
        "      mode: binary",
        f"      verilator_options: [{', '.join(VERILATOR)}]",
        "    filesets: [rtl, bench]",
        f"    toplevel: {bench.TOP}",
    ]
    return "\n".join(lines) + "\n"
