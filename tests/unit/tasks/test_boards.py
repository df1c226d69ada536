"""`board`: which simulated board is meant, and what is said of it. Real sshd; the board's packages are empty."""

import json
import os
import shutil

import pytest

from aigchip.core.errors import AigchipError
from aigchip.simboard import environment, faults, server, sshd
from aigchip.tasks import boards
from aigchip.tasks.arguments import parse

needs_sshd = pytest.mark.skipif(
    shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:{sshd._PLACES}") is None,
    reason="OpenSSH is not installed: sudo apt-get install openssh-server",
)


@pytest.fixture
def board(tmp_path, monkeypatch, capsys):
    """Run `board` with words and arguments; return what it says."""
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))
    (tmp_path / "packages").mkdir()
    made = environment.Environment(python=environment.interpreter(), packages=tmp_path / "packages")
    monkeypatch.setattr(environment, "ensure", lambda say: made)

    def run(*words):
        plain = [word for word in words if "=" not in word]
        assert boards.run(plain, parse(word for word in words if "=" in word)) == 0
        return capsys.readouterr().out

    run.build = tmp_path / "build"
    yield run
    for name in server.made():
        server.stop(server.folder_of(name))


@needs_sshd
def test_each_board_is_addressed_and_status_shows_all(board):
    assert board("status") == "No simulated board is running. Start one with ./doit board start board=<name>.\n"
    out = board("start", "board=pynq-z2", "fault=hang")
    target = board.build / "boards" / "sim-pynq-z2" / "target.json"
    assert out.startswith(f"The simulated pynq-z2 runs; {target} says how to reach it.\npynq-z2: port ")
    assert f"\nfault hang: {faults.FAULTS['hang']}\n" in out
    assert board("start").startswith("The simulated zcu104 runs; ")
    both = board("status")
    assert [line.split(":")[0] for line in both.splitlines() if ": port " in line] == ["pynq-z2", "zcu104"]
    assert both.count("fault hang") == 1
    assert "fault hang" not in board("status", "board=zcu104")
    assert board("start", "board=pynq-z2").startswith("The simulated pynq-z2 was running already; ")
    assert "fault" not in board("status", "board=pynq-z2")
    assert board("stop") == "The simulated zcu104 is stopped.\n"
    assert board("stop") == (
        "The simulated zcu104 was not running.\nThe simulated pynq-z2 runs; ./doit board stop board=pynq-z2 stops it.\n"
    )
    assert board("status", "board=zcu104") == (
        "The simulated zcu104 is not running. Start it with ./doit board start board=zcu104.\n"
    )
    assert board("stop", "board=pynq-z2") == "The simulated pynq-z2 is stopped.\n"


def test_the_board_of_a_study_is_that_of_its_designs(board):
    study = board.build / "studies" / "s"
    study.mkdir(parents=True)
    (study / "study.json").write_text(json.dumps({"settings": {"context": {"board": "kv260"}}}))
    assert board("status", "design=3", "study=s") == (
        "The simulated kv260 is not running. Start it with ./doit board start board=kv260.\n"
    )
    assert board("stop", "design=3", "study=s", "board=ultra96v2") == "The simulated ultra96v2 was not running.\n"
    assert board("stop", "design=example") == board("stop", "board=sim") == "The simulated zcu104 was not running.\n"


@pytest.mark.parametrize(
    ("words", "given", "line"),
    [
        (["begin"], [], "board: 'begin' is not an action. Choose one of start, status, stop."),
        (["stop", "now"], [], "board stop: the word now follows. Write ./doit board stop alone."),
        (["stop"], ["fault=hang"], "fault=hang: board stop takes no fault. Use it with board start."),
    ],
)
def test_what_is_no_command_is_refused(words, given, line):
    with pytest.raises(AigchipError) as refused:
        boards.run(words, parse(given))
    assert str(refused.value) == line
