"""The expert generator and the requests that it gets."""

from __future__ import annotations

import pickle

import pytest

from aigchip.generate.ask import interface, module_request
from aigchip.generate.errors import GenerateError
from aigchip.generate.expert import ExpertGenerator
from aigchip.template import module as template

MAC = {"mac_width": 2, "pack": 1, "noc_a_mac": "unicast", "noc_b_mac": "unicast", "noc_c_mac": "broadcast"}


@pytest.mark.verifies("expert")
def test_it_gives_the_templates_code_and_says_so():
    made = ExpertGenerator().generate(module_request("mac", MAC))
    assert made.code == template.load("mac").expert_code(MAC)
    assert (made.provenance.generator, made.provenance.model, made.reply) == ("expert", "", "")


def test_it_refuses_an_instruction_that_a_person_changed():
    request = module_request("mac", MAC, instruction="Use three multipliers.")
    for ask in (ExpertGenerator().generate, ExpertGenerator().inputs):
        with pytest.raises(GenerateError) as caught:
            ask(request)
        assert str(caught.value) == (
            "mac: the instruction was changed by a person, and the expert generator cannot read. "
            "Use generator=llm, or remove the changed instruction."
        )


def test_white_space_is_no_change():
    rendered = template.load("mac").instruction(MAC)
    assert not module_request("mac", MAC, instruction=f"\n{rendered}  \n").changed_by_person


def test_inputs_are_the_same_for_every_instance_and_survive_a_worker():
    parameters = {"operand": "a", "word_bytes": 16, "piece_bytes": 2}
    one = module_request("arbiter_a", parameters)
    assert one.module == "arbiter"
    assert ExpertGenerator().inputs(one) == pickle.loads(pickle.dumps(ExpertGenerator())).inputs(
        pickle.loads(pickle.dumps(one))
    )
    assert ExpertGenerator().inputs(one) == ExpertGenerator().inputs(module_request("arbiter", parameters))


def test_the_interface_holds_the_ports_and_the_command_words_that_are_named():
    headers = "// one\nstruct OneCommand {\n  int a;\n};\n\n// two\nstruct TwoCommand {\n  int b;\n};\n"
    ports = {"words": "what comes in", "commands": "TwoCommand words"}
    assert interface(headers, ports=ports, instruction="Read it.", callees=("int f(int x)",)) == (
        "// words: what comes in\n// commands: TwoCommand words\n"
        '#include "aigchip_commands.h"  // it holds:\n// two\nstruct TwoCommand {\n  int b;\n};\n// made before this module, declared here, not defined here\nint f(int x);'
    )
    assert interface(headers, ports={}, instruction="A OneCommand.", callees=()).endswith("int a;\n};")
    assert interface(headers, ports={}, instruction="Nothing.", callees=()) == ""


def test_every_module_of_the_template_makes_a_request():
    from aigchip.prompt.expert_demos import chosen_parameters

    for module, listed in chosen_parameters().items():
        request = module_request(module, listed[0])
        assert request.signature
        if "commands" in request.signature:
            assert "struct" in request.interface, module
