"""Pipelines flush: what is inside comes out although input has stopped, and TVALID never waits for TREADY."""

import re
from dataclasses import asdict

import pytest
from cosim.csynth.loop_shapes import SHAPES
from cosim.csynth.programs import PROGRAMS
from cosim.csynth.test_rtl_equals_interpreter import compare, ports_of
from unit.csynth.frontend.cases import CASES, HEAD

from aigchip.core import paths
from aigchip.template.vectors import Vector
from aigchip.toolchain import module_rtl, verilator
from csynth.driver import choose_nests, make_hardware
from csynth.ir.text import parse

# every iteration reads first and writes last, with a deep pipeline between
SOURCE = """
void f(hls::stream<ap_uint<32> >& in, hls::stream<ap_uint<32> >& out) {{
  LOOP: for (int i = 0; i < 64; i++) {{
#pragma HLS pipeline II={interval}
    ap_uint<32> x = in.read();
    ap_uint<32> y = x * x;
    ap_uint<32> z = y * (x + 1);
    out.write(z * y + x);
  }}
}}
"""


def expected(x):
    y = x * x
    return (y * (x + 1) * y + x) & 0xFFFFFFFF


@pytest.mark.parametrize("interval", [1, 2, 3, 5])
def test_a_stopped_input_lets_the_tail_out(interval, tmp_path):
    program, hardware = choose_nests(("f.cpp", HEAD + SOURCE.format(interval=interval)), top="f", clock_period_ps=3333)
    schedule = next(
        iter(hardware.schedules["f"].blocks[loop.header] for loop in hardware.schedules["f"].function.loops)
    )
    assert schedule.initiation_interval == interval and schedule.length_cycles > 6
    files = []
    for name, verilog in hardware.verilog.items():
        (tmp_path / f"{name}.v").write_text(verilog)
        files.append(tmp_path / f"{name}.v")
    cache = paths.cache_dir() / "verilator"
    cache.mkdir(parents=True, exist_ok=True)
    words = (3, 77, 1 << 31, 12345, 9, 8, 4_000_000_000)
    ports = ports_of(program.function("f"))
    runs = [("full", 0.0, 0.0), ("stalls", 0.5, 0.5), ("slow outputs", 0.0, 0.8)]
    result = verilator.run(
        verilator.build(files, top="f", cache=cache),
        bench=module_rtl.BENCH,
        bench_dir=paths.testbench_dir(),
        work=tmp_path / "work",
        request={
            "ports": [{"name": port.name, "kind": port.kind, "width_bits": port.width_bits} for port in ports],
            "vectors": [asdict(Vector(name="too few words", streams_in={"in": words}))],
            "runs": [{"name": name, "stall_in": one, "stall_out": two, "seed": 3} for name, one, two in runs],
            "watchdog_cycles": 300,
        },
        seed=1,
        timeout_seconds=120.0,
    )
    for run in result["runs"]:
        call = run["calls"][0]
        assert call["deadlock"] is not None  # the loop waits for its eighth word
        assert call["streams_out"]["out"] == [expected(word) for word in words]


def combinational_cone(verilog, name):
    """Names that `name` depends on without a register between."""
    drivers = {}
    for line in verilog.splitlines():
        if match := re.match(r"\s*(?:assign|wire(?: \[[^\]]*\])?) (\w+) = (.*);", line.split("//")[0]):
            drivers[match.group(1)] = set(re.findall(r"[A-Za-z_]\w*", match.group(2)))
    seen, work = set(), [name]
    while work:
        at = work.pop()
        if at not in seen:
            seen.add(at)
            work += drivers.get(at, ())
    return seen


def all_modules():
    for name, shape in SHAPES.items():
        yield (
            name,
            lambda shape=shape: (
                choose_nests(("f.cpp", shape.case.source), top=shape.case.top, clock_period_ps=3333)[1].verilog
            ),
        )
    for name in ("histogram", "shared_port", "divisions"):
        yield name, lambda name=name: make_hardware(parse(PROGRAMS[name][0]), clock_period_ps=3333).verilog
    for name in ("conditional_reads", "dot_product"):
        case = CASES[name]
        yield (
            name,
            lambda case=case: choose_nests(("f.cpp", case.source), top=case.top, clock_period_ps=3333)[1].verilog,
        )


@pytest.mark.parametrize(("name", "made"), list(all_modules()), ids=[name for name, _ in all_modules()])
def test_no_valid_depends_on_a_ready(name, made):
    checked = 0
    for verilog in made().values():
        for port in re.findall(r"output (?:reg )?(\w+_TVALID)", verilog):
            cone = combinational_cone(verilog, port)
            assert not [signal for signal in cone if signal.endswith("_TREADY")], (name, port)
            checked += 1
    assert checked


def test_the_cone_sees_a_dependence():
    assert "out_TREADY" in combinational_cone("  wire a = out_TREADY && b;\n  assign out_TVALID = a;", "out_TVALID")


def held_back(verilog, top):
    """A wrapper in which every output's TREADY stays low until its TVALID has been high for a cycle."""
    head = verilog[verilog.index(f"module {top} (") :]
    ports = [line.strip().rstrip(",") for line in head[head.index("(") + 1 : head.index(");")].strip().splitlines()]
    names = [port.split()[-1] for port in ports]
    outs = [
        name[: -len("_TVALID")]
        for name, port in zip(names, ports, strict=True)
        if port.startswith("output") and name.endswith("_TVALID")
    ]
    lines = [f"module held ({', '.join(port.replace('output reg', 'output') for port in ports)});"]
    pins = {name: name for name in names}
    for out in outs:
        lines += [
            f"wire {out}_valid; reg {out}_seen;",
            f"always @(posedge ap_clk) {out}_seen <= !ap_rst && {out}_valid && !({out}_seen && {out}_TREADY);",
            f"assign {out}_TVALID = {out}_valid && {out}_seen;",
        ]
        pins[f"{out}_TVALID"], pins[f"{out}_TREADY"] = f"{out}_valid", f"{out}_seen && {out}_TREADY"
    lines.append(f"{top} inner ({', '.join(f'.{name}({pin})' for name, pin in pins.items())});")
    return "\n".join([*lines, "endmodule", ""])


@pytest.mark.parametrize("name", ["imperfect", "predicated", "interval_3", "break_out"])
def test_no_valid_waits_for_a_ready(name, tmp_path):
    case = SHAPES[name].case
    program, hardware = choose_nests(("f.cpp", case.source), top="f", clock_period_ps=3333)
    compare(
        program,
        tmp_path,
        streams=case.streams,
        scalars=case.scalars,
        memories={},
        wrapper=held_back(hardware.verilog["f"], "f"),
    )
