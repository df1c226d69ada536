"""`#pragma HLS bind_op` decides what yosys maps a product to."""

from csynth.driver import make_hardware
from csynth.frontend import compile_source
from csynth.resources.estimate import estimate


def test_bind_op_decides_where_a_product_goes(tmp_path):
    """The same product takes one DSP, or none, as its pragma says; by a variable and by a constant that is no power of two."""
    designs = {}
    for other in ("b", "107"):
        for impl in ("dsp", "fabric"):
            source = (
                "int f(signed char a, signed char b) {\n  int p;\n"
                f"#pragma HLS bind_op variable=p op=mul impl={impl}\n  p = a * {other};\n  return p;\n}}"
            )
            program = compile_source(("source.cpp", source), top="f")
            designs[impl, other] = make_hardware(program, clock_period_ps=3333).verilog
    found = {key: estimate(text, top="f", cache_dir=tmp_path).total.dsp for key, text in designs.items()}
    assert found == {("dsp", "b"): 1, ("fabric", "b"): 0, ("dsp", "107"): 1, ("fabric", "107"): 0}
    assert "csynth_dsp_product #(" in designs["dsp", "b"]["f"]
    assert "dsp" not in designs["fabric", "b"]["f"]


def test_a_product_by_a_cheap_constant_takes_no_dsp(tmp_path):
    """5 and -7 are two shifted terms, 107 is four, and 172 is four as an unsigned number; the scheduler takes the first two for additions."""
    signed = "int f(signed char a) {\n  return a * 5 + (a ^ 3) * -7 + (a ^ 9) * 107;\n}"
    unsigned = '#include "ap_int.h"\nap_uint<24> f(ap_uint<16> a) { return a * ap_uint<8>(172); }'
    for source in (signed, unsigned):
        verilog = make_hardware(compile_source(("source.cpp", source), top="f"), clock_period_ps=3333).verilog
        assert estimate(verilog, top="f", cache_dir=tmp_path).total.dsp == 1
