"""The demonstration library: what is read, what is refused, and what is never shown."""

from __future__ import annotations

import pytest

from aigchip.core import paths
from aigchip.prompt.library import DemonstrationError, Library

GOOD = "module: mac\nparameters: {n: 1}\nmade_by: expert\nlicence: Apache-2.0\nsource: here\n"


def write(root, title, *, yaml=GOOD, instruction="do it\n", code="int f();\n"):
    folder = root / title
    folder.mkdir(parents=True)
    (folder / "demo.yaml").write_text(yaml)
    if instruction is not None:
        (folder / "instruction.md").write_text(instruction)
    (folder / "code.cpp").write_text(code)


@pytest.fixture(autouse=True)
def _root(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "root", lambda: tmp_path)


@pytest.mark.parametrize(
    ("title", "changes", "line"),
    [
        (
            "mac/a",
            {"yaml": "module: mac\n"},
            "mac/a/demo.yaml: the keys are module; must be module, parameters, made_by, licence, source. "
            "Correct the file, or run ./doit demos refresh.",
        ),
        (
            "mac/a",
            {"yaml": GOOD.replace("{n: 1}", "[1]")},
            "mac/a/demo.yaml: parameters is [1]; must be a mapping of names to numbers or words. Correct the file.",
        ),
        (
            "mac/a",
            {"yaml": GOOD.replace("Apache-2.0", "''")},
            "mac/a/demo.yaml: licence is ''; must be a word or sentence. Correct it.",
        ),
        (
            "post/a",
            {},
            "post/a/demo.yaml: module is 'mac'; must be 'post', the folder it lies in. "
            "Move the folder or correct the name.",
        ),
        ("mac/a", {"instruction": None}, "mac/a/instruction.md: the file is missing. Write it, or delete the folder."),
        ("mac/a", {"yaml": "module: [\n"}, "mac/a/demo.yaml:2: "),
    ],
)
def test_a_malformed_demonstration_is_named(title, changes, line, tmp_path):
    write(tmp_path, title, **changes)
    with pytest.raises(Exception, match=r"demo|instruction") as caught:
        _ = Library(root=tmp_path).demonstrations
    assert str(caught.value).startswith(line)
    if line.endswith("."):
        assert str(caught.value) == line
        assert isinstance(caught.value, DemonstrationError)


def test_the_answer_itself_is_never_shown(tmp_path):
    for number in range(4):
        write(tmp_path, f"mac/d{number}", yaml=GOOD.replace("n: 1", f"n: {number}"), instruction=f"make {number}\n")
    library = Library(root=tmp_path)
    by_parameters = library.candidates("mac", parameters={"n": 2}, instruction="another text", wanted=2)
    assert [demo.name for demo in by_parameters] == ["d0", "d1", "d3"]
    by_text = library.candidates("mac", parameters={"n": 9}, instruction=" make\n3", wanted=2)
    assert [demo.name for demo in by_text] == ["d0", "d1", "d2"]


def test_other_modules_help_out_where_a_module_has_too_few(tmp_path):
    write(tmp_path, "mac/one")
    write(tmp_path, "post/one", yaml=GOOD.replace("mac", "post"))
    library = Library(root=tmp_path)
    titles = [d.title for d in library.candidates("mac", parameters={"n": 2}, instruction="x", wanted=2)]
    assert titles == ["mac/one", "post/one"]
    assert [d.title for d in library.candidates("mac", parameters={"n": 2}, instruction="x", wanted=1)] == ["mac/one"]
