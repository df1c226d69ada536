"""Ports of memories against their bounds, what the report says of banks, and the whole text of refusals."""

import pytest

from csynth.driver import make_hardware
from csynth.errors import UnsupportedError
from csynth.frontend import compile_source

HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\n'
_TABLE = ", ".join(str(k * k) for k in range(64))


def _loop(loads: int, stores: int, pragma: str, *, rom: bool = False) -> str:
    """A loop with so many loads and stores of one memory, none of which waits for another."""
    terms = " + ".join(f"m[i + {k}]" for k in range(loads)) or "0"
    writes = "".join(f"    m[(i * 3 + {k}) & 63] = r + {k};\n" for k in range(stores))
    head = f"  static const int m[64] = {{{_TABLE}}};" if rom else "  static int m[64];"
    return f"""void f(hls::stream<int>& in, hls::stream<int>& out) {{
{head}
{pragma}
  L: for (int i = 0; i < 32; i++) {{
#pragma HLS pipeline
#pragma HLS dependence variable=m type=inter dependent=false
#pragma HLS dependence variable=m type=intra dependent=false
    int r = in.read();
    int s = {terms};
{writes}    out.write(s + r);
  }}
  for (int i = 0; i < 64; i++) out.write(m[i]);
}}
"""


def interval(source: str) -> tuple[int, str]:
    hardware = make_hardware(compile_source(("s.cpp", HEAD + source), top="f"), clock_period_ps=5000)
    schedule = hardware.schedules["f"]
    block = next(b for b in schedule.blocks.values() if b.loop is not None and b.loop.name == "L")
    memory = next(m for m in schedule.function.memories if m.depth > 1)
    return block.initiation_interval or 0, memory.ports


@pytest.mark.parametrize(
    ("kind", "loads", "stores", "bound"),
    [
        ("ram_1p", 1, 1, 2),
        ("ram_1p", 2, 1, 3),
        ("ram_s2p", 1, 1, 1),
        ("ram_s2p", 2, 1, 2),
        ("ram_2p", 2, 0, 1),
        ("ram_2p", 1, 2, 2),
        ("ram_2p", 3, 1, 2),
        ("ram_t2p", 2, 0, 1),
        ("ram_t2p", 0, 2, 1),
        ("ram_t2p", 3, 2, 3),
    ],
)
def test_initiation_interval_of_each_kind_of_ram(kind, loads, stores, bound):
    found, _ = interval(_loop(loads, stores, f"#pragma HLS bind_storage variable=m type={kind} impl=bram"))
    assert found == bound


@pytest.mark.parametrize(("kind", "loads", "bound"), [("rom_1p", 3, 3), ("rom_2p", 4, 2), ("rom_np", 5, 1)])
def test_initiation_interval_of_each_kind_of_rom(kind, loads, bound):
    assert interval(_loop(loads, 0, f"#pragma HLS bind_storage variable=m type={kind}", rom=True))[0] == bound


def test_the_loop_decides_the_ports_when_nothing_is_said():
    assert interval(_loop(1, 1, "")) == (1, "s2p")
    assert interval(_loop(2, 0, "")) == (1, "2p")
    assert interval(_loop(0, 2, "")) == (1, "t2p")
    assert interval(_loop(4, 0, "", rom=True)) == (1, "np")


def notes(body: str, declaration: str) -> list[str]:
    source = f"{HEAD}void f(hls::stream<int>& in, hls::stream<int>& out, int n) {{\n  {declaration}\n{body}\n  for (int i = 0; i < 8; i++) out.write(a[i][n]);\n}}\n"
    program = compile_source(("s.cpp", source), top="f")
    return [x for x in program.function("f").notes if ":9:" in x]


def _unrolled(subscript: str, factor: int = 4) -> str:
    return f"  L: for (int i = 0; i < 16; i++) {{\n#pragma HLS pipeline\n#pragma HLS unroll factor={factor}\n    a[n & 7]{subscript} = in.read();\n  }}"


CYCLIC = "int a[8][64];\n#pragma HLS array_partition variable=a type=cyclic factor=4 dim=2"


@pytest.mark.parametrize("subscript", ["[i]", "[63 - i]", "[2 * i + 1]", "[i + 16 * (n & 3)]", "[3 * i]"])
def test_unrolled_accesses_have_fixed_banks(subscript):
    assert notes(_unrolled(subscript), CYCLIC) == []


def test_the_note_names_the_subscript_the_coefficient_and_the_remedy():
    rest = "for a known bank"
    assert notes(_unrolled("[i]", 2), CYCLIC) == [
        f"s.cpp:9: in subscript 2 of 'a' the counter of loop 'L' moves by 2 in each iteration; must move by a multiple of 4, the factor, {rest}."
        " Unroll that loop by 2, or give the array a factor that divides 2."
    ]
    blocks = "int a[8][64];\n#pragma HLS array_partition variable=a type=block factor=4 dim=2"
    assert notes(_unrolled("[3 * i]"), blocks) == [
        f"s.cpp:9: subscript 2 of 'a' may lie in 4 blocks of 16 elements; must lie in one {rest}."
        " Let a loop with a constant bound of 16 run inside each block, or use type=cyclic."
    ]


def test_a_local_constant_array_is_cut_too():
    source = f"""{HEAD}void f(hls::stream<int>& in, hls::stream<int>& out) {{
  const int t[8] = {{1, 5, 9, 2, 6, 4, 3, 8}};
#pragma HLS array_partition variable=t cyclic factor=2
  for (int i = 0; i < 8; i++) out.write(t[in.read() & 7]);
}}
"""
    memories = compile_source(("s.cpp", source), top="f").function("f").memories
    assert [(m.name, m.init) for m in memories] == [("t_0", (1, 9, 6, 3)), ("t_1", (5, 2, 4, 8))]


REFUSED = {
    "reshape_factor": "int a[8];\n#pragma HLS array_reshape variable=a type=cyclic factor=9",
    "reshape_dimension": "int a[8];\n#pragma HLS array_reshape variable=a type=complete dim=2",
    "cut_twice": "int a[8];\n#pragma HLS array_partition variable=a type=cyclic factor=2\n#pragma HLS array_reshape variable=a type=cyclic factor=4",
    "rom_of_a_variable": "int a[8];\n#pragma HLS bind_storage variable=a type=rom_1p",
    "lutram_true_dual": "int a[8];\n#pragma HLS bind_storage variable=a type=ram_t2p impl=lutram",
    "uram_with_values": "static int a[8] = {1, 2, 3};\n#pragma HLS bind_storage variable=a type=ram_2p impl=uram",
    "uram_rom": "static const int a[8] = {1, 2};\n#pragma HLS bind_storage variable=a type=rom_1p impl=uram",
    "fifo_of_an_array": "int a[8];\n#pragma HLS bind_storage variable=a type=fifo impl=srl",
    "latency": "int a[8];\n#pragma HLS bind_storage variable=a type=ram_2p latency=4",
    "type": "int a[8];\n#pragma HLS bind_storage variable=a type=ram_3p",
}
_STATE = "static int g(int x) {{\n#pragma HLS inline off\n  static int sum = 0;\n  sum += x;\n  return sum;\n}}\nvoid f(hls::stream<int>& in, hls::stream<int>& out) {{\n  {}\n}}\n"


def test_every_refusal_in_whole(golden):
    lines = []
    for name, declaration in REFUSED.items():
        write = "" if "const" in declaration else "  for (int i = 0; i < 8; i++) a[i & 7] = in.read();\n"
        source = f"{HEAD}void f(hls::stream<int>& in, hls::stream<int>& out) {{\n  {declaration}\n{write}  for (int i = 0; i < 8; i++) out.write(a[in.read() & 7]);\n}}\n"
        with pytest.raises(UnsupportedError) as caught:
            compile_source(("source.cpp", source), top="f")
        lines += [f"{name} [{caught.value.code}]", f"  {caught.value}"]
    golden("csynth_frontend/memory_refusals.txt", "\n".join(lines) + "\n")


def test_a_static_variable_of_one_instance_is_kept():
    program = compile_source(("source.cpp", HEAD + _STATE.format("out.write(g(in.read()));")), top="f")
    assert [m.array for function in program.functions for m in function.memories] == ["sum"]


def test_a_large_complete_partition_stays_linear():
    source = f"""{HEAD}void f(hls::stream<ap_uint<8> >& in, hls::stream<ap_uint<8> >& out) {{
  ap_uint<8> a[1024];
#pragma HLS array_partition variable=a type=complete
  L: for (int i = 0; i < 1024; i++) {{
#pragma HLS pipeline
    a[i] = in.read();
  }}
  M: for (int i = 0; i < 1024; i++) {{
#pragma HLS pipeline
    out.write(a[1023 - i]);
  }}
}}
"""
    program = compile_source(("s.cpp", source), top="f")
    ops = [op for block in program.function("f").blocks for op in block.ops]
    assert len(ops) < 6 * 1024
    assert sum(op.opcode == "select" for op in ops) <= 1023
