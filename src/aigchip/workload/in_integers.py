"""A network whose every operator integers carry out: what has none gives way to what comes nearest, and is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aigchip.workload.graph import Graph, HostOp, LayerNode, Node
from aigchip.workload.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class InIntegers:
    """A network and what it does otherwise.

    Attributes:
        graph: the network; layers have the sizes of the original's.
        changes: what was changed, a line each.
    """

    graph: Graph
    changes: tuple[str, ...]


def in_integers(graph: Graph) -> InIntegers:
    """Return a network for `with_random_weights`, with as many products and maps of the same sizes.

    leaky_relu becomes relu, a local response normalisation is left out, and an adaptive average whose windows are equal becomes
    an average_pool. An adaptive average with unequal windows stays, and is refused by who quantises the network.
    """
    renamed: dict[str, str] = {}
    nodes: list[Node] = []
    leaky, left_out = 0, list[str]()
    for node in graph.nodes:
        inputs = tuple(renamed.get(name, name) for name in node.inputs)
        if isinstance(node, HostOp):
            if node.kind == "lrn" and node.name not in graph.outputs:
                renamed[node.name] = inputs[0]
                left_out.append(node.name)
                continue
            changed: Node = _host(graph, replace(node, inputs=inputs))
        else:
            changed = replace(node, inputs=inputs)
        if _activation(changed) == "leaky_relu":
            leaky += 1
            changed = _with_relu(changed)
        nodes.append(changed)
    changes = [f"{leaky} activations are relu instead of leaky_relu"] if leaky else []
    changes += [f"left out: {', '.join(left_out)} (lrn)"] if left_out else []
    return InIntegers(graph=replace(graph, nodes=tuple(nodes)), changes=tuple(changes))


def _activation(node: Node) -> str:
    return node.layer.activation if isinstance(node, LayerNode) else node.activation


def _with_relu(node: Node) -> Node:
    if isinstance(node, LayerNode):
        return replace(node, layer=replace(node.layer, activation="relu"))
    return replace(node, activation="relu")


def _host(graph: Graph, node: HostOp) -> HostOp:
    if node.kind != "adaptive_average_pool":
        return node
    _, rows, columns = graph.shape(node.inputs[0])
    _, out_rows, out_columns = node.output_shape
    if rows % out_rows or columns % out_columns:
        return node
    size = (rows // out_rows, columns // out_columns)
    return replace(node, kind="average_pool", window=Window(kernel=size, stride=size))
