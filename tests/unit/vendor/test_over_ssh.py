"""The vendor's tools on another host, through a real OpenSSH server on loopback. The tools themselves are stand-ins."""

import time

import pytest
from support.processes import wait_until_gone
from support.sshd import sshd
from support.vendor_tools import install, needs_tcl

from aigchip.core.errors import AigchipError
from aigchip.remote.ssh import SshHost
from aigchip.vendor import probe, vitis
from aigchip.vendor.errors import VendorRunError
from aigchip.vendor.project import HlsProject
from aigchip.vendor.run import Limits

pytestmark = [needs_tcl, pytest.mark.verifies("vitis")]
PROJECT = HlsProject(
    top="mac",
    sources={"mac.cpp": "int mac();\n", **{f"part{number}.h": "" for number in range(12)}},
    testbench={"bench.cpp": "int main() { return 0; }\n"},
    part="xczu7ev-ffvc1156-2-e",
    clock_period_ps=3333,
)
ALL = ("csim", "csynth", "cosim", "export")
FORMS = {"2022.2": ("vitis_hls",), "2025.1": ("vitis-run", "v++")}


@pytest.fixture
def run(tmp_path):
    with sshd(tmp_path / "sshd") as server:
        host = SshHost(target=server.target)

        def go(version="2022.2", stages=("csynth",), **behaviour):
            folder = tmp_path / "Vitis" / version
            for program in FORMS[version]:
                install(folder / "bin", program, version, **behaviour)
            (folder / "settings64.sh").write_text("export STAND_IN=1\n")
            tools = probe.hls(probe.find(host, roots=[], install=[str(folder)]), host=host.name)
            before = server.connections()
            result = vitis.run(
                PROJECT,
                stages,
                tools=tools,
                host=host,
                folder=str(tmp_path / "there"),
                out=tmp_path / "out",
                logs=tmp_path / "logs",
                limits=Limits(stage_s=3 if "hangs" in behaviour else 60),
            )
            go.connections = server.connections() - before
            return result

        yield go


def test_vitis_over_ssh(run, tmp_path):
    result = run()
    assert result.synthesis is not None
    assert (tmp_path / "out" / "rtl" / "mac.v").is_file()
    assert "Finished Command csynth_design" in (tmp_path / "logs" / "csynth.log").read_text()
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize(("version", "connections"), [("2022.2", 5), ("2025.1", 14)])
def test_files_share_a_connection(run, tmp_path, version, connections):
    """One for the project, three for each call of a program (before, while and after it runs), one to clean up."""
    rtl = tmp_path / "rtl"
    rtl.mkdir()
    for name in ("mac", *(f"part{number}" for number in range(12))):
        (rtl / f"{name}.v").write_text(f"module {name}; endmodule\n")
    result = run(version, ALL, rtl=str(rtl))
    assert result.archive is not None
    assert len(list((tmp_path / "out" / "rtl").iterdir())) == 13
    assert run.connections == connections


FAILURES = (
    ({"csim_errors": 1}, "csim failed: mac_csim.log does not say 0 errors"),
    ({"silent": ["csynth"]}, "csynth failed: csynth.xml was not written"),
    ({"cosim_status": "Fail"}, "cosim failed: mac_cosim.rpt says VHDL NA, Verilog Fail"),
    ({"silent": ["export"]}, "export failed: no archive of the IP was written"),
)


@pytest.mark.parametrize(
    ("version", "behaviour", "said"),
    [
        pytest.param(version, *failure, marks=() if number == at % len(FORMS) else pytest.mark.slow)
        for number, version in enumerate(FORMS)
        for at, failure in enumerate(FAILURES)
    ],
)
def test_a_stage_that_fails_there_is_named(run, version, behaviour, said):
    with pytest.raises(VendorRunError) as caught:
        run(version, ALL, **behaviour)
    assert said in str(caught.value)


def test_a_hang_is_ended_there_too(run, tmp_path):
    started = time.monotonic()
    with pytest.raises(VendorRunError, match="csynth did not end within 3 s and was stopped") as caught:
        run(hangs=True, pid=str(tmp_path / "pid"))
    assert caught.value.code == "time-out"
    assert time.monotonic() - started < 25
    assert wait_until_gone(int((tmp_path / "pid").read_text()))


def test_a_host_whose_key_is_unknown_is_refused(tmp_path):
    with sshd(tmp_path / "sshd") as server:
        server.target.known_hosts.write_text("")
        with pytest.raises(AigchipError) as caught:
            probe.find(SshHost(target=server.target), roots=[])
    assert "key" in str(caught.value)
