"""The store: made once, whole or absent, whatever happens to the process that makes it."""

import json
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from aigchip.core.errors import AigchipError, StorageError
from aigchip.core.store import Store


@dataclass(frozen=True, kw_only=True)
class Write:
    """Write a text, and leave a mark in `log` for every run."""

    text: str
    log: Path
    wait_s: float = 0.0
    kind: str = "write"

    def inputs(self):
        return {"text": self.text}

    def run(self, out):
        (out / "half.txt").write_text("half")
        time.sleep(self.wait_s)
        (out / "text.txt").write_text(self.text)
        with self.log.open("a") as log:
            log.write(f"{os.getpid()}\n")


@dataclass(frozen=True, kw_only=True)
class Fail:
    error: Exception
    kind: str = "fail"

    def inputs(self):
        return {}

    def run(self, out):
        (out / "part.txt").write_text("part")
        raise self.error


def make_in_process(root, step):
    Store(root).make(step)


def start(root, step):
    process = multiprocessing.get_context("spawn").Process(target=make_in_process, args=(root, step))
    process.start()
    return process


def leftovers(root):
    return list((root / "tmp").iterdir())


def test_a_step_is_run_once_and_its_inputs_are_kept(tmp_path):
    store, step = Store(tmp_path / "store"), Write(text="a", log=tmp_path / "log")
    assert not store.has(step)
    first = store.make(step)
    assert store.has(step)
    assert store.make(step) == first == store.path(step)
    assert (first / "text.txt").read_text() == "a"
    kept = json.loads((first / "inputs.json").read_text())
    assert (kept["kind"], kept["inputs"]) == ("write", {"text": "a"})
    assert sorted(kept["files"]) == ["half.txt", "text.txt"]
    assert len((tmp_path / "log").read_text().splitlines()) == 1
    assert leftovers(tmp_path / "store") == []


def test_other_inputs_or_another_kind_are_another_result(tmp_path):
    store, log = Store(tmp_path / "store"), tmp_path / "log"
    keys = {store.key(Write(text="a", log=log)), store.key(Write(text="b", log=log))}
    keys.add(store.key(Write(text="a", log=log, kind="other")))
    assert len(keys) == 3


def test_what_is_not_an_input_does_not_change_the_key(tmp_path):
    store = Store(tmp_path)
    assert store.key(Write(text="a", log=tmp_path / "x")) == store.key(Write(text="a", log=tmp_path / "y"))


def test_a_failure_is_never_stored(tmp_path):
    store = Store(tmp_path)
    step = Fail(error=AigchipError("here", "it fails"))
    for _ in range(2):
        with pytest.raises(AigchipError, match="here: it fails"):
            store.make(step)
    assert not store.has(step)
    assert leftovers(tmp_path) == []


def test_a_full_disk_is_one_clear_line_and_nothing_is_stored(tmp_path):
    store = Store(tmp_path)
    step = Fail(error=OSError(28, "No space left on device"))
    with pytest.raises(StorageError) as caught:
        store.make(step)
    assert str(caught.value) == (
        f"{store.path(step)}: the disk is full. "
        "Free some space and run the same command again; nothing is half written."
    )
    assert caught.value.code == "disk-full"
    assert not store.has(step)
    assert leftovers(tmp_path) == []


def test_two_processes_that_need_one_step_run_it_once(tmp_path):
    step = Write(text="a", log=tmp_path / "log", wait_s=0.5)
    processes = [start(tmp_path / "store", step) for _ in range(2)]
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def test_killed_in_the_middle_nothing_is_taken_for_ready_and_the_next_run_makes_it(tmp_path):
    store = Store(tmp_path / "store")
    slow = Write(text="a", log=tmp_path / "log", wait_s=60)
    process = start(tmp_path / "store", slow)
    deadline = time.monotonic() + 30
    while not list((tmp_path / "store").glob("tmp/*/half.txt")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.join(30)
    assert not store.has(slow)
    quick = Write(text="a", log=tmp_path / "log")
    assert (store.make(quick) / "text.txt").read_text() == "a"
    assert leftovers(tmp_path / "store") == []


def test_a_folder_without_its_inputs_file_is_no_result(tmp_path):
    store, step = Store(tmp_path), Write(text="a", log=tmp_path / "log")
    store.path(step).mkdir(parents=True)
    (store.path(step) / "text.txt").write_text("stale")
    assert not store.has(step)
    assert (store.make(step) / "text.txt").read_text() == "a"


def remove(result: Path) -> None:
    (result / "text.txt").unlink()


def empty(result: Path) -> None:
    (result / "text.txt").write_text("")


def alter(result: Path) -> None:
    (result / "text.txt").write_text("b")


def empty_inputs(result: Path) -> None:
    (result / "inputs.json").write_text("")


def cut_inputs(result: Path) -> None:
    text = (result / "inputs.json").read_text()
    (result / "inputs.json").write_text(text[: len(text) // 2])


@pytest.mark.parametrize("damage", [remove, empty, alter, empty_inputs, cut_inputs])
def test_a_damaged_result_is_made_anew(damage, tmp_path):
    store, step = Store(tmp_path / "store"), Write(text="a", log=tmp_path / "log")
    result = store.make(step)
    assert store.has(step)
    damage(result)
    assert not store.has(step)
    assert store.make(step) == result
    assert (result / "text.txt").read_text() == "a"
    assert len((tmp_path / "log").read_text().splitlines()) == 2
    assert store.has(step)
