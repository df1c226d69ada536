"""Requests written out, answered, and replayed, on the command line. The answers are the expert's, invented for this test."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from aigchip.space.derive import INSTANCES, local_parameters, module_of
from aigchip.space.files import load
from aigchip.template import module as template

DESIGN = "example"
ROOT = Path(__file__).resolve().parents[2]


def expert_answers(design: Path) -> dict[str, str]:
    """Return instruction to the expert's code."""
    answers = {}
    for instance, local in local_parameters(load(design)).items():
        module = template.load(instance)
        answers[module.instruction(local).strip()] = module.expert_code(local)
    return answers


def answer(requests: Path, into: Path, code: dict[str, str], wrong: tuple[str, str] | None = None) -> list[str]:
    """Answer every request file as the expert would, with a slip in it if `wrong` says so; return the requests' names."""
    into.mkdir()
    names = []
    for file in sorted(requests.glob("*.md")):
        task = file.read_text().rpartition("\n# Task: ")[2]
        text = next(text for instruction, text in code.items() if instruction in task)
        (into / file.name).write_text(f"```cpp\n{text.replace(*wrong) if wrong else text}```\n")
        names.append(file.stem.partition("-")[0])
    return names


@pytest.mark.slow
@pytest.mark.verifies("llm")
def test_requests_are_exported_answered_repaired_and_replayed(project):
    code = expert_answers(project.root / "designs" / DESIGN / "design.yaml")
    requests = project.root / "build" / "llm" / "requests"

    def doit(*words):
        return project.doit(*words, AIGCHIP_CACHE_DIR=str(project.root / "cache"))

    first = doit("llm", "export", f"design={DESIGN}", "model=stand-in")
    assert first.code == 0, first.err
    asked = answer(requests, project.root / "first", code, wrong=("sum += left", "sum -= left"))
    assert sorted(set(asked)) == sorted({module_of(instance) for instance in INSTANCES})
    assert len((requests / "requests.jsonl").read_text().splitlines()) == len(asked)

    unknown = project.root / "unknown"
    unknown.mkdir()
    (unknown / "mac-0123456789abcdef.md").write_text("```cpp\nint x;\n```\n")
    refused = doit("llm", "import", str(unknown), "model=stand-in")
    assert (refused.code, refused.out, refused.err) == (
        1,
        "",
        "doit: unknown/mac-0123456789abcdef.md: 'mac-0123456789abcdef' is no request that was exported. "
        "Name an answer as its request: <module>-<hash>.md; ./doit llm export writes the requests.\n",
    )

    taken = doit("llm", "import", "first", "model=stand-in", "date=2026-11-24")
    assert taken.out == (
        f"{len(asked)} answers of stand-in: {len(asked)} are new, 0 were there. Next: ./doit llm export\n"
    ), taken.err

    second = doit("llm", "export", f"design={DESIGN}", "model=stand-in")
    assert f"{len(asked) - 1} are right, 1 wait for an answer, 0 failed for good." in second.out, (
        second.out + second.err
    )
    repair = next(requests.glob("*.md")).read_text()
    assert "# What became of it" in repair
    assert "- mac.cpp: the returned value is " in repair
    assert answer(requests, project.root / "second", code) == ["mac"]
    assert doit("llm", "import", "second", "model=stand-in").code == 0

    third = doit("llm", "export", f"design={DESIGN}", "model=stand-in")
    assert f"{len(asked)} are right, 0 wait for an answer, 0 failed for good." in third.out

    made = doit("modules", f"design={DESIGN}", "generator=recorded", "model=stand-in")
    assert made.code == 0, made.err
    files = (project.root / "build" / "store" / "module").glob("*/provenance.json")
    how = Counter(json.loads(file.read_text())["how"] for file in files)
    assert how == {"repaired": 1, "first": len(asked) - 1}

    refused = doit("search", "generator=recorded", "model=stand-in", "trials=6")
    assert (refused.code, refused.err) == (  # the example's modules at each of five clocks
        1,
        "doit: trials=6: trials is 6; must be at most 5, so many designs are possible. Use trials=5.\n",
    )
    instructions = project.root / "designs" / DESIGN / "instructions"
    instructions.mkdir()
    (instructions / "mac.md").write_text("Multiply.\n")
    unanswered = doit("modules", f"design={DESIGN}", "generator=recorded", "model=stand-in")
    (name,) = {file.stem for file in requests.glob("mac-*.md")}
    assert unanswered.code == 1
    assert unanswered.err.splitlines()[0] == (
        f"doit: modules:mac: there is no recorded reply of 'stand-in' to the first request {name}. Have "
        f"build/llm/requests/{name}.md (or .jsonl) answered and run ./doit llm import <answers> model=stand-in, or use "
        "generator=expert."
    )
    (instructions / "mac.md").unlink()

    searched = doit("search", "generator=recorded", "model=stand-in", "trials=1", "network=alexnet")
    assert searched.code == 0, searched.err
    assert (
        "The space is restricted to what is recorded: 5 designs by stand-in. generator=expert searches all of it.\n"
        in searched.out
    )
    assert "Modules by the recorded generator (stand-in)" in searched.out
    assert "layers bit-exact" in searched.out
    built = doit("build", "design=0", "generator=recorded", "model=stand-in")
    assert built.code == 0, built.err
    assert "design=0: every module passed C simulation and RTL simulation" in built.out


@pytest.mark.skipif(not any((ROOT / "records").glob("*.jsonl")), reason="no replies ship")
@pytest.mark.verifies("recorded")
def test_a_module_of_a_real_model_is_replayed_without_a_key(project):
    (project.root / "records").symlink_to(ROOT / "records")
    made = project.doit("csynth:mac", f"design={DESIGN}", "generator=recorded", OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert made.code == 0, made.err
    (file,) = (project.root / "build" / "store" / "module").glob("*/provenance.json")
    provenance = json.loads(file.read_text())
    assert (provenance["generator"], provenance["how"], provenance["passed"]) == (
        "recorded",
        "first",
        ["contract", "csim", "csynth"],
    )
    assert provenance["model"]
