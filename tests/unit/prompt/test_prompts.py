"""Whole prompts, as they are sent."""

from __future__ import annotations

import pytest

from aigchip.core import paths
from aigchip.prompt.library import Library
from aigchip.prompt.render import PromptError, PromptWriter

QUESTION = {
    "module": "adder",
    "parameters": {"lanes": 4},
    "instruction": "Write the module `adder` with 4 lanes.\n\n1. Add {{ x }} in 4 lanes.\n",
    "signature": "void adder(hls::stream<ap_uint<32> >& words)",
    "interface": "struct AdderCommand {};\n",
}


def library(root) -> Library:
    for lanes in (1, 2, 4, 8):
        folder = root / "adder" / f"lanes-{lanes}"
        folder.mkdir(parents=True)
        (folder / "demo.yaml").write_text(
            f"module: adder\nparameters: {{lanes: {lanes}}}\nmade_by: expert\nlicence: Apache-2.0\nsource: test\n"
        )
        near = " in 4 lanes" if lanes == 8 else ""
        (folder / "instruction.md").write_text(f"Write the module `adder` with {lanes} lanes.\n\n1. Add{near}.\n")
        (folder / "code.cpp").write_text(f"// adder with {lanes} lanes\n")
    return Library(root=root)


def test_the_whole_prompt(golden, tmp_path):
    prompt = PromptWriter(library=library(tmp_path)).write(**QUESTION)
    assert prompt.demonstrations == ("adder/lanes-8", "adder/lanes-1")
    golden("prompt/system.md", prompt.system)
    golden("prompt/user.md", prompt.user)


def test_without_demonstrations_and_interface(golden, tmp_path):
    writer = PromptWriter(library=library(tmp_path), demonstrations=0)
    prompt = writer.write(**{**QUESTION, "interface": ""})
    assert prompt.demonstrations == ()
    golden("prompt/user_bare.md", prompt.user)


def test_the_whole_repair(golden):
    text = PromptWriter().repair(
        module="adder", signature=QUESTION["signature"], reason="It does not compile.\n- adder.cpp:3: no. Do."
    )
    golden("prompt/repair.md", text)


def test_text_of_the_instruction_is_not_taken_for_a_template(tmp_path):
    assert "Add {{ x }} in 4 lanes." in PromptWriter(library=library(tmp_path)).write(**QUESTION).user


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "system.md.j2: the prompt template is missing. Restore the file."),
        ("{{ modul }}", "system.md.j2: 'modul' is undefined. Use only "),
        ("a\n{% if %}", "system.md.j2:2: Expected an expression, got 'end of statement block'. Correct the template."),
    ],
)
def test_a_wrong_template_is_named(text, line, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "root", lambda: tmp_path)
    if text is not None:
        (tmp_path / "system.md.j2").write_text(text)
    with pytest.raises(PromptError) as caught:
        PromptWriter(templates=tmp_path, library=Library(root=tmp_path)).write(**QUESTION)
    assert str(caught.value).startswith(line)


def test_the_rules_name_what_the_headers_have():
    """Every function of the headers that the system message speaks of exists in them."""
    import csynth

    folder = paths.Path(csynth.__file__).parent / "include"
    headers = "".join(path.read_text() for path in folder.glob("*.h"))
    for name in ("to_int64", "to_uint64", "read_request", "write_request", "write_response", "burst_maxi", "stream"):
        assert name in headers
        assert name in PromptWriter().write(**QUESTION).system
