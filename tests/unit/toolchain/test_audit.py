from __future__ import annotations

import pytest

from aigchip.template.module import Port
from aigchip.template.vectors import Vector
from aigchip.toolchain.audit import FAMILIES, AuditError, audit
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
    return [Vector(name="four", streams_in={"x": words}, streams_out={"y": doubled})]


def test_a_good_bench_catches_every_wrong_version():
    report = audit(EXPERT, CONTRACT, bench(1, 100, 200, 64))
    assert report.ok
    assert report.counts() == {"no-op": 2, "off-by-one": 5, "saturating": 1, "input-independent": 1}
    assert set(report.counts()) == set(FAMILIES)
    assert report.unclear == ()
    assert report.to_dict()["ok"] is True
    report.check()


def test_a_bench_of_zeros_may_not_judge():
    report = audit(EXPERT, CONTRACT, bench(0, 0, 0, 0))
    assert not report.ok
    with pytest.raises(AuditError) as caught:
        report.check()
    assert str(caught.value) == (
        "test bench of twice: the vectors pass a wrong version that writes the right number of words, all 0. "
        "Add a vector that tells it from the right one."
    )


def test_a_bench_of_small_numbers_passes_the_saturating_version():
    assert [v.family for v in audit(EXPERT, CONTRACT, bench(1, 2, 3, 4)).missed] == ["saturating"]


def test_a_bench_that_refuses_the_expert_is_wrong_itself():
    wrong = [Vector(name="wrong", streams_in={"x": (1, 2, 3, 4)}, streams_out={"y": (2, 4, 6, 9)})]
    with pytest.raises(AuditError) as caught:
        audit(EXPERT, CONTRACT, wrong)
    assert str(caught.value) == (
        "test bench of twice: the expert's code fails: twice.cpp: word 3 of y is 0x08; must be 0x09 (vector 'wrong'). "
        "Correct how word 3 of y is computed. Correct model.py or expert.cpp.j2."
    )
