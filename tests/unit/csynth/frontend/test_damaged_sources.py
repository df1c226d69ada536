"""Damaged sources: hardware or one error with a place, and a judge that sees every kind of fault."""

from pathlib import Path
from random import Random

import pytest
from benchmarks.fuzz import front_end
from benchmarks.fuzz.check import TooSlowError
from benchmarks.fuzz.front_end import is_fault, judge, main, sources
from benchmarks.fuzz.mutate import HEADS, STATEMENTS, mutated

from csynth.errors import CompileError, ToolError, UnsupportedError
from csynth.ir.model import Location

PLACE = Location(file="source.cpp", line=1)


def test_faults_are_the_same_for_the_same_seed_and_change_the_source():
    texts = [text for _, text in sources()]
    first, again, other = (mutated(texts[0], texts, "/secret", Random(seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert sum(mutated(texts[3], texts, "/secret", Random(seed)) != texts[3] for seed in range(50)) > 45


@pytest.mark.parametrize("seed", [0, 1])
def test_damaged_sources_become_hardware_or_one_error(seed, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(front_end.paths, "build_dir", lambda: tmp_path)
    assert main(["--programs", "10", "--seed", str(100 + seed)]) == 0, capsys.readouterr().out
    assert main(["--programs", "10", "--seed", str(100 + seed)]) == 0  # nothing is judged again
    assert len((tmp_path / "fuzz" / f"front-end{100 + seed}.jsonl").read_text().splitlines()) == 10


@pytest.mark.parametrize("text", HEADS)
def test_what_stands_before_a_source_opens_nothing(text, tmp_path):
    secret = tmp_path / "secret.h"
    secret.write_text("int kept_here;\n")
    head = text.replace("{secret}", str(secret)).replace("{n}", "3")
    found = judge(f'{head}\n#include "ap_int.h"\nint f(int a) {{ return a + 1; }}', "f", "kept_here")
    assert not is_fault(found.kind), found


@pytest.mark.parametrize("text", STATEMENTS)
def test_statements_that_no_hardware_has(text):
    body = text.replace("{secret}", "/etc/passwd").replace("{n}", "3")
    source = f'#include "ap_int.h"\n#include "hls_stream.h"\nint f(int in) {{\n{body}\nreturn in + 1;\n}}'
    found = judge(source, "f", "root:")
    assert not is_fault(found.kind), found


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KeyError("x"), "crash"),
        (RecursionError(), "crash"),
        (MemoryError(), "crash"),
        (TooSlowError(), "slow"),
        (ToolError("llvm", "LLVM refuses"), "tool"),
        (UnsupportedError("heap", "memory"), "no place"),
        (UnsupportedError("new", "memory", PLACE), "unknown code"),
        (CompileError("cpp", "near root:", PLACE), "leak"),
        (CompileError("cpp", "near x", PLACE, "", ("source.cpp: root:",)), "leak"),
        (CompileError("cpp", "near x", PLACE), "refused"),
    ],
)
def test_the_judge_sees_every_kind_of_fault(error, kind, monkeypatch):
    def fail(*_arguments, **_options):
        raise error

    monkeypatch.setattr(front_end, "compile_source", fail)
    found = judge("int f() { return 1; }", "f", "root:")
    assert found.kind == kind
    assert is_fault(kind) == (kind != "refused")


def test_a_campaign_keeps_its_findings(tmp_path, monkeypatch, capsys):
    def fail(*_arguments, **_options):
        raise KeyError("lost")

    monkeypatch.setattr(front_end, "compile_source", fail)
    monkeypatch.setattr(front_end.paths, "build_dir", lambda: tmp_path)
    assert main(["--programs", "2", "--seed", "9"]) == 1
    assert [path.name for path in sorted((tmp_path / "fuzz" / "found").iterdir())] == [
        "front-end9_0.cpp",
        "front-end9_1.cpp",
    ]
    assert "crash: KeyError" in capsys.readouterr().out
    assert Path(tmp_path / "fuzz" / "found" / "front-end9_0.cpp").read_text()
