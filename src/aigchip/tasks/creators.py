"""The task creators of a design and of a study; each task's `uptodate` asks the store."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from doit.exceptions import TaskFailed

from aigchip.core import paths
from aigchip.core.atomic import of_system
from aigchip.core.errors import AigchipError
from aigchip.space.derive import INSTANCES
from aigchip.tasks.arguments import of_command_line
from aigchip.tasks.catalogue import ENTRIES
from aigchip.tasks.context import DesignContext, design_context

Task = dict[str, Any]


def _context() -> DesignContext | None:
    given = of_command_line()
    if "design" not in given.given:
        return None
    return design_context(tuple((name, str(value)) for name, value in given.given.items()))


def clear(action: Callable[[], None]) -> Callable[[], bool | TaskFailed]:
    """Wrap an action: a person's error fails the task with one line instead of a traceback."""

    @functools.wraps(action)
    def run() -> bool | TaskFailed:
        try:
            action()
        except AigchipError as error:
            return TaskFailed(str(error))
        except OSError as error:
            refused = of_system(error)
            if refused is None:
                raise
            return TaskFailed(str(refused))
        return True

    return run


def _task(action: Callable[[], None], **fields: Any) -> Task:
    return {"actions": [(clear(action),)], "io": {"capture": False}, "verbosity": 2, **fields}


def _placeholder(name: str) -> Task:
    def refuse() -> None:
        raise AigchipError(name, "the argument design is missing", f"For example ./doit {name} design=42.")

    return {"basename": name, **_task(refuse, doc=ENTRIES[name].summary)}


def _needs(context: DesignContext, name: str) -> list[str]:
    return [] if context.nothing_changed else list(context.flow.nodes[name].needs)


def _stage(stage: str) -> Iterator[Task]:
    """Make the group task of a stage and one task for each module."""
    context = _context()
    if context is None:
        yield _placeholder(stage)
        return
    if stage == "rtlsim" and context.uses_vitis:
        yield {"basename": stage, **_task(_refuse_rtl_of_vitis, doc=ENTRIES[stage].summary)}
        return
    yield {"basename": stage, "name": None, "doc": ENTRIES[stage].summary}
    for instance in INSTANCES:
        name = f"{stage}:{instance}"
        yield {
            "basename": stage,
            "name": instance,
            **_task(
                functools.partial(context.make, name),
                doc=f"{stage} of {instance}",
                task_dep=_needs(context, name),
                uptodate=[functools.partial(context.is_made, name)],
            ),
        }


def _refuse_rtl_of_vitis() -> None:
    raise AigchipError(
        "rtlsim",
        "Vitis HLS gives single modules other ports than the test benches have",
        "Use ./doit cosim, which runs the whole accelerator, or toolchain=csynth.",
    )


def task_audit() -> Iterator[Task]:
    """Let every test bench fail wrong designs, before it judges."""
    yield from _stage("audit")


def task_modules() -> Iterator[Task]:
    """Write the C++ of every module of a design."""
    yield from _stage("modules")


def task_csim() -> Iterator[Task]:
    """Check every module: signature contract and C simulation against numpy."""
    yield from _stage("csim")


def task_csynth() -> Iterator[Task]:
    """Synthesise every module to Verilog."""
    yield from _stage("csynth")


def task_rtlsim() -> Iterator[Task]:
    """Simulate the RTL of every module."""
    yield from _stage("rtlsim")


def _single(stage: str, needs: list[str]) -> Task:
    context = _context()
    if context is None:
        return _placeholder(stage)
    return {
        "basename": stage,
        **_task(
            functools.partial(context.make, stage),
            doc=ENTRIES[stage].summary,
            task_dep=needs,
            uptodate=[functools.partial(context.is_made, stage)],
        ),
    }


def task_link() -> Task:
    """Assemble the accelerator's RTL."""
    return _single("link", ["csynth"])


def task_resources() -> Task:
    """Count the resources of the assembled RTL."""
    return _single("resources", ["link"])


def task_cosim() -> Task:
    """Co-simulate the assembled RTL."""
    return _single("cosim", ["link"])


def task_build() -> Task:
    """Build one design and write its report."""
    context = _context()
    if context is None:
        return _placeholder("build")

    if context.uses_vitis:
        return _build_with_vitis(context)

    def finish() -> None:
        from aigchip.tasks import reports

        context.keep_record()
        reports.write_design_report(context)
        reports.print_design_report(context)

    report = context.chosen.folder / "report.md"
    return {
        "basename": "build",
        **_task(
            finish,
            doc=ENTRIES["build"].summary,
            task_dep=["modules", "csim", "csynth", "link", "resources", "cosim", "rtlsim"],
            uptodate=[lambda: context.nothing_changed and report.is_file()],
            meta={
                "quiet": True,
                "up_to_date": f"build design={context.chosen.name}: nothing to do, nothing changed since the last "
                f"build. The report is {paths.relative(report)}.",
            },
        ),
    }


def _build_with_vitis(context: DesignContext) -> Task:
    """Make the task of a build with Vitis' RTL: no RTL of single modules is simulated."""

    def finish() -> None:
        from aigchip.tasks import vendor_report

        vendor_report.write_and_print(context)
        context.keep_record()

    report = context.chosen.folder / context.report_file
    needs = ["modules", "csim", "csynth", "link", "resources", "cosim"]
    return {
        "basename": "build",
        **_task(
            finish,
            doc=ENTRIES["build"].summary,
            task_dep=needs,
            uptodate=[lambda: context.nothing_changed and report.is_file()],
            meta={
                "quiet": True,
                "up_to_date": f"build design={context.chosen.name} toolchain=vitis: nothing to do, nothing changed since the "
                f"last build. The report is {paths.relative(report)}.",
            },
        ),
    }


def task_bitstream() -> Task:
    """Make a design's bitstream with Vivado, or with nextpnr for ECP5 boards."""
    context = _context()
    if context is None:
        return _placeholder("bitstream")

    def make() -> None:
        from aigchip.board import load

        board = load(context.given.text("board"))
        if board.has_processing_system:
            from aigchip.tasks import vendor_report

            vendor_report.make_bitstream(context, board)
        else:
            from aigchip.tasks import ecp5_bitstream

            ecp5_bitstream.run(context, board)

    return {"basename": "bitstream", **_task(make, doc=ENTRIES["bitstream"].summary, meta={"quiet": True})}


def task_search() -> Task:
    """Search for accelerators for a network."""

    def run() -> None:
        from aigchip.tasks import studies

        studies.run(of_command_line())

    return {"basename": "search", **_task(run, doc=ENTRIES["search"].summary, meta={"quiet": True})}
