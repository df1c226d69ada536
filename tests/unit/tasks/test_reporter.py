"""The reporter: lines, counts, errors without traceback."""

import io
from types import SimpleNamespace

from doit.exceptions import TaskFailed

from aigchip.tasks.reporter import Reporter


def task(name, **fields):
    return SimpleNamespace(name=name, actions=[1], task_dep=[], meta=None, **fields)


def test_a_run_with_a_failure(capsys):
    out = io.StringIO()
    reporter = Reporter(out, {})
    tasks = {name: task(name) for name in ("a", "b", "c")}
    reporter.initialize(tasks, list(tasks))
    reporter.skip_uptodate(tasks["a"])
    reporter.execute_task(tasks["b"])
    reporter.add_success(tasks["b"])
    reporter.execute_task(tasks["c"])
    reporter.add_failure(tasks["c"], TaskFailed("x.cpp:1: it is wrong. Correct it."))
    reporter.complete_run()
    assert [line.split()[:2] for line in out.getvalue().splitlines()] == [["made", "b"], ["FAILED", "c"]]
    assert capsys.readouterr().err == (
        "doit: c: x.cpp:1: it is wrong. Correct it.\ndoit: 1 failed, 1 made, 1 up to date.\n"
    )


def test_a_run_with_nothing_to_do():
    out = io.StringIO()
    reporter = Reporter(out, {})
    tasks = {name: task(name) for name in ("a", "b")}
    tasks["build"] = SimpleNamespace(
        name="build", actions=[1], task_dep=["a", "b"], meta={"quiet": True, "up_to_date": "nothing to do"}
    )
    reporter.initialize(tasks, ["build"])
    for name in ("a", "b", "build"):
        reporter.skip_uptodate(tasks[name])
    reporter.complete_run()
    first, last = out.getvalue().splitlines()
    assert first == "nothing to do"
    assert last.startswith("0 made, 2 up to date, ")


def test_one_failed_task_is_one_line(capsys):
    reporter = Reporter(io.StringIO(), {})
    search = SimpleNamespace(name="search", actions=[1], task_dep=[], meta={"quiet": True})
    reporter.initialize({"search": search}, ["search"])
    reporter.execute_task(search)
    reporter.add_failure(search, TaskFailed("a.onnx: it is wrong. Correct it."))
    reporter.complete_run()
    assert capsys.readouterr().err == "doit: a.onnx: it is wrong. Correct it.\n"


def test_tasks_that_failed_for_one_reason_are_one_line_and_a_module_is_named_once(capsys):
    reporter = Reporter(io.StringIO(), {})
    tasks = {name: task(name) for name in ("modules:ctrl", "modules:mac", "csim:post")}
    reporter.initialize(tasks, list(tasks))
    for name, text in (
        ("modules:ctrl", "llm (host): the key was not accepted. Correct OPENAI_API_KEY."),
        ("modules:mac", "llm (host): the key was not accepted. Correct OPENAI_API_KEY."),
        ("csim:post", "post: the result is wrong. Correct it."),
    ):
        reporter.execute_task(tasks[name])
        reporter.add_failure(tasks[name], TaskFailed(text))
    reporter.complete_run()
    assert capsys.readouterr().err == (
        "doit: modules:ctrl, modules:mac: llm (host): the key was not accepted. Correct OPENAI_API_KEY.\n"
        "doit: csim:post: the result is wrong. Correct it.\n"
        "doit: 3 failed, 0 made, 0 up to date.\n"
    )
