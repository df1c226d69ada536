"""The wheel alone in another project: the tutorial's commands, plain doit, tasks of the project's own."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorials" / "aigchip-in-your-dodo.md"
pytestmark = [pytest.mark.slow, pytest.mark.verifies("wheel")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel, install it without anything else, and put plain doit on a PATH of its own."""
    base = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    built = subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(base), str(ROOT)],
                           capture_output=True, text=True, check=False)  # fmt: skip
    if built.returncode and "hatchling" in built.stderr:
        pytest.skip("the wheel cannot be built here: pip cannot get hatchling")
    assert built.returncode == 0, built.stderr
    (wheel,) = base.glob("aigchip-*.whl")
    target, programs = base / "site", base / "bin"
    command = [*pip, "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    programs.mkdir()
    for name, module in {"doit": "doit", "aigchip": "aigchip.tasks.init"}.items():
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m {module} "$@"\n')
        script.chmod(0o755)
    return wheel, target, programs


def environment(installed):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIGCHIP_")}
    _, target, programs = installed
    return {**kept, "PYTHONPATH": str(target), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def shell(installed, folder, line):
    return subprocess.run(["sh", "-ec", line], cwd=folder, env=environment(installed), capture_output=True, text=True,
                          timeout=900, check=False)  # fmt: skip


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TUTORIAL.read_text(), flags=re.DOTALL)


def test_the_wheel_holds_what_an_installed_aigchip_reads(installed):
    names = zipfile.ZipFile(installed[0]).namelist()
    for folder in ("template", "demos", "records", "boards", "testbench", "designs"):
        ours = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert {f"aigchip/share/{name}" for name in ours} <= set(names)
    assert "aigchip/share/LICENSE" in names
    assert [name for name in names if name.endswith(".pyc") or "/build/" in name] == []


def test_the_tutorial_works_in_foreign_folders(installed, tmp_path):
    where = shell(
        installed,
        tmp_path,
        f"'{sys.executable}' -P -c 'import aigchip, csynth; print(aigchip.__file__, csynth.__file__)'",
    )
    assert where.stdout.count(str(installed[1])) == 2

    first, second = blocks("sh")
    folder = tmp_path / "accelerator"
    said = []
    for line in first.splitlines():
        if line.startswith("cd "):
            continue
        done = shell(installed, folder if folder.is_dir() else tmp_path, line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        said.append(done.stdout)
    listed, searched = said[2], said[4]
    assert "search" in listed
    assert "Next: doit build design=0" in searched
    assert "./doit" not in "".join(said)
    study = json.loads((folder / "build" / "studies" / "default" / "summary.json").read_text())
    assert study

    (code,) = blocks("python")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "testbench").mkdir()  # a folder of the same name as one of ours
    (mine / "testbench" / "tb.sv").write_text("module tb; endmodule\n")
    (mine / "dodo.py").write_text(code + "\n\ndef task_hello():\n    return {'actions': ['echo hello > hello.txt']}\n")
    assert shell(installed, mine, "doit hello").returncode == 0
    assert (mine / "hello.txt").read_text() == "hello\n"
    assert not (mine / "build").exists()
    shutil.copytree(folder / "build", mine / "build")  # the same study, so that it is not made twice
    done = shell(installed, mine, second)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((mine / "figures" / "accelerators.json").read_text())

    refused = shell(installed, mine, "doit search trials=x")
    assert (refused.returncode, refused.stderr) == (
        3,
        "ERROR: trials=x: trials is 'x'; must be a whole number. Use trials=64.\n",
    )
    refused = shell(installed, mine, "doit export design=0")
    assert refused.returncode == 1
    assert "the design is not built from what is there now. Run doit build design=0." in refused.stdout + refused.stderr
    again = shell(installed, mine, "aigchip init")
    assert (again.returncode, again.stdout) == (1, "")
