"""Fuzzing of csynth's front end with damaged sources: hardware, or one error with a place; no crash, no hang, no file that is read.

    .venv/bin/python -m benchmarks.fuzz.front_end --programs 1000 --seed 1

Sources are those of the template, the kernels and the generator, each with one to four faults. What is judged is kept in
build/fuzz/front-end<N>.jsonl; the same command goes on from there. Findings are written to build/fuzz/found.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from aigchip.core import paths
from aigchip.core.atomic import write_text
from benchmarks.fuzz.check import CLOCK_PERIOD_PS, TooSlowError, Verdict, limit
from benchmarks.fuzz.generate import generate
from benchmarks.fuzz.mutate import mutated
from csynth.driver import make_hardware
from csynth.errors import CsynthError, ToolError
from csynth.frontend import compile_source
from csynth.refusals import REFUSALS

#: Generated programs among the sources.
_GENERATED = 40
_SECONDS = 100


def sources() -> list[tuple[str, str]]:
    """Return undamaged sources, each with its top: those of kernels, of which each file has one, and generated ones."""
    found = []
    for path in sorted((paths.root() / "benchmarks" / "kernels").glob("*/*.cpp")):
        found.append((path.parent.name, path.read_text()))
    for number in range(_GENERATED):
        program = generate(7_000_000 + number)
        found.append((program.top, program.source))
    return found


def judge(source: str, top: str, secret_text: str) -> Verdict:
    """Compile a source to Verilog.

    Args:
        source: C++.
        top: name of its top function.
        secret_text: contents of a file that nothing may read.

    Returns:
        `hardware`, `refused` with the code, or a kind of fault: `crash`, `slow`, `tool`, `no place`, `unknown code`, `leak`.
    """
    try:
        with limit(_SECONDS):
            program = compile_source(("source.cpp", source), top=top)
            hardware = make_hardware(program, clock_period_ps=CLOCK_PERIOD_PS)
    except ToolError as error:
        return Verdict(kind="tool", detail=str(error))
    except CsynthError as error:
        told = f"{error} {getattr(error, 'diagnostics', ())}"
        if secret_text in told:
            return Verdict(kind="leak", detail=told)
        if error.code not in REFUSALS:
            return Verdict(kind="unknown code", detail=f"{error.code}: {error}")
        if error.location is None:
            return Verdict(kind="no place", detail=f"{error.code}: {error}")
        return Verdict(kind="refused", detail=error.code)
    except TooSlowError:
        return Verdict(kind="slow", detail=f"more than {_SECONDS} s")
    except (Exception, RecursionError) as error:  # a crash is a finding
        return Verdict(kind="crash", detail=f"{type(error).__name__}: {error}")
    if secret_text in "".join(hardware.verilog.values()):
        return Verdict(kind="leak", detail="the RTL has what is in the file")
    return Verdict(kind="hardware")


def is_fault(kind: str) -> bool:
    """Whether a kind of verdict is a fault of csynth."""
    return kind not in ("hardware", "refused")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; exit code 1 when a fault was found."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fuzz.front_end", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--programs", type=int, default=1000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: %(default)s)")
    options = parser.parse_args(arguments)
    folder = paths.build_dir() / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"front-end{options.seed}.jsonl"
    judged = {row["number"]: row for row in map(json.loads, log.read_text().splitlines())} if log.exists() else {}
    known = sources()
    texts = [text for _, text in known]
    started, fresh = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        secret, secret_text = Path(scratch) / "secret.h", f"kept_{secrets.token_hex(8)}"
        secret.write_text(f"int {secret_text};\n")
        for number in range(options.programs):
            if number in judged:
                continue
            rng = Random(f"{options.seed} {number}")  # noqa: S311 - faults
            top, text = rng.choice(known)
            damaged = mutated(text, texts, str(secret), rng)
            verdict = judge(damaged, top, secret_text)
            judged[number] = {"number": number, "kind": verdict.kind, "detail": verdict.detail[:500]}
            with log.open("a") as file:
                file.write(json.dumps(judged[number]) + "\n")
            fresh += 1
            if is_fault(verdict.kind):
                place = folder / "found" / f"front-end{options.seed}_{number}.cpp"
                write_text(place, damaged)
                print(f"{place}: top {top}: {verdict.kind}: {verdict.detail[:300]}", flush=True)
            if fresh % 50 == 0:
                print(f"{number + 1} in {time.monotonic() - started:.0f} s: {_counts(judged)}", flush=True)
    print(f"{len(judged)} programs: {_counts(judged)}")
    codes = Counter(row["detail"] for row in judged.values() if row["kind"] == "refused")
    print("refused: " + ", ".join(f"{code} {count}" for code, count in codes.most_common()))
    return int(any(is_fault(row["kind"]) for row in judged.values()))


def _counts(judged: dict[int, dict[str, str]]) -> str:
    counts = Counter(row["kind"] for row in judged.values())
    return ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
