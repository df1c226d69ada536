"""The assembled accelerator of a design: its process graph as data, and the C++ of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pydantic
import yaml

from aigchip.core import paths
from aigchip.space import derive
from aigchip.space.design import Design
from aigchip.template import module as modules
from aigchip.template.errors import TemplateError

#: Modules whose functions an instance calls; their code stands before its own in one source.
CALLED: Mapping[str, tuple[str, ...]] = {"pe_lane": ("mac",), "pe_array": ("mac", "pe_lane")}


class _GraphFile(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    name: str
    processes: tuple[str, ...]
    scalars: str
    memories: dict[str, str]
    channels: tuple[_ChannelFile, ...]


class _ChannelFile(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    name: str
    source: str = pydantic.Field(alias="from")
    to: str
    depth: int


_GraphFile.model_rebuild()


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process: an instance of a module, running from the start of the accelerator to its end.

    Attributes:
        instance: name of the instance.
        function: name of its C++ function, hence of its Verilog module.
        signature: its C++ declaration.
        ports: its ports in the order of the arguments.
        arguments: for each port the name of what it is tied to: a channel, scalar or memory of the graph.
    """

    instance: str
    function: str
    signature: str
    ports: tuple[modules.Port, ...]
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A FIFO; producer and consumer are (instance, port) pairs."""

    name: str
    width_bits: int
    depth: int
    producer: tuple[str, str]
    consumer: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """An argument that the control register map holds; it is stable while the accelerator runs."""

    name: str
    width_bits: int
    consumer: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A memory port: a `burst_maxi` argument that belongs to one process.

    Attributes:
        name: of the port.
        width_bits: of a word.
        process: the instance and its port.
        outstanding: bursts that the process has under way at once; the port takes as many requests whatever the bus does.
    """

    name: str
    width_bits: int
    process: tuple[str, str]
    outstanding: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessGraph:
    """All of the accelerator above the level of single modules.

    Arguments of the accelerator: first the scalars, then the memories, each in this order. Processes stand in a
    topological order.
    """

    name: str
    processes: tuple[Process, ...]
    channels: tuple[Channel, ...]
    scalars: tuple[Scalar, ...]
    memories: tuple[Memory, ...]

    @property
    def signature(self) -> str:
        """The C++ declaration of the accelerator, without the final semicolon."""
        scalars = [f"ap_uint<{scalar.width_bits}> {scalar.name}" for scalar in self.scalars]
        memories = [f"hls::burst_maxi<ap_uint<{memory.width_bits}> > {memory.name}" for memory in self.memories]
        return f"void {self.name}({', '.join(scalars + memories)})"


def process_graph(design: Design, root: Path | None = None) -> ProcessGraph:
    """Return the process graph of a valid design.

    Raises:
        TemplateError: template/top/graph.yaml does not fit the modules' ports.
    """
    path = (root or paths.template_dir()) / "top" / "graph.yaml"
    where = paths.relative(path)
    graph = _GraphFile.model_validate(yaml.safe_load(path.read_text()))
    parameters = derive.local_parameters(design)
    found = {instance: modules.load(instance, root) for instance in graph.processes}
    ports = {instance: found[instance].ports(parameters[instance]) for instance in graph.processes}
    widths = {(instance, port.name): port.width_bits for instance in graph.processes for port in ports[instance]}
    ties: dict[tuple[str, str], str] = {}

    def tie(text: str, name: str) -> tuple[str, str]:
        instance, _, port = text.partition(".")
        if (instance, port) not in widths or (instance, port) in ties:
            what = f"{name} is tied to {text}; must be a free port of a process"
            raise TemplateError(where, what, "Correct the tie.")
        ties[instance, port] = name
        return instance, port

    channels = []
    for channel in graph.channels:
        producer, consumer = tie(channel.source, channel.name), tie(channel.to, channel.name)
        if widths[producer] != widths[consumer]:
            what = f"{channel.name} joins {widths[producer]} bits to {widths[consumer]} bits; must be equal widths"
            raise TemplateError(where, what, "Correct the width in one of the two module.yaml.")
        channels.append(
            Channel(
                name=channel.name,
                width_bits=widths[producer],
                depth=channel.depth,
                producer=producer,
                consumer=consumer,
            )
        )
    scalars = tuple(
        Scalar(name=port.name, width_bits=port.width_bits, consumer=tie(f"{graph.scalars}.{port.name}", port.name))
        for port in ports[graph.scalars]
        if port.kind == "scalar_in"
    )
    memories = tuple(
        Memory(
            name=name,
            width_bits=widths[instance, name],
            process=tie(f"{instance}.{name}", name),
            outstanding=int(parameters[instance]["outstanding_bursts"]),
        )
        for name, instance in graph.memories.items()
    )
    for instance, port in widths:
        if (instance, port) not in ties:
            raise TemplateError(where, f"the port {instance}.{port} is open; must be tied", "Add a channel for it.")
    processes = tuple(
        Process(
            instance=instance,
            function=found[instance].function(parameters[instance]),
            signature=found[instance].signature(parameters[instance]),
            ports=ports[instance],
            arguments=tuple(ties[instance, port.name] for port in ports[instance]),
        )
        for instance in graph.processes
    )
    return ProcessGraph(
        name=graph.name, processes=processes, channels=tuple(channels), scalars=scalars, memories=memories
    )


def top_code(graph: ProcessGraph, root: Path | None = None) -> str:
    """Return the C++ of the accelerator's top function; it declares the processes' functions and defines none."""
    text = ((root or paths.template_dir()) / "top" / "top.cpp.j2").read_text()
    return modules.environment().from_string(text).render(graph=graph)


def expert_codes(design: Design, root: Path | None = None) -> dict[str, str]:
    """Return the expert's code of every instance of a valid design."""
    parameters = derive.local_parameters(design)
    return {name: modules.load(name, root).expert_code(parameters[name]) for name in derive.INSTANCES}


def unit(instance: str, codes: Mapping[str, str]) -> str:
    """Return the source that makes `instance` compile by itself: the code of the functions it calls, then its own.

    Args:
        instance: one of `derive.INSTANCES`.
        codes: the code of every instance.
    """
    return "\n".join(codes[name] for name in (*CALLED.get(instance, ()), instance))


def whole(design: Design, codes: Mapping[str, str], root: Path | None = None) -> str:
    """Return the accelerator as one source: every instance's code and the top."""
    graph = process_graph(design, root)
    units = [unit(process.instance, codes) for process in graph.processes]
    return "\n".join([*units, top_code(graph, root)])
