"""Measure the parser on labelled messages: `python -m aigchip.diagnose.measure FOLDER`.

The folder holds `messages.jsonl` (fields `text`, `class`, and `severity` and `loc` where known) and
`messages_negative.jsonl` (field `text`: lines that are no warnings or errors).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.diagnose.parse import parse_message

MESSAGES = "messages.jsonl"
NEGATIVE = "messages_negative.jsonl"
NONE = "(no message)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the parser made of labelled messages.

    Attributes:
        confusion: how often each (labelled class, class given) occurred.
        severities: messages whose severity is as labelled.
        places: messages whose file, line and column are as labelled, of `placed` messages with a label.
        placed: see `places`.
        alarms: lines that are no messages, but were taken for one.
        negatives: lines that are no messages.
    """

    confusion: Mapping[tuple[str, str], int]
    severities: int
    places: int
    placed: int
    alarms: int
    negatives: int

    @property
    def total(self) -> int:
        """Give the number of labelled messages."""
        return sum(self.confusion.values())

    @property
    def right(self) -> int:
        """Give the number of messages in their class."""
        return sum(count for (label, given), count in self.confusion.items() if label == given)

    @property
    def accuracy(self) -> float:
        """Give the share of labelled messages in their class, 0 to 1."""
        return self.right / max(1, self.total)

    def text(self) -> str:
        """Return the confusion table and the figures, as Markdown."""
        rows = ["| class | messages | right | taken for |", "|---|---|---|---|"]
        for label in sorted({label for label, _ in self.confusion}):
            given = {other: count for (own, other), count in self.confusion.items() if own == label}
            wrong = ", ".join(f"{other} ({count})" for other, count in sorted(given.items()) if other != label)
            rows.append(f"| {label} | {sum(given.values())} | {given.get(label, 0)} | {wrong or '-'} |")
        return "\n".join(
            [
                *rows,
                "",
                f"classes: {self.right} of {self.total} ({self.accuracy:.3f})",
                f"severities: {self.severities} of {self.total}",
                f"places: {self.places} of {self.placed}",
                f"lines that are no messages, taken for one: {self.alarms} of {self.negatives}",
            ]
        )


def measure(labelled: Sequence[Mapping[str, Any]], negative: Sequence[str] = ()) -> Measured:
    """Parse labelled messages and compare."""
    confusion: Counter[tuple[str, str]] = Counter()
    severities = places = placed = 0
    for record in labelled:
        found = parse_message(record["text"])
        confusion[record["class"], found.error_class if found else NONE] += 1
        error = "WARNING" not in record.get("severity", "ERROR")
        severities += found is not None and (found.severity == "error") == error
        if record.get("loc"):
            place = found.location if found else None
            wanted = (record["loc"]["file"], record["loc"]["line"] or 0, record["loc"]["col"] or 0)
            placed += 1
            places += place is not None and (place.file, place.line, place.column) == wanted
    alarms = sum(parse_message(line) is not None for line in negative)
    return Measured(
        confusion=confusion, severities=severities, places=places, placed=placed, alarms=alarms, negatives=len(negative)
    )


def read(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main(arguments: Sequence[str]) -> int:
    """Print the table for the folder named."""
    folder = Path(arguments[0])
    print(measure(read(folder / MESSAGES), [record["text"] for record in read(folder / NEGATIVE)]).text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
