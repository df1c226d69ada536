"""Cells are exchanged for lean ones only where they are the known ones, and instances declare what the text around them shows."""

import re

from aigchip.toolchain.fastsim.lean import exchanged
from csynth.dsp.cells import CELLS
from csynth.dsp.lean import LEAN
from csynth.dsp.model import DSP48E2

KNOWN = {f"{name}.v": text for name, text in CELLS.items()} | {"DSP48E2.v": DSP48E2}


def product(name: str, **pins: str) -> str:
    given = {
        "a": "27'd0",
        "d": "27'd0",
        "b": "18'd0",
        "c": "48'd0",
        "pcin": "48'd0",
        "p": f"{name}_p",
        "pcout": "",
        **pins,
    }
    lines = ",\n".join(f"    .{pin}({value})" for pin, value in {"clk": "ap_clk", **given}.items())
    return f"  csynth_dsp_product #(.REGISTERS(1), .ADDEND(0)) {name} (\n{lines}\n  );\n  wire [47:0] {name}_p;\n"


def declared(text: str, name: str, files=KNOWN) -> dict[str, int]:
    found = exchanged({**files, "m.v": f"module m;\n{text}endmodule\n"})["m.v"]
    parameters = re.search(rf"#\(([^;]*?)\) {name} \(", found)
    assert parameters is not None
    return {key: int(value) for key, value in re.findall(r"\.(\w+)\((\d+)\)", parameters[1]) if key.endswith("_BITS")}


def test_the_known_cells_become_lean_and_the_model_goes():
    found = exchanged({**KNOWN, "m.v": "module m; endmodule\n"})
    assert found == {**{f"{name}.v": text for name, text in LEAN.items()}, "m.v": "module m; endmodule\n"}


def test_a_cell_that_is_not_the_known_one_stays_with_its_instances():
    files = {**KNOWN, "csynth_dsp_product.v": CELLS["csynth_dsp_product"].replace("PREADD == 0", "PREADD == 7")}
    text = product("x", a="{{19{q[7]}}, q}")
    assert declared(text, "x", files) == {}
    assert exchanged({**files, "m.v": text})["csynth_dsp_product.v"] == files["csynth_dsp_product.v"]
    assert "DSP48E2.v" in exchanged({**files, "m.v": text})
    assert exchanged({"m.v": text}) == {"m.v": text}


def test_operands_that_are_extensions_are_narrow():
    text = product("x", a="{{19{q[7]}}, q}", b="{10'd0, r}", c="{{47{s}}, s}", d="27'd5")
    assert declared(text, "x") == {"A_BITS": 8, "B_BITS": 9, "C_BITS": 1, "D_BITS": 4}


def test_operands_that_only_look_like_extensions_are_not_narrow():
    text = product("x", a="{{19{q[7]}}, r}", b="r[17:0]", c="{q, 24'd0, r}", d="27'd134217727")  # d is -1
    assert declared(text, "x") == {"D_BITS": 1}


def test_a_result_of_which_low_bits_are_taken_is_narrow():
    low = product("x") + "  assign y = x_p[31:0];\n"
    assert declared(low, "x")["P_BITS"] == 32
    for other in (
        "  assign y = x_p[32:0];\n",
        "  assign y = x_p[31:1];\n",
        "  assign y = x_p[7:0] ^ x_p[15:8];\n",
        "  assign y = x_p;\n",
    ):
        assert "P_BITS" not in declared(product("x") + other, "x"), other


def test_a_cascade_is_narrow_only_as_a_whole():
    wires = "  wire [47:0] x_pcout;\n"
    first = product("x", pcout="x_pcout", p="") + wires
    second = product("y", pcin="x_pcout")
    low, high = "  assign z = y_p[19:0];\n", "  assign z = y_p[40:0];\n"
    assert declared(first + second + low, "x")["P_BITS"] == declared(first + second + low, "y")["P_BITS"] == 32
    assert "P_BITS" not in declared(first + second + high, "x")
    wide_first = product("x", pcout="x_pcout") + wires + "  assign w = x_p[40:0];\n"
    assert "P_BITS" not in declared(wide_first + second + low, "y")
    elsewhere = first + second + low + "  assign w = x_pcout[40:0];\n"
    assert "P_BITS" not in declared(elsewhere, "x")
