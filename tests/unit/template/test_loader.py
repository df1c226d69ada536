import re
import shutil

import pytest
from unit.template.designs import EIGHT_BY_EIGHT, random_design

from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.space import derive
from aigchip.template import module as modules
from aigchip.template.errors import TemplateError

PARAMETERS = derive.local_parameters(EIGHT_BY_EIGHT)


def test_every_instance_has_a_module_and_every_module_an_instance():
    assert set(PARAMETERS) == set(derive.INSTANCES)
    assert {derive.module_of(instance) for instance in derive.INSTANCES} == set(modules.module_names())


@pytest.mark.parametrize("instance", derive.INSTANCES)
def test_the_parameters_of_many_designs_are_those_that_the_module_declares(instance):
    module = modules.load(instance)
    for seed in range(60):
        module.values(derive.local_parameters(random_design(seed))[instance])


@pytest.mark.parametrize("instance", derive.INSTANCES)
def test_the_instruction_matches_its_golden_text(instance, golden):
    golden(f"template/{instance}.md", modules.load(instance).instruction(PARAMETERS[instance]))


@pytest.mark.parametrize("instance", derive.INSTANCES)
def test_the_expert_code_defines_the_fixed_signature(instance):
    module = modules.load(instance)
    signature = module.signature(PARAMETERS[instance])
    assert signature + " {" in module.expert_code(PARAMETERS[instance])
    assert signature in module.instruction(PARAMETERS[instance])


@pytest.mark.parametrize("instance", derive.INSTANCES)
def test_every_parameter_changes_the_instruction(instance):
    module = modules.load(instance)
    texts: dict[str, bool] = dict.fromkeys(module.spec.parameters, False)
    points = [derive.local_parameters(random_design(seed))[instance] for seed in range(40)]
    for point in points:
        for name, spec in module.spec.parameters.items():
            for value in spec.values:
                changed = {**point, name: value}
                if value == point[name] or texts[name]:
                    continue
                try:
                    texts[name] = module.instruction(changed) != module.instruction(point)
                except (TemplateError, KeyError, ZeroDivisionError):
                    continue  # not a parameter point that a valid design has
    constants = {name for name, spec in module.spec.parameters.items() if len(spec.values) == 1}
    assert {name for name, changes in texts.items() if not changes} <= constants


@pytest.mark.parametrize("instance", derive.INSTANCES)
def test_the_lines_of_an_instruction_are_numbered_without_gaps(instance):
    for seed in range(10):
        text = modules.load(instance).instruction(derive.local_parameters(random_design(seed))[instance])
        numbers = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(re.match(r"^(\d+\. .*|Write the module .*|)$", line) for line in text.splitlines())


@pytest.mark.parametrize("instance", derive.INSTANCES)
def test_an_instruction_speaks_of_no_parameter_of_another_module(instance):
    text = modules.load(instance).instruction(PARAMETERS[instance])
    genes = {name for name in EIGHT_BY_EIGHT.to_dict() if "_" in name}  # pack, reuse and slots are words as well
    foreign = {name for name in genes if re.search(rf"\b{name}\b", text)}
    assert foreign <= set(modules.load(instance).spec.parameters)


def copied(tmp_path, name):
    shutil.copytree(paths.template_dir() / name, tmp_path / name)
    return tmp_path / name


def test_an_undefined_name_in_an_instruction_is_an_error(tmp_path, monkeypatch):
    folder = copied(tmp_path, "post")
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    (folder / "instruction.md.j2").write_text("Write.\n\n1. For {{ tile_n }} columns.\n")
    with pytest.raises(TemplateError) as caught:
        modules.load("post", tmp_path).instruction(PARAMETERS["post"])
    assert str(caught.value) == (
        "post/instruction.md.j2: 'tile_n' is undefined. Use only the module's local parameters."
    )


def test_an_undefined_name_in_a_width_is_an_error(tmp_path, monkeypatch):
    folder = copied(tmp_path, "post")
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    path = folder / "module.yaml"
    path.write_text(path.read_text().replace("width: 8 * results", "width: columns"))
    with pytest.raises(TemplateError) as caught:
        modules.load("post", tmp_path).signature(PARAMETERS["post"])
    assert str(caught.value) == (
        "post/module.yaml: width of outputs: 'columns' is undefined. Use only the module's local parameters."
    )


def test_an_unknown_parameter_is_an_error():
    with pytest.raises(TemplateError) as caught:
        modules.load("post").signature({**PARAMETERS["post"], "tile_n": 16})
    assert str(caught.value) == (
        "template module post: the parameter tile_n is unknown; must be one of channel_block, results, word_bytes, "
        "accumulator_bits, tile_channels. Remove it."
    )


def test_a_missing_parameter_is_an_error():
    with pytest.raises(TemplateError) as caught:
        modules.load("post").signature({"channel_block": 8})
    assert str(caught.value) == (
        "template module post: the parameter results is missing. Add results: elements processed in one cycle"
    )


def test_a_value_outside_the_declared_ones_is_an_error():
    with pytest.raises(TemplateError) as caught:
        modules.load("post").signature({**PARAMETERS["post"], "accumulator_bits": 17})
    assert str(caught.value) == (
        "template module post: accumulator_bits is 17; must be one of 24, 28, 32. Set accumulator_bits: 24."
    )


def test_an_unknown_module_is_an_error():
    with pytest.raises(AigchipError) as caught:
        modules.load("macc")
    assert str(caught.value) == "template: 'macc' is not a module. Did you mean mac?"


def test_a_malformed_module_yaml_is_an_error(tmp_path, monkeypatch):
    folder = copied(tmp_path, "post")
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    (folder / "module.yaml").write_text("level: [output\ndoc: x\n")
    with pytest.raises(TemplateError) as caught:
        modules.load("post", tmp_path)
    assert str(caught.value) == (
        "post/module.yaml:2: the YAML is malformed: expected ',' or ']', but got ':'. Correct the line."
    )


def test_a_module_yaml_without_a_field_is_an_error(tmp_path, monkeypatch):
    folder = copied(tmp_path, "post")
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    path = folder / "module.yaml"
    path.write_text(path.read_text().replace("level: output\n", ""))
    with pytest.raises(TemplateError) as caught:
        modules.load("post", tmp_path)
    assert str(caught.value) == "post/module.yaml: level: Field required. Compare with another module.yaml."


def test_a_missing_expert_code_is_an_error(tmp_path, monkeypatch):
    folder = copied(tmp_path, "post")
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    (folder / "expert.cpp.j2").unlink()
    with pytest.raises(TemplateError) as caught:
        modules.load("post", tmp_path).expert_code(PARAMETERS["post"])
    assert str(caught.value) == "post/expert.cpp.j2: the file is missing. Restore the file."


def test_a_missing_model_is_an_error(tmp_path, monkeypatch):
    folder = copied(tmp_path, "post")
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    (folder / "model.py").unlink()
    with pytest.raises(TemplateError) as caught:
        modules.load("post", tmp_path).vectors(PARAMETERS["post"], 1)
    assert str(caught.value) == "post/model.py: the numpy model is missing. Restore the file."


def test_the_digest_changes_with_any_file_of_the_folder(tmp_path):
    folder = copied(tmp_path, "post")
    before = modules.load("post", tmp_path).digest()
    path = folder / "expert.cpp.j2"
    path.write_text(path.read_text() + "\n")
    assert modules.load("post", tmp_path).digest() != before


def test_vectors_repeat_with_the_seed_and_differ_without():
    post = modules.load("post")
    assert post.vectors(PARAMETERS["post"], 1) == post.vectors(PARAMETERS["post"], 1)
    assert post.vectors(PARAMETERS["post"], 1) != post.vectors(PARAMETERS["post"], 2)
