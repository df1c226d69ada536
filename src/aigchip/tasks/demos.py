"""`demos`: check the demonstrations, show which parameter values none of them shows, write the expert's ones anew."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from aigchip.core import hashing, paths
from aigchip.core.console import print_table, progress
from aigchip.core.errors import AigchipError, InputError, unknown
from aigchip.prompt import expert_demos
from aigchip.prompt.library import Demonstration, Library
from aigchip.prompt.links import resolve
from aigchip.tasks import bench_steps, session, steps
from aigchip.tasks.context import make_in_worker
from aigchip.template import module as template

BOARD = "zcu104"
STAGES = ("links", "csim", "csynth", "rtlsim")
ACTIONS = ("coverage", "refresh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the check of one demonstration said.

    Attributes:
        demonstration: The demonstration.
        passed: The stages that it passed, in order.
        error: Why the next one failed; empty if none did.
    """

    demonstration: Demonstration
    passed: tuple[str, ...]
    error: str = ""


def run(words: Sequence[str]) -> int:
    """Do what the word after `demos` says; without one, check.

    Raises:
        AigchipError: A word is unknown, the library is malformed, or a demonstration fails.
    """
    if len(words) > 1:
        raise InputError(" ".join(words), "demos takes one word at most", f"Use one of {', '.join(ACTIONS)}, or none.")
    if not words:
        return check()
    if words[0] not in ACTIONS:
        raise unknown("demos", "action", words[0], ACTIONS)
    return coverage() if words[0] == "coverage" else refresh()


def check() -> int:
    """Check every demonstration and print a table.

    Raises:
        DemonstrationError: The library is malformed.
        AigchipError: A demonstration fails.
    """
    demos = Library(root=paths.demos_dir()).demonstrations
    checked: dict[str, Checked] = {}
    with (
        progress("demos", len(demos)) as shown,
        ThreadPoolExecutor(max_workers=session.workers().count) as threads,
    ):
        for future in as_completed([threads.submit(check_one, demo) for demo in demos]):
            result = future.result()
            checked[result.demonstration.title] = result
            shown.advance(result.demonstration.title)
    rows: list[list[str]] = []
    for module in sorted({demo.module for demo in demos}):
        own = [checked[demo.title] for demo in demos if demo.module == module]
        counts = [sum(stage in one.passed for one in own) for stage in STAGES]
        rows.append([module, str(len(own)), *map(str, counts)])
    print_table(
        "Demonstrations that pass",
        ("module", "demonstrations", "links", "contract and C simulation", "C synthesis", "RTL equality"),
        rows,
        right=(1, 2, 3, 4, 5),
        caption=f"{steps.tool_of_csim()}; csynth for {BOARD}; verilator {steps.version('verilator')}",
    )
    failed = [checked[demo.title] for demo in demos if checked[demo.title].error]
    for one in failed:
        print(f"{one.demonstration.title}: {one.error}")
    if failed:
        raise AigchipError(
            "demos",
            f"{len(failed)} of {len(demos)} demonstrations fail",
            "Correct them; ./doit demos refresh writes the expert's ones anew.",
            code="demos-failed",
        )
    return 0


def check_one(demo: Demonstration) -> Checked:
    """Check a demonstration up to the first stage that it fails; what passed before is taken from the store.

    Raises:
        AigchipError: The machine is at fault.
    """
    from aigchip.board import load

    passed: tuple[str, ...] = ()
    problems = resolve(demo.instruction, demo.code).problems()
    if problems:
        return Checked(demonstration=demo, passed=passed, error=problems[0])
    board = load(BOARD)
    try:
        module = template.load(demo.module)
        called = expert_demos.callees(demo.module, demo.parameters)
        passed = ("links",)
        _make(
            steps.SimulateModule(module=demo.module, parameters=demo.parameters, code=demo.code, callees=called),
        )
        passed += ("csim",)
        folder = _make(
            steps.SynthesiseModule(
                function=module.function(demo.parameters),
                code=demo.code,
                callees=called,
                part=board.part,
                clock_period_ps=board.clock.default_period_ps,
            )
        )
        passed += ("csynth",)
        rtl = hashing.digest_files(folder, ["rtl/*.v"])
        _make(
            bench_steps.SimulateModuleRtl(module=demo.module, parameters=demo.parameters, folder=folder, rtl=rtl),
        )
        passed += ("rtlsim",)
    except AigchipError as error:
        return Checked(demonstration=demo, passed=passed, error=str(error))
    return Checked(demonstration=demo, passed=passed)


def _make(step: steps.SimulateModule | steps.SynthesiseModule | bench_steps.SimulateModuleRtl) -> paths.Path:
    store = session.store()
    return store.path(step) if store.has(step) else session.workers().run(make_in_worker, store.root, step)


def unshown(demos: Sequence[Demonstration]) -> dict[str, dict[str, list[int | str]]]:
    """Return, for every module of the template and every local parameter, the values that no demonstration shows.

    Values that the template declares and no design has are not counted.
    """
    shown = {(demo.module, *item) for demo in demos for item in demo.parameters.items()}
    return {
        module: {
            name: [value for value in listed if (module, name, value) not in shown] for name, listed in own.items()
        }
        for module, own in expert_demos.values().items()
    }


def coverage() -> int:
    """Print which parameter values no demonstration shows."""
    demos = Library(root=paths.demos_dir()).demonstrations
    rows: list[list[str]] = []
    possible = expert_demos.values()
    for module, parameters in unshown(demos).items():
        count = sum(demo.module == module for demo in demos)
        values = sum(map(len, possible[module].values()))
        missing = [f"{name} {', '.join(map(str, left))}" for name, left in parameters.items() if left]
        left = sum(map(len, parameters.values()))
        rows.append([module, str(count), f"{values - left} of {values}", "; ".join(missing) or "-"])
    print_table(
        "Values of local parameters that demonstrations show",
        ("module", "demonstrations", "values shown", "not shown"),
        rows,
        right=(1, 2),
    )
    return 0


def refresh() -> int:
    """Write the expert's demonstrations anew and say which ones changed."""
    changed = expert_demos.refresh()
    for title in changed:
        print(title)
    print(f"{len(changed)} demonstrations changed.")
    return 0
