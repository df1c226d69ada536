"""Describe what csynth made as a design of the fast simulation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aigchip.core import atomic
from aigchip.toolchain.rtlsim.model import Design, Port, PortKind
from csynth.ir.model import Program


def design_of(program: Program, verilog: Mapping[str, str], *, name: str, folder: Path) -> Design:
    """Write the modules of `program` to `folder` and describe its top.

    Args:
        program: What csynth compiled.
        verilog: Text of each module, as `csynth.driver.make_hardware` returns it.
        name: For messages.
        folder: Where the Verilog files go; made if missing.
    """
    with atomic.storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    sources = []
    for module, text in verilog.items():
        sources.append(folder / f"{module}.v")
        atomic.write_text(sources[-1], text)
    ports = program.function(program.top).ports
    return Design(
        name=name,
        sources=tuple(sources),
        top=program.top,
        ports=tuple(Port(name=p.name, kind=PortKind(p.kind.value), width_bits=p.width_bits) for p in ports),
        memories=tuple(dict.fromkeys(p.maxi for p in ports if p.maxi is not None)),
    )
