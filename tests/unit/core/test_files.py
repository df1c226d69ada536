"""Atomic writes, hashes, locks, figures, settings."""

import errno
import json
from pathlib import Path

import pytest

from aigchip.core import atomic, config, hashing
from aigchip.core.errors import InputError, StorageError
from aigchip.core.figures import Figure
from aigchip.core.lock import file_lock


def test_write_json_makes_folders_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "a" / "b.json"
    atomic.write_json(path, {"b": 1, "a": [2]})
    assert json.loads(path.read_text()) == {"a": [2], "b": 1}
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_keeps_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    atomic.write_text(path, "old")

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError) as caught:
        atomic.write_text(path, "new")
    assert str(caught.value) == (
        f"{path}: the disk is full. Free some space and run the same command again; nothing is half written."
    )
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_other_errors_of_the_system_pass_through(tmp_path):
    with pytest.raises(FileNotFoundError), atomic.storage_errors(tmp_path):
        (tmp_path / "none").read_text()


def test_digest_does_not_depend_on_the_order_of_keys():
    assert hashing.digest({"a": 1, "b": 2}) == hashing.digest({"b": 2, "a": 1})
    assert hashing.digest({"a": 1}) != hashing.digest({"a": "1"})


def test_digest_files_sees_names_and_contents_only(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "a.v").write_text("module")
    (two / "__pycache__").mkdir()
    (two / "__pycache__" / "a.pyc").write_text("x")
    (two / ".hidden").write_text("x")
    assert hashing.digest_files(one) == hashing.digest_files(two)
    (two / "sub" / "a.v").rename(two / "sub" / "b.v")
    assert hashing.digest_files(one) != hashing.digest_files(two)
    assert hashing.digest_files(tmp_path / "none") == hashing.digest_files(tmp_path / "none2")


def test_a_lock_excludes_another_holder_and_ends_with_the_block(tmp_path):
    path = tmp_path / "locks" / "a.lock"
    with file_lock(path) as taken:
        assert taken
        with file_lock(path, blocking=False) as again:
            assert not again
    with file_lock(path, blocking=False) as taken:
        assert taken


def test_a_figure_says_how_it_was_obtained():
    figure = Figure(value=12345, unit="cycles", kind="simulated", tool="verilator 5.048")
    assert str(figure) == "12,345 cycles (simulated, verilator 5.048)"
    assert Figure.from_dict(figure.to_dict()) == figure
    assert Figure(value=0.123456, unit="ms", kind="estimated", tool="t").number() == "0.1235"
    assert Figure(value=None, unit="LUT", kind="estimated", tool="t").number() == "unknown"


def test_a_figure_without_origin_is_refused():
    with pytest.raises(ValueError, match="figure kind is 'guessed'; must be one of estimated, simulated, measured"):
        Figure(value=1, unit="ms", kind="guessed", tool="t")  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    return tmp_path


SCHEMA = {"base_url": str, "max_requests": int, "timeout_s": (int, float)}


def test_settings_of_a_missing_or_empty_file_are_empty(project):
    assert config.section("llm", SCHEMA) == {}
    (project / "aigchip.yaml").write_text("")
    assert config.section("llm", SCHEMA) == {}


def test_settings_are_read(project):
    (project / "aigchip.yaml").write_text("llm:\n  base_url: http://x\n  timeout_s: 3\n")
    assert config.section("llm", SCHEMA) == {"base_url": "http://x", "timeout_s": 3}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "llm: [",
            "aigchip.yaml:1: not YAML: expected the node content, but found '<stream end>'. Correct this line.",
        ),
        ("lllm:\n  a: 1", "aigchip.yaml: 'lllm' is not a section. Did you mean llm?"),
        ("llm:\n  base_ulr: x", "aigchip.yaml: llm: 'base_ulr' is not a setting. Did you mean base_url?"),
        (
            "llm:\n  max_requests: true",
            "aigchip.yaml: llm.max_requests: the value is True; must be a whole number. Correct it.",
        ),
        ("llm:\n  timeout_s: soon", "aigchip.yaml: llm.timeout_s: the value is 'soon'; must be a number. Correct it."),
        (
            "llm:\n  max_requests: 1\n  max_requests: 2",
            "aigchip.yaml:3: not YAML: max_requests is given twice. Correct this line.",
        ),
        ("search:\n  trials: 3", "aigchip.yaml: 'search' is not a section. Choose one of llm, vendor."),
        ("- a", "aigchip.yaml: the top level is not a mapping. Write sections, for example `llm:`."),
        ("llm: 3", "aigchip.yaml: llm: the section is not a mapping. Write `key: value` lines below it."),
    ],
)
def test_bad_settings_are_one_line(project, text, line):
    (project / "aigchip.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        config.section("llm", SCHEMA)
    assert str(caught.value) == line


def test_unreadable_yaml(project):
    with pytest.raises(InputError) as caught:
        config.load_yaml(project / "none.yaml")
    assert (
        str(caught.value) == "none.yaml: the file cannot be read (No such file or directory). Make it a readable file."
    )
    (project / "latin.yaml").write_bytes(b"a: \xff\n")
    with pytest.raises(InputError) as caught:
        config.load_yaml(Path(project / "latin.yaml"))
    assert str(caught.value) == "latin.yaml: this is not UTF-8 text. Save it as UTF-8."
