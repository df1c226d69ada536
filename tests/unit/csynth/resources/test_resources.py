import pytest

from csynth.resources.estimate import _entries, estimate_all

pytestmark = pytest.mark.verifies("resources")

MAC = """// c.cpp:1
module mac (
  input  ap_clk,
  input  [7:0] a,
  input  [7:0] b,
  output reg [31:0] y
);
  always @(posedge ap_clk) y <= y + {{16{1'd0}}, $signed({{8{a[7]}}, a}) * $signed({{8{b[7]}}, b})};
endmodule
"""
PAIR = """module pair (
  input  ap_clk,
  input  [7:0] a,
  input  [7:0] b,
  output [31:0] x,
  output [31:0] y
);
  mac one (
    .ap_clk(ap_clk), .a(a), .b(b), .y(x)
  );
  mac two (
    .ap_clk(ap_clk), .a(b), .b(b), .y(y)
  );
endmodule
"""
RAM = """module ram (
  input  ap_clk,
  input  [10:0] i,
  input  [17:0] d,
  input  we,
  output reg [17:0] q
);
  reg [17:0] words [0:2047];
  always @(posedge ap_clk) begin
    q <= words[i];
    if (we) words[i] <= d;
  end
endmodule
"""


def test_each_distinct_module_is_counted_once_and_summed_over_instances(tmp_path):
    found = estimate_all({"pair": {"pair": PAIR, "mac": MAC}, "ram": {"ram": RAM}}, cache_dir=tmp_path)
    assert found["pair"].modules["mac"].dsp == 1
    assert found["pair"].total.dsp == 2
    assert found["pair"].total.ff == 64
    assert found["ram"].total.bram18 == 2
    assert len(list((tmp_path / "modules").glob("*.json"))) == 3


def test_known_modules_need_no_tool(tmp_path, monkeypatch):
    first = estimate_all({"ram": {"ram": RAM}}, cache_dir=tmp_path)
    monkeypatch.setattr("csynth.resources.estimate._run_yosys", lambda _work: pytest.fail("yosys ran again"))
    assert estimate_all({"ram": {"ram": "// another line\n" + RAM}}, cache_dir=tmp_path) == first


def test_a_changed_child_changes_its_parents():
    before = _entries({"pair": PAIR, "mac": MAC})
    after = _entries({"pair": PAIR, "mac": MAC.replace("y +", "y -")})
    assert before["pair"].key != after["pair"].key
    assert before["pair"].key == _entries({"mac": MAC.replace("c.cpp:1", "c.cpp:2"), "pair": PAIR})["pair"].key


def test_a_failure_names_the_first_error(tmp_path):
    from csynth.errors import ToolError

    with pytest.raises(ToolError, match=r"csynth: yosys failed: .*ERROR.*\. Report this with the Verilog\."):
        estimate_all({"bad": {"bad": "module bad (\n  input x\n);\n  nonsense\nendmodule\n"}}, cache_dir=tmp_path)
    assert not (tmp_path / "modules").exists()
