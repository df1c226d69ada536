"""The RTL of a design from the expert's modules, made where it is missing; and steps that simulate it, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.board import Board
from aigchip.core.console import progress
from aigchip.core.hashing import digest_files
from aigchip.generate.expert import ExpertGenerator
from aigchip.space import Design
from aigchip.tasks import execute, session
from aigchip.tasks.context import make_in_worker
from aigchip.tasks.flow import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedRtl:
    """A design's RTL.

    Attributes:
        folder: Where it is: rtl/*.v and network.json.
        key: The hash of both.
    """

    folder: Path
    key: str


def make(design: Design, board: Board) -> LinkedRtl:
    """Synthesise and assemble a design for a board's part; what was made before is read from the store.

    Raises:
        AigchipError: A tool is missing, or a module cannot be synthesised.
    """
    flow = Flow(
        store=session.store(),
        design=design,
        generator=ExpertGenerator(),
        part=board.part,
        clock_period_ps=design.clock_period_ps,
    )
    names = execute.with_needs(flow, ["link"], without="csim")
    with progress("build the accelerator", len(names)) as shown:
        execute.make_all(flow, names, shown.advance, without="csim")
    folder = flow.result("link")
    assert folder is not None  # noqa: S101 - just made
    return LinkedRtl(folder=folder, key=digest_files(folder, ["rtl/*.v", "network.json"]))


def make_steps(doing: str, steps: Sequence[Any]) -> list[Path]:
    """Make steps in worker processes and return their results' folders in the steps' order; names tell them apart.

    Raises:
        AigchipError: A step fails; those that have not begun do not begin.
    """
    results: dict[str, Path] = {}
    workers = session.workers()
    with progress(doing, len(steps)) as shown, ThreadPoolExecutor(workers.count) as threads:
        running = {threads.submit(workers.run, make_in_worker, session.store().root, step): step for step in steps}
        try:
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    step = running.pop(future)
                    results[step.name] = future.result()
                    shown.advance(step.name)
        except BaseException:
            for future in running:
                future.cancel()
            workers.close()
            raise
    return [results[step.name] for step in steps]
