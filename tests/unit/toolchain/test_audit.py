from __future__ import annotations

import pytest

from aigchip.template.module import Port
from aigchip.template.vectors import Vector
from aigchip.toolchain.audit import FAMILIES, AuditError, AuditReport, audit, audit_loops
from aigchip.toolchain.contract import Contract

CONTRACT = Contract(
    function="twice",
    declaration="void twice(hls::stream<ap_uint<8> >& x, hls::stream<ap_uint<8> >& y)",
    ports=(
        Port(name="x", kind="stream_in", width_bits=8, meaning=""),
        Port(name="y", kind="stream_out", width_bits=8, meaning=""),
    ),
)
EXPERT = (
    '#include "ap_int.h"\n#include "hls_stream.h"\n'
    + CONTRACT.declaration
    + " {\n  for (int i = 0; i < 4; i++) y.write(2 * x.read());\n}\n"
)


def bench(*words: int) -> list[Vector]:
    doubled = tuple(2 * word & 0xFF for word in words)
    return [Vector(name=name, streams_in={"x": words}, streams_out={"y": doubled}) for name in ("four", "again")]


def test_a_good_bench_catches_every_wrong_version():
    report = audit(EXPERT, CONTRACT, bench(1, 100, 200, 64))
    assert report.ok
    assert report.counts() == {**dict.fromkeys(FAMILIES, 1), "no-op": 2, "off-by-one": 4}
    assert len(FAMILIES) >= 8
    assert set(report.counts()) == set(FAMILIES)
    assert report.to_dict()["ok"] is True
    report.check({})
    loops = audit_loops(EXPERT, CONTRACT, bench(1, 100, 200, 64))
    assert [(loop.caught, loop.reason) for loop in loops] == [(True, "missing-output")]


def test_words_as_wide_as_they_may_be():
    wide = Contract(
        function="twice",
        declaration=CONTRACT.declaration.replace("<8>", "<4096>"),
        ports=tuple(Port(name=port.name, kind=port.kind, width_bits=4096, meaning="") for port in CONTRACT.ports),
    )
    words = (1, (1 << 4096) - 1, 1 << 4095 | 77, 1 << 2048)
    doubled = tuple(2 * word % (1 << 4096) for word in words)
    vectors = [Vector(name=name, streams_in={"x": words}, streams_out={"y": doubled}) for name in ("four", "again")]
    expert = EXPERT.replace("<8>", "<4096>").replace("2 * x.read()", "x.read() << 1")
    assert audit(expert, wide, vectors).ok


def test_a_bench_of_zeros_may_not_judge():
    report = audit(EXPERT, CONTRACT, bench(0, 0, 0, 0))
    assert not report.ok
    with pytest.raises(AuditError) as caught:
        report.check({"lanes": 4, "noc": "unicast"})
    assert str(caught.value) == (
        "test bench of twice (lanes=4, noc=unicast): the vectors pass a wrong version that writes the right number of words, all 0. "
        "Add a vector to model.py that tells it from the right one."
    )


def test_a_bench_of_small_numbers_passes_the_saturating_version():
    assert [v.family for v in audit(EXPERT, CONTRACT, bench(1, 2, 3, 4)).missed] == ["saturating", "truncated"]


def test_a_bench_of_one_call_passes_what_keeps_state():
    assert [v.family for v in audit(EXPERT, CONTRACT, bench(1, 100, 200, 64)[:1]).missed] == ["stateful"]


def test_a_bench_that_refuses_the_expert_is_wrong_itself():
    wrong = [Vector(name="wrong", streams_in={"x": (1, 2, 3, 4)}, streams_out={"y": (2, 4, 6, 9)})]
    with pytest.raises(AuditError) as caught:
        audit(EXPERT, CONTRACT, wrong)
    assert str(caught.value) == (
        "test bench of twice: the expert's code fails: twice.cpp: word 3 of y is 0x08; must be 0x09 (vector 'wrong'). "
        "Correct how word 3 of y is computed. Correct model.py or expert.cpp.j2."
    )


def test_a_module_without_a_version_of_a_family_may_not_be_judged():
    report = audit(EXPERT, CONTRACT, bench(1, 100, 200, 64))
    kept = tuple(verdict for verdict in report.verdicts if verdict.family != "saturating")
    with pytest.raises(AuditError) as caught:
        AuditReport(function="twice", vectors=1, verdicts=kept).check({})
    assert str(caught.value) == (
        "test bench of twice (no parameters): there is no saturating version of a module with these ports. "
        "Add one to wrong_versions."
    )


def test_a_version_that_never_ends_is_caught():
    body = "ap_uint<8> w = x.read(); while (w == 0) w = 2 * w; y.write(2 * w);"
    waits = EXPERT.replace("y.write(2 * x.read());", f"{{ {body} }}")
    report = audit(waits, CONTRACT, bench(1, 100, 200, 64))
    assert report.ok
    assert [v.reason for v in report.verdicts if v.family == "input-independent"] == ["timeout"]


def test_code_that_does_not_compile_is_the_templates_fault():
    with pytest.raises(AuditError) as caught:
        audit(EXPERT.replace("x.read()", "x.reed()"), CONTRACT, bench(1, 100, 200, 64))
    assert str(caught.value) == (
        "test bench of twice: the wrong versions do not compile: no member named 'reed' in "
        "'hls::stream<ap_uint<8>>'. Correct expert.cpp.j2, or report this as a bug of the audit."
    )
