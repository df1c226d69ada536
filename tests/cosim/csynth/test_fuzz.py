"""Random programs: C simulation = IR interpreter = RTL under random stalls; and earlier counterexamples."""

import dataclasses

import pytest
from benchmarks.fuzz import check as checking
from benchmarks.fuzz import regressions
from benchmarks.fuzz.__main__ import main, program_of
from benchmarks.fuzz.check import Case, Verdict, check
from benchmarks.fuzz.generate import Program, Statement, generate, stimuli
from benchmarks.fuzz.minimise import minimise


def test_a_seed_gives_the_same_program_and_stimuli():
    assert generate(7).source == generate(7).source != generate(8).source
    assert stimuli(generate(7), 3) == stimuli(generate(7), 3) != stimuli(generate(7), 4)


@pytest.mark.parametrize(("programs", "equal"), [(12, 10), pytest.param(24, 20, marks=pytest.mark.slow)])
def test_random_programs_agree_three_ways(programs, equal, tmp_path):
    cases = [program_of(0, number)[1] for number in range(programs)]
    verdicts = check(cases, tmp_path)
    assert {case.name: verdict for case, verdict in zip(cases, verdicts, strict=True) if verdict.is_difference} == {}
    assert sum(verdict.kind == "equal" for verdict in verdicts) >= equal  # what csynth refuses shows nothing


def test_earlier_counterexamples_agree(tmp_path):
    cases = [regressions.read(path) for path in regressions.files()]
    verdicts = check(cases, tmp_path)
    assert {case.name: verdict for case, verdict in zip(cases, verdicts, strict=True) if verdict.is_difference} == {}
    assert "diagonal_of_cyclic_banks" in {case.name for case in cases}


@pytest.mark.slow
def test_a_wrong_hardware_is_found_and_made_smaller(tmp_path, monkeypatch):
    """An engine that adds where it should subtract: found, minimised, kept as a file that reads back."""
    genuine = checking.make_hardware

    def wrong(program, **settings):
        hardware = genuine(program, **settings)
        texts = {name: text.replace(" - ", " + ") for name, text in hardware.verilog.items()}
        return dataclasses.replace(hardware, verilog=texts)

    monkeypatch.setattr(checking, "make_hardware", wrong)
    body = (
        Statement("ap_uint<9> kept = in0.read();"),
        Statement("ap_uint<9> other = kept ^ 5;"),
        Statement("for (int i = 0; i < 3; i++)", (Statement("other = other * 3;"), Statement("out0.write(other);"))),
        Statement("out0.write(ap_uint<9>(kept - arg0));"),
    )
    head = "void top(hls::stream<ap_uint<9> >& in0, hls::stream<ap_uint<9> >& out0, ap_uint<9> arg0)"
    program = Program(top="top", statements=(Statement(head, body, fixed=True),), streams=(), scalars=())
    case = Case(
        name="wrong", source=program.source, top="top", calls=[{"scalars": {"arg0": 77}, "streams": {"in0": [300]}}]
    )
    verdict = check([case], tmp_path / "first")[0]
    assert verdict.kind == "RTL differs"
    smaller, still = minimise(program, case, verdict, seconds=120)
    assert still.kind == verdict.kind
    assert "for" not in smaller.source
    assert "kept - arg0" in smaller.source
    assert regressions.read(regressions.write(smaller, still, tmp_path)) == dataclasses.replace(
        smaller, calls=list(smaller.calls)
    )


def test_a_campaign_goes_on_where_it_stopped(tmp_path, monkeypatch, capsys):
    judged = []

    def pretend(cases: list[Case], _folder):
        judged.extend(case.name for case in cases)
        return [Verdict(kind="equal") for _ in cases]

    monkeypatch.setattr("benchmarks.fuzz.__main__.check", pretend)
    monkeypatch.setattr("benchmarks.fuzz.__main__.paths.build_dir", lambda: tmp_path)
    assert main(["--programs", "3", "--seed", "5", "--batch", "2"]) == 0
    assert main(["--programs", "5", "--seed", "5"]) == 0
    assert judged == [f"seed5_{number}" for number in range(5)]
    assert capsys.readouterr().out.splitlines()[-1] == "equal: 5"


@pytest.mark.slow
def test_more_random_programs_agree(tmp_path):
    cases = [program_of(2, number)[1] for number in range(120)]
    verdicts = check(cases, tmp_path)
    assert {case.name: verdict for case, verdict in zip(cases, verdicts, strict=True) if verdict.is_difference} == {}
