"""`export`: a built design in the format of another flow, every file with its provenance."""

from __future__ import annotations

import importlib.metadata
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aigchip.core import paths
from aigchip.core.atomic import storage_errors, write_bytes, write_text
from aigchip.core.errors import InputError
from aigchip.generate.header import header, licences
from aigchip.generate.produce import CODE_FILE, read_provenance
from aigchip.prompt.library import Library
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import DesignContext

if TYPE_CHECKING:
    from aigchip.export import Description

_REPORTS = ("report.md", "report.json")
_VERILOG = ".v"


def run(given: Arguments) -> int:
    """Export a design that was built: C++, RTL, report, parameters and provenance, as the format has them.

    Raises:
        InputError: The design was not built since its inputs changed, or the folder is there and is not an export.
        ExportError: The format cannot hold the design.
    """
    from aigchip.export.formats import FORMATS

    context = DesignContext(given)
    kind = given.text("format")
    report = context.built_report()
    usual = "export" if kind == "folder" else f"export-{kind}"
    target = Path(given.text("into")) if "into" in given.given else context.chosen.folder / usual
    if target.exists() and not (target / "provenance.json").is_file():
        raise InputError(f"into={target}", "there is something that is no export of a design", "Name another folder.")
    files = FORMATS[kind](describe(context, report))
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
            fresh = Path(beside) / "export"
            fresh.mkdir()
            for path, content in files.items():
                write_bytes(fresh / path, content if isinstance(content, bytes) else content.encode())
            _replace(fresh, target, Path(beside) / "old")
    print(f"{len(files)} files ({kind}) are in {paths.relative(target)}; provenance.json says who made what.")
    return 0


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
    for name, text in _sources(context, report, Library(root=paths.demos_dir())).items():
        write_text(out / f"{name}.cpp", text)


def _sources(context: DesignContext, report: Mapping[str, Any], library: Library) -> dict[str, str]:
    return {
        instance: _header(context, report, instance, library, tools=())
        + (_made(context, instance) / CODE_FILE).read_text(encoding="utf-8")
        for instance in context.flow.parameters
    }


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
        *(
            [f"RTL simulation ({entry['rtlsim']['calls']} calls, {entry['rtlsim']['tool']})"]
            if "rtlsim" in entry
            else []
        ),
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


def describe(context: DesignContext, report: Mapping[str, Any]) -> Description:
    """Read everything that an export of a built design holds; `report` is what its build reported."""
    from aigchip.export import Description, File, arguments_of
    from aigchip.template.module import include_dir
    from aigchip.template.top import process_graph, top_code
    from aigchip.toolchain.shell import MemoryPort

    flow = context.flow
    library = Library(root=paths.demos_dir())
    sources = _sources(context, report, library)
    graph = process_graph(flow.design)
    link = flow.result("link")
    assert link is not None  # noqa: S101 - the build is whole
    network = json.loads((link / "network.json").read_text())
    units = {name: "\n".join(sources[part] for part in (*flow.callees(name), name)) for name in flow.processes}
    reports = [context.report_file] if context.uses_vitis else _REPORTS
    about = "// The template of aigchip (Apache-2.0).\n\n"
    includes = sorted(include_dir().glob("*.h"))
    return Description(
        design=context.chosen.name,
        version=importlib.metadata.version("aigchip"),
        modules=tuple(File(name=f"{name}.cpp", text=text) for name, text in sources.items()),
        units=tuple(File(name=f"{name}.cpp", text=text) for name, text in units.items()),
        top=File(name=f"{graph.name}.cpp", text=about + top_code(graph)),
        includes=tuple(File(name=path.name, text=about + path.read_text(encoding="utf-8")) for path in includes),
        rtl=tuple(_rtl(context, report, link / "rtl", library)),
        kernel=str(network["top"]),
        arguments=arguments_of(network),
        memories=tuple(MemoryPort(name=one["name"], width_bits=one["width_bits"]) for one in network["maxi"]),
        part=flow.part,
        clock_period_ps=flow.clock_period_ps,
        licence=paths.licence().read_text(encoding="utf-8"),
        reports=tuple(
            File(name=name, text=(context.chosen.folder / name).read_text(encoding="utf-8")) for name in reports
        ),
        parameters=flow.design.to_dict(),
        provenance={
            "design": context.chosen.name,
            "generator": report["generator"],
            "modules": _told(context, library),
        },
    )


def _rtl(context: DesignContext, report: Mapping[str, Any], folder: Path, library: Library) -> list[Any]:
    """Return the Verilog, the modules' with the headers of all whose code they hold."""
    from aigchip.export import File

    flow = context.flow
    tool = next(entry["csynth"]["tool"] for entry in report["modules"].values() if "csynth" in entry)
    headers = {f"{name}.v": _header(context, report, name, library, tools=(tool,)) for name in flow.parameters}
    inlined = {f"{name}.v": [f"{callee}.v" for callee in flow.callees(name)] for name in flow.processes}
    found = []
    for path in sorted(folder.iterdir()):
        module = f"{_module_of(context, path.stem)}.v" if context.uses_vitis else path.name
        of_module = (module, *inlined.get(module, ())) if path.suffix == _VERILOG else ()
        parts = [headers[name] for name in of_module if name in headers]
        found.append(File(name=path.name, text="".join(parts) + path.read_text(encoding="utf-8")))
    return found


def _module_of(context: DesignContext, stem: str) -> str:
    """Return the module whose code a file of Vitis' RTL holds, which calls it `<top>_<function>` or `<top>_<function>_<part>`."""
    from aigchip.template.top import process_graph

    bare = stem.removeprefix(f"{process_graph(context.flow.design).name}_")
    named = {context.flow.function(name): name for name in context.flow.parameters}
    fitting = [function for function in named if bare == function or bare.startswith(f"{function}_")]
    return named[max(fitting, key=len)] if fitting else ""


def _told(context: DesignContext, library: Library) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for instance, parameters in context.flow.parameters.items():
        provenance = read_provenance(_made(context, instance))
        shown = licences(provenance.demonstrations, library)
        told[instance] = {**provenance.to_dict(), "parameters": dict(parameters), "licences": shown}
    return told
