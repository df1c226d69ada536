"""Find the vendor's tools on a host: which programs are there, and the versions that they give themselves.

What a version can do is asked of the programs, since sources disagree on when `vitis_hls` went away; the number only
decides between two programs that are both there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from aigchip.core.errors import ToolMissingError
from aigchip.remote.host import Host

HLS_PROGRAMS = ("vitis-run", "v++", "vitis_hls", "vivado_hls")
PROGRAMS = (*HLS_PROGRAMS, "vivado")
ROOTS = ("/tools/Xilinx", "/opt/Xilinx", "/opt/xilinx", "/tools/AMD", "/opt/AMD")
"""Where installers put the tools; a person's own folder is named in aigchip.yaml."""

_VERSION = re.compile(r"\bv\.?(\d{4}\.\d+(?:\.\d+)?(?:_\w+)?)")
_OPTION = {"v++": "--version", "vitis-run": "--version"}
_ASK_SECONDS = 120.0
_FIRST_RUNNER = (2024, 2)
_FIRST_BURST = (2021, 2)
_ON_PATH = 'for name do command -v "$name"; done; true'
_WITH_SETTINGS = '. "$0" >/dev/null && exec "$@"'


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorTool:
    """One program of the vendor's.

    Attributes:
        program: Its name, for example `vitis_hls`.
        path: Where it is on its host.
        version: As it says itself, for example `2023.2`; empty where it says none.
        settings: The script that sets its environment; empty where it was found on PATH, whose owner has run it.
    """

    program: str
    path: str
    version: str
    settings: str = ""

    @property
    def number(self) -> tuple[int, ...]:
        """The version for comparisons."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:3])

    def words(self, *arguments: str) -> list[str]:
        """Return the command line that runs it."""
        if self.settings:
            return ["bash", "-c", _WITH_SETTINGS, self.settings, self.path, *arguments]
        return [self.path, *arguments]

    @property
    def title(self) -> str:
        """The product with its version, for figures and errors."""
        names = {"vitis_hls": "Vitis HLS", "vivado_hls": "Vivado HLS", "vivado": "Vivado"}
        return f"{names.get(self.program, 'Vitis HLS')} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsTools:
    """The programs of one version that synthesise C++.

    Attributes:
        runner: `vitis-run`, `vitis_hls` or `vivado_hls`: what runs a script.
        compiler: `v++` of the same version where it is there beside `vitis-run`; then no script is needed.
    """

    runner: VendorTool
    compiler: VendorTool | None = None

    @property
    def version(self) -> str:
        """The version."""
        return self.runner.version

    @property
    def title(self) -> str:
        """The product with its version."""
        return self.runner.title

    @property
    def has_components(self) -> bool:
        """Whether scripts say `open_component`; else `open_project`."""
        return self.runner.program == "vitis-run" and self.runner.number >= _FIRST_RUNNER


def find(
    host: Host, *, roots: Sequence[str] = ROOTS, install: Sequence[str] = (), programs: Iterable[str] = PROGRAMS
) -> tuple[VendorTool, ...]:
    """Find the vendor's programs on a host and ask each for its version.

    Args:
        host: Where to look.
        roots: Folders that hold installations, `<root>/Vitis/<version>` or `<root>/<version>/Vitis`; absolute.
        install: Folders of single installations that a person names; where given, nothing else counts.
        programs: What to look for.

    Returns:
        Every program that runs, those on PATH first; one that gives no version has an empty one.

    Raises:
        AigchipError: The host cannot be reached.
    """
    wanted = list(programs)
    paths: list[str] = []
    if not install:
        paths += host.run(["sh", "-c", _ON_PATH, "sh", *wanted], timeout_s=_ASK_SECONDS).out.split("\n")
    on_path = {path for path in paths if path.startswith("/")}
    named = [word for name in wanted for word in ("-o", "-name", name)][1:]
    for depth, folders in ((4, [] if install else roots), (3, install)):
        for folder in folders:
            words = ["find", "-L", folder, "-maxdepth", str(depth), "-path", "*/bin/*", "(", *named, ")"]
            paths += sorted(host.run(words, timeout_s=_ASK_SECONDS).out.split("\n"), reverse=True)
    found: list[VendorTool] = []
    for path in dict.fromkeys(path for path in paths if path.startswith("/")):
        tool = _ask(host, path, on_path=path in on_path)
        if tool is not None and (tool.program, tool.version) not in {(t.program, t.version) for t in found}:
            found.append(tool)
    return tuple(found)


def _ask(host: Host, path: str, *, on_path: bool) -> VendorTool | None:
    """Let a program say its version; None where it does not run."""
    program = PurePosixPath(path).name
    script = str(PurePosixPath(path).parent.parent / "settings64.sh")
    has_script = not on_path and host.run(["test", "-f", script], timeout_s=_ASK_SECONDS).exit_code == 0
    tool = VendorTool(program=program, path=path, version="", settings=script if has_script else "")
    said = host.run(tool.words(_OPTION.get(program, "-version")), timeout_s=_ASK_SECONDS)
    if said.exit_code in {126, 127}:
        return None
    version = _VERSION.search(said.out) or _VERSION.search(said.err)
    return VendorTool(
        program=program, path=path, version=version[1] if version else "", settings=script if has_script else ""
    )


def hls(found: Iterable[VendorTool], *, host: str = "this machine", install: str = "") -> HlsTools:
    """Choose what synthesises C++: the newest version, `vitis-run` before `vitis_hls` from 2024.2 on.

    Args:
        found: What `find` found.
        host: The host's name, for errors.
        install: The installation that was named, for errors.

    Raises:
        ToolMissingError: There is none, or none that the template's sources suit.
    """
    tools = [tool for tool in found if tool.program in HLS_PROGRAMS and tool.version]
    usable = [tool for tool in tools if tool.number >= _FIRST_BURST and tool.program != "vivado_hls"]
    runners = [tool for tool in usable if tool.program != "v++"]
    if not runners:
        raise _no_hls(tools, host, install)
    newest = max(tool.number for tool in runners)
    of_newest = {tool.program: tool for tool in runners if tool.number == newest}
    wanted = ("vitis-run", "vitis_hls") if newest >= _FIRST_RUNNER else ("vitis_hls", "vitis-run")
    runner = next(of_newest[program] for program in wanted if program in of_newest)
    compiler = next((tool for tool in usable if tool.program == "v++" and tool.version == runner.version), None)
    return HlsTools(
        runner=runner, compiler=compiler if runner.program == "vitis-run" and newest >= _FIRST_RUNNER else None
    )


def _no_hls(tools: Sequence[VendorTool], host: str, install: str) -> ToolMissingError:
    remedy = "Install Vitis 2021.2 or later, or name its folder in aigchip.yaml (vendor: vitis:); toolchain=csynth needs none."
    if not tools:
        what = f"no Vitis HLS is installed on {host}: none of {', '.join(HLS_PROGRAMS)} is {_place(install)}"
    else:
        there = ", ".join(f"{tool.program} {tool.version}" for tool in tools)
        what = (
            f"no Vitis HLS from 2021.2 on that can run is on {host}, only {there}; the template needs hls::burst_maxi"
        )
    return ToolMissingError("toolchain=vitis", what, remedy, code="no-vitis")


def _place(install: str) -> str:
    return f"in {install}" if install else "on PATH or in a usual place"


def vivado(found: Iterable[VendorTool], *, host: str = "this machine", install: str = "") -> VendorTool:
    """Choose the newest Vivado.

    Raises:
        ToolMissingError: There is none.
    """
    tools = [tool for tool in found if tool.program == "vivado" and tool.version]
    if not tools:
        raise ToolMissingError(
            "bitstream",
            f"no Vivado is installed on {host}: vivado is not {_place(install)}",
            "Install Vivado, or name its folder in aigchip.yaml (vendor: vivado:); the simulated board needs none.",
            code="no-vivado",
        )
    return max(tools, key=lambda tool: tool.number)
