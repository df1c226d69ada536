"""Boards are read whole or refused in one clear line."""

from pathlib import Path

import pytest

from aigchip.board import BoardError, boards, load
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
