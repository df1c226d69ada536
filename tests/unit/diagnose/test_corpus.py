"""The parser on other people's labelled messages, read where they lie; none of them is part of the project."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from aigchip.diagnose.measure import MESSAGES, NEGATIVE, Measured, measure, read
from aigchip.diagnose.parse import parse_message

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("AIGCHIP_VITIS_CORPUS", ROOT.parent / "shared" / "reference" / "vitis"))
pytestmark = pytest.mark.skipif(
    not (FOLDER / MESSAGES).is_file(),
    reason=f"the labelled messages are not here; set AIGCHIP_VITIS_CORPUS to the folder of {MESSAGES}",
)


def measured(change: Callable[[str], str] = lambda text: text) -> Measured:
    records = [{**record, "text": change(record["text"])} for record in read(FOLDER / MESSAGES)]
    return measure(records, [record["text"] for record in read(FOLDER / NEGATIVE)])


def test_classes_severities_and_places():
    found = measured()
    assert found.accuracy >= 0.95, found.text()
    assert found.severities >= 0.95 * found.total, found.text()
    assert found.places >= 0.95 * found.placed, found.text()
    assert found.alarms == 0, found.text()


def test_the_number_of_a_message_is_not_what_decides():
    def renumbered(text: str) -> str:
        return re.sub(r"\[(\w[\w+]*)([ -])(?:(\d+)-)?\d+\]", r"[\1\g<2>999-9999]", text, count=1)

    assert measured(renumbered).accuracy >= 0.95


def test_names_of_users_do_not_decide():
    def renamed(text: str) -> str:
        return re.sub(r"'[A-Za-z]\w*_\w*'", "'pipeline_license_timeout'", text)

    assert measured(renamed).accuracy >= 0.95


@pytest.mark.parametrize("part", ["tool_version", "id"])
def test_every_group_of_some_size_is_read_well(part: str):
    groups: dict[str, list[dict[str, object]]] = {}
    for record in read(FOLDER / MESSAGES):
        key = str(record[part]) if part == "tool_version" else re.split(r"[ \-]", str(record[part]))[0]
        groups.setdefault(key, []).append(record)
    for key, records in groups.items():
        if len(records) >= 8:
            assert measure(records).accuracy >= 0.9, key


def test_whole_logs_are_read_without_a_fault():
    for path in sorted((FOLDER / "logs").glob("*.log")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            found = parse_message(line)
            assert found is None or (found.message and "\n" not in str(found))
