import pytest
from support.processes import wait_until_gone

from aigchip.core.errors import AigchipError
from aigchip.remote.host import LocalHost


def test_runs_a_program_with_its_folder_and_variables(tmp_path):
    done = LocalHost().run(
        ["sh", "-c", 'pwd; echo "$WORD" >&2; exit 3'], cwd=str(tmp_path), environment={"WORD": "a b"}
    )
    assert (done.exit_code, done.out, done.err) == (3, f"{tmp_path}\n", "a b\n")


def test_a_program_that_is_not_there_is_127_as_in_a_shell():
    done = LocalHost().run(["no-such-program"])
    assert (done.exit_code, done.err) == (127, "no-such-program: No such file or directory")


def test_a_program_and_its_children_are_ended_when_time_is_up(tmp_path):
    pid = tmp_path / "pid"
    with pytest.raises(AigchipError) as caught:
        LocalHost().run(["sh", "-c", f"sleep 60 & echo $! > {pid}; wait"], timeout_s=0.5)
    assert str(caught.value) == (
        "this machine: sh did not end within 0.5 s. See whether the host is busy, or allow more time."
    )
    assert caught.value.code == "time-out"
    assert wait_until_gone(int(pid.read_text()))


def test_files_are_copied_whole(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    LocalHost().put(tmp_path / "a", str(tmp_path / "there" / "b"))
    LocalHost().get(str(tmp_path / "there" / "b"), tmp_path / "c")
    assert (tmp_path / "c").read_bytes() == b"123"
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["b"]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(AigchipError) as caught:
        LocalHost().get(str(tmp_path / "none"), tmp_path / "c")
    assert str(caught.value) == (
        f"this machine: there is no file {tmp_path / 'none'}. Run the step that writes it first."
    )
