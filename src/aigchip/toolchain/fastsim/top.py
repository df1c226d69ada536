"""Text that a design adds to the fast harness: its outermost module, and the C++ that names its ports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from aigchip.core import atomic, paths
from aigchip.toolchain import shell
from aigchip.toolchain.fastsim import causes
from aigchip.toolchain.fastsim.lean import exchanged
from aigchip.toolchain.fastsim.waits import waits

TOP = "fastsim_top"


def harness_dir() -> Path:
    """Return the folder of the harness's C++ and of the top module's template."""
    return paths.testbench_dir() / "fastsim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """Say what is counted inside the accelerator while it runs; each counter costs a little speed.

    Attributes:
        fifos: For every FIFO, the cycles in which a word finds it full, its words, its high-water mark.
        waits: For every process the cycles in which each of its ports holds it up, where its RTL is csynth's; causes may coincide.
        signals: Cycles in which a condition holds, by name: an expression of Verilog over paths like `shell.kernel.pe_array_0.busy`.
        causes: For an accelerator of the template, what its array does in each cycle, as signals by the names of `CAUSES`.
    """

    fifos: bool = False
    waits: bool = False
    signals: Mapping[str, str] | None = None
    causes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """The texts around a kernel.

    Attributes:
        sources: All Verilog files, the top among them.
        glue: C++ that defines fastsim_make().
        masters: Names of the shell's AXI masters.
    """

    sources: tuple[Path, ...]
    glue: str
    masters: tuple[str, ...]


def memory_ports(network: Mapping[str, Any]) -> list[shell.MemoryPort]:
    """Return the memory ports of network.json."""
    return [shell.MemoryPort(name=port["name"], width_bits=port["width_bits"]) for port in network["maxi"]]


def kernel_text(sources: Sequence[Path], kernel: str) -> str:
    """Return the text that defines the kernel's module, or an empty one."""
    return next((text for path in sources if f"module {kernel} " in (text := path.read_text())), "")


def wrap(
    rtl_dir: Path,
    network: Mapping[str, Any],
    out: Path,
    *,
    probes: Probes,
    options: shell.Options | None = None,
    lean: bool = True,
) -> Wrapped:
    """Write the top module, and the shell where there is none or another one is wanted.

    Args:
        rtl_dir: The kernel's Verilog files.
        network: The contents of network.json.
        out: The folder for the files.
        probes: What is counted.
        options: Of the shell; None takes the one that is there.
        lean: Exchange csynth's DSP cells for their lean equivalents.

    Raises:
        KernelPortError: The kernel does not fit the shell.
    """
    sources = sorted(rtl_dir.glob("*.v"))
    kernel = str(network["top"])
    memories = memory_ports(network)
    text = kernel_text(sources, kernel)
    found = next((path for path in sources if path.stem == f"{kernel}_shell"), None)
    if found is None or options is not None:
        sources = [path for path in sources if path is not found]
        found = out / f"{kernel}_shell.v"
        sources.append(found)
        atomic.write_text(found, shell.render(text, kernel=kernel, memories=memories, options=options or shell.DEFAULT))
    masters = shell.masters(memories, shell.options_of(found.read_text()))
    texts = [path.read_text() for path in sources]
    counters, highs, named = _probes(network, text, texts, probes)
    watched = ""
    if probes.causes:
        watched = causes.instance({fifo["name"]: _instance(fifo) for fifo in network["fifos"]}, masters)
        sources.append(harness_dir() / causes.SOURCE)
    environment = jinja2.Environment(  # noqa: S701 (Verilog, never HTML)
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    template = environment.from_string((harness_dir() / "top.v.j2").read_text())
    rendered = template.render(
        shell_module=f"{kernel}_shell",
        axi_ports=[
            {"direction": way, "name": name, "width_bits": bits} for way, name, bits in shell.outer_ports(masters)
        ],
        control_ports=[name for names in shell.CONTROL.values() for name in names],
        fifos=[_instance(fifo) for fifo in network["fifos"]],
        causes=watched,
        counters=counters,
        highs=highs,
        probes=list(named.values()),
    )
    atomic.write_text(out / f"{TOP}.v", rendered)
    if lean:
        sources = _lean(sources, out / "lean")
    return Wrapped(
        sources=(*sources, out / f"{TOP}.v"),
        glue=_glue(masters, list(named)),
        masters=tuple(master.name for master in masters),
    )


def _lean(sources: Sequence[Path], folder: Path) -> list[Path]:
    """Write the files that lean cells change, and return all that are simulated."""
    texts = {path.name: path.read_text() for path in sources}
    places = {path.name: path for path in sources}
    found: list[Path] = []
    folder.mkdir()
    for name, text in exchanged(texts).items():
        if text != texts[name]:
            places[name] = folder / name
            atomic.write_text(places[name], text)
        found.append(places[name])
    return found


def _instance(fifo: Mapping[str, Any]) -> str:
    return f"shell.kernel.{fifo['path'].split('.', 1)[1]}"


def _probes(
    network: Mapping[str, Any], kernel: str, texts: Sequence[str], probes: Probes
) -> tuple[list[str], list[str], dict[str, str]]:
    """Return the conditions that are counted, the FIFOs with a high-water mark, and each probe's expression by name."""
    counters: list[str] = []
    highs: list[str] = []
    named: dict[str, str] = {}
    for fifo in network["fifos"]:
        at = _instance(fifo)
        full, empty = f"{at}.in_TVALID && !{at}.in_TREADY", f"{at}.out_TREADY && !{at}.out_TVALID"
        named[f"state/{fifo['name']}"] = f"{{30'd0, {empty}, {full}, {at}.count}}"
        if probes.fifos:
            for what, condition in (("full", full), ("moved", f"{at}.in_TVALID && {at}.in_TREADY")):
                named[f"{what}/{fifo['name']}"] = f"count_{len(counters)}"
                counters.append(condition)
            named[f"high/{fifo['name']}"] = f"{{32'd0, high_{len(highs)}}}"
            highs.append(at)
    for process in network.get("processes", ()):
        if f"reg {process['name']}_finished" in kernel:  # csynth's tops say whether a process has ended
            named[f"finished/{process['name']}"] = f"{{63'd0, shell.kernel.{process['name']}_finished}}"
    for process in network.get("processes", ()) if probes.waits else ():
        module = next((text for text in texts if re.search(rf"\bmodule \\?{process['module']}\b", text)), "")
        escaped = f"\\{process['name']} "
        for port, condition in waits(
            module, f"shell.kernel.{escaped if escaped in kernel else process['name']}"
        ).items():
            named[f"wait/{process['name']}.{port}"] = f"count_{len(counters)}"
            counters.append(condition)
    signals = {**(probes.signals or {}), **({name: f"cause_{name}" for name in causes.CAUSES} if probes.causes else {})}
    for name, condition in signals.items():
        named[f"signal/{name}"] = f"count_{len(counters)}"
        counters.append(condition)
    return counters, highs, named


def _glue(memories: Sequence[shell.MemoryPort], probes: Sequence[str]) -> str:
    """Return C++ that fills the harness's tables of pointers."""
    masters = ",\n".join(f"    {_master(memory)}" for memory in memories)
    control = ", ".join(
        f"&t->s_axi_control_{name}"
        for name in (
            *("AWADDR", "AWVALID", "AWREADY", "WDATA", "WSTRB", "WVALID", "WREADY", "BVALID", "BREADY"),
            *("ARADDR", "ARVALID", "ARREADY", "RVALID", "RREADY", "RDATA"),
        )
    )
    names = ", ".join(f'"{name}"' for name in probes)
    return f"""#include "Vtop.h"
#include "model.h"
fastsim::Model fastsim_make() {{
  auto* context = new VerilatedContext;
  auto* t = new Vtop(context, "{TOP}");
  return {{t, [](void* self) {{ static_cast<Vtop*>(self)->eval(); }}, &t->ap_clk, &t->ap_rst_n,
    {{{control}}},
    {{
{masters}
    }},
    &t->irq, &t->busy, &t->watch, &t->quiet, &t->probe_clk, &t->probe_index, &t->probe_value,
    {{{names}}}}};
}}
"""


def _master(memory: shell.MemoryPort) -> str:
    names = (
        *("ARADDR", "AWADDR", "ARLEN", "ARSIZE", "ARBURST", "ARVALID", "AWLEN", "AWSIZE", "AWBURST", "AWVALID"),
        *("ARREADY", "AWREADY", "WDATA", "WSTRB", "WLAST", "WVALID", "WREADY"),
        *("RDATA", "RRESP", "RLAST", "RVALID", "RREADY", "BRESP", "BVALID", "BREADY"),
    )
    pointers = ", ".join(f"&t->m_axi_{memory.name}_{name}" for name in names)
    return f'{{"{memory.name}", {memory.width_bits // 8}, {pointers}}}'
