"""The RTL as an EDAM file, the description of a design that Edalize reads: set up to simulate with Verilator."""

from __future__ import annotations

import yaml

from aigchip.export import bench, common, driver, fusesoc, registers
from aigchip.export.description import Description, Files


def files(description: Description) -> Files:
    """Return `<design>.eda.yml`, the RTL and the bench."""
    return {
        **common.told(description, registers.made_with(description)),
        **common.rtl(description),
        **bench.files(description),
        f"{description.identifier}.eda.yml": text(description),
        **registers.files(description),
        **driver.files(description),
    }


def text(description: Description) -> str:
    """Return the EDAM file; paths are relative to its folder, which is Edalize's work root."""
    listed = [{"name": f"rtl/{file.name}", "file_type": "verilogSource-2005"} for file in description.rtl]
    for name in bench.files(description):
        kind = "systemVerilogSource" if name.endswith(".sv") else "user"
        listed.append({"name": name, "file_type": kind})
    edam = {
        "name": description.identifier,
        "version": "0.2.1",
        "toplevel": bench.TOP,
        "files": listed,
        "flow_options": {"tool": "verilator", "mode": "binary", "verilator_options": list(fusesoc.VERILATOR)},
    }
    head = common.header(description, "The accelerator with its bench as EDAM, for Edalize's flow sim", "#")
    return head + yaml.safe_dump(edam, sort_keys=False, width=120)
