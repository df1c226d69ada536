"""Find a network by the word that a person typed: a built-in name or an ONNX file."""

from pathlib import Path

from aigchip.workload.layers import Workload
from aigchip.workload.networks import built_in


def load(network: str, resolution: int | None = None) -> Workload:
    """Read a network.

    Args:
        network: one of `NETWORKS`, or the path of an ONNX file.
        resolution: height and width of the input picture [pixels]; by default that of the network.

    Raises:
        WorkloadError: the network is unknown or malformed, or holds an operator that the accelerator cannot take.
    """
    if network.endswith(".onnx") or "/" in network:
        from aigchip.workload.onnx_import import import_onnx  # noqa: PLC0415 - onnx takes 0.2 s to import

        return import_onnx(Path(network), resolution)
    return built_in(network, resolution)


def load_quantised(path: Path, resolution: int | None = None) -> Workload:
    """Read a quantised ONNX file as a graph with all its integers, for one picture.

    Args:
        path: the file: QuantizeLinear and DequantizeLinear around every operator.
        resolution: height and width for a picture input whose size is symbolic [pixels].

    Raises:
        WorkloadError: the file is no ONNX model, or holds a pattern that integers cannot carry out.
    """
    from aigchip.workload.qdq import import_quantised  # noqa: PLC0415 - onnx takes 0.2 s to import

    return import_quantised(path, resolution)
