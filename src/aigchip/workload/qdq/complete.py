"""Complete an operator once the scale of its output is known."""

from dataclasses import replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from aigchip.workload.graph import HostOp, LayerNode
from aigchip.workload.parameters import Quantisation, host_scaling, layer_parameters
from aigchip.workload.qdq.values import Stored, Waiting, Weights
from aigchip.workload.qdq.walk import Walk

#: A bias counts in products of the input's and the weights' scale; files keep this scale as a float of 32 bits.
_SAME_SCALE = 1e-6


def rescale(walk: Walk, name: str, source: Stored, activation: str = "none") -> Waiting:
    """Return an operator that gives values another scale."""
    draft = HostOp(name=name, kind="rescale", inputs=(source.name,), output_shape=walk.shape_of(source))
    return Waiting(draft, (source,), activation=activation)


def complete(walk: Walk, waiting: Waiting, result: Quantisation) -> Stored:
    """Append an operator to the nodes, and return its output.

    Pooling by the largest and concatenation only choose among values, so that other scales become nodes of their own:
    behind the pooling, before the concatenation.
    """
    draft, sources = waiting.draft, waiting.sources
    where = f"{walk.shapes.where}: node {draft.name}"
    if isinstance(draft, LayerNode):
        walk.nodes.append(_layer(waiting, draft, result, where))
        return Stored(draft.name, result, real=False)
    changed = [source.quantisation != result or waiting.activation != "none" for source in sources]
    match draft.kind:
        case "max_pool" if changed[0]:
            pooled = Stored(f"{draft.name}_values", sources[0].quantisation, real=True)
            walk.nodes.append(replace(draft, name=pooled.name, quantisation=pooled.quantisation))
            return complete(walk, rescale(walk, draft.name, pooled, waiting.activation), result)
        case "max_pool" | "concat":
            inputs = [
                complete(walk, rescale(walk, f"{draft.name}_{index}", source, waiting.activation), result).name
                if changed[index]
                else source.name
                for index, source in enumerate(sources)
            ]
            walk.nodes.append(replace(draft, inputs=tuple(inputs), quantisation=result))
        case _:
            scaling = host_scaling(
                sources=tuple(source.quantisation for source in sources),
                result=result,
                activation=waiting.activation,
                taps=prod(draft.window.kernel) if draft.window else 1,
                where=where,
            )
            walk.nodes.append(replace(draft, activation=waiting.activation, scaling=scaling, quantisation=result))
    return Stored(draft.name, result, real=False)


def _layer(waiting: Waiting, draft: LayerNode, result: Quantisation, where: str) -> LayerNode:
    weights, (source,) = waiting.weights, waiting.sources
    assert weights is not None  # noqa: S101 - a layer has weights
    return replace(
        draft,
        layer=replace(draft.layer, activation=waiting.activation),
        quantisation=result,
        parameters=layer_parameters(
            weights=weights.values,
            weight_scales=weights.scales,
            bias=_bias(weights, source.quantisation),
            source=source.quantisation,
            result=result,
            activation=waiting.activation,
            padded=any(draft.layer.padding),
            where=where,
        ),
    )


def _bias(weights: Weights, source: Quantisation) -> NDArray[np.float64] | None:
    """Return the bias as real numbers; one that counts in steps of the sums keeps its integers."""
    if weights.bias is None:
        return None
    values = weights.bias.values.astype(np.float64).reshape(-1)
    if weights.bias.scales is None:
        return values
    steps = source.scale * weights.scales
    same = np.abs(weights.bias.scales / steps - 1) < _SAME_SCALE
    return values * np.where(same, steps, weights.bias.scales)
