"""Build random designs from the expert's modules, run random layers on their RTL behind the board's DDR, and compare every byte.

    .venv/bin/python -m benchmarks.rtl_designs [--designs 100] [--seed 1] [--most-products 256] [--most-cycles 60000] [--out FILE]

Of four designs one is drawn from the whole space (the candidate whose values are rarest so far), the others are crosses of
such founders that need few new modules: so each value of each parameter appears, and modules are synthesised once. Each
design runs from one list of jobs: the small layers that try a design out, and three random layers of the sort that networks
have. A line of JSON is appended for each design that is done; run again, the campaign goes on where it was, and failures are
tried again. Modules and RTL lie in the store under AIGCHIP_BUILD_DIR. Exit code 1 on a
wrong byte, a hang, or a module that synthesis refuses.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from aigchip.board import Board
from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.core.store import Store
from aigchip.generate.expert import ExpertGenerator
from aigchip.mapping import Convolution, LayerRun, MappingError, trial
from aigchip.mapping.space_to_depth import folded
from aigchip.perf import CycleModel, assumed_timing, memory_timing
from aigchip.space import Design
from aigchip.space.compose import variants
from aigchip.space.design import FIELD_NAMES
from aigchip.space.sampling import cross, sample
from aigchip.space.spans import array_step, level_span
from aigchip.tasks.execute import with_needs
from aigchip.tasks.flow import Flow
from aigchip.tasks.network_step import BURSTS
from aigchip.toolchain import fastsim, layers, shell
from csynth.report.model import SynthesisReport

BOARD = "zcu104"
#: Designs of which one is a founder.
FOUNDER_EVERY = 4
#: Designs that each choice is made from.
CANDIDATES = 100
#: Random layers of a design, and the fewest cycles that one is estimated to take.
RANDOM_LAYERS = 3
FEWEST_CYCLES = 1_000
_SIDES = (4, 7, 8, 13, 14, 19, 28, 38, 56, 112)
_CHANNELS = (8, 16, 24, 32, 40, 48, 64, 80, 96, 112, 128, 160, 192, 256, 320, 384, 512, 768, 1024)


def features(design: Design) -> Iterator[str]:
    """Name what a design is an example of: each value of each parameter, and what its levels span."""
    for name in FIELD_NAMES:
        yield f"{name}={getattr(design, name)}"
    for level in ("mac", "lane", "array"):
        yield f"{level} spans {level_span(design, level)}"
    yield f"{design.reuse} x {design.slots}"
    for buffer in "abc":
        factor, dimension = getattr(design, f"buffer_{buffer}_factor"), getattr(design, f"buffer_{buffer}_dimension")
        yield f"buffer_{buffer} {dimension} x {factor}"
    yield f"word {design.word_bytes}"


def draw(count: int, seed: int, most_products: int) -> list[Design]:
    """Choose designs; those of a smaller count are the first of a larger one.

    Args:
        count: how many.
        seed: of all choices.
        most_products: that an array may form in a cycle.
    """
    rng = Random(seed)  # noqa: S311 - stimulus
    seen: Counter[str] = Counter()
    made: set[tuple[object, ...]] = set()
    founders: list[Design] = []
    chosen: list[Design] = []

    def rarity(design: Design) -> float:
        return sum(4.0 ** -seen[feature] for feature in features(design))

    def modules(design: Design) -> set[tuple[object, ...]]:
        return {(name, variant, design.clock_mhz) for name, variant in variants(design).items()}

    while len(chosen) < count:
        is_founder = len(chosen) % FOUNDER_EVERY == 0 or len(founders) < 2
        candidates: list[Design] = []
        while len(candidates) < CANDIDATES:
            first, second = (None, None) if is_founder else rng.sample(founders, 2)
            design = cross(first, second, rng) if first and second else sample(rng)
            if design.macs <= most_products:
                candidates.append(design)
        candidates = [design for design in candidates if design not in chosen] or candidates
        if is_founder:
            best = max(candidates, key=rarity)
            founders.append(best)
        else:
            best = max(candidates, key=lambda design: rarity(design) / (1 + len(modules(design) - made)))
        chosen.append(best)
        made |= modules(best)
        seen.update(features(best))
    return chosen


def random_layer(rng: Random) -> Convolution:
    """Draw a layer of the sort that networks have."""
    kinds = ("same", "point", "strided", "depthwise", "full", "picture", "grouped")
    kind = rng.choices(kinds, (8, 6, 3, 4, 2, 2, 1))[0]
    side, channels, outputs = rng.choice(_SIDES), rng.choice(_CHANNELS), rng.choice(_CHANNELS)
    size = rng.choice((3, 3, 3, 5)) if kind != "strided" else rng.choice((1, 3, 3, 5))
    half = size // 2
    plain = Convolution(
        channels=channels,
        rows=side,
        columns=side,
        outputs=outputs,
        kernel=(size, size),
        padding=(half, half, half, half),
    )
    if kind == "point":
        return replace(plain, kernel=(1, 1), padding=(0, 0, 0, 0)).flattened()
    if kind == "strided":
        return replace(plain, stride=2)
    if kind == "depthwise":
        return replace(plain, outputs=channels, groups=channels, stride=rng.choice((1, 1, 2)))
    if kind == "grouped":
        return replace(plain, channels=8 * channels, outputs=8 * channels, groups=8)
    if kind == "full":
        return Convolution.of_product(outputs, rng.choice((64, 256, 512, 1024, 2048)), 1)
    if kind == "picture":
        size, stride = rng.choice(((3, 2), (7, 2), (11, 4), (3, 1)))
        half = size // 2
        picture = replace(
            plain, channels=3, rows=4 * side, columns=4 * side, kernel=(size, size), padding=(half,) * 4, stride=stride
        )
        return folded(picture) if stride > 1 else picture
    return plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A layer that a design runs, and whether it is a trial layer or a random one."""

    layer: Convolution
    kind: str


def asked(design: Design, board: Board, seed: int, most_cycles: int) -> list[Asked]:
    """Choose the layers of a design: the same for the same design and seed."""
    model = CycleModel(design, assumed_timing(), memory_timing(board, design.clock_period_ps))
    sizes = model.geometry
    makers = (trial.odd_product, trial.padded, trial.strided, trial.depthwise)
    found = [make(sizes, most_cycles // 4) for make in makers]
    chosen = [Asked(layer=layer, kind="trial") for layer in found if layer is not None]
    rng = Random(f"{seed} {design}")  # noqa: S311 - stimulus
    while sum(each.kind == "random" for each in chosen) < RANDOM_LAYERS:
        layer = random_layer(rng)
        if layer.macs > design.macs * most_cycles:
            continue
        try:
            cycles = model.cycles(layer)
        except MappingError:
            continue
        if FEWEST_CYCLES <= cycles <= most_cycles:
            chosen.append(Asked(layer=layer, kind="random"))
    return chosen


def linked(design: Design, board: Board, store: Store) -> tuple[Flow, Path]:
    """Make the modules of a design and join them; return its flow and the folder of its RTL.

    Raises:
        AigchipError: a module is refused.
    """
    flow = Flow(
        store=store, design=design, generator=ExpertGenerator(), part=board.part, clock_period_ps=design.clock_period_ps
    )
    for name in with_needs(flow, ["link"], without="csim"):
        if flow.result(name) is None:
            step = flow.nodes[name].step()
            assert step is not None, name  # noqa: S101 - what it needs is made
            store.make(step)
    folder = flow.result("link")
    assert folder is not None  # noqa: S101 - just made
    return flow, folder


def build(design: Design, board: Board, store: Store) -> tuple[fastsim.Model, dict[str, list[list[Any]]]]:
    """Make the modules and the simulation of a design; return it with the loops of each module's report.

    Raises:
        AigchipError: a module is refused, or the simulation cannot be built.
    """
    flow, folder = linked(design, board, store)
    loops: dict[str, list[list[Any]]] = {}
    for instance in flow.processes:
        made = flow.result(f"csynth:{instance}")
        assert made is not None  # noqa: S101 - just made
        report = SynthesisReport.from_json((made / "report.json").read_text())
        own = [loop for loop in report.loops if loop.function == report.top]
        loops[instance] = [[loop.line, loop.ii, loop.depth, loop.pipelined] for loop in own]
    model = fastsim.build(
        folder / "rtl",
        network=folder / "network.json",
        cache=paths.cache_dir() / "fastsim",
        options=shell.Options(ports=design.ports, jobs=True),
    )
    return model, loops


def measure(design: Design, board: Board, store: Store, seed: int, most_cycles: int) -> dict[str, Any]:
    """Build a design and run its layers; return the row of the file, with errors in it."""
    started = time.monotonic()
    row: dict[str, Any] = {"genes": design.to_dict(), "board": board.name}
    try:
        model, row["loops"] = build(design, board, store)
    except AigchipError as error:
        return row | {"error": str(error), "layers": [], "seconds": round(time.monotonic() - started, 1)}
    row |= {"tool": model.tool, "build_seconds": round(time.monotonic() - started, 1)}
    wanted = asked(design, board, seed, most_cycles)
    try:
        row["layers"] = run(model, design, board, wanted)
    except AigchipError:
        row["layers"] = []
        for each in wanted:
            try:
                row["layers"] += run(model, design, board, [each])
            except AigchipError as error:
                row["layers"].append({"kind": each.kind, "layer": asdict(each.layer), "error": str(error)})
    row["seconds"] = round(time.monotonic() - started, 1)
    return row


def run(model: fastsim.Model, design: Design, board: Board, wanted: Sequence[Asked]) -> list[dict[str, Any]]:
    """Run layers with one start and compare every byte.

    Raises:
        AigchipError: a byte is wrong, or the accelerator hangs.
    """
    estimates = CycleModel(design, assumed_timing(), memory_timing(board, design.clock_period_ps))
    memory = fastsim.board_memory(
        board, design.clock_period_ps, layers.on_board(board, design.ports), reads=BURSTS, writes=BURSTS
    )
    runs = [
        LayerRun(layer=each.layer, seed=number, relu=number % 3 == 0, padding=number - 3, zero_point=2 * number - 7)
        for number, each in enumerate(wanted, start=1)
    ]
    found = layers.simulate(model, estimates.geometry, design.ports, memory, runs, estimates.traffic)
    rows = []
    for each, done in zip(wanted, found.layers, strict=True):
        job = estimates.place(each.layer)
        masters = done.result.masters.values()
        rows.append(
            {
                "kind": each.kind,
                "layer": asdict(each.layer),
                "job": list(job.to_dict().values()),
                "cycles": done.result.cycles,
                "bytes_read": sum(master.bytes_read for master in masters),
                "bytes_written": sum(master.bytes_written for master in masters),
                "exact": True,
            }
        )
    return rows


def failures(row: dict[str, Any]) -> list[str]:
    """Return what went wrong with a design."""
    found = [row["error"]] if "error" in row else []
    return found + [layer["error"] for layer in row["layers"] if "error" in layer]


def summary(rows: Sequence[dict[str, Any]]) -> str:
    """Say how many designs and layers were exact, and what the designs cover."""
    ran = [layer for row in rows for layer in row["layers"]]
    exact = [row for row in rows if row["layers"] and all(layer.get("exact") for layer in row["layers"])]
    seen = Counter(feature for row in exact for feature in features(Design.from_dict(row["genes"])))
    lines = [
        "| designs | bit-exact | layers | bit-exact | cycles of RTL |",
        "|---|---|---|---|---|",
        f"| {len(rows)} | {len(exact)} | {len(ran)} | {sum(bool(layer.get('exact')) for layer in ran)} | "
        f"{sum(layer.get('cycles', 0) for layer in ran):,} |",
        "",
        "Bit-exact designs by value: "
        + ", ".join(f"{name} {number}" for name, number in sorted(seen.items()) if name.startswith(_SHOWN)),
    ]
    return "\n".join(lines)


_SHOWN = (
    "reuse",
    "pack",
    "depthwise",
    "buffer_a_storage",
    "buffer_b_storage",
    "buffer_c_storage",
    "word",
    "ports",
    "noc",
)


@cache
def _store() -> Store:
    return Store(paths.store_dir())


def main() -> int:
    """Run what is missing and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="of designs and layers")
    parser.add_argument("--most-products", type=int, default=256, help="that an array forms in a cycle")
    parser.add_argument("--most-cycles", type=int, default=60_000, help="that a layer is estimated to take")
    parser.add_argument("--out", type=Path, default=paths.build_dir() / "rtl_designs.jsonl", help="file of the rows")
    given = parser.parse_args()
    os.nice(5)
    board = load_board(BOARD)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    known = [json.loads(line) for line in given.out.read_text().splitlines()] if given.out.exists() else []
    done = {Design.from_dict(row["genes"]): row for row in known if not failures(row)}
    rows = []
    for number, design in enumerate(draw(given.designs, given.seed, given.most_products)):
        if design not in done:
            done[design] = measure(design, board, _store(), given.seed, given.most_cycles)
            with given.out.open("a") as file:
                file.write(json.dumps(done[design]) + "\n")
        row = done[design]
        rows.append(row)
        told = "; ".join(failures(row)) or f"{len(row['layers'])} layers exact"
        print(f"{number} {array_step(design)} {design.reuse} {row['seconds']} s: {told}", flush=True)
    print(summary(rows))
    return 1 if any(failures(row) for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
