"""Networks with operators that have no integers run all the same, and what they do otherwise is told."""

import numpy as np
import pytest

from aigchip.workload import NETWORKS, WorkloadError, built_in
from aigchip.workload.in_integers import in_integers
from aigchip.workload.reference import run
from aigchip.workload.synthetic import with_random_weights


@pytest.mark.parametrize("name", NETWORKS)
def test_every_built_in_network_keeps_its_layers(name):
    graph = built_in(name).graph
    assert graph is not None
    found = in_integers(graph)
    assert [(node.name, node.gemm) for node in found.graph.layers] == [(node.name, node.gemm) for node in graph.layers]
    assert bool(found.changes) == (name in {"alexnet_caffe", "googlenet"} or "yolo" in name)
    kinds = {node.kind for node in found.graph.nodes if not hasattr(node, "layer")}
    assert not kinds & {"lrn", "adaptive_average_pool"}


def test_what_changes_is_told():
    caffe, yolo = (in_integers(built_in(name).graph) for name in ("alexnet_caffe", "tiny_yolov2_voc"))
    assert caffe.changes == ("left out: conv1_lrn, conv2_lrn (lrn)",)
    assert caffe.graph.node("conv1_lrn_pool").inputs == ("conv1",)
    assert yolo.changes == ("8 activations are relu instead of leaky_relu",)
    assert {layer.activation for layer in yolo.graph.layers} == {"relu", "none"}


def test_equal_windows_of_an_adaptive_average_are_an_average():
    found = in_integers(built_in("vgg16", 448).graph)
    assert found.graph.node("conv5_3_pool_average").window.kernel == (2, 2)


def test_unequal_windows_stay_and_are_refused():
    found = in_integers(built_in("vgg16", 256).graph)
    assert found.graph.node("conv5_3_pool_average").kind == "adaptive_average_pool"
    with pytest.raises(WorkloadError, match="conv5_3_pool_average: adaptive_average_pool has no meaning in 8 bits"):
        with_random_weights(found.graph)


def test_the_changed_network_runs_in_integers():
    graph = with_random_weights(in_integers(built_in("tiny_yolov3_coco", 64).graph).graph)
    picture = np.random.default_rng(1).integers(-128, 128, graph.input_shape, dtype=np.int8)
    for name in graph.outputs:
        assert len(np.unique(run(graph, picture)[name])) > 50
