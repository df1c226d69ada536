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
        "lane_macs: 18",
        "designs/x/design.yaml: lane_macs is 18; must be one of 1, 2, 4, 8, 16, 32. Set lane_macs: 16.",
    ),
    "reuse: first": (
        "reuse: firsts",
        "designs/x/design.yaml: reuse is firsts; must be one of first, second, output. Set reuse: first.",
    ),
    "slots: 4": (
        'slots: "4"',
        "designs/x/design.yaml: slots is '4'; must be one of 2, 4, 8. Set slots: 4.",
    ),
    "port_bits: 128": (
        "port_bitss: 128",
        "designs/x/design.yaml: the parameter port_bitss is unknown. Did you mean port_bits?",
    ),
    "clock_mhz: 250": (
        "",
        "designs/x/design.yaml: the parameter clock_mhz is missing. Add clock_mhz with one of 100, 150, 200, 250, 300.",
    ),
    "buffer_a_factor: 4": (
        "buffer_a_factor: 8",
        "designs/x/design.yaml: buffer_a_factor is 8; must be at most 4, the array takes 4 x 4 x 4 (m x n x k) a cycle and "
        "the banks divide m. Set buffer_a_factor: 4.",
    ),
    "noc_a_mac: unicast": (
        "noc_a_mac: [unicast",
        "designs/x/design.yaml:8: not YAML: expected ',' or ']', but got ':'. Correct this line.",
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
            GOOD.to_dict() | {"mac_width": True},
            "d.yaml: mac_width is True; must be one of 1, 2, 4, 8, 16. Set mac_width: 1.",
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
