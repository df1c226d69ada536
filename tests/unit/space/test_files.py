"""Designs in YAML and JSON: round trip, and one clear line for each way to be malformed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from unit.space.strategies import valid_designs
from unit.space.test_rejections import GOOD

from aigchip.space import Design, DesignError, canonical
from aigchip.space.files import from_data, load, save


@given(valid_designs)
def test_a_dictionary_brings_the_design_back(design: Design) -> None:
    assert Design.from_dict(json.loads(json.dumps(design.to_dict()))) == design


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_file_brings_the_design_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"design.{suffix}"
    if suffix == "yaml":
        save(GOOD, path)
    else:
        path.write_text(json.dumps(GOOD.to_dict()))
    assert load(path) == canonical(GOOD)


ERRORS = {
    "lane_macs: 4": (
        "lane_macs: 16",
        "designs/x/design.yaml: lane_macs is 16; must be one of 1, 2, 4, 8. Set lane_macs: 8.",
    ),
    "reuse: output": (
        "reuse: outputs",
        "designs/x/design.yaml: reuse is outputs; must be one of first, second, output. Set reuse: output.",
    ),
    "tile_m: 32": (
        'tile_m: "32"',
        "designs/x/design.yaml: tile_m is '32'; must be one of 16, 32, 64. Set tile_m: 32.",
    ),
    "tile_n: 32": ("tile_nn: 32", "designs/x/design.yaml: the parameter tile_nn is unknown. Did you mean tile_n?"),
    "group: 1": ("", "designs/x/design.yaml: the parameter group is missing. Add group with one of 1, 2, 4."),
    "mac_width: 2": (
        "mac_width: 4",
        "designs/x/design.yaml: mac_width * lane_macs is 4 * 4 = 16; must be at most 8, arrays up to 8 x 8 are built. "
        "Set lane_macs: 2.",
    ),
    "array_lanes: 4": (
        "array_lanes: [4",
        "designs/x/design.yaml:6: not YAML: expected ',' or ']', but got '?'. Correct this line.",
    ),
}


@pytest.mark.parametrize(("old", "new", "text"), [(old, *case) for old, case in ERRORS.items()])
def test_a_malformed_design_is_one_clear_line(tmp_path: Path, old: str, new: str, text: str) -> None:
    path = tmp_path / "design.yaml"
    save(GOOD, path)
    path.write_text(path.read_text().replace(old + "\n", new + "\n"))
    with pytest.raises(DesignError) as error:
        load(path, shown_as="designs/x/design.yaml")
    assert str(error.value) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (None, "d.yaml: the content is empty; must be a mapping. Start with mac_width: 4."),
        ([1], "d.yaml: the content is a list; must be a mapping. Start with mac_width: 4."),
        (
            GOOD.to_dict() | {"tile_m": True},
            "d.yaml: tile_m is True; must be one of 16, 32, 64. Set tile_m: 16.",
        ),
        (GOOD.to_dict() | {7: 1}, "d.yaml: the parameter 7 is unknown. Use only"),
    ],
)
def test_malformed_content_is_one_clear_line(data: object, text: str) -> None:
    with pytest.raises(DesignError) as error:
        from_data(data, where="d.yaml")
    assert str(error.value).startswith(text)


def test_unreadable_files_are_one_clear_line(tmp_path: Path) -> None:
    cases = {}
    contents = {
        "binary.yaml": b"\xff\xfe",
        "nul.yaml": b"a: \0",
        "twice.yaml": b"mac_width: 4\nlane_macs: 2\nmac_width: 2\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.yaml").mkdir()
    for name in ("absent.yaml", "folder.yaml", *contents):
        with pytest.raises(DesignError) as error:
            load(tmp_path / name, shown_as=name)
        cases[name] = str(error.value)
    assert cases == {
        "absent.yaml": "absent.yaml: the file does not exist. Write it, or name another design.",
        "folder.yaml": "folder.yaml: the file cannot be read (Is a directory). Make it a readable file.",
        "binary.yaml": "binary.yaml: this is not UTF-8 text. Save it as UTF-8.",
        "nul.yaml": "nul.yaml: not YAML: it holds a character that YAML does not allow. Correct this line.",
        "twice.yaml": "twice.yaml:3: not YAML: mac_width is given twice. Correct this line.",
    }


def test_importing_the_space_loads_nothing_heavy() -> None:
    program = "import sys, aigchip.space.files, aigchip.space.sampling; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"numpy", "yaml", "optuna", "onnx"} & set(run.stdout.split())
