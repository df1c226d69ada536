"""Differential fuzzing of csynth: random programs, C simulation = IR interpreter = RTL under random stalls.

    .venv/bin/python -m benchmarks.fuzz --programs 1000 --seed 1

Program k of seed N is the same on every machine. What is judged is kept in build/fuzz/seed<N>.jsonl; the same command goes on from there.
Each difference is made smaller and written to tests/cosim/csynth/regressions.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from aigchip.core import paths
from benchmarks.fuzz import regressions
from benchmarks.fuzz.check import Case, Verdict, check
from benchmarks.fuzz.generate import Program, generate, stimuli
from benchmarks.fuzz.minimise import minimise

_PROGRAMS_A_SEED = 1_000_000


def program_of(seed: int, number: int) -> tuple[Program, Case]:
    """Program `number` of a seed, with its stimuli."""
    own = seed * _PROGRAMS_A_SEED + number
    program = generate(own)
    return program, Case(
        name=f"seed{seed}_{number}",
        source=program.source,
        top=program.top,
        calls=stimuli(program, own),
        seed=number + 1,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; exit code 1 when a difference was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--programs", type=int, default=1000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=40, help="programs in one build (default: %(default)s)")
    parser.add_argument(
        "--found", type=Path, default=regressions.FOLDER, metavar="DIR", help="where counterexamples go"
    )
    options = parser.parse_args(arguments)
    log = paths.build_dir() / "fuzz" / f"seed{options.seed}.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    judged = (
        {item["number"]: item["kind"] for item in map(json.loads, log.read_text().splitlines())} if log.exists() else {}
    )
    left = [number for number in range(options.programs) if number not in judged]
    started = time.monotonic()
    for at in range(0, len(left), options.batch):
        numbers = left[at : at + options.batch]
        made = [program_of(options.seed, number) for number in numbers]
        with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
            verdicts = check([case for _, case in made], Path(scratch))
        for number, (program, case), verdict in zip(numbers, made, verdicts, strict=True):
            _record(log, number, verdict)
            judged[number] = verdict.kind
            if verdict.is_difference:
                smaller, found = minimise(program, case, verdict)
                print(
                    f"{case.name}: {found.kind}: {found.detail}\n  {regressions.write(smaller, found, options.found)}"
                )
        done = at + len(numbers)
        print(
            f"{done} of {len(left)} in {time.monotonic() - started:.0f} s: {dict(Counter(judged.values()))}", flush=True
        )
    counts = Counter(kind for number, kind in judged.items() if number < options.programs)
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(counts.items())))
    return int(any(Verdict(kind=kind).is_difference for kind in counts))


def _record(log: Path, number: int, verdict: Verdict) -> None:
    with log.open("a") as file:
        file.write(json.dumps({"number": number, "kind": verdict.kind, "detail": verdict.detail[:500]}) + "\n")


if __name__ == "__main__":
    sys.exit(main())
