"""Exports of a design that was really built, in the tools that read them: FuseSoC and Edalize with Verilator."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.exported import verilator_environment

from aigchip.core.lock import file_lock
from aigchip.export.formats import FORMATS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def doit(root, *words):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIGCHIP_")}
    environment = {**kept, "AIGCHIP_ROOT": str(root), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-P", "-m", "aigchip.tasks", *words]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def exports(tmp_path_factory):
    """Build designs/example and write it in every format, once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # pytest-xdist: one folder a worker
    root = shared / "exports"
    with file_lock(shared / "exports.lock"):
        if not (root / "ready").is_file():
            for name in ("template", "boards", "testbench", "demos"):
                shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copytree(ROOT / "designs" / "example", root / "designs" / "example")
            for name in ("dodo.py", "requirements.lock"):
                shutil.copy(ROOT / name, root / name)
            doit(root, "build", "design=example")
            for name in FORMATS:
                doit(root, "export", "design=example", f"format={name}", f"into={root / 'out' / name}")
            (root / "ready").touch()
    return root / "out"


def test_every_format_carries_who_made_what(exports):
    for name in FORMATS:
        told = json.loads((exports / name / "provenance.json").read_text())
        assert (told["design"], told["generator"], len(told["modules"])) == ("example", "expert", 14)
        assert (exports / name / "LICENSE").read_text().lstrip().startswith("Apache License")
        for path in (exports / name).rglob("*"):
            if path.suffix == ".v" and path.stem in told["modules"]:
                head = path.read_text()
                assert head.startswith(f"// {path.stem}: the expert code of aigchip's template (Apache-2.0).")
                assert "co-simulation of the whole (verilator" in head.replace("\n// ", " ")


def run(command, folder, **settings):
    environment = {**verilator_environment(), **settings}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    return done.returncode, done.stdout + done.stderr


def fusesoc(target, library, work):
    work.mkdir(parents=True, exist_ok=True)
    program = str(Path(sys.executable).with_name("fusesoc"))
    return run(
        [program, "--cores-root", str(library), "run", f"--target={target}", "aigchip:accelerators:example"], work
    )


@pytest.mark.verifies("fusesoc")
def test_fusesoc_lints_the_core_and_a_fault_in_its_rtl_is_seen(exports, tmp_path):
    code, said = fusesoc("lint", exports / "fusesoc", tmp_path / "work")
    assert code == 0, said
    assert "%Warning" not in said
    broken = tmp_path / "broken"
    shutil.copytree(exports / "fusesoc", broken)
    shell = broken / "rtl" / "accelerator_shell.v"
    shell.write_text(shell.read_text().replace("reg         gie;", ""))
    code, said = fusesoc("lint", broken, tmp_path / "broken-work")
    assert code != 0
    assert "gie" in said


@pytest.mark.verifies("fusesoc")
def test_fusesoc_simulates_the_core_and_wrong_data_is_seen(exports, tmp_path):
    code, said = fusesoc("sim", exports / "fusesoc", tmp_path / "work")
    assert code == 0, said[-3000:]
    assert "PASS: 3 x 3, 7 x 13 x 11 to 5 is bit-exact; " in said
    (model,) = (tmp_path / "work").rglob("Vaccelerator_bench")
    image = model.parent / "sim" / "expected.hex"
    words = image.read_text().split()
    image.write_text("\n".join([*words[:40], f"{int(words[40], 16) ^ 1:02x}", *words[41:]]) + "\n")
    code, said = run([str(model)], model.parent)
    assert code != 0
    assert "FAIL: 1 of 715 elements of C are wrong" in said


EDALIZE = """
import sys, yaml
from edalize.flows.sim import Sim
with open("example.eda.yml") as file:
    flow = Sim(yaml.safe_load(file), ".")
flow.configure()
flow.build()
flow.run()
"""


@pytest.mark.verifies("edalize")
def test_edalize_configures_builds_and_runs_and_a_missing_file_is_seen(exports, tmp_path):
    folder = tmp_path / "edalize"
    shutil.copytree(exports / "edalize", folder)
    code, said = run([sys.executable, "-c", EDALIZE], folder)
    assert code == 0, said[-3000:]
    assert "PASS: 3 x 3, 7 x 13 x 11 to 5 is bit-exact; " in said
    broken = tmp_path / "broken"
    shutil.copytree(exports / "edalize", broken)
    edam = yaml.safe_load((broken / "example.eda.yml").read_text())
    edam["files"] = [file for file in edam["files"] if file["name"] != "rtl/post.v"]
    (broken / "example.eda.yml").write_text(yaml.safe_dump(edam))
    code, said = run([sys.executable, "-c", EDALIZE], broken)
    assert code != 0
    assert "post" in said
