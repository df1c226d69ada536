"""The geometry of a layer is checked in one place: the output follows from input, kernel, stride, padding, dilation."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigchip.workload import Layer, Window, WorkloadError

PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4))
WINDOWS = st.builds(
    Window,
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=PAIRS,
    padding=st.tuples(*[st.integers(0, 3)] * 4),
    dilation=PAIRS,
)


def layer(**changes: object) -> Layer:
    given_ = {
        "name": "c", "kind": "conv", "input_height": 9, "input_width": 7, "input_channels": 4,
        "output_height": 5, "output_width": 4, "output_channels": 8, "kernel_height": 3, "kernel_width": 3,
        "stride": (2, 2), "padding": (1, 1, 1, 1),
    }  # fmt: skip
    return Layer(**{**given_, **changes})


def positions(padded: int, taps: int, stride: int, dilation: int) -> int:
    """Count the positions of a kernel on a padded line by trying them."""
    line = range(padded)
    return sum(all(start + tap * dilation in line for tap in range(taps)) for start in line[::stride])


@given(WINDOWS, st.tuples(st.integers(1, 24), st.integers(1, 24)))
def test_the_output_has_a_pixel_for_each_position_of_the_kernel(window: Window, size: tuple[int, int]) -> None:
    top, left, bottom, right = window.padding
    counted = (
        positions(size[0] + top + bottom, window.kernel[0], window.stride[0], window.dilation[0]),
        positions(size[1] + left + right, window.kernel[1], window.stride[1], window.dilation[1]),
    )
    if 0 in counted:
        with pytest.raises(WorkloadError, match="smaller than the kernel's"):
            window.output_size(size, "w")
        return
    assert window.output_size(size, "w") == counted
    made = Layer(
        name="c", kind="conv", input_height=size[0], input_width=size[1], input_channels=3, output_height=counted[0],
        output_width=counted[1], output_channels=5, kernel_height=window.kernel[0], kernel_width=window.kernel[1],
        stride=window.stride, padding=window.padding, dilation=window.dilation,
    )  # fmt: skip
    assert made.window == window
    assert made.gemm.n == counted[0] * counted[1]
    for wrong in ({"output_height": counted[0] + 1}, {"output_width": counted[1] + 1}):
        with pytest.raises(WorkloadError, match="which follows from"):
            replace(made, **wrong)


def test_a_batch_counts_in_pixels_and_bytes() -> None:
    assert layer(batch=3).gemm.n == 3 * layer().gemm.n
    assert layer(batch=3).input_bytes == 3 * layer().input_bytes
    assert layer(batch=3).output_bytes == 3 * layer().output_bytes
    assert layer(batch=3).weight_bytes == layer().weight_bytes


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kernel_height": 0}, "kernel_height is 0; must be at least 1. Correct kernel_height."),
        ({"batch": -1}, "batch is -1; must be at least 1. Correct batch."),
        (
            {"groups": 3},
            "groups is 3; must divide the 4 channels of the input and the 8 of the output. Correct groups.",
        ),
        (
            {"activation": "gelu"},
            "activation is gelu; must be one of none, relu, relu6, leaky_relu. Correct activation.",
        ),
        ({"stride": (0, 1)}, "stride is 0 x 1; must be 2 numbers of at least 1. Correct stride."),
        ({"padding": (1, 1)}, "padding is 1 x 1; must be 4 numbers of at least 0. Correct padding."),
        ({"padding": (1, 1, -1, 0)}, "padding is 1 x 1 x -1 x 0; must be 4 numbers of at least 0. Correct padding."),
        ({"dilation": (1, 0)}, "dilation is 1 x 0; must be 2 numbers of at least 1. Correct dilation."),
        (
            {"dilation": (1, 5)},
            "the padded input is 11 x 9, smaller than the kernel's 3 x 11; must be at least as large. "
            "Give a larger resolution.",
        ),
        (
            {"padding": (1, 0, 1, 0)},
            "the output is 5 x 4; must be 5 x 3, which follows from input, kernel, stride, padding and dilation. "
            "Correct the output or the padding.",
        ),
    ],
)
def test_a_layer_that_contradicts_itself_is_one_clear_line(changes: dict[str, object], text: str) -> None:
    with pytest.raises(WorkloadError) as error:
        layer(**changes)
    assert str(error.value) == f"layer c: {text}"
