"""The record of a finished build."""

from aigchip.core import paths
from aigchip.tasks import record
from aigchip.tasks.record import Record


def test_a_record_comes_back_and_knows_whether_its_results_are_there(tmp_path, monkeypatch):
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))
    entry = {"kind": "csim", "key": "k1", "inputs": {"a": 1}}
    made = Record(areas={"template": "x"}, steps={"csim:mac": entry})
    record.write(tmp_path, made)
    back = record.read(tmp_path)
    assert back == made
    assert not back.is_whole()
    folder = paths.store_dir() / "csim" / "k1"
    folder.mkdir(parents=True)
    (folder / "inputs.json").write_text("{}")
    assert back.is_whole()


def test_a_missing_or_damaged_record_is_none(tmp_path):
    assert record.read(tmp_path) is None
    (tmp_path / record.FILE_NAME).write_text("{")
    assert record.read(tmp_path) is None
    (tmp_path / record.FILE_NAME).write_text('{"areas": {}}')
    assert record.read(tmp_path) is None
