"""A whole network as a bundle carries it: weights, picture, what every map must be, and what is done in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aigchip.core.atomic import write_bytes
from aigchip.mapping.geometry import Geometry
from aigchip.mapping.plan import Host, MapPlace, NetworkPlan, Step
from aigchip.workload import reference

_FOLDER = "data"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeNetwork:
    """A network and the picture that it sees.

    Attributes:
        laid_out: The network for the design.
        picture: (channels, rows, columns), 8-bit values.
    """

    laid_out: NetworkPlan
    picture: NDArray[np.int8]


def write(folder: Path, network: WholeNetwork) -> dict[str, Any]:
    """Write the data into a bundle's folder and return what job.json says of it; boards/runner/inference.py carries it out.

    Raises:
        WorkloadError: The network is not quantised.
    """
    laid_out, graph = network.laid_out, network.laid_out.graph
    wanted = reference.run(graph, network.picture)
    exact = {name: values for name, values in wanted.items() if values.dtype == np.int8}
    maps = bytearray(laid_out.maps_bytes)
    laid_out.put_picture(maps, network.picture)
    seen = _place(laid_out.geometry, laid_out.places[graph.input_name])
    files = {
        "image_a": laid_out.image_a,
        "input": bytes(maps[seen["at"] : seen["at"] + seen["bytes"]]),
        "expected": b"".join(values.tobytes() for values in exact.values()),
    }
    names = {entry: f"{_FOLDER}/network-{entry}.bin" for entry in files}
    for entry, data in files.items():
        write_bytes(folder / names[entry], data)
    return {
        **names,
        "input_at": seen["at"],
        "maps_bytes": laid_out.maps_bytes,
        "maps": [{"name": name, "shape": list(values.shape)} for name, values in exact.items()],
        "places": {name: _place(laid_out.geometry, place) for name, place in laid_out.places.items()},
        "steps": [_step(laid_out, step) for step in laid_out.steps],
    }


def memory_bytes(told: Mapping[str, Any], folder: Path) -> int:
    """Return the size of what the run allocates for the network [bytes].

    Args:
        told: What `write` returned.
        folder: The bundle's.
    """
    return int(told["maps_bytes"]) + (folder / told["image_a"]).stat().st_size


def _place(geometry: Geometry, place: MapPlace) -> dict[str, int]:
    word = geometry.word_bytes
    return {
        "at": place.address * word,
        "bytes": place.words * word,
        "channels": place.channels,
        "rows": place.rows,
        "columns": place.columns,
        "pitch": place.pitch,
        "block": geometry.block,
        "plane_pixels": place.plane * geometry.word_pixels,
    }


def _step(laid_out: NetworkPlan, step: Step) -> dict[str, Any]:
    if not isinstance(step, Host):
        jobs = [(layer.name, job) for layer in step.layers for job in layer.jobs]
        return {"jobs": [{"name": name, "arguments": job.to_dict()} for name, job in jobs]}
    node = step.node
    told: dict[str, Any] = {
        "name": node.name,
        "kind": node.kind,
        "inputs": list(node.inputs),
        "window": None if node.window is None else asdict(node.window),
        "factor": node.factor,
        "scaling": None if node.scaling is None else asdict(node.scaling),
    }
    source = laid_out.graph.quantisation(node.inputs[0])
    if node.kind == "softmax" and source is not None:
        told |= {"input_scale": source.scale, "input_zero_point": source.zero_point}
    return {"host": told}
