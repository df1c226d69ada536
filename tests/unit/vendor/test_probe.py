"""The vendor's tools are found where installers put them, and asked for their version. Every tool here is a stand-in."""

import contextlib
import os
from pathlib import Path

import pytest
from support.vendor_tools import install

from aigchip.core.errors import ToolMissingError
from aigchip.remote.host import Finished, LocalHost
from aigchip.vendor import probe
from aigchip.vendor.probe import VendorTool

HOST = LocalHost()


def tool(program, version):
    return VendorTool(program=program, path=f"/x/{version}/bin/{program}", version=version)


def found(root):
    return [(t.program, t.version) for t in probe.find(HOST, roots=[str(root)])]


@pytest.mark.parametrize(
    "place", ["Vitis_HLS/2022.2/bin", "Vitis/2022.2/bin", "2022.2/Vitis/bin", "2022.2/Vitis_HLS/bin"]
)
def test_every_layout_of_an_installation(tmp_path, place):
    install(tmp_path / place, "vitis_hls", "2022.2")
    assert found(tmp_path) == [("vitis_hls", "2022.2")]


def test_the_version_is_the_tools_own_word_and_not_the_folders(tmp_path):
    install(tmp_path / "Vitis" / "2099.9" / "bin", "vitis-run", "2024.2.1")
    assert found(tmp_path) == [("vitis-run", "2024.2.1")]


def test_what_does_not_run_is_not_there(tmp_path):
    folder = tmp_path / "Vitis" / "2024.2" / "bin"
    path = install(folder, "vitis-run", "2024.2")
    path.write_text("#!/nowhere/python\n")
    assert found(tmp_path) == []


def test_a_tool_that_says_no_version_is_not_chosen(tmp_path):
    folder = tmp_path / "Vitis" / "2024.2" / "bin"
    path = install(folder, "vitis_hls", "2024.2")
    path.write_text("#!/bin/sh\necho hello\n")
    tools = probe.find(HOST, roots=[str(tmp_path)])
    assert [(t.program, t.version) for t in tools] == [("vitis_hls", "")]
    with pytest.raises(ToolMissingError):
        probe.hls(tools)


def test_path_comes_first_and_needs_no_settings(tmp_path, monkeypatch):
    install(tmp_path / "on-path", "vivado", "2023.1")
    install(tmp_path / "tools" / "Vivado" / "2024.1" / "bin", "vivado", "2024.1")
    (tmp_path / "tools" / "Vivado" / "2024.1" / "settings64.sh").write_text("export STAND_IN=1\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'on-path'}:{os.environ['PATH']}")
    tools = probe.find(HOST, roots=[str(tmp_path / "tools")], programs=["vivado"])
    assert [(t.version, bool(t.settings)) for t in tools] == [("2023.1", False), ("2024.1", True)]
    assert probe.vivado(tools).version == "2024.1"


def test_the_settings_of_an_installation_are_read_before_the_tool_runs(tmp_path):
    folder = tmp_path / "Vitis" / "2022.2"
    install(folder / "bin", "vitis_hls", "2022.2")
    (folder / "settings64.sh").write_text('echo noise\nexport STAND_IN="a b"\n')
    (folder / "bin" / "show").write_text('#!/bin/sh\necho "$STAND_IN|$1"\n')
    (folder / "bin" / "show").chmod(0o755)
    (chosen,) = probe.find(HOST, roots=[], install=[str(folder)])
    shown = VendorTool(program="show", path=str(folder / "bin" / "show"), version="1", settings=chosen.settings)
    assert HOST.run(shown.words("one; two")).out == "a b|one; two\n"


def test_an_installation_that_a_person_names_is_the_only_one(tmp_path, monkeypatch):
    install(tmp_path / "on-path", "vitis_hls", "2023.2")
    install(tmp_path / "mine" / "bin", "vitis_hls", "2022.1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'on-path'}:{os.environ['PATH']}")
    tools = probe.find(HOST, roots=[str(tmp_path)], install=[str(tmp_path / "mine")])
    assert [t.version for t in tools] == ["2022.1"]


@pytest.mark.parametrize(
    ("there", "runner", "compiler"),
    [
        ([("vitis_hls", "2022.2")], ("vitis_hls", "2022.2"), None),
        ([("vitis_hls", "2021.2"), ("vitis_hls", "2023.1")], ("vitis_hls", "2023.1"), None),
        ([("vitis_hls", "2023.2"), ("vitis-run", "2023.2"), ("v++", "2023.2")], ("vitis_hls", "2023.2"), None),
        ([("vitis_hls", "2024.2"), ("vitis-run", "2024.2"), ("v++", "2024.2")], ("vitis-run", "2024.2"), "2024.2"),
        ([("vitis-run", "2025.1"), ("v++", "2024.2")], ("vitis-run", "2025.1"), None),
        ([("vitis_hls", "2024.2")], ("vitis_hls", "2024.2"), None),
        ([("vitis-run", "2024.1"), ("v++", "2024.1")], ("vitis-run", "2024.1"), None),
        ([("vitis_hls", "2025.1"), ("vitis-run", "2023.2")], ("vitis_hls", "2025.1"), None),
        ([("vivado_hls", "2020.1"), ("vitis_hls", "2022.1")], ("vitis_hls", "2022.1"), None),
    ],
)
def test_what_is_chosen_depends_on_what_is_there(there, runner, compiler):
    chosen = probe.hls([tool(*item) for item in there])
    assert (chosen.runner.program, chosen.runner.version) == runner
    assert (chosen.compiler.version if chosen.compiler else None) == compiler


def test_only_tools_that_are_too_old():
    with pytest.raises(ToolMissingError) as caught:
        probe.hls([tool("vivado_hls", "2019.2"), tool("vitis_hls", "2021.1")])
    assert str(caught.value) == (
        "toolchain=vitis: no Vitis HLS from 2021.2 on that can run is on this machine, only vivado_hls 2019.2, vitis_hls "
        "2021.1; the template needs hls::burst_maxi. Install Vitis 2021.2 or later, or name its folder in aigchip.yaml "
        "(vendor: vitis:); toolchain=csynth needs none."
    )


class OtherMachine:
    """A host that is another folder: its paths mean nothing here, so files have to be put and got."""

    name = "builder"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.moved: list[str] = []

    def inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def run(self, words, *, cwd=None, timeout_s=60.0, environment=None) -> Finished:
        inner = [str(self.inside(word)) if word.startswith(("/work", "/tools")) else word for word in words]
        done = HOST.run(inner, cwd=None if cwd is None else str(self.inside(cwd)), timeout_s=timeout_s)
        return Finished(exit_code=done.exit_code, out=done.out.replace(str(self.root), ""), err=done.err)

    @contextlib.contextmanager
    def connected(self):
        yield self

    def put_all(self, files):
        for remote, path in files.items():
            self.put(path, remote)

    def put(self, path, remote):
        self.moved.append(f"put {remote}")
        HOST.put(path, str(self.inside(remote)))

    def get(self, remote, path):
        self.moved.append(f"get {remote}")
        HOST.get(str(self.inside(remote)), path)


@pytest.mark.verifies("vitis")
def test_vitis_on_another_host(tmp_path):
    from aigchip.vendor import vitis
    from aigchip.vendor.project import HlsProject

    host = OtherMachine(tmp_path / "builder")
    for program in ("vitis-run", "v++"):
        install(tmp_path / "builder" / "tools" / "Xilinx" / "2025.1" / "Vitis" / "bin", program, "2025.1")
    tools = probe.hls(probe.find(host, roots=["/tools/Xilinx"]), host=host.name)
    project = HlsProject(
        top="mac", sources={"mac.cpp": "int mac();\n"}, part="xczu7ev-ffvc1156-2-e", clock_period_ps=3333
    )
    result = vitis.run(
        project,
        ("csynth",),
        tools=tools,
        host=host,
        folder="/work/mac",
        out=tmp_path / "out",
        logs=tmp_path / "logs",
    )
    assert result.synthesis is not None
    assert "put /work/mac/mac.cpp" in host.moved
    assert "get /work/mac/component/hls/syn/report/csynth.xml" in host.moved
    with pytest.raises(ToolMissingError, match="no Vivado is installed on builder"):
        probe.vivado((), host=host.name)
