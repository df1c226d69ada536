"""Whole prompts, as they are sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aigchip.core import paths
from aigchip.core.errors import InputError
from aigchip.generate.ask import module_request
from aigchip.prompt.library import Library
from aigchip.prompt.render import PromptError, PromptWriter
from aigchip.space.derive import local_parameters
from aigchip.space.files import load
from aigchip.template import module as template

QUESTION = {
    "module": "adder",
    "parameters": {"lanes": 4},
    "instruction": "Write the module `adder` with 4 lanes.\n\n1. Add {{ x }} in 4 lanes.\n",
    "signature": "void adder(hls::stream<ap_uint<32> >& words)",
    "interface": "struct AdderCommand {};\n",
}


def asked(module, parameters) -> dict:
    request = module_request(module, parameters)
    return {
        "module": request.module,
        "parameters": request.parameters,
        "instruction": request.instruction,
        "signature": request.signature,
        "interface": request.interface,
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


def test_the_high_level_description_shows_what_for_and_the_parameters(golden):
    writer = PromptWriter(format="high-level")
    prompt = writer.write(**asked("mac", MAC))
    assert prompt.demonstrations == ()
    golden("prompt/user_high_level.md", prompt.user)


def test_without_demonstrations_the_whole_instruction_stays(golden):
    writer = PromptWriter(format="no-demo")
    prompt = writer.write(**asked("mac", MAC))
    assert prompt.demonstrations == ()
    golden("prompt/user_no_demo.md", prompt.user)


DESIGN = replace(
    load(paths.designs_dir() / "square8" / "design.yaml"),
    mac_width=2, noc_a_mac="unicast", noc_b_mac="unicast", noc_c_mac="broadcast",
    lane_macs=4, noc_a_lane="multicast", noc_b_lane="multicast", noc_c_lane="unicast",
    array_lanes=4, noc_a_array="unicast", noc_b_array="broadcast", noc_c_array="unicast",
    buffer_a_factor=4, buffer_b_factor=2, buffer_c_factor=2,
)  # fmt: skip
MAC = {
    "mac_width": 4, "pack": 1, "noc_a_mac": "multicast", "noc_b_mac": "multicast", "noc_c_mac": "unicast",
}  # fmt: skip


@pytest.mark.parametrize(("module", "callee"), [("mac", None), ("pe_lane", "mac"), ("pe_array", "pe_lane")])
def test_the_hierarchy_is_asked_for_step_by_step(module, callee, golden):
    """A level is written when the one below exists, and is told its interface."""
    parameters = local_parameters(DESIGN)
    prompt = PromptWriter().write(**asked(module, parameters[module]))
    golden(f"prompt/step_{module}.md", prompt.user)
    task = prompt.user.rpartition("# Task: ")[2]
    if callee:
        signature = template.load(callee).signature(parameters[callee])
        assert f"{signature};" in task.partition("## Ports")[2]


def test_a_prompt_over_the_limit_loses_what_ranks_last_and_says_so(tmp_path, caplog):
    writer = PromptWriter(library=library(tmp_path))
    full = writer.write(**QUESTION)
    assert full.demonstrations == ("adder/lanes-8", "adder/lanes-1")
    assert not caplog.records
    less = replace(writer, limit_tokens=full.tokens - 1).write(**QUESTION)
    assert (less.demonstrations, less.dropped) == (("adder/lanes-8",), ("adder/lanes-1",))
    assert less.tokens < full.tokens
    assert caplog.messages == [
        f"adder: left out adder/lanes-1 to keep the prompt under {full.tokens - 1} tokens (about {less.tokens} now)"
    ]
    none = replace(writer, limit_tokens=less.tokens - 1).write(**QUESTION)
    assert (none.demonstrations, none.dropped) == ((), ("adder/lanes-8", "adder/lanes-1"))
    with pytest.raises(PromptError) as caught:
        replace(writer, limit_tokens=100).write(**QUESTION)
    assert str(caught.value) == (
        f"adder: the prompt has about {none.tokens} tokens without a demonstration; must be at most 100. "
        "Use a model with a longer context, or raise the limit."
    )


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(PromptError) as caught:
        PromptWriter(demonstrations=6)
    assert str(caught.value) == "prompt: demonstrations is 6; must be 0 to 5. Use 2, as the paper does."
    with pytest.raises(InputError) as wrong:
        PromptWriter(format="no-demos")
    assert str(wrong.value) == "prompt: 'no-demos' is not a format. Did you mean no-demo?"


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
