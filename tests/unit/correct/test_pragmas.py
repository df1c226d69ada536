"""Pragmas that C synthesis refuses: spelling, options, place, variable; judged by C synthesis itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigchip.correct.model import Context
from aigchip.correct.run import correct
from aigchip.generate.validate import synthesis_error
from aigchip.template.module import Port
from aigchip.toolchain.contract import Contract
from aigchip.toolchain.errors import ValidationError
from csynth.driver import synthesize
from csynth.errors import CsynthError

HEAD = "void f(hls::stream<ap_uint<8> >& x, hls::stream<ap_uint<8> >& y)"
PORTS = (Port(name="x", kind="stream_in", width_bits=8, meaning=""), Port(name="y", kind="stream_out", width_bits=8, meaning=""))  # fmt: skip
CONTRACT = Contract(function="f", declaration=HEAD, ports=PORTS)
RIGHT = f"""#include "ap_int.h"
#include "hls_stream.h"
{HEAD} {{
  ap_uint<8> kept[8];
#pragma HLS array_partition variable=kept type=cyclic factor=2
  for (int i = 0; i < 8; i++) {{
#pragma HLS pipeline II = 1
    kept[i] = x.read();
  }}
  for (int i = 0; i < 8; i++) {{
#pragma HLS pipeline II=1
    y.write(kept[i]);
  }}
}}
"""
PARTITION = "#pragma HLS array_partition variable=kept type=cyclic factor=2\n"


@pytest.fixture
def judge(tmp_path: Path):
    def errors(code: str) -> tuple[ValidationError, ...]:
        source = tmp_path / "f.cpp"
        source.write_text(code)
        try:
            synthesize(
                source,
                top="f",
                part="xczu7ev-ffvc1156-2-e",
                clock_period_ps=3333,
                out_dir=tmp_path / "o",
                resources=False,
            )
        except CsynthError as error:
            return (synthesis_error(error, "f.cpp"),)
        return ()

    return errors


def test_right_pragmas_are_obeyed(judge):
    assert judge(RIGHT) == ()


@pytest.mark.parametrize(
    ("wrong", "right", "log"),
    [
        ("HLS piplined II", "HLS pipeline II", "there is no pragma piplined; the nearest one is pipeline"),
        ("HLS pipeline III", "HLS pipeline ii", "there is no option III; the nearest one is ii"),
        ("HLS pipeline balanced II", "HLS pipeline II", "there is no option balanced; it is left out"),
        ("variable=kpet", "variable=kept", "the pragma names kpet, which is not declared; the nearest is kept"),
        ("array_partition kept", "array_partition variable=kept", "the pragma's variable kept is given without variable="),
        ("type=cyclick", "type=cyclic", "type is cyclick; the nearest value is cyclic"),
        ("factr=2", "factor=2", "there is no option factr; the nearest one is factor"),
    ],
)  # fmt: skip
def test_spelling(judge, wrong: str, right: str, log: str):
    original = right.replace("pipeline ii", "pipeline II").replace(
        "array_partition variable=kept", "array_partition variable=kept"
    )
    bad = RIGHT.replace(original, wrong)
    assert bad != RIGHT
    result = correct(bad, judge(bad), Context(contract=CONTRACT), judge)
    assert result.ok, (result.log, [str(error) for error in result.errors])
    assert f"pragmas: {log}" in result.log
    assert result.code == RIGHT.replace(original, right)


@pytest.mark.parametrize(
    ("place", "pragma", "log"),
    [
        ("  for (int i = 0; i < 8; i++) {\n", "  #pragma HLS pipeline II=1\n", "the pragma pipeline stands before its loop; it belongs into the loop's body"),
        ("  for (int i = 0; i < 8; i++) {\n", "#pragma HLS loop_tripcount min=8 max=8\n", "the pragma loop_tripcount stands before its loop; it belongs into the loop's body"),
        ("  ap_uint<8> kept[8];\n", "#pragma HLS unroll\n", "the pragma unroll belongs to no loop; it is left out"),
        ("  ap_uint<8> kept[8];\n", "#pragma HLS resource variable=kept core=RAM_1P\n", "the pragma resource is no requirement; it is left out"),
        ("  ap_uint<8> kept[8];\n", PARTITION, "the pragma stands before the declaration of kept"),
        ("  ap_uint<8> kept[8];\n", "#pragma HLS array_partition variable=accumulators complete\n", "the pragma names accumulators, which is declared nowhere; it is left out"),
        (HEAD, "#pragma HLS inline off\n", "a pragma stands before its function"),
    ],
)  # fmt: skip
def test_place(judge, place: str, pragma: str, log: str):
    code = RIGHT.replace("#pragma HLS pipeline II = 1\n", "").replace(PARTITION, "")
    bad = code.replace(place, pragma + place, 1)
    assert bad != code
    result = correct(bad, judge(bad), Context(contract=CONTRACT), judge)
    assert result.ok, (result.log, [str(error) for error in result.errors])
    assert f"pragmas: {log}" in result.log
    if "left out" in log:
        assert result.code == code


def test_a_loop_on_one_line_gets_its_pragma():
    code = RIGHT.replace("  for (int i = 0; i < 8; i++) {\n#pragma HLS pipeline II = 1\n    kept[i] = x.read();\n  }\n",
                         "  #pragma HLS pipeline II=1\n  for (int i = 0; i < 8; i++) { kept[i] = x.read(); }\n")  # fmt: skip
    from aigchip.correct.pragmas import Pragmas

    error = ValidationError(
        stage="csynth",
        error_class="pragma_place",
        message="pragma HLS pipeline stands outside a loop",
        location="f.cpp:6:3",
        remedy="",
    )
    proposal = Pragmas()(code, error, Context(contract=CONTRACT))
    assert (
        "  for (int i = 0; i < 8; i++) {\n  #pragma HLS pipeline II=1\n kept[i] = x.read(); }\n"
        in proposal.corrections[0].after
    )
