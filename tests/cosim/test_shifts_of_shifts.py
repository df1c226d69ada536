"""A shift of a shift by amounts whose sum does not fit into their width, which Verilator 5.048 to 5.050 gets wrong by itself."""

import numpy as np
import pytest
from support import cell_bench

MODULE = """\
module shifts (input clk, input [31:0] a, input [4:0] b, input [4:0] c, output [31:0] right_p, output [31:0] left_p);
  wire [31:0] b_wide = {27'd0, b};
  wire [31:0] c_wide = {27'd0, c};
  wire [31:0] right = a >> b_wide;
  wire [31:0] left = a << b_wide;
  assign right_p = right >> c_wide;
  assign left_p = left << c_wide;
endmodule
"""


@pytest.mark.verifies("cosim")
def test_shifts_of_shifts(tmp_path):
    inputs, outputs = {"a": 32, "b": 5, "c": 5}, {"right": 32, "left": 32}
    simulate = cell_bench.build(tmp_path / "bench", {"shifts": MODULE}, top="shifts", inputs=inputs, outputs=outputs)
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(32), np.arange(32)))
    a = np.full_like(b, 0x9ABC_DEF1)
    found = simulate({"a": a, "b": b, "c": c})
    assert np.array_equal(found["right"], a >> (b + c))
    assert np.array_equal(
        found["left"], [value << int(by) & 0xFFFF_FFFF for value, by in zip(a.tolist(), b + c, strict=True)]
    )
