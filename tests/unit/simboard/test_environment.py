"""The board's packages are installed once and whole; the installer here is a stand-in that writes one file."""

import threading

import pytest

from aigchip.core.errors import ToolMissingError
from aigchip.simboard import environment
from aigchip.simboard.errors import SimulatedBoardError

UV = """#!/bin/sh
echo call >> "{calls}"
[ -z "$BOARD" ] || exit 9
while [ $# -gt 0 ]; do case "$1" in --target) target=$2 ;; esac; shift; done
echo half > "$target/half.py"
{then}
echo whole > "$target/pynq.py"
"""


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """Put a stand-in for uv on PATH, and the cache into a folder of the test's own."""
    monkeypatch.setenv("AIGCHIP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("BOARD", "Pynq-Z2")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    lock = tmp_path / "requirements.lock"
    lock.write_text("pynq==4.0.0\n")

    def write(then=""):
        uv = tmp_path / "bin" / "uv"
        uv.write_text(UV.format(calls=tmp_path / "calls", then=then))
        uv.chmod(0o755)
        return lock

    write.calls = tmp_path / "calls"
    return write


def test_the_second_call_finds_what_the_first_made(stage):
    lock = stage()
    said = []
    first = environment.ensure(said.append, lock=lock)
    assert environment.ensure(said.append, lock=lock) == first
    assert (first.packages / "pynq.py").read_text() == "whole\n"
    assert stage.calls.read_text() == "call\n"
    assert [line.split(" into ")[0].split(" in ")[0] for line in said] == [
        "Installing pynq for the simulated board", "Installed",
    ]  # fmt: skip


def test_threads_that_need_it_at_once_make_it_once(stage):
    lock = stage("sleep 0.3")
    threads = [
        threading.Thread(target=environment.ensure, args=(lambda text: None,), kwargs={"lock": lock}) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stage.calls.read_text() == "call\n"


def test_a_failed_installation_leaves_nothing_and_is_one_line(stage):
    lock = stage("echo 'resolving'; echo 'error: no such index'; exit 2")
    with pytest.raises(SimulatedBoardError) as refused:
        environment.ensure(lambda text: None, lock=lock)
    assert str(refused.value) == (
        "board=sim: pynq cannot be installed: error: no such index. "
        "With network and disk in order, run the same command again; nothing is half made."
    )
    lock = stage()
    made = environment.ensure(lambda text: None, lock=lock)
    assert sorted(path.name for path in made.packages.parent.iterdir() if path.is_dir()) == [made.packages.name]


def test_leavings_of_a_killed_installation_are_made_anew(stage):
    lock = stage()
    made = environment.ensure(lambda text: None, lock=lock)
    (made.packages / ".ready").unlink()  # as if it had been killed before the end
    left = made.packages.parent / f".{made.packages.name}-left"
    left.mkdir()
    (made.packages / "pynq.py").write_text("broken")
    assert environment.ensure(lambda text: None, lock=lock).packages == made.packages
    assert (made.packages / "pynq.py").read_text() == "whole\n"
    assert not left.exists()


def test_another_list_is_another_environment(stage):
    lock = stage()
    first = environment.ensure(lambda text: None, lock=lock)
    lock.write_text("pynq==3.1.2\n")
    assert environment.ensure(lambda text: None, lock=lock).packages != first.packages


def test_without_a_python_that_pynq_runs_on_the_line_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setattr(environment.sys, "version_info", (3, 14, 0, "final", 0))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(environment.sys, "base_prefix", str(tmp_path))

    class Version(tuple):
        major, minor = 3, 14

    monkeypatch.setattr(environment.sys, "version_info", Version((3, 14, 0, "final", 0)))
    with pytest.raises(ToolMissingError) as refused:
        environment.interpreter()
    assert str(refused.value) == (
        "board=sim: pynq needs Python 3.11 or 3.12, and there is none. "
        "Run: sudo apt-get install python3.12, or: uv python install 3.12 --default."
    )


def test_the_lock_file_pins_every_package_by_hash():
    text = environment.lock_file().read_text()
    assert "pynq==4.0.0 \\" in text and "grpcio==1.64.0 \\" in text and "numpy==1.26" in text
    entries = [block for block in text.replace("\\\n", " ").splitlines() if block and not block.startswith((" ", "#"))]
    assert len(entries) > 30 and all("--hash=sha256:" in entry for entry in entries)
    assert "index-url" not in text
