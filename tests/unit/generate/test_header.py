"""The header of a generated file, whole."""

from aigchip.generate.header import header, licences
from aigchip.generate.request import Provenance
from aigchip.prompt.library import Library


def test_a_models_code_names_its_model_request_demonstrations_tools_and_checks():
    provenance = Provenance(
        generator="llm",
        model="m-2026",
        endpoint="localhost:8000",
        request_hash="0123abcd",
        demonstrations=("mac/expert-1", "mac/mine"),
        attempt=2,
        how="repaired",
        versions={"aigchip": "0.1.0", "openai": "3.54.0"},
    )
    text = header(
        "mac",
        provenance,
        parameters={"mac_width": 2, "noc_a_mac": "unicast"},
        demonstrations={"mac/expert-1": "Apache-2.0", "mac/mine": "MIT"},
        tools=("csynth 0.1.0",),
        checked=("C simulation (9 vectors)", "RTL simulation"),
    )
    assert text == (
        "// mac: written by the model m-2026, after a repair by the model.\n"
        "// Reply to the request 0123abcd, received from: localhost:8000.\n"
        "// Demonstrations in the prompt: mac/expert-1 (Apache-2.0); mac/mine (MIT).\n"
        "// Parameters: mac_width 2, noc_a_mac unicast.\n"
        "// Made with aigchip 0.1.0, openai 3.54.0, csynth 0.1.0.\n"
        "// Passed C simulation (9 vectors), RTL simulation.\n\n"
    )


def test_an_expert_and_a_person_are_named_as_such():
    def first(provenance):
        return header("mac", provenance, parameters={}, demonstrations={}, tools=(), checked=()).splitlines()[0]

    assert first(Provenance(generator="expert")) == "// mac: the expert code of aigchip's template (Apache-2.0)."
    assert first(Provenance(generator="by-hand", how="by-hand")) == "// mac: written by a person."


def test_a_models_name_cannot_leave_its_comment():
    provenance = Provenance(generator="llm", model="x\nint evil; \\", endpoint="e", request_hash="h")
    text = header("mac", provenance, parameters={}, demonstrations={}, tools=(), checked=())
    assert all(line.startswith("// ") and not line.endswith("\\") for line in text.splitlines() if line)


def test_a_demonstration_that_is_gone_has_no_licence(tmp_path):
    folder = tmp_path / "mac" / "one"
    folder.mkdir(parents=True)
    (folder / "instruction.md").write_text("1. Do.")
    (folder / "code.cpp").write_text("x")
    (folder / "demo.yaml").write_text("module: mac\nparameters: {}\nmade_by: me\nlicence: MIT\nsource: here\n")
    assert licences(("mac/one", "mac/two"), Library(root=tmp_path)) == {
        "mac/one": "MIT",
        "mac/two": "unknown: the demonstration is no longer in the library",
    }
