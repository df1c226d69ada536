"""`export`: a built design as a folder that stands alone, every file with its provenance."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.atomic import storage_errors, write_json, write_text
from aigchip.core.errors import InputError
from aigchip.generate.header import header, licences
from aigchip.generate.produce import CODE_FILE, read_provenance
from aigchip.prompt.library import Library
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import DesignContext

_REPORTS = ("report.md", "report.json")


def run(given: Arguments) -> int:
    """Export a design that was built: C++, RTL, report, parameters and provenance.

    Raises:
        InputError: The design was not built since its inputs changed, or the folder is there and is not an export.
    """
    context = DesignContext(given)
    name = context.chosen.name
    if not context.nothing_changed or not (context.chosen.folder / "report.json").is_file():
        raise InputError(
            f"design={name}",
            "the design is not built from what is there now",
            f"Run ./doit build design={name}{_study(given)}.",
        )
    target = Path(given.text("into")) if "into" in given.given else context.chosen.folder / "export"
    if target.exists() and not (target / "provenance.json").is_file():
        raise InputError(f"into={target}", "there is something that is no export of a design", "Name another folder.")
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
            fresh = Path(beside) / "export"
            fresh.mkdir()
            count = _write(context, fresh)
            _replace(fresh, target, Path(beside) / "old")
    print(f"{count} modules, their RTL and report are in {paths.relative(target)}; provenance.json says who made what.")
    return 0


def _study(given: Arguments) -> str:
    return f" study={given.text('study')}" if "study" in given.given else ""


def _replace(fresh: Path, target: Path, old: Path) -> None:
    """Put the finished folder in its place; a kill in between leaves the old or the new one, never a mixture."""
    if target.exists():
        target.rename(old)
    fresh.rename(target)


def write_sources(context: DesignContext, report: Mapping[str, Any], out: Path) -> None:
    """Write the C++ of every module of a built design, each file with a header that says who made it and what it passed.

    Args:
        context: The design.
        report: What its build reported.
        out: The folder; files of the same names are replaced.
    """
    library = Library(root=paths.demos_dir())
    for instance in context.flow.parameters:
        text = _header(context, report, instance, library, tools=())
        code = (_made(context, instance) / CODE_FILE).read_text(encoding="utf-8")
        write_text(out / f"{instance}.cpp", text + code)


def _made(context: DesignContext, instance: str) -> Path:
    folder = context.flow.result(f"modules:{instance}")
    assert folder is not None  # noqa: S101 - the build is whole
    return folder


def _header(
    context: DesignContext, report: Mapping[str, Any], instance: str, library: Library, *, tools: Sequence[str]
) -> str:
    provenance = read_provenance(_made(context, instance))
    entry = report["modules"][instance]
    checked = [
        f"C simulation ({entry['csim']['vectors']} vectors, {entry['csim']['tool']})",
        f"RTL simulation ({entry['rtlsim']['calls']} calls, {entry['rtlsim']['tool']})",
        f"co-simulation of the whole ({report['cosimulation']['tool']})",
    ]
    return header(
        instance,
        provenance,
        parameters=context.flow.parameters[instance],
        demonstrations=licences(provenance.demonstrations, library),
        tools=tools,
        checked=checked,
    )


def _write(context: DesignContext, out: Path) -> int:
    flow = context.flow
    report = json.loads((context.chosen.folder / "report.json").read_text())
    library = Library(root=paths.demos_dir())
    tool = next(entry["csynth"]["tool"] for entry in report["modules"].values() if "csynth" in entry)
    write_sources(context, report, out / "cpp")
    headers = {f"{name}.v": _header(context, report, name, library, tools=(tool,)) for name in flow.parameters}
    told: dict[str, Any] = {}
    for instance, parameters in flow.parameters.items():
        provenance = read_provenance(_made(context, instance))
        shown = licences(provenance.demonstrations, library)
        told[instance] = {**provenance.to_dict(), "parameters": dict(parameters), "licences": shown}
    link = flow.result("link")
    assert link is not None  # noqa: S101 - the same
    inlined = {f"{name}.v": [f"{callee}.v" for callee in flow.callees(name)] for name in flow.processes}
    for file in sorted((link / "rtl").iterdir()):
        parts = [headers[name] for name in (file.name, *inlined.get(file.name, ())) if name in headers]
        write_text(out / "rtl" / file.name, "".join(parts) + file.read_text(encoding="utf-8"))
    write_text(out / "rtl" / "filelist.txt", "".join(f"{file.name}\n" for file in sorted((link / "rtl").iterdir())))
    for name in _REPORTS:
        shutil.copyfile(context.chosen.folder / name, out / name)
    shutil.copyfile(paths.root() / "LICENSE", out / "LICENSE")
    write_json(out / "design.json", flow.design.to_dict())
    write_json(
        out / "provenance.json", {"design": context.chosen.name, "generator": report["generator"], "modules": told}
    )
    return len(told)
