"""A whole build on the command line, and what is exported of it."""

import json
import time

import pytest


def test_a_design_that_is_not_built_is_not_exported(project):
    done = project.doit("export", "design=example")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "doit: design=example: the design is not built from what is there now. Run ./doit build design=example.\n"
    )


@pytest.mark.slow
def test_a_design_is_built_once_and_exported_with_its_provenance(project):
    (project.root / "LICENSE").write_text("The licence.")
    built = project.doit("build", "design=example", timeout=1200)
    assert built.code == 0, built.out + built.err
    assert "the RTL of all is bit-exact in co-simulation" in built.out

    began = time.monotonic()
    again = project.doit("build", "design=example")
    assert again.out.splitlines()[-1].startswith("0 made, 59 up to date, ")
    assert time.monotonic() - began < 5  # a second on an idle machine
    assert "nothing" in project.doit("why", "design=example").out

    exported = project.doit("export", "design=example")
    assert exported.code == 0, exported.err
    folder = project.root / "build" / "designs" / "example" / "export"
    told = json.loads((folder / "provenance.json").read_text())
    assert told["generator"] == "expert"
    assert len(told["modules"]) == 14 == len(list((folder / "cpp").glob("*.cpp")))
    names = (folder / "rtl" / "filelist.txt").read_text().split()
    assert sorted(names) == sorted(path.name for path in (folder / "rtl").glob("*.v"))
    array = (folder / "rtl" / "pe_array.v").read_text()
    for name in ("pe_array", "mac", "pe_lane"):
        assert f"// {name}: the expert code of aigchip's template (Apache-2.0)." in array
    assert "co-simulation of the whole (verilator" in array.replace("\n// ", " ")

    (folder / "mine.txt").write_text("a person's")
    assert project.doit("export", "design=example", f"into={folder}").code == 0
    assert not (folder / "mine.txt").exists()
    other = project.root / "notes"
    other.mkdir()
    refused = project.doit("export", "design=example", f"into={other}")
    assert refused.err == (
        f"doit: into={other}: there is something that is no export of a design. Name another folder.\n"
    )

    source = project.root / "template" / "post" / "expert.cpp.j2"
    source.write_text(source.read_text() + "// changed\n")
    assert "not built from what is there now" in project.doit("export", "design=example").err
