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
    (folder / "inputs.json").write_text('{"files": {}}')
    assert back.is_whole()


def test_a_missing_or_damaged_record_is_none(tmp_path):
    assert record.read(tmp_path) is None
    (tmp_path / record.FILE_NAME).write_text("{")
    assert record.read(tmp_path) is None
    (tmp_path / record.FILE_NAME).write_text('{"areas": {}}')
    assert record.read(tmp_path) is None


def test_an_onnx_file_counts_by_content_and_settings_of_models_only_with_a_model(tmp_path, monkeypatch):
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    (tmp_path / "requirements.lock").touch()
    network, design = tmp_path / "a.onnx", tmp_path / "design.yaml"
    network.write_bytes(b"1")
    design.touch()

    def areas(generator):
        return record.fingerprint({"network": str(network), "generator": generator}, design, {}, "zcu104")

    before = {name: areas(name) for name in ("expert", "llm")}
    network.write_bytes(b"2")
    (tmp_path / "aigchip.yaml").write_bytes(b"\xff")
    changed = {
        name: {area for area, value in areas(name).items() if value != before[name][area]} for name in ("expert", "llm")
    }
    assert changed == {"expert": {"network"}, "llm": {"network", "settings"}}


def test_each_toolchain_has_a_record_of_its_own(tmp_path):
    made = {name: Record(areas={"tools": name}, steps={}) for name in ("csynth", "vitis")}
    for name, one in made.items():
        record.write(tmp_path, one, name)
    assert {name: record.read(tmp_path, name) for name in made} == made
    (tmp_path / "made-from-vitis.json").unlink()
    assert record.read(tmp_path, "vitis") is None
    assert record.read(tmp_path) == made["csynth"]
