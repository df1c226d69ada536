"""Synthesise, simulate and package C++ with Vitis HLS.

Success is what lies in the folder afterwards: a report that is newer than the start, a co-simulation report that says
Pass, an archive that can be opened. Exit codes and closing lines are printed after failures too and count for nothing.
"""

from __future__ import annotations

import functools
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from aigchip.core.errors import InputError
from aigchip.remote.host import Host
from aigchip.vendor import cosim_rpt, csynth_xml, project
from aigchip.vendor.model import CosimReport, VendorSynthesis
from aigchip.vendor.probe import HlsTools
from aigchip.vendor.project import COMPONENT, CONFIG, PROJECT, SCRIPT, SOLUTION, STAGES, HlsProject
from aigchip.vendor.run import Bench, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsResult:
    """What the stages gave; None for a stage that was not asked for.

    Attributes:
        tool: The tool with its version, for figures.
        synthesis: The csynth report.
        rtl: Folder with the Verilog and the data files that it reads.
        cosim: The co-simulation report.
        archive: The exported IP.
        logs: Folder of whole logs.
    """

    tool: str
    synthesis: VendorSynthesis | None
    rtl: Path | None
    cosim: CosimReport | None
    archive: Path | None
    logs: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One call of a program.

    Attributes:
        words: The command line.
        stages: What it is to do.
        removes: What is removed before, relative to the folder.
    """

    words: tuple[str, ...]
    stages: tuple[str, ...]
    removes: tuple[str, ...]


def commands(tools: HlsTools, stages: Sequence[str]) -> tuple[Command, ...]:
    """Return the calls that run some stages, in the form of the tools' version."""
    runner = tools.runner
    if tools.compiler is None:
        script = ("--mode", "hls", "--tcl", SCRIPT) if runner.program == "vitis-run" else ("-f", SCRIPT)
        results = COMPONENT if tools.has_components else PROJECT
        return (Command(words=tuple(runner.words(*script)), stages=tuple(stages), removes=(results,)),)
    common = ("--mode", "hls", "--config", CONFIG, "--work_dir", COMPONENT)
    calls = {
        "csim": (runner, ("--csim",), f"{COMPONENT}/hls/csim"),
        "csynth": (tools.compiler, ("-c",), f"{COMPONENT}/hls/syn"),
        "cosim": (runner, ("--cosim",), f"{COMPONENT}/hls/sim"),
        "export": (runner, ("--package",), f"{COMPONENT}/hls/impl"),
    }
    return tuple(
        Command(words=tuple(tool.words(*way, *common)), stages=(stage,), removes=(old,))
        for stage, (tool, way, old) in ((stage, calls[stage]) for stage in stages)
    )


def run(
    wanted: HlsProject,
    stages: Sequence[str],
    *,
    tools: HlsTools,
    host: Host,
    folder: str,
    out: Path,
    logs: Path,
    limits: Limits | None = None,
    tell: Callable[[str], None] = print,
) -> HlsResult:
    """Run stages from the beginning, each judged by what it leaves.

    Args:
        wanted: What to synthesise.
        stages: Some of csim, csynth, cosim, export in this order; cosim and export need csynth before them.
        tools: The programs.
        host: Where they are.
        folder: Absolute work folder there; emptied first, removed after a success.
        out: Local folder for RTL, reports and the archive.
        logs: Local folder for whole logs; it stays after a failure.
        limits: Time and patience.
        tell: Is told of every wait for a licence.

    Raises:
        InputError: The stages do not follow on one another, or a test bench is missing.
        VendorRunError: A stage left nothing, or what says that it failed.
        AigchipError: The host cannot be reached.
    """
    _check(wanted, stages)
    limits = limits or Limits()
    bench = Bench(host=host, folder=folder, logs=logs, where=f"{wanted.top} ({tools.title})", tell=tell)
    files = dict(wanted.files)
    if tools.compiler is None:
        files[SCRIPT] = project.script(wanted, stages, tools)
    else:
        files[CONFIG] = project.config(wanted)
    with tempfile.TemporaryDirectory(prefix="aigchip-vitis-") as scratch:
        bench.prepare(files, Path(scratch))
    judge = _Judge(top=wanted.top, components=tools.compiler is not None or tools.has_components, out=out)
    for command in commands(tools, stages):
        name = "-".join(command.stages)
        bench.execute(
            command.words,
            name=name,
            seconds=limits.stage_s * len(command.stages),
            patience=limits.patience,
            removes=command.removes,
            judge=functools.partial(judge.stages, command.stages, name),
        )
    bench.remove("")  # after a failure it stays, for a person to look into
    return HlsResult(
        tool=tools.title, synthesis=judge.synthesis, rtl=judge.rtl, cosim=judge.cosim, archive=judge.archive, logs=logs
    )


def _check(wanted: HlsProject, stages: Sequence[str]) -> None:
    where = f"vitis: {wanted.top}"
    if not stages or list(stages) != [stage for stage in STAGES if stage in stages]:
        raise InputError(
            where, f"the stages are {', '.join(stages)}; must be some of {', '.join(STAGES)}", "Order them."
        )
    if "csynth" not in stages and {"cosim", "export"} & set(stages):
        raise InputError(where, f"{stages[-1]} needs csynth before it", "Add csynth.")
    if {"csim", "cosim"} & set(stages) and not wanted.testbench:
        raise InputError(where, "csim and cosim need a test bench; there is none", "Give one.")


class _Judge:
    """Looks at what the stages left, and fetches it."""

    def __init__(self, *, top: str, components: bool, out: Path) -> None:
        self.top = top
        self.components = components
        self.solution = f"{COMPONENT}/hls" if components else f"{PROJECT}/{SOLUTION}"
        self.out = out
        self.synthesis: VendorSynthesis | None = None
        self.rtl: Path | None = None
        self.cosim: CosimReport | None = None
        self.archive: Path | None = None

    def stages(self, stages: Sequence[str], log: str, bench: Bench, text: str) -> None:
        """Judge the stages of one call.

        Raises:
            VendorRunError: One of them failed.
        """
        judged = {"csim": self._csim, "csynth": self._csynth, "cosim": self._cosim, "export": self._export}
        fresh = bench.fresh()
        for stage in stages:
            wrong = judged[stage](bench, fresh)
            if wrong:
                raise bench.failure(f"{stage} failed: {wrong}", text=text, name=log)

    def _one_of(self, fresh: list[str], *names: str) -> str | None:
        """Return the first of some files that is there; a component has copies of its reports beside the solution."""
        return next((name for name in names if name in fresh), None)

    def _csim(self, bench: Bench, fresh: list[str]) -> str:
        report = f"{self.top}_csim.log"
        path = self._one_of(fresh, f"{self.solution}/csim/report/{report}", f"{COMPONENT}/logs/hls_run_csim.log")
        if path is None:
            return f"{report} was not written"
        said = bench.fetch(path, self.out / "reports" / report).read_text(errors="replace")
        return "" if "CSim done with 0 errors" in said else f"{PurePosixPath(path).name} does not say 0 errors"

    def _csynth(self, bench: Bench, fresh: list[str]) -> str:
        reports = f"{self.solution}/syn/report"
        path = self._one_of(fresh, f"{reports}/csynth.xml", f"{reports}/{self.top}_csynth.xml")
        if path is None:
            return "csynth.xml was not written"
        self.synthesis = csynth_xml.read(bench.fetch(path, self.out / "reports" / "csynth.xml"))
        if self.synthesis.top != self.top:
            return f"csynth.xml is of {self.synthesis.top}"
        verilog = [path for path in fresh if path.startswith(f"{self.solution}/syn/verilog/")]
        if f"{self.solution}/syn/verilog/{self.top}.v" not in verilog:
            return f"{self.top}.v was not written"
        self.rtl = self.out / "rtl"
        for path in verilog:
            if path.endswith((".v", ".dat")):
                bench.fetch(path, self.rtl / PurePosixPath(path).name)
        return ""

    def _cosim(self, bench: Bench, fresh: list[str]) -> str:
        path = self._one_of(
            fresh, f"{self.solution}/sim/report/{self.top}_cosim.rpt", f"{COMPONENT}/reports/hls_cosim.rpt"
        )
        if path is None:
            return f"{self.top}_cosim.rpt was not written"
        self.cosim = cosim_rpt.read(bench.fetch(path, self.out / "reports" / f"{self.top}_cosim.rpt"))
        if self.cosim.passed:
            return ""
        rows = ", ".join(f"{language} {row.status}" for language, row in self.cosim.languages.items())
        return f"{self.top}_cosim.rpt says {rows}"

    def _export(self, bench: Bench, fresh: list[str]) -> str:
        archives = [path for path in fresh if path.endswith(".zip") and self._is_place_of_archive(path)]
        if not archives:
            return "no archive of the IP was written"
        local = bench.fetch(archives[0], self.out / f"{self.top}.zip")
        try:
            with zipfile.ZipFile(local) as opened:
                whole = "component.xml" in opened.namelist() and opened.testzip() is None
        except zipfile.BadZipFile:
            whole = False
        if not whole:
            return f"{PurePosixPath(archives[0]).name} is no whole archive with a component.xml"
        self.archive = local
        return ""

    def _is_place_of_archive(self, path: str) -> bool:
        """Say whether an archive lies where a version puts it: impl of the solution, or the component's folder."""
        parent = str(PurePosixPath(path).parent)
        return parent in {f"{self.solution}/impl/ip", f"{self.solution}/impl", COMPONENT, "."}
