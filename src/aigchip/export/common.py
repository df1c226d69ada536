"""What every export holds beside its own files: provenance, licence, and RTL with its list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aigchip.export.description import Description, ExportError, Files


def told(description: Description, made_with: Mapping[str, str] | None = None) -> Files:
    """Return provenance.json, the design and the licence.

    Args:
        description: The design.
        made_with: Further files of the export that a tool wrote: path to tool, version and licence.
    """
    provenance: dict[str, Any] = {**description.provenance, "clock_period_ps": description.clock_period_ps}
    provenance |= {"part": description.part, "aigchip": description.version}
    if made_with:
        provenance["made_with"] = dict(made_with)
    return {
        "provenance.json": _json(provenance),
        "design.json": _json(dict(description.parameters)),
        "LICENSE": description.licence,
    }


def rtl(description: Description) -> Files:
    """Return the Verilog files under rtl/.

    Raises:
        ExportError: The RTL reads further files, as Vitis HLS' does for tables of constants.
    """
    data = [file.name for file in description.rtl if not file.name.endswith(".v")]
    if data:
        raise ExportError(
            f"design={description.design}",
            f"the RTL reads {data[0]} from the folder that a simulator runs in, which this format does not choose; must be "
            "Verilog alone",
            "Use format=folder, or the RTL of toolchain=csynth.",
            code="data-files",
        )
    return rtl_with_data(description)


def rtl_with_data(description: Description) -> Files:
    """Return every file of the RTL under rtl/."""
    return {f"rtl/{file.name}": file.text for file in description.rtl}


def header(description: Description, what: str, comment: str) -> str:
    """Return the lines that say what a file is and from which design it was written.

    Args:
        description: The design.
        what: What the file is, a sentence without its full stop.
        comment: What begins a comment line.
    """
    lines = (
        f"{what}.",
        f"Written by aigchip {description.version} for the design {description.design}; provenance.json says who made what.",
    )
    return "".join(f"{comment} {line}\n" for line in lines)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n"
