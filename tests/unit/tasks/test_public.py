"""The tasks that another project's dodo.py imports."""

import subprocess
import sys

import pytest

import aigchip.tasks
from aigchip.tasks import aigchip_tasks, creators, public, task_build, task_search
from aigchip.tasks.catalogue import ENTRIES


def test_every_creator_and_command_is_a_task():
    names = {name.removeprefix("task_") for name in aigchip_tasks()}
    assert {name.removeprefix("task_") for name in vars(creators) if name.startswith("task_")} <= names
    commands = {entry.name for entry in ENTRIES.values() if entry.is_command}
    assert commands - names == {"list", "help"}
    assert aigchip_tasks()["task_build"] is task_build
    assert aigchip_tasks()["task_search"] is task_search


def test_a_name_that_is_no_task_is_no_attribute():
    with pytest.raises(AttributeError, match=r"module 'aigchip\.tasks' has no attribute 'task_nothing'"):
        _ = aigchip.tasks.task_nothing


def test_the_package_alone_imports_nothing():
    code = "import sys, aigchip.tasks; print([name for name in sys.modules if name.startswith(('doit', 'aigchip.tasks.'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_commands_are_named_as_they_are_typed(monkeypatch):
    text = "design=7: it is not built. Run ./doit build design=7."
    assert public.in_words_typed_here(text) == text
    monkeypatch.setattr(public.paths, "is_installed", lambda: True)
    assert public.in_words_typed_here(text) == "design=7: it is not built. Run doit build design=7."
