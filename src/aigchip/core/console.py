"""What a person sees: tables and progress, in colour on a terminal and plain elsewhere."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def console(*, stderr: bool = False) -> Any:
    """Return a rich console; imported here, because a command that prints one line does not pay for rich."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 140
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


def print_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), caption: str = ""
) -> None:
    """Print a table.

    Args:
        title: The line above.
        columns: The headings.
        rows: One sequence of cells a row.
        right: Indices of the columns that are aligned to the right (numbers).
        caption: The line below.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=title, caption=caption or None, box=box.SIMPLE_HEAD, title_justify="left", caption_justify="left"
    )
    for index, name in enumerate(columns):
        table.add_column(name, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


class Progress:
    """Tell a person how far a piece of work is.

    Args:
        advance: Called with the number of units done and a word on the latest.
    """

    def __init__(self, advance: Callable[[int, str], None]) -> None:
        self._advance = advance

    def advance(self, text: str = "", *, units: int = 1) -> None:
        """Count `units` as done and show `text` beside the bar."""
        self._advance(units, text)


@contextlib.contextmanager
def progress(description: str, total: int) -> Iterator[Progress]:
    """Show a bar on a terminal, and a line at most every five seconds elsewhere.

    Args:
        description: What is being done.
        total: The number of units that `advance` will count.
    """
    if sys.stderr.isatty():
        with _bar(description, total) as bar:
            yield bar
    else:
        yield _lines(description, total)


def bar(description: str, total: int) -> tuple[Any, Any]:
    """Start a bar and return it with its task; the caller updates (`completed=`, `latest=`) and stops it."""
    from rich import progress as rich_progress

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(bar_width=30),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeElapsedColumn(),
        rich_progress.TextColumn("{task.fields[latest]}", markup=False),
    )
    display = rich_progress.Progress(*columns, console=console(stderr=True), transient=True)
    display.start()
    return display, display.add_task(description, total=total, latest="")


@contextlib.contextmanager
def _bar(description: str, total: int) -> Iterator[Progress]:
    display, task = bar(description, total)
    try:
        yield Progress(lambda units, text: display.update(task, advance=units, latest=text))
    finally:
        display.stop()


def _lines(description: str, total: int) -> Progress:
    done = 0
    told_at = time.monotonic()

    def advance(units: int, text: str) -> None:
        nonlocal done, told_at
        done += units
        now = time.monotonic()
        if done >= total or now - told_at >= 5:
            told_at = now
            print(f"{description}: {done}/{total} {text}".rstrip(), file=sys.stderr, flush=True)

    return Progress(advance)
