"""`aigchip init`."""

import pytest

from aigchip.tasks import init


def test_an_empty_folder_becomes_a_project(tmp_path, capsys):
    assert init.main(["init", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out == (
        f"{tmp_path / 'new'}: dodo.py, aigchip.yaml, designs/example/design.yaml, .gitignore. "
        "Next: doit list, doit search.\n"
    )
    compile((tmp_path / "new" / "dodo.py").read_text(), "dodo.py", "exec")
    assert "mac_width: 4" in (tmp_path / "new" / "designs" / "example" / "design.yaml").read_text()


def test_the_current_folder_is_the_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert init.main(["init"]) == 0
    assert (tmp_path / ".gitignore").is_file()


@pytest.mark.parametrize("name", ["dodo.py", "aigchip.yaml", ".gitignore"])
def test_nothing_is_overwritten_and_nothing_half_written(tmp_path, capsys, name):
    (tmp_path / name).write_text("mine\n")
    assert init.main(["init", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"aigchip: {tmp_path / name}: the file is there already; init overwrites nothing. Name an empty folder, or import "
        "the tasks in your own dodo.py: from aigchip.tasks import aigchip_tasks.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine\n"


def test_another_command_is_refused(capsys):
    assert init.main(["search"]) == 1
    assert capsys.readouterr().err == (
        "aigchip: search: aigchip has no such command. See aigchip --help; tasks are run by doit.\n"
    )


def test_help_and_version(capsys):
    assert init.main([]) == 0
    assert init.main(["--version"]) == 0
    assert "aigchip init [folder]" in capsys.readouterr().out


def test_help_names_every_argument_of_a_task(capsys):
    assert init.main(["help", "export"]) == 0
    assert "folder | hls-project | vivado-tcl | fusesoc | edalize | ip-xact | filelist" in capsys.readouterr().out
    assert init.main(["help", "exportt"]) == 1
    assert capsys.readouterr().err == (
        "aigchip: help exportt: 'exportt' is not a task. Did you mean export? See ./doit list.\n"
    )
