"""Random weights for a network that has none, so that it can be run before anyone has trained or quantised it."""

from dataclasses import replace
from math import hypot, prod, sqrt

import numpy as np

from aigchip.workload.errors import WorkloadError
from aigchip.workload.graph import MOVING_KINDS, SCALING_KINDS, Graph, HostOp, LayerNode, Node
from aigchip.workload.parameters import Quantisation, host_scaling, layer_parameters

#: Real number of a step of the picture and of every layer's output.
_SCALE = 0.05

#: Standard deviation of the weights, in steps: they fill -127 to 127 evenly.
_SPREAD = 127 / sqrt(3)


def with_random_weights(graph: Graph, seed: int = 0) -> Graph:
    """Return a quantised copy of a network with random weights and biases.

    Weights have scales for which a layer's outputs spread as its inputs do, so that values neither die out nor saturate.

    Args:
        graph: a network whose operators have a meaning in 8 bits: no local response normalisation, no leaky_relu, no
            adaptive averages.
        seed: of the random numbers; equal seeds give equal weights.

    Raises:
        WorkloadError: an operator has no meaning in 8 bits.
    """
    random = np.random.default_rng(seed)
    scales = {graph.input_name: Quantisation(scale=_SCALE)}
    activations = {graph.input_name: "none"}
    nodes: list[Node] = []
    for node in graph.nodes:
        sources = tuple(scales[name] for name in node.inputs)
        where = f"{graph.name}: node {node.name}"
        if isinstance(node, LayerNode):
            made: Node = _layer(node, sources[0], activations[node.inputs[0]] != "none", random, where)
            activations[node.name] = node.layer.activation
        else:
            made = _host(node, sources, where)
            activations[node.name] = activations[node.inputs[0]] if node.activation == "none" else node.activation
        if made.quantisation is not None:
            scales[node.name] = made.quantisation
        nodes.append(made)
    return replace(graph, nodes=tuple(nodes), input_quantisation=scales[graph.input_name])


def _layer(
    node: LayerNode, source: Quantisation, rectified: bool, random: np.random.Generator, where: str
) -> LayerNode:
    layer = node.layer
    depth = layer.gemm.k
    step = (sqrt(2) if rectified else 1.0) * _SCALE / (source.scale * _SPREAD * sqrt(depth))
    scales = step * random.uniform(0.8, 1.2, layer.output_channels)
    result = Quantisation(scale=_SCALE)
    parameters = layer_parameters(
        weights=random.integers(
            -127,
            128,
            (layer.output_channels, layer.input_channels // layer.groups, *layer.window.kernel),
            dtype=np.int8,
        ),
        weight_scales=scales,
        bias=random.normal(0, 5 * _SCALE, layer.output_channels),
        source=source,
        result=result,
        activation=layer.activation,
        padded=any(layer.padding),
        where=where,
    )
    return replace(node, parameters=parameters, quantisation=result)


def _host(node: HostOp, sources: tuple[Quantisation, ...], where: str) -> HostOp:
    if node.kind in MOVING_KINDS:
        return replace(node, quantisation=sources[0])
    if node.kind == "softmax":
        return node
    if node.kind not in SCALING_KINDS:
        raise WorkloadError(where, f"{node.kind} has no meaning in 8 bits; must have one", "Choose another network.")
    result = Quantisation(scale=hypot(*(source.scale for source in sources)))
    scaling = host_scaling(
        sources=sources,
        result=result,
        activation=node.activation,
        taps=prod(node.window.kernel) if node.window else 1,
        where=where,
    )
    return replace(node, scaling=scaling, quantisation=result)
