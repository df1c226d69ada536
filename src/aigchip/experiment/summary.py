"""From verdicts on attempts to the rows of a table, and to files: CSV, Markdown and pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from aigchip.experiment.measures import Share, Task, pass_at_k, pass_rate
from aigchip.experiment.tables import Table

MEASURES: Mapping[str, str] = {
    "compiles": "it keeps the signature and compiles",
    "synthesises": "csynth makes Verilog of it",
    "correct": "it does both, and C simulation is bit-exact, at the first attempt",
    "repaired": "it is correct after automatic correction or one repair with the error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one attempt.

    Args:
        cell: The setting.
        task: The task's name with its number.
        sample: The attempt's number.
        compiles, synthesises, correct: See `MEASURES`.
        repaired: The same; None where the reply to the repair is not recorded.
        how: How it came out right in the end; empty where it did not.
        error: The stage and class of the first error.
        requests: Names of the requests that it took, the repair's among them.
    """

    cell: str
    task: str
    sample: int
    compiles: bool
    synthesises: bool
    correct: bool
    repaired: bool | None
    how: str = ""
    error: str = ""
    requests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What requests took; None where it is not known.

    Args:
        tokens: Of prompts and replies. [tokens]
        usd: Their price. [USD]
    """

    tokens: int | None
    usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One setting of a table.

    Args:
        cell: The setting.
        attempts: How many there were; 0 where nothing is recorded.
        wanted: How many there should be.
        rates: Measure to the pass rate over k, of the attempts whose outcome is known.
        at_1: Measure to pass@1.
        at_k: Measure to pass@k.
        k: The k of `at_k`: the fewest attempts at a task.
        requests: Distinct requests.
        verified: Attempts that came out right.
        cost: Of all requests.
    """

    cell: str
    attempts: int
    wanted: int
    rates: Mapping[str, Share]
    at_1: Mapping[str, Share]
    at_k: Mapping[str, Share]
    k: int
    requests: int
    verified: int
    cost: Cost


def summarise(cell: str, trials: Sequence[Trial], wanted: int, costs: Mapping[str, Cost]) -> Row:
    """Sum up the attempts of one setting.

    Args:
        cell: The setting.
        trials: Its attempts.
        wanted: How many there should be.
        costs: A request's name to its cost.
    """
    rates: dict[str, Share] = {}
    at_1: dict[str, Share] = {}
    at_k: dict[str, Share] = {}
    k = 0
    for measure in MEASURES:
        known = [trial for trial in trials if getattr(trial, measure) is not None]
        tasks = [
            Task(
                attempts=sum(t.task == name for t in known),
                passed=sum(t.task == name and bool(getattr(t, measure)) for t in known),
            )
            for name in dict.fromkeys(trial.task for trial in known)
        ]
        if not tasks:
            continue
        k = min(task.attempts for task in tasks)
        rates[measure], at_1[measure], at_k[measure] = pass_rate(tasks), pass_at_k(1, tasks), pass_at_k(k, tasks)
    asked = {request for trial in trials for request in trial.requests}
    found = [costs.get(request, Cost(tokens=None, usd=None)) for request in asked]
    return Row(
        cell=cell,
        attempts=len(trials),
        wanted=wanted,
        rates=rates,
        at_1=at_1,
        at_k=at_k,
        k=k,
        requests=len(asked),
        verified=sum(bool(trial.repaired) or trial.correct for trial in trials),
        cost=Cost(
            tokens=None if any(c.tokens is None for c in found) else sum(c.tokens or 0 for c in found),
            usd=None if any(c.usd is None for c in found) else sum(c.usd or 0.0 for c in found),
        ),
    )


def per_verified(row: Row) -> str:
    """Say what one verified module took: requests always, tokens and price where they are known."""
    if not row.verified:
        return "none verified" if row.attempts else ""
    parts = [f"{row.requests / row.verified:.2f} requests"]
    if row.cost.tokens is not None:
        parts.append(f"{row.cost.tokens / row.verified:,.0f} tokens")
    if row.cost.usd is not None:
        parts.append(f"{row.cost.usd / row.verified:.4f} USD")
    return ", ".join(parts)


def trials_csv(trials: Sequence[Trial]) -> str:
    """Return every attempt as a line of CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["cell", "task", "sample", "compiles", "synthesises", "correct", "repaired", "how", "error", "requests"]
    )
    for t in trials:
        flags = ["" if value is None else int(value) for value in (t.compiles, t.synthesises, t.correct, t.repaired)]
        writer.writerow([t.cell, t.task, t.sample, *flags, t.how, t.error, len(t.requests)])
    return text.getvalue()


def table_csv(rows: Sequence[Row]) -> str:
    """Return a table as CSV: the shares of each measure with their intervals."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    fields = [f"{measure}_{what}" for measure in MEASURES for what in ("rate", "low", "high", "pass_at_1", "pass_at_k")]
    writer.writerow(["cell", "attempts", "k", *fields, "requests", "verified", "tokens", "usd"])
    for row in rows:
        values: list[object] = []
        for measure in MEASURES:
            if measure in row.rates:
                share = row.rates[measure]
                numbers = (share.value, share.low, share.high, row.at_1[measure].value, row.at_k[measure].value)
                values += [f"{number:.4f}" for number in numbers]
            else:
                values += [""] * 5
        cost = ["" if value is None else value for value in (row.cost.tokens, row.cost.usd)]
        writer.writerow([row.cell, row.attempts, row.k or "", *values, row.requests, row.verified, *cost])
    return text.getvalue()


def markdown(table: Table, rows: Sequence[Row]) -> str:
    """Return a table as Markdown: pass rates with their intervals, then pass@1 and pass@k."""
    lines = [f"## Table {table.number}: {table.title}", ""]
    lines += [f"| {table.title.lower()} | attempts | {' | '.join(MEASURES)} | for one verified module |"]
    lines += ["|---|---|" + "---|" * (len(MEASURES) + 1)]
    for row in rows:
        shares = [row.rates[m].percent() if m in row.rates else "" for m in MEASURES]
        lines.append(f"| {row.cell} | {row.attempts} of {row.wanted} | {' | '.join(shares)} | {per_verified(row)} |")
    lines += ["", "Unbiased pass@1 and pass@k over the tasks, intervals by bootstrap:", ""]
    lines += [f"| {table.title.lower()} | k | {' | '.join(f'{m} @1 | @k' for m in MEASURES)} |"]
    lines += ["|---|---|" + "---|---|" * len(MEASURES)]
    for row in rows:
        cells = [f"{row.at_1[m].percent()} | {row.at_k[m].percent()}" if m in row.at_1 else " | " for m in MEASURES]
        lines.append(f"| {row.cell} | {row.k or ''} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


_COLOURS = ("#9ecae1", "#6baed6", "#3182bd", "#31a354")
_BAR, _GAP, _LEFT, _TOP, _PLOT, _BELOW = 18, 26, 50, 44, 220, 70


def picture(table: Table, rows: Sequence[Row], caption: str) -> str:
    """Draw a table's pass rates as bars with their intervals: an SVG document; settings without records stay empty."""
    group = _BAR * len(MEASURES) + _GAP
    width, height = max(560, _LEFT + group * len(rows) + 20), _TOP + _PLOT + _BELOW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{_LEFT}" y="20" font-size="15">{escape(f"Table {table.number}: {table.title}")}</text>',
        f'<text x="{_LEFT}" y="{height - 8}" fill="#555" font-size="11">{escape(caption)}</text>',
    ]
    for percent in range(0, 101, 25):
        y = _TOP + _PLOT * (1 - percent / 100)
        parts.append(f'<line x1="{_LEFT}" y1="{y}" x2="{width - 10}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{percent} %</text>')
    for position, row in enumerate(rows):
        x0 = _LEFT + _GAP / 2 + position * group
        for index, measure in enumerate(MEASURES):
            if measure not in row.rates:
                continue
            share, x = row.rates[measure], x0 + index * _BAR
            top, low, high = (_TOP + _PLOT * (1 - value) for value in (share.value, share.low, share.high))
            tip = escape(f"{row.cell}, {measure}: {share.percent()}")
            parts.append(
                f'<rect x="{x:.1f}" y="{top:.1f}" width="{_BAR - 2}" height="{_TOP + _PLOT - top:.1f}" '
                f'fill="{_COLOURS[index]}"><title>{tip}</title></rect>'
            )
            middle = x + (_BAR - 2) / 2
            parts.append(f'<line x1="{middle:.1f}" y1="{low:.1f}" x2="{middle:.1f}" y2="{high:.1f}" stroke="#333"/>')
        label = row.cell if row.rates else f"{row.cell} (no records)"
        parts.append(
            f'<text x="{x0 + _BAR * len(MEASURES) / 2:.1f}" y="{_TOP + _PLOT + 16}" text-anchor="middle" '
            f'font-size="11">{escape(label)}</text>'
        )
    for index, measure in enumerate(MEASURES):
        x, y = _LEFT + index * 120, _TOP + _PLOT + 36
        parts.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{_COLOURS[index]}"/>')
        parts.append(f'<text x="{x + 16}" y="{y}">{measure}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
