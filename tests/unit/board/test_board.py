"""Boards are read whole or refused in one clear line."""

from pathlib import Path

import pytest

from aigchip.board import BoardError, boards, hosted_boards, load
from aigchip.core.paths import boards_dir


def test_the_zcu104_has_the_figures_of_its_data_sheets() -> None:
    board = load("zcu104")
    assert board.part == "xczu7ev-ffvc1156-2-e"
    assert board.resources == {"lut": 230400, "ff": 460800, "dsp": 1728, "bram18": 624, "uram": 96}
    assert board.clock.default_period_ps == 3333
    assert board.memory.effective_bytes_per_second == 14_400_000_000
    assert board.memory.port_width_bits == 128


def test_every_board_of_the_project_can_be_read() -> None:
    assert "zcu104" in boards()
    assert [load(name).name for name in boards()] == list(boards())


@pytest.mark.parametrize(
    ("name", "part", "system", "dsp", "port_bits"),
    [
        ("zcu104", "xczu7ev-ffvc1156-2-e", "zynqmp", 1728, 128),
        ("ultra96v2", "xczu3eg-sbva484-1-i", "zynqmp", 360, 128),
        ("kv260", "xck26-sfvc784-2LV-c", "zynqmp", 1248, 128),
        ("pynq-z2", "xc7z020clg400-1", "zynq", 220, 64),
    ],
)
def test_the_boards_that_ship(name: str, part: str, system: str, dsp: int, port_bits: int) -> None:
    board = load(name)
    assert (board.part, board.processing_system, board.resources["dsp"]) == (part, system, dsp)
    assert (board.memory.ports, board.memory.port_width_bits) == (4, port_bits)
    assert (board.image.user, board.image.sudo) == ("ubuntu" if name == "kv260" else "xilinx", True)
    assert board.image.environment == {"XILINX_XRT": "/usr"}
    assert (boards_dir() / system / "processing_system.tcl.j2").is_file()
    assert board.clock.default_period_ps >= 1e12 / board.memory.fastest_port_hz


def test_a_board_is_added_as_the_how_to_says(tmp_path: Path) -> None:
    """The YAML of docs/how-to/add-a-board.md, in a folder of its own."""
    page = (boards_dir().parent / "docs" / "how-to" / "add-a-board.md").read_text()
    text = page.split("```yaml\n")[1].split("```")[0]
    folder = tmp_path / "boards" / "zcu102"
    folder.mkdir(parents=True)
    (folder / "board.yaml").write_text(text)
    assert boards(tmp_path / "boards") == ("zcu102",)
    board = load("zcu102", tmp_path / "boards")
    assert (board.part, board.resources["dsp"]) == ("xczu9eg-ffvb1156-2-e", 2520)


def test_an_unknown_board_is_one_clear_line() -> None:
    with pytest.raises(BoardError) as error:
        load("zcu140")
    assert str(error.value) == f"board: board is zcu140; must be one of {', '.join(boards())}. Did you mean zcu104?"
    with pytest.raises(BoardError) as error:
        load("../zcu104")
    assert str(error.value).startswith("board: board is ../zcu104; must be one of ")


ERRORS = [
    ("  dsp: 1728\n", "", "the entry resources.dsp is missing. Add dsp."),
    ("  dsp: 1728\n", "  dsp: many\n", "resources.dsp is 'many'; must be a whole number of at least 0. Correct dsp."),
    ("  dsp: 1728\n", "  dsp: -1\n", "resources.dsp is -1; must be a whole number of at least 0. Correct dsp."),
    ("  dsp: 1728\n", "  dsp: 1728\n  dspp: 1\n", "the entry resources.dspp is unknown. Did you mean dsp?"),
    (
        "effective_bytes_per_second: 14400000000",
        "effective_bytes_per_second: 0",
        "memory.effective_bytes_per_second is 0; must be a whole number of at least 1. Correct effective_bytes_per_second.",
    ),
    ("part: xczu7ev-ffvc1156-2-e", "part: 7", "part is 7; must be a text. Correct part."),
    ("name: zcu104", "name: zcu102", "name is zcu102; must be zcu104, as its folder. Set name: zcu104."),
    (
        "default_period_ps: 3333",
        "default_period_ps: 1000",
        "clock.default_period_ps is 1000; must be at least fastest_period_ps, 1290. Set default_period_ps: 1290.",
    ),
    (
        "part: xczu7ev-ffvc1156-2-e",
        "part: 10m50",
        "part is '10m50'; must be of a known family (UltraScale+, 7-series, ECP5). Write it as ",
    ),
    (
        "processing_system: zynqmp",
        "processing_system: arm",
        "processing_system is 'arm'; must be one of zynqmp, zynq, none. Write zynqmp for ",
    ),
    ("sudo: true", "sudo: 1", "image.sudo is 1; must be true or false. Correct sudo."),
    ('pynq: ["2.7", ', "pynq: [2.7, ", "image.pynq is [2.7, '3.0.1', '3.1']; must be a list of texts. Correct pynq."),
    (
        "{XILINX_XRT: /usr}",
        "{XILINX_XRT: 1}",
        "image.environment is {'XILINX_XRT': 1}; must be a mapping of texts to texts. Correct environment.",
    ),
    (
        "python: /usr",
        "python: usr",
        "image.python is 'usr/local/share/pynq-venv/bin/python3'; must be an absolute path. Write for ",
    ),
    ("clock:\n", "clock: fast\nx:\n", "the entry x is unknown. Use only name, "),
]


@pytest.mark.parametrize(("old", "new", "text"), ERRORS)
def test_a_malformed_board_is_one_clear_line(tmp_path: Path, old: str, new: str, text: str) -> None:
    path = tmp_path / "zcu104" / "board.yaml"
    path.parent.mkdir()
    original = (boards_dir() / "zcu104" / "board.yaml").read_text()
    assert old in original
    path.write_text(original.replace(old, new))
    with pytest.raises(BoardError) as error:
        load("zcu104", tmp_path)
    assert str(error.value).startswith(f"{path}: {text}")


LINKED_ERRORS = [
    ("programmer: ulx3s", "", "the entry link.programmer is missing. Add programmer."),
    (
        "memory_bytes: 131072",
        "memory_bytes: 100000",
        "link.memory_bytes is 100000; must be a power of two of at least 4096. Write ",
    ),
    ("processing_system: none", "processing_system: zynq", "the entry link is unknown. Use only name, "),
]


@pytest.mark.parametrize(("old", "new", "text"), LINKED_ERRORS)
def test_a_malformed_board_without_a_processing_system_is_one_clear_line(
    tmp_path: Path, old: str, new: str, text: str
) -> None:
    path = tmp_path / "ulx3s" / "board.yaml"
    path.parent.mkdir()
    original = (boards_dir() / "ulx3s" / "board.yaml").read_text()
    assert old in original
    path.write_text(original.replace(old, new))
    with pytest.raises(BoardError) as error:
        load("ulx3s", tmp_path)
    assert str(error.value).startswith(f"{path}: {text}")


def test_a_board_has_a_system_or_a_link() -> None:
    for name in boards():
        board = load(name)
        assert (board.image is None) == (board.link is not None) == (not board.has_processing_system)
    assert "ulx3s" not in hosted_boards() and "zcu104" in hosted_boards()


def test_a_board_that_is_not_yaml_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "zcu104" / "board.yaml"
    path.parent.mkdir()
    path.write_text("name: [zcu104\n")
    with pytest.raises(BoardError) as error:
        load("zcu104", tmp_path)
    assert str(error.value) == f"{path}:2: not YAML: expected ',' or ']', but got '<stream end>'. Correct this line."
    path.write_text("")
    with pytest.raises(BoardError) as error:
        load("zcu104", tmp_path)
    assert str(error.value).startswith(f"{path}: the content is None; must be a mapping. Give name, ")
