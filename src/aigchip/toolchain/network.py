"""Assemble an accelerator's RTL: the template's process graph and synthesised modules, linked, in the shell."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aigchip.core import atomic
from aigchip.core.errors import AigchipError
from aigchip.template.top import Process, ProcessGraph
from aigchip.toolchain import shell
from csynth.link.link import link
from csynth.link.model import ChannelSpec, MaxiSpec, Network, Port, ProcessInstance, ScalarSpec

_ROLES = {
    "AR": ("stream_out", 96),
    "R": ("stream_in", 0),
    "AW": ("stream_out", 96),
    "W": ("stream_out", 0),
    "B": ("stream_in", 1),
}


class AssemblyError(AigchipError):
    """Report modules that do not make an accelerator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """An assembled accelerator.

    Attributes:
        top: The kernel's module; the shell is `<top>_shell`.
        rtl_dir: All Verilog files.
        network: network.json: FIFOs, registers, memory ports.
        filelist: The Verilog files, one name a line, in alphabetical order.
    """

    top: str
    rtl_dir: Path
    network: Path
    filelist: Path


def _ports(process: Process, verilog: str) -> tuple[Port, ...]:
    """Return the RTL ports of a process: a memory port becomes those of its five streams that the module uses."""
    found = shell.module_ports(verilog, process.function)
    ports: list[Port] = []
    for port in process.ports:
        if port.kind == "maxi":
            ports.extend(
                Port(name=f"{port.name}_{role}", kind=kind, width_bits=bits or port.width_bits)
                for role, (kind, bits) in _ROLES.items()
                if f"{port.name}_{role}_TVALID" in found
            )
        else:
            ports.append(Port(name=port.name, kind=port.kind, width_bits=port.width_bits))
    for port in ports:
        signal = port.name if port.kind == "scalar_in" else f"{port.name}_TVALID"
        if signal not in found:
            raise AssemblyError(
                process.function,
                f"the RTL has no port {signal}",
                "Synthesise the module from a source with the template's signature.",
                code="port",
            )
    return tuple(ports)


def network_of(graph: ProcessGraph, verilog: Mapping[str, str], *, depths: Mapping[str, int] | None = None) -> Network:
    """Return the network that csynth links.

    Args:
        graph: The template's process graph of a design.
        verilog: For each instance the text that defines its module.
        depths: FIFO depths [words] that replace those of the graph, by channel.

    Raises:
        AssemblyError: a module lacks a port, or there is none for a process.
    """
    for process in graph.processes:
        if process.instance not in verilog:
            raise AssemblyError(process.instance, "the module is missing", "Synthesise it first.", code="module")
    processes = tuple(
        ProcessInstance(
            name=process.instance, module=process.function, ports=_ports(process, verilog[process.instance])
        )
        for process in graph.processes
    )
    names = {(process.name, port.name) for process in processes for port in process.ports}
    return Network(
        name=graph.name,
        processes=processes,
        channels=tuple(
            ChannelSpec(
                name=channel.name,
                width_bits=channel.width_bits,
                depth=(depths or {}).get(channel.name, channel.depth),
                producer=channel.producer,
                consumer=channel.consumer,
            )
            for channel in graph.channels
        ),
        scalars=tuple(
            ScalarSpec(name=scalar.name, width_bits=scalar.width_bits, consumers=(scalar.consumer,))
            for scalar in graph.scalars
        ),
        maxi=tuple(
            MaxiSpec(
                name=memory.name,
                width_bits=memory.width_bits,
                reads_outstanding=max(2, memory.outstanding),
                writes_outstanding=max(2, memory.outstanding),
                ends={
                    role: (memory.process[0], f"{memory.process[1]}_{role}")
                    for role in _ROLES
                    if (memory.process[0], f"{memory.process[1]}_{role}") in names
                },
            )
            for memory in graph.memories
        ),
        control="s_axilite",
    )


def _needed(folder: Path, top: str) -> dict[str, str]:
    """Return the files of `folder` that `top` needs: its own and, again and again, those that they mention."""
    texts = {path.stem: path.read_text() for path in sorted(folder.glob("*.v"))}
    needed, open_names = {top}, [top]
    while open_names:
        words = set(re.findall(r"\w+", re.sub(r"//[^\n]*", "", texts[open_names.pop()])))
        found = (words & texts.keys()) - needed
        needed |= found
        open_names += found
    return {f"{name}.v": texts[name] for name in sorted(needed)}


def assemble(
    graph: ProcessGraph, rtl: Mapping[str, Path], out: Path, *, depths: Mapping[str, int] | None = None
) -> Assembly:
    """Write the accelerator's Verilog: modules, FIFOs, control registers, AXI masters, top and shell.

    Args:
        graph: The template's process graph of a design.
        rtl: For each instance the folder with its Verilog files, `<function>.v` among them.
        out: The folder to write: rtl/*.v, network.json, filelist.txt.
        depths: FIFO depths [words] that replace those of the graph, by channel.

    Raises:
        AssemblyError: a module is missing, or two files of one name differ.
    """
    files: dict[str, str] = {}
    tops: dict[str, str] = {}
    for process in graph.processes:
        folder = rtl.get(process.instance)
        if folder is None or not (folder / f"{process.function}.v").is_file():
            raise AssemblyError(process.instance, "the module is missing", "Synthesise it first.", code="module")
        for name, text in _needed(folder, process.function).items():
            if files.setdefault(name, text) != text:
                raise AssemblyError(
                    process.instance,
                    f"{name} differs from another module's file of this name",
                    "Give the function another name.",
                    code="name",
                )
        tops[process.instance] = files[f"{process.function}.v"]
    network = network_of(graph, tops, depths=depths)
    rtl_dir = out / "rtl"
    with atomic.storage_errors(out):
        shutil.rmtree(rtl_dir, ignore_errors=True)
        rtl_dir.mkdir(parents=True)
    for name, text in files.items():
        atomic.write_text(rtl_dir / name, text)
    result = link(network, out)
    kernel = (rtl_dir / f"{graph.name}.v").read_text()
    memories = [shell.MemoryPort(name=memory.name, width_bits=memory.width_bits) for memory in graph.memories]
    atomic.write_text(rtl_dir / f"{graph.name}_shell.v", shell.render(kernel, kernel=graph.name, memories=memories))
    filelist = out / "filelist.txt"
    atomic.write_text(filelist, "".join(f"{path.name}\n" for path in sorted(rtl_dir.glob("*.v"))))
    return Assembly(top=result.top, rtl_dir=rtl_dir, network=result.description, filelist=filelist)
