"""deploy and measure over a real sshd; the overlay is a text and pynq a stand-in, so nothing here is a figure."""

import dataclasses
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import overlays
from support.sshd import sshd

from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.deploy import course, preflight
from aigchip.mapping import Geometry
from aigchip.space import files
from aigchip.tasks import deploying, places
from aigchip.tasks.arguments import parse

GEOMETRY = Geometry.of(files.load(paths.designs_dir() / "square8" / "design.yaml"))


def overlay_of(folder):
    """Write an overlay of square8."""
    return overlays.overlay(folder, geometry=GEOMETRY)


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A design whose RTL is there, as far as deploy looks; and a board behind a real sshd."""
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))
    link = tmp_path / "link"
    link.mkdir()
    (link / "network.json").write_text(json.dumps(overlays.NETWORK))
    monkeypatch.setattr(places, "linked", lambda context: link)
    with sshd(tmp_path / "sshd") as served:
        target = dataclasses.replace(
            served.target, python=sys.executable, simulated=True, environment={"PYTHONPATH": str(overlays.FAKE_PYNQ)}
        )
        monkeypatch.setattr(places, "simulated_target", lambda board, say: target)
        monkeypatch.setattr(
            places,
            "simulated",
            lambda context, board, say: places.Place(
                target=target, overlay=overlay_of(tmp_path / "overlay"), kind="simulated", ran_in="stand-in"
            ),
        )
        yield SimpleNamespace(target=target, folder=tmp_path / "build" / "designs" / "square8", monkeypatch=monkeypatch)


def test_without_a_host_the_figures_are_simulated(built, capsys):
    assert deploying.run(parse(["design=square8", "runs=2"])) == 0
    document = json.loads((built.folder / "measured-sim-zcu104.json").read_text())
    assert (document["kind"], document["board"], document["design"]) == ("simulated", "zcu104", "square8")
    assert document["tool"] == "stand-in, pynq 0.0 (stand-in)"
    assert document["network"]["covers"] == "samples"
    for part in (*document["layers"], document["network"]):
        assert part["cycles"]["median"]["kind"] == "simulated"
        assert len(part["cycles"]["samples"]) == len(part["wall_ms"]["samples"]) == 2
    layer = document["layers"][0]
    assert (layer["name"], layer["layer"]) == ("3 x 3, 4 x 28 x 28 to 32", "3 x 3, 4 x 28 x 28 to 32")
    assert layer["macs"] == 9 * 4 * 28 * 28 * 32
    cycles = layer["cycles"]["median"]["value"]
    assert layer["latency_ms"]["median"]["value"] == pytest.approx(
        cycles / document["clock_mhz"]["read_back"] / 1e3, rel=0.01
    )
    out = capsys.readouterr().out
    assert "design=square8: simulated (stand-in, pynq 0.0 (stand-in))" in out
    assert "these, one start" in out
    assert "2 runs each at 300.030 MHz as read back" in " ".join(out.split())
    assert out.endswith("Every sample is in " + str(built.folder / "measured-sim-zcu104.json") + ".\n")

    assert deploying.measure(parse(["design=square8", "runs=5"])) == 0
    document = json.loads((built.folder / "measured-sim-zcu104.json").read_text())
    assert [len(part["cycles"]["samples"]) for part in document["layers"]] == [5, 5]


def test_with_a_host_the_whole_network_is_measured(built, tmp_path):
    board = dataclasses.replace(built.target, name="zcu104", simulated=False)
    built.monkeypatch.setattr(places, "hardware_target", lambda board_, host, key: board)
    built.monkeypatch.setattr(preflight, "lock_file", lambda target: str(tmp_path / "lock"))
    folder = tmp_path / "bitstream"
    overlay = overlay_of(folder)
    (folder / "overlay.json").write_text(
        json.dumps(
            {
                "bit": overlay.bit.name,
                "hwh": overlay.hwh.name,
                "part": overlay.part,
                "closed_mhz": overlay.closed_mhz,
                "figures": {"clock": overlay.made_by.to_dict()},
            }
        )
    )
    words = ["design=square8", "runs=2", "resolution=32", "host=board", f"overlay={folder}"]
    assert deploying.run(parse(words)) == 0
    document = json.loads((built.folder / "measured-zcu104.json").read_text())
    assert (document["kind"], document["network"]["covers"]) == ("measured", "network")
    assert len(document["layers"]) == 21
    first = document["layers"][0]
    assert (first["name"], first["layer"]) == ("conv1", "4 x 4, 12 x 19 x 19 to 64")
    assert first["macs"] == 7 * 7 * 3 * 16 * 16 * 64
    assert (
        document["network"]["cycles"]["median"]["value"]
        > sum(layer["cycles"]["minimum"] * layer["count"] for layer in document["layers"]) - 1
    )
    assert not (built.folder / "measured-sim-zcu104.json").exists()


def test_a_clock_that_is_slower_than_asked_for_is_said(built, tmp_path, capsys, monkeypatch):
    (tmp_path / "faults.json").write_text('{"clock_factor": 0.5}')
    target = places.simulated_target(None, print)
    slow = dataclasses.replace(target, environment={**target.environment, "FAKE_PYNQ": str(tmp_path / "faults.json")})
    overlay = overlay_of(tmp_path / "slow")
    place = places.Place(target=slow, overlay=overlay, kind="simulated", ran_in="stand-in")
    monkeypatch.setattr(places, "simulated", lambda context, board, say: place)
    assert deploying.run(parse(["design=square8", "runs=1"])) == 0
    assert "\nThe clock reads back as 150.015 MHz; 300.030 MHz were asked for.\n" in capsys.readouterr().out
    document = json.loads((built.folder / "measured-sim-zcu104.json").read_text())
    assert document["clock_mhz"] == {"read_back": 150.015, "requested": 300.03, "asked": 300.03, "closed": 300.03}


def test_a_small_network_runs_whole_on_the_simulated_board(built, capsys):
    assert deploying.run(parse(["design=square8", "runs=1", "resolution=32"])) == 0
    document = json.loads((built.folder / "measured-sim-zcu104.json").read_text())
    assert (document["kind"], document["network"]["covers"]) == ("simulated", "network")
    assert len(document["layers"]) == 21
    assert document["network"]["starts"] == 1
    whole = document["inference"]
    assert (whole["starts"], set(whole["host"])) == (10, {"max_pool", "add", "average_pool", "softmax"})
    out = " ".join(capsys.readouterr().out.split())
    assert "design=square8: the network end to end, 10 starts" in out
    assert " 21 layers accelerator " in out
    assert " 8 add processor " in out


def refused(action):
    with pytest.raises(AigchipError) as caught:
        action()
    return str(caught.value)


def test_measure_wants_a_deployment(built):
    assert refused(lambda: deploying.measure(parse(["design=square8"]))) == (
        "design=square8: it was not deployed to the simulated zcu104. Run ./doit deploy design=square8."
    )
    assert refused(lambda: deploying.measure(parse(["design=square8", "host=a@b"]))) == (
        "design=square8: it was not deployed to zcu104. Run ./doit deploy design=square8 host=a@b."
    )


def test_a_deployment_to_one_simulated_board_is_none_to_another(built):
    assert deploying.run(parse(["design=square8", "runs=1"])) == 0
    assert refused(lambda: deploying.measure(parse(["design=square8", "board=kv260"]))) == (
        "design=square8: it was not deployed to the simulated kv260. Run ./doit deploy design=square8 board=kv260."
    )
    before = (built.folder / "measured-sim-zcu104.json").read_text()
    shutil.copytree(built.folder / "bundle-sim-zcu104", built.folder / "bundle-sim-kv260")
    shutil.copy(built.folder / "deployed-sim-zcu104.json", built.folder / "deployed-sim-kv260.json")
    assert deploying.measure(parse(["design=square8", "board=kv260", "runs=4"])) == 0
    assert (built.folder / "measured-sim-zcu104.json").read_text() == before
    told = json.loads((built.folder / "measured-sim-kv260.json").read_text())
    assert len(told["layers"][0]["cycles"]["samples"]) == 4


def test_a_key_belongs_to_a_host(built):
    assert refused(lambda: deploying.run(parse(["design=square8", "key=/k"]))) == (
        "key=/k: the simulated board takes no key. Give host= as well, or leave it out."
    )


def test_a_folder_without_an_overlay(built, tmp_path):
    built.monkeypatch.setattr(places, "hardware_target", lambda board, host, key: built.target)
    text = refused(lambda: deploying.run(parse(["design=square8", "host=b", f"overlay={tmp_path}"])))
    assert text.startswith(f"{tmp_path / 'overlay.json'}: this is no overlay (FileNotFoundError: ")
    assert text.endswith("Make it with ./doit bitstream.")


def test_results_of_a_numbered_design_go_into_its_study(built, tmp_path, monkeypatch):
    record = tmp_path / "study" / "designs" / "7.json"
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    context = SimpleNamespace(
        chosen=SimpleNamespace(name="7", source=record, folder=tmp_path / "build" / "designs" / "7")
    )
    made = overlays.make(tmp_path / "made")
    target = dataclasses.replace(built.target, simulated=True)
    ran = course.deploy(deploying._host(target), made, tell=lambda _: None)
    deployed = {
        "kind": "simulated",
        "ran_in": "stand-in",
        "overlay": overlays.overlay(tmp_path / "o").made_by.to_dict(),
    }
    deploying._keep(context, "sim-zcu104", ran, made.job, deployed)
    study = json.loads((record.parent / "7.measured-sim-zcu104.json").read_text())
    assert study == json.loads((Path(context.chosen.folder) / "measured-sim-zcu104.json").read_text())


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("192.168.2.99", ("xilinx", "192.168.2.99", 22, True, "/home/xilinx/aigchip")),
        ("ann@board.local:2222", ("ann", "board.local", 2222, True, "/home/ann/aigchip")),
        ("root@[fe80::1]:22", ("root", "fe80::1", 22, False, "/root/aigchip")),
    ],
)
def test_a_host_with_the_boards_defaults(host, wanted):
    from aigchip.board import load

    target = places.hardware_target(load("zcu104"), host, None)
    assert (target.user, target.address, target.port, target.sudo, target.folder) == wanted
    assert target.known_hosts == Path.home() / ".ssh" / "known_hosts"
    assert target.key_file is None


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("ann:secret@board", "host: host is a text with a colon before the @; must be user@address or user@address:port. Passwords are not taken here; use a key or the SSH agent."),
        ("a b", "host: host is 'a b'; must be user@address or user@address:port. Passwords are not taken here; use a key or the SSH agent."),
        ("a:99999", "host=a:99999: port is 99999; must be 1 to 65535. Write user@address or user@address:port."),
        ("-oProxyCommand=x", "host: host is '-oProxyCommand=x'; must be user@address or user@address:port. Passwords are not taken here; use a key or the SSH agent."),
    ],
)  # fmt: skip
def test_a_malformed_host(host, text):
    from aigchip.board import load

    assert refused(lambda: places.hardware_target(load("zcu104"), host, None)) == text


def test_the_sudo_password_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("AIGCHIP_SUDO_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", None)
    assert places.sudo_password() is None
    monkeypatch.setenv("AIGCHIP_SUDO_PASSWORD", "p")
    assert places.sudo_password() == "p"
