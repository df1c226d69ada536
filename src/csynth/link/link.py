"""Write the Verilog of a network, with library cells and a description that watchdogs and reports read."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from csynth.link.axilite import register_map
from csynth.link.channels import fifo_name, instance_name
from csynth.link.emit import emit_network
from csynth.link.model import Network
from csynth.rtl.cells import FIFO, PIPO
from csynth.rtl.maxi import MAXI


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult:
    """Files that `link` wrote: Verilog in `sources`, and the description."""

    top: str
    sources: tuple[Path, ...]
    description: Path


def write_text(path: Path, text: str) -> None:
    """Write beside and rename, so that nobody sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def describe(network: Network) -> dict[str, object]:
    """The contents of network.json.

    `fifos` gives for each channel the instance path below the top (its `count` and `stored` tell how full it is), width, depth, and its
    two ends as `process.port`; `buffers` the same of
    ping-pong buffers and handed-on scalars; `registers` the byte offsets when control is s_axilite.
    """
    return {
        "schema": "csynth-network-1",
        "top": network.name,
        "control": network.control,
        "processes": [{"name": process.name, "module": process.module} for process in network.processes],
        "fifos": [
            {
                "name": channel.name,
                "path": f"{network.name}.{fifo_name(channel.name)}",
                "width_bits": channel.width_bits,
                "depth": channel.depth,
                "producer": ".".join(channel.producer),
                "consumer": ".".join(channel.consumer),
            }
            for channel in network.channels
            if channel.kind == "fifo"
        ],
        "buffers": [
            {
                "name": channel.name,
                "kind": channel.kind,
                "path": f"{network.name}.{instance_name(channel)}",
                "width_bits": channel.width_bits,
                "depth": channel.depth,
                "words": channel.words,
                "producer": ".".join(channel.producer),
                "consumer": ".".join(channel.consumer),
            }
            for channel in network.channels
            if channel.kind != "fifo"
        ],
        "registers": [
            {"name": register.name, "offset": register.offset, "width_bits": register.width_bits}
            for register in (register_map(network) if network.control == "s_axilite" else ())
        ],
        "maxi": [{"name": maxi.name, "width_bits": maxi.width_bits} for maxi in network.maxi],
    }


def link(network: Network, out_dir: Path) -> LinkResult:
    """Write `network` to `out_dir`/rtl/*.v and `out_dir`/network.json; the processes' own modules are not copied.

    Raises:
        LinkError: the network breaks a rule of `Network.check`.
    """
    files = emit_network(network)
    if network.maxi or any(channel.kind != "pipo" for channel in network.channels):  # the AXI master has FIFOs
        files["csynth_fifo"] = FIFO
    if any(channel.kind == "pipo" for channel in network.channels):
        files["csynth_pipo"] = PIPO
    if network.maxi:
        files["csynth_maxi"] = MAXI
    sources = []
    for name, verilog in files.items():
        path = out_dir / "rtl" / f"{name}.v"
        write_text(path, verilog)
        sources.append(path)
    description = out_dir / "network.json"
    write_text(description, json.dumps(describe(network), indent=2) + "\n")
    return LinkResult(top=network.name, sources=tuple(sources), description=description)
