"""Data, layout and reference of a GEMM."""

import numpy as np
import pytest

from aigchip.toolchain.gemm import Gemm


def test_the_layout_is_the_accelerators():
    gemm = Gemm(m=3, k=2, n=9)
    a, b, bias = gemm.matrices()
    operands = gemm.operands()
    rows_a = np.frombuffer(operands.image_a[:16], dtype=np.int8).reshape(2, 8)
    assert (rows_a[:, :3] == a.T).all()
    assert operands.bias_offset_words == 2
    assert np.frombuffer(operands.image_a[16:28], dtype="<i4").tolist() == bias.tolist()
    assert len(operands.image_a) == 32
    assert (np.frombuffer(operands.image_b, dtype=np.int8).reshape(2, 16)[:, :9] == b).all()
    assert operands.stride_c == 16


@pytest.mark.parametrize("relu", [False, True])
def test_the_reference_equals_plain_python(relu):
    gemm = Gemm(m=4, k=5, n=3, multiplier=700, shift=15, relu=relu, seed=9)
    a, b, bias = (matrix.tolist() for matrix in gemm.matrices())
    for i in range(4):
        for j in range(3):
            total = sum(a[i][p] * b[p][j] for p in range(5)) + bias[i]
            scaled = (total * 700 + (1 << 14)) >> 15
            assert gemm.reference()[i, j] == min(127, max(0 if relu else -128, scaled))


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"m": 0}, "m is 0; must be 1 to 1048576"),
        ({"shift": 32}, "shift is 32; must be 1 to 31"),
        ({"stall": 0.95}, "stall is 0.95; must be 0 to 0.9"),
    ],
)
def test_a_gemm_outside_the_registers_is_refused(wrong, text):
    with pytest.raises(ValueError) as caught:
        Gemm(**{"m": 1, "k": 1, "n": 1, **wrong})
    assert str(caught.value) == text
