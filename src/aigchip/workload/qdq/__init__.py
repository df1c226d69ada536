"""Import a quantised ONNX file: QuantizeLinear and DequantizeLinear around every operator become integers.

The float operators of such a file stand between a DequantizeLinear and a QuantizeLinear. The walk keeps for each tensor
what is known of it: a constant, 8-bit values of a node, or an operator that waits for the scale of its output.
"""

from pathlib import Path

from onnx import ModelProto, NodeProto, checker

from aigchip.core.paths import relative
from aigchip.workload.errors import WorkloadError
from aigchip.workload.layers import Workload
from aigchip.workload.onnx_file import open_onnx
from aigchip.workload.onnx_nodes import attributes_of, clean
from aigchip.workload.qdq.operators import OPERATORS
from aigchip.workload.qdq.values import Constant
from aigchip.workload.qdq.walk import Walk


def import_quantised(path: Path, resolution: int | None = None) -> Workload:
    """Read a quantised ONNX file as a graph with all its integers, for one picture.

    Args:
        path: the file.
        resolution: height and width for a picture input whose size is symbolic [pixels]; must equal a fixed size.

    Raises:
        WorkloadError: the file is no ONNX model, or holds a pattern that integers cannot carry out.
    """
    model, picture = open_onnx(path, resolution, keep_weights=True)
    where = relative(path)
    walk = Walk.of(model.graph, where)
    context = _context(model)
    for node in model.graph.node:
        operator = OPERATORS.get(node.op_type) if node.domain in {"", "ai.onnx"} else None
        if operator is None or not node.output:
            raise walk.error(
                node,
                f"operator {clean(node.op_type)} is not supported in a quantised network; must be one of "
                f"{', '.join(OPERATORS)}",
                "Export the network without it.",
            )
        _check(walk, node, context)
        value = operator(walk, node, attributes_of(node))
        walk.values[node.output[0]] = value
        if isinstance(value, Constant):
            walk.shapes.constants.add(node.output[0])
    graph = walk.graph(path.stem)
    if not graph.layers:
        raise WorkloadError(
            where, "the network has no layer; must have at least one to accelerate", "Give another file."
        )
    return Workload(name=path.stem, resolution=picture, layers=graph.layers, graph=graph)


def _context(model: ModelProto) -> checker.C.CheckerContext:
    context = checker.C.CheckerContext()
    context.ir_version = model.ir_version
    context.opset_imports = {entry.domain: entry.version for entry in model.opset_import}
    return context


def _check(walk: Walk, node: NodeProto, context: checker.C.CheckerContext) -> None:
    """Check that a node has the inputs and the types of attributes that its operator has."""
    try:
        checker.check_node(node, context)
    except checker.ValidationError as error:
        reason = " ".join(str(error).split())
        raise walk.error(node, f"not a valid node: {reason}", "Export the network again.") from None
