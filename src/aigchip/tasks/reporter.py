"""What a person sees of a run: a bar on a terminal, one line for each task that ran, and a last line."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

from doit.exceptions import BaseFail, UnmetDependency


class Reporter:
    """doit's reporter interface.

    A task may carry `meta`: `quiet` (no line of its own), `up_to_date` (the line when the task has nothing to do).
    """

    desc = "a progress bar and one line a task"

    def __init__(self, outstream: Any, options: dict[str, Any]) -> None:
        self.outstream = outstream
        self.failed = 0
        self.made = 0
        self.skipped = 0
        self.total = 0
        self._started: dict[str, float] = {}
        self._running: list[str] = []
        self._messages: dict[str, list[str]] = {}  # text to the tasks that ended with it
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._bar: Any = None
        self._bar_task: Any = None

    def initialize(self, tasks: dict[str, Any], selected_tasks: list[str]) -> None:
        """Count the tasks that this run may execute."""
        seen: set[str] = set()
        stack = list(selected_tasks)
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                stack.extend(tasks[name].task_dep)
        self.total = sum(1 for name in seen if tasks[name].actions and not self._quiet(tasks[name]))

    @staticmethod
    def _quiet(task: Any) -> bool:
        return bool((task.meta or {}).get("quiet"))

    def get_status(self, task: Any) -> None:
        """Do nothing: asking for a task's status is quick."""

    def execute_task(self, task: Any) -> None:
        """Note the start of a task."""
        if not task.actions or self._quiet(task):
            return
        with self._lock:
            self._started[task.name] = time.monotonic()
            self._running.append(task.name)
        self._show()

    def _finish(self, task: Any, word: str) -> None:
        with self._lock:
            began = self._started.pop(task.name, None)
            if task.name in self._running:
                self._running.remove(task.name)
        if began is not None:
            self._line(f"{word} {task.name:<24} {time.monotonic() - began:6.1f} s")
        self._show()

    def add_success(self, task: Any) -> None:
        """Count a task that ran."""
        if task.actions and not self._quiet(task):
            self.made += 1
            self._finish(task, "made  ")

    def add_failure(self, task: Any, fail: BaseFail) -> None:
        """Keep what went wrong for the end; tasks that only wait for a failed one are not repeated."""
        if not fail.report or isinstance(fail, UnmetDependency):
            return
        self.failed += 1
        self._finish(task, "FAILED")
        text = fail.get_msg().strip() if fail.traceback else str(fail.message)
        names = self._messages.setdefault(text.removeprefix(f"{task.name.rpartition(':')[2]}: "), [])
        if not self._quiet(task):
            names.append(task.name)

    def skip_uptodate(self, task: Any) -> None:
        """Count a task with nothing to do."""
        if task.actions and not self._quiet(task):
            self.skipped += 1
            self._show()
        line = (task.meta or {}).get("up_to_date")
        if line:
            self._line(line)

    def skip_ignore(self, task: Any) -> None:
        """Count like a task with nothing to do."""
        self.skip_uptodate(task)

    def cleanup_error(self, exception: BaseFail) -> None:
        """Say that a teardown failed."""
        self._messages.setdefault(exception.get_msg(), [])

    def runtime_error(self, msg: str) -> None:
        """Keep an error of doit itself."""
        self.failed += 1
        self._messages.setdefault(msg, [])

    def teardown_task(self, task: Any) -> None:
        """Do nothing."""

    def complete_run(self) -> None:
        """Print the last line, or what failed."""
        self._stop_bar()
        for text, tasks in self._messages.items():
            print(f"doit: {_listed(tasks)}{text}", file=sys.stderr)
        seconds = time.monotonic() - self._begun
        if self.failed and self.total > 1:
            print(f"doit: {self.failed} failed, {self.made} made, {self.skipped} up to date.", file=sys.stderr)
        elif self.total > 1 and not self.failed:
            self.outstream.write(f"{self.made} made, {self.skipped} up to date, {seconds:.1f} s.\n")

    def _line(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(text, highlight=False, markup=False)
        else:
            self.outstream.write(f"{text}\n")
            self.outstream.flush()

    def _show(self) -> None:
        if self.total < 3 or not sys.stderr.isatty():
            return
        if self._bar is None:
            if not self._running:
                return  # nothing runs: a command with nothing to do does not pay for rich
            from aigchip.core.console import bar

            self._bar, self._bar_task = bar("build", self.total)
        self._bar.update(self._bar_task, completed=self.made + self.skipped, latest=", ".join(self._running))

    def _stop_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _listed(tasks: list[str]) -> str:
    """Return the tasks that one message is about, as its beginning."""
    if not tasks:
        return ""
    more = f" and {len(tasks) - 3} more" if len(tasks) > 3 else ""
    return ", ".join(tasks[:3]) + more + ": "
