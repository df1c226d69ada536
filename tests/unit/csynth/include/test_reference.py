"""csynth's headers against the reference ap_types (inside the hls4ml wheel), on millions of values.

The reference is looked for in the folder AIGCHIP_AP_TYPES, else fetched with pip into the cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from unit.csynth.include.native_program import build, run
from unit.csynth.include.types_program import cases, program

from aigchip.core import paths

WHEEL = "hls4ml==1.3.0"
_FOLDER = "hls4ml/templates/vivado/ap_types/"


def reference() -> Path:
    """The folder with the reference's ap_fixed.h; skips the test, with the reason, when there is none."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is missing, and the reference ap_types compile with nothing else")
    given = os.environ.get("AIGCHIP_AP_TYPES")
    folder = Path(given) if given else paths.cache_dir() / "ap_types" / _FOLDER
    if not given and not (folder / "ap_fixed.h").is_file():
        target = paths.cache_dir() / "ap_types"
        target.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(target), WHEEL]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        for wheel in target.glob("hls4ml-*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(target, [n for n in archive.namelist() if n.startswith(_FOLDER)])
        if not (folder / "ap_fixed.h").is_file():
            pytest.skip(f"the reference ap_types are absent: {WHEEL} could not be fetched: {done.stderr[-200:]}")
    if not (folder / "ap_fixed.h").is_file():
        pytest.skip(f"the reference ap_types are absent: AIGCHIP_AP_TYPES is {given!r}; must hold ap_fixed.h")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_equal_to_the_reference(seed, tmp_path):
    folder = reference()
    chosen = cases(seed, casts=1, operators=5, values=10_000)
    source = program(chosen)
    own = build(source, tmp_path)
    theirs = tmp_path / "reference"
    command = ["g++", "-std=c++14", "-O1", "-w", "-I", str(folder), str(tmp_path / "program.cpp"), "-o", str(theirs)]
    subprocess.run(command, check=True, capture_output=True)
    found, wanted = run(own), run(theirs)
    assert len(found) == len(wanted) == len(chosen)
    assert sum(int(line[2]) for line in wanted) > 3_000_000
    for case, a, b in zip(chosen, found, wanted, strict=True):
        if a != b:
            left, right = run(own, "values", case.name), run(theirs, "values", case.name)
            at = next((k for k, (x, y) in enumerate(zip(left, right, strict=False)) if x != y), "the end")
            pytest.fail(f"{case.call}: word {at} is {left[at : at + 1]}; the reference has {right[at : at + 1]}")
