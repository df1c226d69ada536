"""A graph whose nodes do not fit together is refused in one line."""

from dataclasses import replace

import pytest

from aigchip.workload import Graph, HostOp, Layer, LayerNode, Window, WorkloadError, built_in
from aigchip.workload.graph import Node

CONV = LayerNode(
    layer=Layer(
        name="conv", kind="conv1x1", input_height=6, input_width=4, input_channels=3, output_height=6, output_width=4,
        output_channels=8,
    ),
    inputs=("input",),
)  # fmt: skip
POOL = HostOp(
    name="pool", kind="max_pool", inputs=("conv",), output_shape=(8, 3, 2), window=Window(kernel=(2, 2), stride=(2, 2))
)
SUM = HostOp(name="sum", kind="add", inputs=("conv", "conv"), output_shape=(8, 6, 4), activation="relu")


def graph(*nodes: Node, outputs: tuple[str, ...] = ()) -> Graph:
    return Graph(name="net", input_shape=(3, 6, 4), nodes=nodes, outputs=outputs or (nodes[-1].name,))


def host(kind: str, shape: tuple[int, int, int], *inputs: str, **more: object) -> HostOp:
    return HostOp(name="h", kind=kind, inputs=inputs or ("conv",), output_shape=shape, **more)


@pytest.mark.parametrize(
    "node",
    [
        POOL,
        SUM,
        host("average_pool", (8, 1, 1), window=Window(kernel=(6, 4))),
        host("adaptive_average_pool", (8, 5, 3)),
        host("concat", (16, 6, 4), "conv", "conv"),
        host("upsample", (8, 12, 8), factor=2),
        host("reorg", (32, 3, 2), factor=2),
        host("lrn", (8, 6, 4)),
        host("rescale", (8, 6, 4), activation="relu"),
        host("softmax", (8, 6, 4)),
    ],
)
def test_a_host_operator_of_each_kind_fits(node: HostOp) -> None:
    made = graph(CONV, node)
    assert made.shape(node.name) == node.output_shape
    assert made.shape("input") == (3, 6, 4)
    assert made.layers == (CONV.layer,)
    assert made.node("conv") is CONV


def test_an_fc_layer_reads_its_input_flattened() -> None:
    layer = Layer(
        name="fc", kind="fc", input_height=1, input_width=1, input_channels=48, output_height=1, output_width=1,
        output_channels=10,
    )  # fmt: skip
    assert graph(CONV, POOL, LayerNode(layer=layer, inputs=("pool",))).shape("fc") == (10, 1, 1)


MATMUL = replace(CONV, layer=replace(CONV.layer, kind="matmul"))


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        ((CONV, CONV), "net: node conv: the name occurs twice; must be unique. Rename a node."),
        ((POOL,), "net: node pool: input is conv; must be the picture or an earlier node. Correct inputs."),
        (
            (CONV, replace(POOL, output_shape=(8, 3, 3))),
            "net: node pool: output_shape is 8 x 3 x 3; must be 8 x 3 x 2. Correct output_shape.",
        ),
        (
            (CONV, host("pixel_shuffle", (8, 6, 4))),
            "net: node h: kind is pixel_shuffle; must be one of max_pool, average_pool, adaptive_average_pool, add, concat, "
            "upsample, reorg, lrn, rescale, softmax. Correct kind.",
        ),
        (
            (CONV, host("softmax", (8, 6, 4), activation="relu")),
            "net: node h: activation is relu; must be one of none. Correct activation.",
        ),
        (
            (CONV, replace(SUM, activation="gelu")),
            "net: node sum: activation is gelu; must be one of none, relu, relu6, leaky_relu. Correct activation.",
        ),
        ((CONV, replace(SUM, inputs=("conv",))), "net: node sum: add has 1 inputs; must have 2. Correct inputs."),
        ((CONV, replace(POOL, window=None)), "net: node pool: max_pool has no window; must have one. Give a window."),
        (
            (CONV, POOL, replace(SUM, inputs=("conv", "pool"))),
            "net: node sum: the inputs of add are 8 x 6 x 4 and 8 x 3 x 2; must be equal. Correct inputs.",
        ),
        (
            (CONV, POOL, host("concat", (16, 6, 4), "conv", "pool")),
            "net: node h: the inputs of concat are 8 x 6 x 4 and 8 x 3 x 2; must have one height and width. Correct inputs.",
        ),
        (
            (CONV, POOL, host("reorg", (32, 1, 1), "pool", factor=2)),
            "net: node h: the input is 3 x 2; must be multiples of 2. Correct factor.",
        ),
        (
            (CONV, replace(CONV, layer=replace(CONV.layer, name="more"), inputs=("conv",))),
            "net: node more: the input is 8 x 6 x 4; must be 3 x 6 x 4. Correct inputs.",
        ),
        (
            (replace(CONV, inputs=("input", "input")),),
            "net: node conv: a layer has 2 inputs; must have 1. Correct inputs.",
        ),
        (
            (MATMUL,),
            "net: node conv: the layer is matmul with batch 1 and 1 repeats; must have weights, batch 1 and 1 repeat. "
            "Keep it as a layer without a graph.",
        ),
        ((CONV, SUM, POOL), "net: node sum: nothing reads the output; must be read or be an output. Remove it."),
    ],
)
def test_nodes_that_do_not_fit_are_one_clear_line(nodes: tuple[Node, ...], text: str) -> None:
    with pytest.raises(WorkloadError) as error:
        graph(*nodes)
    assert str(error.value) == text


def test_an_output_that_is_no_node_is_one_clear_line() -> None:
    with pytest.raises(WorkloadError) as error:
        graph(CONV, outputs=("conv", "last"))
    assert str(error.value) == "net: output is last; must be a node. Correct outputs."


def test_a_graph_is_a_value() -> None:
    assert built_in("squeezenet1_1", 64).graph == built_in("squeezenet1_1", 64).graph
    assert len({built_in("squeezenet1_1", 64).graph, built_in("squeezenet1_1", 64).graph}) == 1
