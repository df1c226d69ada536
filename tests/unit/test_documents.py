"""What the documents quote is there: links, paths, tasks and arguments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aigchip.tasks.arguments import ARGUMENTS
from aigchip.tasks.catalogue import ENTRIES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "template").glob("*.md")])
TOP = {"template", "demos", "designs", "testbench", "boards", "src", "tests", "docs", "benchmarks", "records"}


def identified(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=identified)
def test_relative_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{identified(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=identified)
def test_quoted_paths_exist(page: Path) -> None:
    for quoted in re.findall(r"`([\w./-]+)`", page.read_text(encoding="utf-8")):
        first, slash, _ = quoted.partition("/")
        if slash and first in TOP:
            assert (ROOT / quoted).exists(), f"{identified(page)} quotes {quoted}"


@pytest.mark.parametrize("page", PAGES, ids=identified)
def test_quoted_commands_are_tasks_with_arguments_that_they_take(page: Path) -> None:
    for line in re.findall(r"\./doit ([a-z-]+[^`\n|]*)", page.read_text(encoding="utf-8")):
        words = re.sub(r'"[^"]*"', "x", line.split("#")[0]).split()
        task = words[0].rstrip(".,:;)")
        assert task in ENTRIES, f"{identified(page)}: ./doit {line}"
        for name in re.findall(r"\b([a-z_]+)=", " ".join(words)):
            assert name in ARGUMENTS, f"{identified(page)}: ./doit {line}"
            assert name in ENTRIES[task].arguments, f"{identified(page)}: ./doit {task} does not take {name}"
