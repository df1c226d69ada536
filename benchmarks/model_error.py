"""Hold the performance model against the RTL that `benchmarks/rtl_designs.py` ran: cycles of each pair of design and layer.

    .venv/bin/python -m benchmarks.model_error [--rows FILE,FILE] [--worst 10] [--record FILE] [--command TEXT]

The jobs are those that ran, the timing is that of the modules' synthesis reports. Prints the error by what a pair is, and the
pairs with the largest. `--record` writes what the unit tests hold the model against; designs of that file which the rows do
not have stay in it. Exit code 1 when the random pairs are
more than 2 % off in the mean or 5 % at worst.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.mapping import Convolution, Geometry, Job
from aigchip.perf import CycleModel, DesignTiming, design_timing, memory_timing
from aigchip.space import Design

_LENGTHS = ((2_000, "below 2,000 cycles"), (10_000, "below 10,000 cycles"), (1 << 40, "10,000 cycles and more"))
MEAN_MOST, WORST_MOST = 2.0, 5.0


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop of a synthesis report, as a row holds it."""

    line: int
    ii: int | None
    depth: int | None
    pipelined: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A layer that ran on a design.

    Attributes:
        kind: trial or random.
        design, timing, layer, job: of the run.
        cycles, model: of RTL and of the model.
    """

    kind: str
    design: Design
    timing: DesignTiming
    layer: Convolution
    job: Job
    cycles: int
    model: int

    @property
    def error(self) -> float:
        """Error of the model [%]."""
        return 100 * (self.model / self.cycles - 1)

    @property
    def sort(self) -> str:
        """What layer it is."""
        layer = self.layer
        if layer.depthwise:
            return "depthwise"
        if layer.groups > 1:
            return "grouped"
        if layer.kernel == (1, 1):
            if layer.stride > 1:
                return "1 x 1, strided"
            return "fully connected" if layer.columns == 1 else "1 x 1"
        return "larger kernel" + (", strided" if layer.stride > 1 else "")


def pairs(rows: Sequence[dict[str, Any]]) -> Iterator[Pair]:
    """Yield every pair that ran bit-exact."""
    for row in rows:
        design = Design.from_dict(row["genes"])
        if not row["layers"]:
            continue
        timing = design_timing({name: [Loop(*loop) for loop in loops] for name, loops in row["loops"].items()})
        board = load_board(row["board"])
        model = CycleModel(design, timing, memory_timing(board, design.clock_period_ps))
        for layer in row["layers"]:
            if not layer.get("exact"):
                continue
            sizes: dict[str, Any] = {**layer["layer"]}
            sizes |= {name: tuple(sizes[name]) for name in ("kernel", "padding")}
            job = Job(**dict(zip(Job.__dataclass_fields__, layer["job"], strict=True)))
            yield Pair(
                kind=layer["kind"],
                design=design,
                timing=timing,
                layer=Convolution(**sizes),
                job=job,
                cycles=layer["cycles"],
                model=model.cycles_of(job),
            )


def groups(pair: Pair) -> Iterator[str]:
    """Name the groups that a pair is counted in."""
    yield f"{pair.kind} layers"
    if pair.kind == "random":
        yield f"random: {pair.sort}"
        yield "random: " + next(text for most, text in _LENGTHS if pair.cycles < most)
        yield f"random: {pair.design.clock_mhz} MHz"
        yield f"random: {pair.design.ports} port(s) for an operand"


def table(found: Sequence[Pair]) -> str:
    """Return the errors by group."""
    by_group: dict[str, list[float]] = {}
    for pair in found:
        for group in groups(pair):
            by_group.setdefault(group, []).append(pair.error)
    lines = ["| pairs | number | mean of the size % | worst % | mean % | above 2 % |", "|---|---|---|---|---|---|"]
    for group, errors in sorted(by_group.items()):
        sizes = [abs(error) for error in errors]
        lines.append(
            f"| {group} | {len(errors)} | {statistics.fmean(sizes):.2f} | {max(sizes):.2f} | "
            f"{statistics.fmean(errors):+.2f} | {sum(size > 2 for size in sizes)} |"
        )
    return "\n".join(lines)


def shown(pair: Pair) -> str:
    """Describe a pair in a line."""
    job, sizes = pair.job, Geometry.of(pair.design)
    return (
        f"{pair.error:+.2f} % of {pair.cycles:,}: {pair.kind}, {pair.layer.name}; {sizes.step}, {pair.design.reuse}, word "
        f"{sizes.word_bytes}, {pair.design.clock_mhz} MHz; {job.m_tiles} x {job.n_tiles} x {job.k_tiles} tiles"
    )


def record(rows: Sequence[dict[str, Any]], found: Sequence[Pair], command: str, earlier: dict[str, Any]) -> str:
    """Return the pairs as the unit tests read them, one design a line, with those of an earlier record that are of other designs."""
    designs: dict[Design, list[Pair]] = {}
    for pair in found:
        designs.setdefault(pair.design, []).append(pair)
    head = {
        "command": command,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "tools": sorted({row["tool"] for row in rows if "tool" in row} | set(earlier.get("tools", ()))),
        "board": rows[0]["board"],
        "columns": ["kind", "cycles", *Job.__dataclass_fields__],
    }
    lines = [
        json.dumps(
            {
                "genes": design.to_dict(),
                "timing": asdict(of[0].timing),
                "pairs": [[pair.kind, pair.cycles, *pair.job.to_dict().values()] for pair in of],
            }
        )
        for design, of in designs.items()
    ]
    kept = earlier.get("designs", ())
    lines += [json.dumps(entry) for entry in kept if Design.from_dict(entry["genes"]) not in designs]
    return json.dumps(head)[:-1] + ',\n"designs": [\n' + ",\n".join(lines) + "\n]}\n"


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = str(paths.build_dir() / "rtl_designs.jsonl")
    parser.add_argument("--rows", default=default, help="files of rtl_designs, with commas between")
    parser.add_argument("--worst", type=int, default=10, help="pairs that are shown")
    parser.add_argument("--record", type=Path, help="file for the unit tests")
    parser.add_argument(
        "--command", default="python -m benchmarks.rtl_designs", help="that made the rows, for the record"
    )
    given = parser.parse_args()
    lines = [line for name in given.rows.split(",") for line in Path(name).read_text().splitlines()]
    rows = list({json.dumps(row["genes"]): row for row in map(json.loads, lines)}.values())  # the last of each design
    found = list(pairs(rows))
    print(table(found))
    print()
    for pair in sorted(found, key=lambda pair: -abs(pair.error))[: given.worst]:
        print(shown(pair))
    if given.record:
        earlier = json.loads(given.record.read_text()) if given.record.exists() else {}
        given.record.write_text(record(rows, found, given.command, earlier))
    sizes = [abs(pair.error) for pair in found if pair.kind == "random"]
    print(f"\n{len(sizes)} random pairs: mean {statistics.fmean(sizes):.2f} %, worst {max(sizes):.2f} %")
    return int(statistics.fmean(sizes) > MEAN_MOST or max(sizes) > WORST_MOST)


if __name__ == "__main__":
    sys.exit(main())
