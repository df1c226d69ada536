import threading
import time

import pytest

from csynth.errors import ToolError
from csynth.resources import estimate as counting
from csynth.resources import yosys
from csynth.resources.estimate import _entries, estimate

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
    pair = estimate({"pair": PAIR, "mac": MAC}, top="pair", cache_dir=tmp_path)
    assert pair.modules["mac"].dsp == 1
    assert pair.total.dsp == 2
    assert pair.total.ff == 64
    assert estimate({"ram": RAM}, top="ram", cache_dir=tmp_path).total.bram18 == 2
    assert len(list((tmp_path / "modules").glob("*.json"))) == 3


def test_a_module_is_counted_alone_so_that_its_count_does_not_depend_on_others(tmp_path, monkeypatch):
    designs = []
    real = counting.run

    def look(work, script, **options):
        designs.append((work / "design.v").read_text())
        real(work, script, **options)

    monkeypatch.setattr(counting, "run", look)
    estimate({"pair": PAIR, "mac": MAC}, top="pair", cache_dir=tmp_path / "together")
    estimate({"mac": MAC}, top="mac", cache_dir=tmp_path / "apart")
    estimate({"pair": PAIR, "mac": MAC}, top="pair", cache_dir=tmp_path / "apart")
    assert len(designs) == 4
    assert set(designs[:2]) == set(designs[2:])
    assert all(text.count("endmodule") == 1 for text in designs)


def test_known_modules_need_no_tool(tmp_path, monkeypatch):
    first = estimate({"ram": RAM}, top="ram", cache_dir=tmp_path)
    monkeypatch.setattr(counting, "run", lambda *_, **__: pytest.fail("yosys ran again"))
    assert estimate({"ram": "// another line\n" + RAM}, top="ram", cache_dir=tmp_path) == first


def test_a_changed_child_changes_its_parents():
    before = _entries({"pair": PAIR, "mac": MAC}, "tool")
    after = _entries({"pair": PAIR, "mac": MAC.replace("y +", "y -")}, "tool")
    assert before["pair"].key != after["pair"].key
    assert before["pair"].key == _entries({"mac": MAC.replace("c.cpp:1", "c.cpp:2"), "pair": PAIR}, "tool")["pair"].key


def test_a_failure_names_the_first_error(tmp_path):
    with pytest.raises(ToolError, match=r"csynth: yosys failed: .*ERROR.*\. Report this with the Verilog\."):
        estimate({"bad": "module bad (\n  input x\n);\n  nonsense\nendmodule\n"}, top="bad", cache_dir=tmp_path)
    assert not (tmp_path / "modules").exists()


def test_two_at_once_count_a_shared_module_once(tmp_path, monkeypatch):
    counted: list[str] = []
    real = counting.run

    def slow(work, script, **options):
        counted.extend(
            line.split()[1] for line in (work / "design.v").read_text().splitlines() if line[:7] == "module "
        )
        time.sleep(0.5)
        real(work, script, **options)

    monkeypatch.setattr(counting, "run", slow)
    found = {}

    def count(name, verilog):
        found[name] = estimate(verilog, top=name, cache_dir=tmp_path)

    both = [threading.Thread(target=count, args=("mac", {"mac": MAC})) for _ in range(2)]
    both.append(threading.Thread(target=count, args=("pair", {"pair": PAIR, "mac": MAC})))
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(counted) == len(set(counted)) == 2
    assert found["pair"].total.dsp == 2 * found["mac"].total.dsp == 2


def test_yosys_is_compiled_once_and_a_killed_compilation_leaves_nothing(tmp_path, monkeypatch):
    calls = []

    def compile_slowly(arguments, *, folder, engine):
        calls.append(arguments)
        time.sleep(0.2)
        (engine / "code").write_text("whole")

    monkeypatch.setattr(yosys, "_call", compile_slowly)
    (tmp_path / "compiling-killed" / "code").mkdir(parents=True)
    threads = [threading.Thread(target=yosys.prepare, args=(tmp_path,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert (yosys.prepare(tmp_path) / "code").read_text() == "whole"
    assert sorted(path.name[:6] for path in tmp_path.iterdir()) == [".lock", "yowasp"]


def test_a_full_disk_is_no_fault_of_the_verilog(tmp_path, monkeypatch):
    monkeypatch.setattr(yosys, "_PROGRAM", "import sys; sys.exit('OSError: [Errno 28] No space left on device')")
    with pytest.raises(ToolError) as caught:
        yosys._call(["run.ys"], folder=tmp_path, engine=tmp_path / "engine")
    assert caught.value.code == "write"
    assert str(caught.value) == (
        f"csynth: {tmp_path / 'engine'} or {tmp_path}: No space left on device. Free space and run the same command again."
    )


def test_a_module_that_is_called_module():
    """Its header is no instance of it."""
    text = PAIR.replace("pair", "module")
    assert _entries({"module": text, "mac": MAC}, "tool")["module"].text.startswith("module m_")
    assert len(_entries({"module": text, "mac": MAC}, "tool")["module"].children) == len(
        _entries({"pair": PAIR, "mac": MAC}, "tool")["pair"].children
    )
