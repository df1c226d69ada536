"""Layers of networks as convolutions: equal sizes and products, padding from the sizes, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aigchip.mapping import Convolution, MappingError, of_layer
from aigchip.workload import NETWORKS, Layer, built_in

CONV = Layer(
    name="a",
    kind="conv",
    input_height=14,
    input_width=14,
    input_channels=8,
    output_height=14,
    output_width=14,
    output_channels=16,
    kernel_height=3,
    kernel_width=3,
    padding=(1, 1, 1, 1),
)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_of_the_built_in_networks_is_a_convolution_with_its_products(name: str) -> None:
    for layer in built_in(name).layers:
        found = of_layer(layer)
        assert found.macs * found.count == layer.macs
        assert found.layer.out_rows * found.layer.out_columns == layer.output_height * layer.output_width
        assert found.layer.outputs == layer.output_channels
        if layer.input_channels > 4 or layer.stride == (1, 1):
            assert found.layer == found.original.flattened()


def test_padding_is_the_layers_own() -> None:
    assert of_layer(CONV).layer.padding == (1, 1, 1, 1)
    halved = replace(CONV, output_height=7, output_width=7, stride=(2, 2), padding=(1, 1, 0, 0))
    assert of_layer(halved).layer == Convolution(
        channels=8, rows=14, columns=14, outputs=16, kernel=(3, 3), stride=2, padding=(1, 1, 0, 0)
    )


def test_a_first_layer_with_a_stride_is_folded() -> None:
    first = built_in("alexnet").layers[0]
    found = of_layer(first)
    assert found.original.kernel == (11, 11) and found.original.stride == 4
    assert (found.layer.channels, found.layer.kernel, found.layer.stride) == (48, (3, 3), 1)
    assert found.layer.macs > found.macs == first.macs


def test_a_fully_connected_layer_and_a_stack_of_products() -> None:
    layer = replace(
        CONV,
        kind="fc",
        input_height=1,
        output_height=1,
        kernel_height=1,
        kernel_width=1,
        input_channels=64,
        repeats=3,
        padding=(0, 0, 0, 0),
    )
    found = of_layer(layer)
    assert (found.layer, found.count) == (Convolution.of_product(16, 64, 14), 3)
    assert found.macs * found.count == layer.macs


def test_a_kernel_of_one_row_has_one_stride() -> None:
    layer = replace(
        CONV,
        input_height=1,
        output_height=1,
        kernel_height=1,
        input_width=15,
        output_width=7,
        stride=(1, 2),
        padding=(0, 0, 0, 0),
    )
    assert of_layer(layer).layer.stride == 2


def test_padding_dilation_and_batch_are_taken() -> None:
    told = replace(CONV, output_height=12, padding=(1, 2, 1, 2), dilation=(2, 2), batch=4)
    found = of_layer(told)
    assert (found.layer.padding, found.layer.dilation, found.count) == ((1, 2, 1, 2), 2, 4)
    with pytest.raises(MappingError) as caught:
        of_layer(replace(told, dilation=(2, 1), padding=(1, 1, 1, 1)))
    assert str(caught.value) == (
        "layer a: dilation is 2 x 1; must be the same in both directions. Leave the layer to the host."
    )


def test_a_product_of_two_activations_and_two_strides_are_refused() -> None:
    with pytest.raises(MappingError) as caught:
        of_layer(replace(CONV, kind="matmul"))
    assert str(caught.value) == (
        "layer a: both operands are activations; A must be weights, which lie in another order. "
        "Leave the layer to the host."
    )
    with pytest.raises(MappingError, match=r"stride is 1 x 2; must be the same in both directions"):
        of_layer(replace(CONV, stride=(1, 2), output_width=7))
