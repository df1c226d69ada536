"""The library that ships."""

from __future__ import annotations

from collections import Counter

import pytest

from aigchip.core import paths
from aigchip.generate.ask import module_request
from aigchip.prompt import expert_demos
from aigchip.prompt.library import Library
from aigchip.prompt.links import resolve
from aigchip.prompt.render import PromptWriter
from aigchip.template import module as template


def test_the_experts_demonstrations_match_the_template():
    """If this fails, run `./doit demos refresh` and look at the difference."""
    stale = [
        f"{title}/{name}"
        for title, texts in expert_demos.library().items()
        for name, text in texts.items()
        if (paths.demos_dir() / title / name).read_text(encoding="utf-8") != text
    ]
    assert not stale


@pytest.mark.slow
def test_two_demonstrations_of_its_own_are_left_for_every_question():
    demos = Library(root=paths.demos_dir()).demonstrations
    counts = Counter(demo.module for demo in demos)
    assert set(counts) == set(template.module_names())
    assert min(counts.values()) >= 3
    for demo in demos:
        request = module_request(demo.module, demo.parameters)
        prompt = PromptWriter().write(
            module=request.module,
            parameters=request.parameters,
            instruction=request.instruction,
            signature=request.signature,
            interface=request.interface,
        )
        assert len(prompt.demonstrations) == 2
        assert demo.title not in prompt.demonstrations
        assert {title.split("/")[0] for title in prompt.demonstrations} == {demo.module}
        assert demo.code.strip() not in prompt.user


def test_refresh_writes_what_is_missing_and_leaves_what_a_person_added(tmp_path):
    own = tmp_path / "mac" / "mine" / "demo.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    first = expert_demos.refresh(tmp_path)
    assert len(first) == len(expert_demos.library())
    assert expert_demos.refresh(tmp_path) == []
    (tmp_path / first[0] / "code.cpp").write_text("changed")
    assert expert_demos.refresh(tmp_path) == [first[0]]
    assert own.read_text() == "mine"


def test_every_value_of_parameters_with_few_values_is_shown():
    """Sizes of memories have more values than a module has demonstrations."""
    demos = Library(root=paths.demos_dir()).demonstrations
    shown = {(demo.module, *item) for demo in demos for item in demo.parameters.items()}
    for module, parameters in expert_demos.values().items():
        for name, values in parameters.items():
            if len(values) <= expert_demos.MOST_PER_MODULE:
                assert [value for value in values if (module, name, value) not in shown] == [], (module, name)


def test_demonstrations_are_few_and_hardly_any_has_very_wide_words():
    demos = Library(root=paths.demos_dir()).demonstrations
    counts = Counter(demo.module for demo in demos)
    assert min(counts.values()) >= expert_demos.PER_MODULE and max(counts.values()) <= 3 * expert_demos.MOST_PER_MODULE
    widest = [max(port.width_bits for port in template.load(demo.module).ports(demo.parameters)) for demo in demos]
    assert sum(bits > expert_demos.WIDEST_BITS for bits in widest) <= len(demos) // 5


def test_every_demonstration_is_linked_to_its_instruction():
    for demo in Library(root=paths.demos_dir()).demonstrations:
        assert resolve(demo.instruction, demo.code).problems() == [], demo.title
