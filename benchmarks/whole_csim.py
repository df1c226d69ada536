"""Show that random legal designs compute right: whole accelerators in C simulation against numpy, byte by byte.

    .venv/bin/python -m benchmarks.whole_csim [--designs 500] [--seed 1] [--out FILE] [--fifo-minimum]

Designs are drawn as searches draw them. Each is built from the expert's code, natively, since that code is our own, and
runs small layers (`tests/unit/template/whole.py`): an odd product, padded, strided, depthwise and steady convolutions,
with clamps, padding, zero points and rare parameters of post. The whole output map and the words around it are compared.
With --fifo-minimum every process is a thread and every FIFO holds one word, which shows that no design deadlocks.

A row for each design is appended to a file of JSON lines; a design whose program and layers have been run before without
a failure is not run again. A failure is printed with its design and the exit code is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from tests.unit.template import native, whole

from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.space import Design
from aigchip.space.sampling import sample
from aigchip.template import module

#: Words of every FIFO with --fifo-minimum; template/top/graph.yaml says why it is enough.
FIFO_MINIMUM = 1


def draw(seed: int) -> Iterator[Design]:
    """Yield distinct designs without end."""
    rng, seen = Random(seed), set[Design]()  # noqa: S311 (stimulus)
    while True:
        design = sample(rng)
        if design not in seen:
            seen.add(design)
            yield design


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Return the rows without failures of a file of JSON lines, by digest."""
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
    return {row["digest"]: row for row in rows if not row["failures"]}


def row_of(design: Design, depth: int | None, done: dict[str, dict[str, Any]], out: Path) -> dict[str, Any]:
    """Return the row of a design: that of an earlier run, or a new one, which is appended to `out`.

    Args:
        design: to build, and to run its layers on.
        depth: of every FIFO; None where the processes run one after another.
        done: earlier rows, by a hash of the program and all that it reads.
        out: file of the rows.
    """
    begun = time.monotonic()
    row: dict[str, Any] = {"digest": "", "depth": depth, "layers": 0}
    try:
        text, runs = whole.source(design, threads_with_depth=depth), whole.layers_for(design)
        row["digest"] = hashlib.sha256(text.encode() + whole.stimulus(design, runs)).hexdigest()
        if row["digest"] in done:
            return done[row["digest"]]
        with tempfile.TemporaryDirectory(prefix="whole-") as folder:
            program = native.compile_native(text, Path(folder), options=native.QUICK)
            row |= {"layers": len(runs), "failures": whole.failures(design, program, runs)}
    except (AigchipError, subprocess.CalledProcessError) as error:
        row["failures"] = [str(error)[-300:]]
    row |= {"seconds": round(time.monotonic() - begun, 2), "design": design.to_dict()}
    with out.open("a") as file:
        file.write(json.dumps(row) + "\n")
    return row


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=500, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--out", type=Path, default=paths.build_dir() / "whole_csim.jsonl", help="file of the rows")
    parser.add_argument("--fifo-minimum", action="store_true", help="one thread a process, FIFOs of one word")
    given = parser.parse_args(arguments)
    module.load = cache(module.load)  # each module.yaml is read once
    given.out.parent.mkdir(parents=True, exist_ok=True)
    depth, done = FIFO_MINIMUM if given.fifo_minimum else None, read(given.out)
    layers, failed, seconds = 0, 0, 0.0
    for number, design in enumerate(islice(draw(given.seed), given.designs)):
        row = row_of(design, depth, done, given.out)
        layers, seconds = layers + row["layers"], seconds + row["seconds"]
        failed += bool(row["failures"])
        for failure in row["failures"]:
            print(f"{number} FAILED: {failure}\n  {design}", flush=True)
    print(f"{given.designs} designs, {layers} layers, {failed} designs failed; {seconds:,.0f} s to build and run them")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
