"""Hold the count of resources, each distinct module once, against one yosys run over the flattened accelerator.

    .venv/bin/python -m benchmarks.flat_resources [--designs 10] [--seed 3] [--most-products 64] [--out FILE]

Designs are drawn as `benchmarks/rtl_designs.py` draws them, their modules are the expert's. The flow is the same; flat, yosys
sees through the modules' borders: constants go into modules, registers and logic that no neighbour needs go away, and logic
is mapped across borders. Both are estimates by yosys; what is shown is how far they are apart. A line of JSON is appended for
each design; run again, the comparison goes on where it was. Exit code 1 where a design's DSPs, block RAMs or URAMs differ, or
its LUTs or flip-flops by more than 10 %.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.store import Store
from aigchip.space import Design
from aigchip.space.spans import array_step
from benchmarks.rtl_designs import BOARD, draw, linked
from csynth.dsp.library import MODELS
from csynth.report.model import Resources
from csynth.resources import yosys
from csynth.resources.estimate import estimate
from csynth.resources.flows import FLOWS

FAMILY = "UltraScale+"
SAME = ("dsp", "bram18", "uram")
NEAR = ("lut", "ff")
MOST_PERCENT = 10.0


def flat(verilog: Mapping[str, str], top: str, engine: Path) -> Resources:
    """Count a design in one run of yosys that dissolves every module but library cells.

    Args:
        verilog: module name to Verilog.
        top: name of the module at the top.
        engine: where yosys's machine code is kept.

    Raises:
        ToolError: yosys is missing or fails.
    """
    flow = FLOWS[FAMILY]
    text = "\n".join(text for name, text in verilog.items() if name not in MODELS)
    script = flow.script(text, top)
    for before, after in (("\nhierarchy\n", f"\nhierarchy -top {top}\n"), ("-run prepare", "-flatten -run prepare")):
        if before not in script:
            raise ValueError(f"the script of {FAMILY} has no {before.strip()!r}")
        script = script.replace(before, after)
    with tempfile.TemporaryDirectory(prefix="flat-") as folder:
        work = Path(folder)
        (work / "design.v").write_text(text.replace('rom_style = "distributed"', 'rom_style = "logic"'))
        (work / "stubs.v").write_text(flow.stubs)
        for name, content in flow.files().items():
            (work / name).write_text(content)
        yosys.run(work, script, engine_dir=engine)
        modules = json.loads((work / "stat.json").read_text())["modules"]
    return flow.resources(modules[f"\\{top}"]["num_cells_by_type"])


def rtl(design: Design, store: Store) -> tuple[dict[str, str], str]:
    """Return the Verilog of a design by module, and its top.

    Raises:
        AigchipError: a module is refused.
    """
    _, folder = linked(design, load_board(BOARD), store)
    top = json.loads((folder / "network.json").read_text())["top"]
    return {path.stem: path.read_text() for path in sorted((folder / "rtl").glob("*.v"))}, top


def measure(design: Design, store: Store) -> dict[str, Any]:
    """Count a design both ways; return the row of the file."""
    verilog, top = rtl(design, store)
    started = time.monotonic()
    by_module = estimate(
        verilog,
        top=top,
        cache_dir=paths.build_dir() / "cache" / "resources",
        engine_dir=paths.cache_dir() / "yosys",
        family=FAMILY,
    ).total
    between = time.monotonic()
    whole = flat(verilog, top, paths.cache_dir() / "yosys")
    return {
        "genes": design.to_dict(),
        "by_module": asdict(by_module),
        "flat": asdict(whole),
        "seconds": [round(between - started, 1), round(time.monotonic() - between, 1)],
    }


def percent(row: dict[str, Any], resource: str) -> float:
    """Return by how much the count by modules is above the flat one [%]."""
    by_module, whole = row["by_module"][resource], row["flat"][resource]
    return 100.0 * (by_module / whole - 1) if whole else (0.0 if by_module == whole else float("inf"))


def wrong(row: dict[str, Any]) -> list[str]:
    """Name the resources that are too far apart."""
    found = [name for name in SAME if row["by_module"][name] != row["flat"][name]]
    return found + [name for name in NEAR if abs(percent(row, name)) > MOST_PERCENT]


def line(row: dict[str, Any]) -> str:
    """Return a row of the table."""
    design = Design.from_dict(row["genes"])
    cells = [f"{row['by_module'][name]:,} / {row['flat'][name]:,} ({percent(row, name):+.1f} %)" for name in NEAR]
    cells += [f"{row['by_module'][name]} / {row['flat'][name]}" for name in SAME]
    seconds = " / ".join(f"{value:.0f}" for value in row["seconds"])
    return f"| {array_step(design)}, {design.reuse} | {' | '.join(cells)} | {seconds} |"


def main() -> int:
    """Count what is missing and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--most-products", type=int, default=64, help="that an array forms in a cycle")
    parser.add_argument("--out", type=Path, default=paths.build_dir() / "flat_resources.jsonl", help="file of the rows")
    given = parser.parse_args()
    os.nice(5)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    known = [json.loads(text) for text in given.out.read_text().splitlines()] if given.out.exists() else []
    done = {Design.from_dict(row["genes"]): row for row in known}
    store = Store(paths.store_dir())
    rows = []
    print("| array | LUT, by module / flat | FF | DSP | BRAM18 | URAM | s |\n|---|---|---|---|---|---|---|", flush=True)
    for design in draw(given.designs, given.seed, given.most_products):
        if design not in done:
            done[design] = measure(design, store)
            with given.out.open("a") as file:
                file.write(json.dumps(done[design]) + "\n")
        rows.append(done[design])
        print(line(done[design]), flush=True)
    found = [name for row in rows for name in wrong(row)]
    print(f"\n{len(rows)} designs; too far apart: {', '.join(sorted(set(found))) or 'none'}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
