"""Open an ONNX file: fixed input sizes and inferred shapes."""

from math import prod
from pathlib import Path

import onnx
from onnx import GraphProto, ModelProto, inliner, shape_inference

from aigchip.core.paths import relative
from aigchip.workload.errors import WorkloadError
from aigchip.workload.onnx_nodes import clean

#: Weights larger than this are dropped before shape inference, which needs only their shapes [values].
_KEPT_VALUES_MAX = 1024


def open_onnx(
    path: Path, resolution: int | None = None, *, keep_weights: bool = False
) -> tuple[ModelProto, int | None]:
    """Read a file, fix the sizes of its inputs, and infer every shape.

    Args:
        path: the file.
        resolution: height and width for a picture input whose size is symbolic [pixels]; must equal a fixed size.
        keep_weights: read the values of all weights, also those beside the file, instead of dropping large ones.

    Returns:
        The model, with its local functions written out, and the size of a square picture among its inputs [pixels].

    Raises:
        WorkloadError: the file is no ONNX model, or a size of an input stays unknown.
    """
    model = _read(path, external=keep_weights)
    where = relative(path)
    if model.functions:
        model = inliner.inline_local_functions(model)
    picture = _fix_inputs(model.graph, where, resolution)
    if not keep_weights:
        _drop_weights(model.graph)
    return _infer(model, where), picture


def _read(path: Path, *, external: bool) -> ModelProto:
    where = relative(path)
    if path.is_dir():
        raise WorkloadError(where, "this is a folder", "Give the path of an ONNX file, or a built-in network.")
    if not path.is_file():
        raise WorkloadError(where, "the file does not exist", "Give the path of an ONNX file, or a built-in network.")
    try:
        model = onnx.load(path, load_external_data=external)
    except OSError as error:
        raise WorkloadError(where, f"the file cannot be read: {error.strerror}", "Make it readable.") from None
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WorkloadError(where, f"not an ONNX model: {reason}", "Export the network again.") from None
    if not model.graph.node:
        raise WorkloadError(where, "not an ONNX model: it has no nodes", "Export the network again.")
    return model


def _fix_inputs(graph: GraphProto, where: str, resolution: int | None) -> int | None:
    """Replace symbolic sizes of the inputs, and return the size of a square picture among them."""
    weights = {tensor.name for tensor in graph.initializer}
    picture: int | None = None
    for value in graph.input:
        if value.name in weights:
            continue
        dims = value.type.tensor_type.shape.dim
        is_picture = len(dims) == 4
        for axis, dim in enumerate(dims):
            if dim.HasField("dim_value") and dim.dim_value > 0:
                if is_picture and axis > 1 and resolution is not None and dim.dim_value != resolution:
                    raise WorkloadError(
                        where,
                        f"resolution is {resolution}; must be {dim.dim_value}, the size that the file fixes",
                        f"Use resolution={dim.dim_value}, or export the network with a symbolic size.",
                    )
            elif axis == 0:
                dim.dim_value = 1
            elif is_picture and axis > 1 and resolution is not None:
                dim.dim_value = resolution
            else:
                name = dim.dim_param or "unnamed"
                remedy = "Give resolution=224." if is_picture and axis > 1 else "Export the network with a fixed size."
                raise WorkloadError(
                    where, f"dimension {axis} of input {clean(value.name)} is {clean(name)}; must be known", remedy
                )
        if is_picture and dims[2].dim_value == dims[3].dim_value:
            picture = dims[2].dim_value
    return picture


def _drop_weights(graph: GraphProto) -> None:
    for tensor in graph.initializer:
        if prod(tensor.dims) > _KEPT_VALUES_MAX:
            for content in ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data"):
                tensor.ClearField(content)


def _infer(model: ModelProto, where: str) -> ModelProto:
    """Infer every shape anew from the inputs; what the file says of inner shapes may hold for another batch."""
    graph = model.graph
    del graph.value_info[:]
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")
    try:
        return shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except shape_inference.InferenceError:
        pass
    except Exception as error:
        raise _invalid(where, error) from None
    # Custom operators make strict inference fail; the reader names them, or the shape that is missing.
    try:
        return shape_inference.infer_shapes(model, data_prop=True)
    except Exception as error:
        raise _invalid(where, error) from None


def _invalid(where: str, error: Exception) -> WorkloadError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return WorkloadError(where, f"not a valid ONNX model: {reason}", "Export the network again.")
