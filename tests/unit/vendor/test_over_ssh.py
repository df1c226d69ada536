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
PROJECT = HlsProject(top="mac", sources={"mac.cpp": "int mac();\n"}, part="xczu7ev-ffvc1156-2-e", clock_period_ps=3333)


@pytest.fixture
def run(tmp_path):
    with sshd(tmp_path / "sshd") as server:
        host = SshHost(target=server.target)

        def go(**behaviour):
            folder = tmp_path / "Vitis" / "2022.2"
            install(folder / "bin", "vitis_hls", "2022.2", **behaviour)
            (folder / "settings64.sh").write_text("export STAND_IN=1\n")
            tools = probe.hls(probe.find(host, roots=[], install=[str(folder)]), host=host.name)
            return vitis.run(
                PROJECT,
                ("csynth",),
                tools=tools,
                host=host,
                folder=str(tmp_path / "there"),
                out=tmp_path / "out",
                logs=tmp_path / "logs",
                limits=Limits(stage_s=3),
            )

        yield go


def test_vitis_over_ssh(run, tmp_path):
    result = run()
    assert result.synthesis is not None
    assert (tmp_path / "out" / "rtl" / "mac.v").is_file()
    assert "Finished Command csynth_design" in (tmp_path / "logs" / "csynth.log").read_text()
    assert not (tmp_path / "there").exists()


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
