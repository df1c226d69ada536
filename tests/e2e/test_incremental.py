"""Exactly the modules concerned are made anew, and exactly what depends on them is checked anew."""

import json
import re


def made(done):
    assert done.code == 0, done.err
    return sorted(line.split()[1] for line in done.out.splitlines() if line.startswith("made "))


def test_a_change_of_one_template_concerns_one_module(project):
    first = made(project.doit("csim", "design=example"))
    assert len([name for name in first if not name.startswith("audit:")]) == 28
    assert len([name for name in first if name.startswith("audit:")]) == 14
    assert made(project.doit("csim", "design=example")) == []

    source = project.root / "template" / "post" / "expert.cpp.j2"
    before = source.read_text()
    source.write_text(before + "// changed\n")
    assert made(project.doit("csim", "design=example")) == ["audit:post", "csim:post", "modules:post"]

    source.write_text(before)
    assert made(project.doit("csim", "design=example")) == []

    # an instruction that changes without a change of the code makes the module anew, and stops there
    instruction = project.root / "template" / "post" / "instruction.md.j2"
    instruction.write_text(instruction.read_text() + "\nOne more sentence.\n")
    assert made(project.doit("csim", "design=example")) == ["modules:post"]

    # mac is called by pe_lane and pe_array, so all three are checked anew, and so are their benches
    source = project.root / "template" / "mac" / "expert.cpp.j2"
    source.write_text(source.read_text() + "// changed\n")
    checked = [f"{stage}:{module}" for stage in ("audit", "csim") for module in ("mac", "pe_array", "pe_lane")]
    assert made(project.doit("csim", "design=example")) == [*checked, "modules:mac"]


def test_a_bench_that_passes_a_wrong_design_stops_the_flow_before_it_judges(project):
    model = project.root / "template" / "post" / "model.py"
    text = model.read_text()
    assert "def vectors(" in text
    model.write_text(
        text + "\n\n_every = vectors\n\n\ndef vectors(parameters, rng):\n    return _every(parameters, rng)[:0]\n"
    )
    done = project.doit("csim:post", "design=example")
    assert done.code == 1
    (line, *_) = done.err.splitlines()
    assert re.fullmatch(
        r"doit: audit:post: test bench of post\w* \([\w=, ]+\): the vectors pass a wrong version that does nothing. "
        r"Add a vector to model.py that tells it from the right one.",
        line,
    ), line
    assert not list((project.root / "build" / "store").glob("csim/*"))


def test_the_expert_refuses_an_instruction_that_a_person_changed(project):
    folder = project.root / "designs" / "example" / "instructions"
    folder.mkdir()
    (folder / "post.md").write_text("Do it differently.")
    done = project.doit("modules", "design=example")
    assert done.code == 1
    assert done.err.splitlines()[0] == (
        "doit: modules:post: the instruction was changed by a person, and the expert generator cannot read. "
        "Use generator=llm, or remove the changed instruction."
    )


def test_why_of_a_design_that_was_never_built(project):
    done = project.doit("why", "design=example")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "design=example was never built to the end."
    assert "  modules:mac            was never made for this design" in lines
    assert "  csim:mac               after modules:mac, audit:mac, if that changes what it reads" in lines


def test_results_keep_what_they_were_made_from(project):
    project.doit("csim:mac", "design=example")
    (found,) = (project.root / "build" / "store" / "csim").iterdir()
    inputs = json.loads((found / "inputs.json").read_text())
    assert inputs["kind"] == "csim"
    assert inputs["inputs"]["module"] == "mac"
    result = json.loads((found / "result.json").read_text())
    assert result["vectors"] > 0
