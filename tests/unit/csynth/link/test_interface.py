"""The registers of an IP top, and which tops need a wrapper."""

from csynth.frontend import compile_source
from csynth.link.interface import emit_interface, register_maps_of

SOURCE = """
int f(int a, long long b, int &out, long long &wide, int &both, char c, int *mem) {
#pragma HLS interface s_axilite port=return
#pragma HLS interface s_axilite port=a
#pragma HLS interface s_axilite port=b
#pragma HLS interface s_axilite port=out
#pragma HLS interface s_axilite port=wide
#pragma HLS interface s_axilite port=both
#pragma HLS interface s_axilite port=c bundle=other
#pragma HLS interface m_axi port=mem
#pragma HLS interface s_axilite port=mem
  out = a + c;
  wide = b;
  both += a;
  mem[0] = a;
  return a - c;
}
"""


def test_registers_lie_where_vitis_puts_them(golden):
    function = compile_source(("f.cpp", SOURCE), top="f").function("f")
    maps = register_maps_of(function)
    found = {
        bundle: [(r.name, r.offset, r.control_offset, r.kind) for r in registers] for bundle, registers in maps.items()
    }
    assert found == {
        "control": [
            ("ap_return", 0x10, 0x14, "return"),
            ("a", 0x18, 0x1C, "in"),
            ("b", 0x20, 0x28, "in"),
            ("out", 0x2C, 0x30, "out"),
            ("wide", 0x3C, 0x44, "out"),
            ("both_i", 0x54, 0x58, "in"),
            ("both_o", 0x5C, 0x60, "out"),
            ("mem", 0x64, 0x6C, "in"),
        ],
        "other": [("c", 0x10, 0x14, "in")],
    }
    files = emit_interface(function)
    assert list(files) == ["f_ip", "f_control_s_axi", "f_other_s_axi"]
    golden("csynth_rtl/registers.f_control_s_axi.v", files["f_control_s_axi"])


def test_a_function_of_plain_ports_needs_no_wrapper():
    source = '#include "hls_stream.h"\nvoid f(hls::stream<int>& in, int& out) { out = in.read(); }'
    assert emit_interface(compile_source(("f.cpp", source), top="f").function("f")) == {}


def test_advice_without_effect_is_noted():
    source = """void f(int* a) {
#pragma HLS interface m_axi port=a depth=64 latency=30
  a[0] = 1;
}"""
    assert compile_source(("f.cpp", source), top="f").function("f").notes == (
        "interface of a: depth has no effect: it sizes a test bench only",
        "interface of a: latency has no effect: requests are made as early as the schedule allows",
    )
