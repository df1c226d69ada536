"""The steps that run the vendor's tools: `toolchain=vitis` for a design's RTL, and the bitstream."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aigchip.core import hashing, paths
from aigchip.core.atomic import write_json, write_text
from aigchip.core.errors import AigchipError
from aigchip.space import Design
from aigchip.tasks import steps
from aigchip.vendor import probe, settings
from aigchip.vendor.probe import HlsTools, VendorTool
from aigchip.vendor.settings import VendorSettings

if TYPE_CHECKING:
    from aigchip.board import Board
    from aigchip.diagnose.message import ToolMessage
    from aigchip.tasks.flow import Flow
    from aigchip.vendor.vitis import HlsResult

_SOURCES = (".cpp", ".h", ".hpp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitis:
    """The Vitis HLS that synthesises a design.

    Attributes:
        tools: Its programs.
        settings: What a person says of them, and where they are.
    """

    tools: HlsTools
    settings: VendorSettings

    def inputs(self) -> dict[str, Any]:
        """Return what determines a result beside the sources: the version, not the place."""
        return {"tool": self.tools.title, "driver": driver()}


@functools.cache
def driver() -> str:
    """Return the hash of what drives the tools and reads their reports."""
    return hashing.digest_files(paths.source_dir() / "aigchip" / "vendor", ["**/*.py", "**/*.j2"])


@functools.cache
def _found(chosen: VendorSettings, install: str, programs: tuple[str, ...]) -> tuple[VendorTool, ...]:
    """Find programs once in a process: they take seconds to say their version."""
    folders = (install,) if install else ()
    return probe.find(chosen.machine(), roots=chosen.roots, install=folders, programs=programs)


def find_vitis() -> Vitis:
    """Find Vitis HLS, as aigchip.yaml says or on PATH and in the usual places.

    Raises:
        ToolMissingError: There is none.
        RemoteError: Its host cannot be reached.
    """
    chosen = settings.load()
    found = _found(chosen, chosen.vitis, probe.HLS_PROGRAMS)
    tools = probe.hls(found, host=chosen.machine().name, install=chosen.vitis)
    return Vitis(tools=tools, settings=chosen)


def _folder(kind: str, name: str, key: str) -> str:
    return f"{kind}-{name}-{key[:12]}"


def logs_dir() -> Path:
    """Return where whole logs of the vendor's tools are kept, after failures too."""
    return paths.build_dir() / "logs"


def _synthesise(
    vitis: Vitis, *, top: str, sources: Mapping[str, str], part: str, clock_period_ps: int, out: Path, name: str
) -> HlsResult:
    """Synthesise a function with Vitis HLS; write rtl/ and report.json.

    Raises:
        ModuleRejectedError: The tool speaks against the code.
        AigchipError: Anything else.
    """
    from aigchip.template import module as template
    from aigchip.toolchain.errors import ModuleRejectedError, ValidationError
    from aigchip.vendor import vitis as driver_of_vitis
    from aigchip.vendor.errors import VendorRunError
    from aigchip.vendor.project import HlsProject

    headers = {path.name: path.read_text(encoding="utf-8") for path in sorted(template.include_dir().glob("*.h"))}
    wanted = HlsProject(top=top, sources={**sources, **headers}, part=part, clock_period_ps=clock_period_ps)
    try:
        result = driver_of_vitis.run(
            wanted,
            ("csynth",),
            tools=vitis.tools,
            host=vitis.settings.machine(),
            folder=vitis.settings.work_folder(name),
            out=out,
            logs=logs_dir() / name,
            limits=vitis.settings.stage_limits,
        )
    except VendorRunError as error:
        message = error.message
        if message is None or not _is_about_the_code(message):
            raise
        where = Path(message.location.file).name if message.location else f"{top}.cpp"
        line = f":{message.location.line}" if message.location and message.location.line else ""
        said = ValidationError(
            stage="csynth",
            error_class=message.error_class,
            message=f"{vitis.tools.title}: {message.message}".rstrip("."),
            location=f"{where}{line}",
            remedy=message.remedy,
        )
        raise ModuleRejectedError((said,)) from error
    assert result.synthesis is not None  # noqa: S101 - csynth was judged
    write_text(out / "report.json", result.synthesis.to_report().to_json())
    return result


def _is_about_the_code(message: ToolMessage) -> bool:
    """Say whether a message speaks about a module's code, and not about the tool, its licence or the script."""
    if message.error_class in {"license", "tool crash"}:
        return False
    in_source = message.location is not None and message.location.file.endswith(_SOURCES)
    return in_source or message.error_class != "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesiseModuleWithVitis(steps.ModuleSource):
    """Turn one module into Verilog with Vitis HLS; its ports are Vitis', so it is judged, not linked.

    Attributes:
        vitis: The tool.
    """

    vitis: Vitis
    kind: str = field(default="csynth-vitis", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the RTL and the report."""
        return {
            **self.source_inputs(),
            "template_headers": hashing.digest_files(paths.template_dir() / "include"),
            **self.vitis.inputs(),
        }

    def run(self, out: Path) -> None:
        """Write rtl/*.v, report.json and the tool's own report.

        Raises:
            ModuleRejectedError: The code cannot become hardware.
            AigchipError: The tool is missing, has no licence, or does not end.
        """
        from aigchip.generate.validate import translation_unit

        file = f"{self.function}.cpp"
        _synthesise(
            self.vitis,
            top=self.function,
            sources={file: translation_unit(self.code, file, self.callees)},
            part=self.part,
            clock_period_ps=self.clock_period_ps,
            out=out,
            name=_folder("csynth", self.function, hashing.digest(self.inputs())),
        )


def synthesis_step(
    *, function: str, code: str, callees: Mapping[str, str], part: str, clock_period_ps: int, vitis: Vitis | None
) -> steps.SynthesiseModule | SynthesiseModuleWithVitis:
    """Return the step that turns one module into Verilog: with Vitis HLS where there is one, else with csynth."""
    if vitis is not None:
        return SynthesiseModuleWithVitis(
            function=function, code=code, callees=callees, part=part, clock_period_ps=clock_period_ps, vitis=vitis
        )
    return steps.SynthesiseModule(
        function=function, code=code, callees=callees, part=part, clock_period_ps=clock_period_ps
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesiseAcceleratorWithVitis:
    """Turn the whole accelerator into Verilog with Vitis HLS, as one dataflow, and put it into the shell.

    Attributes:
        design: The genome.
        codes: Instance to its C++.
        part: The device.
        clock_period_ps: The clock [ps].
        vitis: The tool.
    """

    design: Design
    codes: Mapping[str, str]
    part: str
    clock_period_ps: int
    vitis: Vitis
    kind: str = field(default="link-vitis", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the RTL."""
        template = paths.template_dir()
        return {
            "design": self.design.to_dict(),
            "codes": {name: hashing.digest_text(text) for name, text in self.codes.items()},
            "part": self.part,
            "clock_period_ps": self.clock_period_ps,
            "template": hashing.digest_files(template, ["top/*", "shell/*", "include/*", "*/module.yaml"]),
            **self.vitis.inputs(),
        }

    def run(self, out: Path) -> None:
        """Write rtl/*.v, network.json and filelist.txt, as the assembly of csynth's modules does.

        Raises:
            ModuleRejectedError: The code cannot become hardware.
            AigchipError: The tool is missing, has no licence, or does not end; the RTL does not fit the shell.
        """
        from aigchip.template.top import process_graph, whole
        from aigchip.toolchain import shell
        from aigchip.vendor.registers import read_registers

        graph = process_graph(self.design)
        _synthesise(
            self.vitis,
            top=graph.name,
            sources={f"{graph.name}.cpp": whole(self.design, self.codes)},
            part=self.part,
            clock_period_ps=self.clock_period_ps,
            out=out,
            name=_folder("link", graph.name, hashing.digest(self.inputs())),
        )
        names = [scalar.name for scalar in graph.scalars] + [memory.name for memory in graph.memories]
        memories = [shell.MemoryPort(name=memory.name, width_bits=memory.width_bits) for memory in graph.memories]
        kernel = (out / "rtl" / f"{graph.name}.v").read_text()
        write_text(out / "rtl" / f"{graph.name}_shell.v", shell.render(kernel, kernel=graph.name, memories=memories))
        network = {
            "schema": "csynth-network-1",
            "top": graph.name,
            "control": "s_axilite",
            "processes": [],
            "fifos": [],
            "registers": read_registers(out / "rtl", graph.name, names),
            "maxi": [{"name": memory.name, "width_bits": memory.width_bits} for memory in memories],
        }
        write_json(out / "network.json", network)
        write_text(out / "filelist.txt", "".join(f"{path.name}\n" for path in sorted((out / "rtl").glob("*.v"))))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcesOfVitis:
    """Take the resources of the whole accelerator from Vitis' report; the shell is not in it.

    Attributes:
        folder: Where the report is; no input of its own.
        report: The hash of the report.
    """

    folder: Path
    report: str
    kind: str = field(default="resources-vitis", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the counts."""
        return {"report": self.report}

    def run(self, out: Path) -> None:
        """Write result.json: the total; modules are not told apart."""
        from dataclasses import asdict

        from csynth.report.model import SynthesisReport

        resources = SynthesisReport.from_json((self.folder / "report.json").read_text()).resources
        if resources is None:
            raise AigchipError("resources", "Vitis' report names no resources", "Read its log under build/logs.")
        write_json(out / "result.json", {"total": asdict(resources), "modules": {}})


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeBitstream:
    """Make a design's bitstream with Vivado.

    Attributes:
        name: The design's name.
        folder: Where the RTL is; no input of its own.
        rtl: The hash of the RTL and its description.
        board: The board.
        clock_period_ps: The clock [ps].
        tool: Vivado.
        settings: What a person says of it, and where it is.
    """

    name: str
    folder: Path
    rtl: str
    board: Board
    clock_period_ps: int
    tool: VendorTool
    settings: VendorSettings
    kind: str = field(default="bitstream", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the bitstream."""
        board = paths.boards_dir()
        return {
            "design": self.name,
            "rtl": self.rtl,
            "board": hashing.digest_files(board / self.board.name, ["board.yaml"]),
            "processing_system": hashing.digest_files(board / self.board.processing_system),
            "shell": hashing.digest_files(paths.template_dir() / "shell"),
            "deployed_shell": hashing.digest_files(
                paths.source_dir() / "aigchip" / "toolchain", ["deployed_shell.py", "shell.py"]
            ),
            "clock_period_ps": self.clock_period_ps,
            "tool": self.tool.title,
            "driver": driver(),
        }

    def run(self, out: Path) -> None:
        """Write <stem>.bit, <stem>.hwh, the reports and overlay.json.

        Raises:
            VendorRunError: The clock is not met, or Vivado left no bitstream.
        """
        from aigchip.toolchain import deployed_shell
        from aigchip.vendor import vivado

        network = json.loads((self.folder / "network.json").read_text())
        registers = [vivado.Register(name="CTRL", offset=0, bits=32)]
        registers += [
            vivado.Register(name=r["name"], offset=r["offset"], bits=r["width_bits"]) for r in network["registers"]
        ]
        registers += [
            vivado.Register(name=name, offset=offset, bits=32) for name, offset, _ in deployed_shell.REGISTERS
        ]
        rtl = [path for path in sorted((self.folder / "rtl").iterdir()) if path.suffix in {".v", ".dat"}]
        request = vivado.BitstreamRequest(
            design=self.name,
            rtl=deployed_shell.with_shell(network, {path.name: path.read_text() for path in rtl}),
            top=f"{network['top']}_shell",
            memories=tuple(memory.name for memory in deployed_shell.masters(network)),
            registers=tuple(registers),
            board=self.board,
            clock_period_ps=self.clock_period_ps,
        )
        name = f"bitstream-{request.stem}"
        overlay = vivado.make(
            request,
            tool=self.tool,
            host=self.settings.machine(),
            folder=self.settings.work_folder(name),
            out=out,
            logs=logs_dir() / name,
            limits=self.settings.bitstream_limits,
            jobs=self.settings.jobs,
        )
        figures = {name: figure.to_dict() for name, figure in overlay.figures().items()}
        write_json(
            out / "overlay.json",
            {
                "bit": overlay.bit.name,
                "hwh": overlay.hwh.name,
                "part": overlay.part,
                "closed_mhz": overlay.closed_mhz,
                "made_by": overlay.made_by,
                "figures": figures,
            },
        )


def find_vivado() -> tuple[VendorTool, VendorSettings]:
    """Find Vivado, as aigchip.yaml says or on PATH and in the usual places.

    Raises:
        ToolMissingError: There is none.
        RemoteError: Its host cannot be reached.
    """
    chosen = settings.load()
    found = _found(chosen, chosen.vivado, ("vivado",))
    return probe.vivado(found, host=chosen.machine().name, install=chosen.vivado), chosen


def bitstream_step(flow: Flow, board: Board) -> MakeBitstream | None:
    """Return the step that makes a design's bitstream; None while its RTL is missing.

    Raises:
        ToolMissingError: There is no Vivado.
    """
    tool, chosen = find_vivado()
    folder = flow.result("link")
    if folder is None:
        return None
    return MakeBitstream(
        name=flow.name,
        folder=folder,
        rtl=hashing.digest_files(folder, ["rtl/*", "network.json"]),
        board=board,
        clock_period_ps=flow.clock_period_ps,
        tool=tool,
        settings=chosen,
    )
