"""Workloads: networks, built in or from ONNX files, as layers and GEMMs."""

from aigchip.workload.errors import WorkloadError
from aigchip.workload.graph import Graph, HostOp, LayerNode
from aigchip.workload.layers import Gemm, Layer, SkippedOperator, Workload
from aigchip.workload.load import load, load_quantised
from aigchip.workload.networks import NETWORKS, built_in
from aigchip.workload.window import Window

__all__ = [
    "NETWORKS",
    "Gemm",
    "Graph",
    "HostOp",
    "Layer",
    "LayerNode",
    "SkippedOperator",
    "Window",
    "Workload",
    "WorkloadError",
    "built_in",
    "load",
    "load_quantised",
]
