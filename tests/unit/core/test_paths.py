"""Where things are: in a checkout, in a project beside it, and where aigchip is installed from a wheel."""

import pytest

from aigchip.core import paths


def test_a_checkout_has_everything_in_itself():
    assert not paths.is_installed()
    assert paths.template_dir() == paths.root() / "template"
    assert paths.source_dir() == paths.root() / "src"
    assert paths.licence() == paths.root() / "LICENSE"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Make the module believe that it lies in site-packages, and return the project's and the wheel's folders."""
    package = tmp_path / "site-packages" / "aigchip"
    for name in ("template/top/graph.yaml", "boards/zcu104/board.yaml", "testbench/cosim_accelerator.py", "records/a.jsonl",
                 "demos/mac/one/demo.yaml", "LICENSE"):  # fmt: skip
        path = package / "share" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.setattr(paths, "__file__", str(package / "core" / "paths.py"))
    monkeypatch.delenv("AIGCHIP_ROOT", raising=False)
    monkeypatch.chdir(project)
    return project, package / "share"


def test_an_installed_aigchip_works_in_the_current_folder_on_what_the_wheel_carries(installed):
    project, share = installed
    assert paths.is_installed()
    assert paths.root() == project
    assert paths.build_dir() == project / "build"
    assert paths.designs_dir() == project / "designs"
    found = [paths.template_dir(), paths.boards_dir(), paths.demos_dir(), paths.records_dir(), paths.testbench_dir()]
    assert found == [share / name for name in ("template", "boards", "demos", "records", "testbench")]
    assert paths.licence() == share / "LICENSE"


def test_a_folder_of_the_project_counts_only_where_it_is_one_of_ours(installed):
    project, share = installed
    (project / "testbench").mkdir()
    (project / "testbench" / "tb.sv").touch()
    assert paths.testbench_dir() == share / "testbench"
    (project / "boards" / "mine").mkdir(parents=True)
    (project / "boards" / "mine" / "board.yaml").touch()
    assert paths.boards_dir() == project / "boards"
