"""Workloads: networks, built in or from ONNX files, as layers and GEMMs."""

from aigchip.workload.layers import Gemm, Layer, SkippedOperator, Workload, WorkloadError
from aigchip.workload.load import load
from aigchip.workload.networks import NETWORKS, built_in

__all__ = ["NETWORKS", "Gemm", "Layer", "SkippedOperator", "Workload", "WorkloadError", "built_in", "load"]
