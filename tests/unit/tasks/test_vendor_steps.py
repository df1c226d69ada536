"""The steps of toolchain=vitis: what Vitis says against code is the code's fault, what it says of itself is not."""

import json
import pickle

import pytest
from support.vendor_tools import install, needs_tcl

from aigchip.core.errors import ToolMissingError
from aigchip.core.hashing import digest_files
from aigchip.core.store import Store
from aigchip.tasks import vendor_steps
from aigchip.toolchain.errors import ModuleRejectedError
from aigchip.vendor.errors import VendorRunError
from csynth.report.model import SynthesisReport

pytestmark = needs_tcl


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project whose aigchip.yaml names stand-ins; `step` gives a module's step."""
    root = tmp_path / "project"
    root.mkdir()
    real = vendor_steps.paths.root()
    for name in ("template", "src", "boards", "testbench"):
        (root / name).symlink_to(real / name)
    monkeypatch.setenv("AIGCHIP_ROOT", str(root))
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(root / "build"))

    class Place:
        def __init__(self):
            self.root = root

        def vitis(self, number="1", **behaviour):
            folder = tmp_path / f"Vitis-{number}"
            install(folder / "bin", "vitis_hls", "2023.1", **behaviour)
            (root / "aigchip.yaml").write_text(f"vendor:\n  vitis: {folder}\n  licence_wait_s: 0\n")
            return vendor_steps.find_vitis()

        def step(self, vitis, code="int mac() { return 1; }\n"):
            return vendor_steps.SynthesiseModuleWithVitis(
                function="mac",
                code=code,
                callees={},
                part="xc7z020clg400-1",
                clock_period_ps=10000,
                vitis=vitis,
            )

    return Place()


@pytest.mark.verifies("vitis")
def test_a_module_becomes_rtl_and_a_report(place, tmp_path):
    step = place.step(place.vitis())
    out = Store(tmp_path / "store").make(pickle.loads(pickle.dumps(step)))
    report = SynthesisReport.from_json((out / "report.json").read_text())
    assert (report.top, report.part, report.tool) == ("mac", "xc7z020clg400-1", "Vitis HLS 2023.1")
    assert report.resources.tool == "Vitis HLS 2023.1"
    assert (out / "rtl" / "mac.v").is_file()
    inputs = json.loads((out / "inputs.json").read_text())["inputs"]
    assert inputs["tool"] == "Vitis HLS 2023.1"


def test_equal_versions_at_other_places_give_the_same_step(place):
    one, other = place.step(place.vitis("1")), place.step(place.vitis("2"))
    assert one.vitis.tools.runner.path != other.vitis.tools.runner.path
    assert one.inputs() == other.inputs()


def test_what_the_tool_says_against_the_code_rejects_the_module(place, tmp_path):
    with pytest.raises(ModuleRejectedError) as caught:
        Store(tmp_path / "store").make(place.step(place.vitis(broken=["csynth"])))
    assert str(caught.value).startswith("mac.cpp:3: Vitis HLS 2023.1: use of undeclared identifier 'q'. ")
    assert (caught.value.errors[0].stage, caught.value.code) == ("csynth", "undeclared identifier")
    assert not list((tmp_path / "store" / "csynth-vitis").glob("*"))
    (log,) = (place.root / "build" / "logs").rglob("csynth.log")
    assert "Finished Command csynth_design" in log.read_text()


def test_a_syntax_error_rejects_the_module_too(place, tmp_path):
    says = "ERROR: [HLS 207-7] expected '}' (mac.cpp:14:2)"
    with pytest.raises(ModuleRejectedError, match=r"^mac\.cpp:14: Vitis HLS 2023\.1: expected '}'\. "):
        Store(tmp_path / "store").make(place.step(place.vitis(broken=["csynth"], says=says)))


def test_generated_code_is_judged_by_vitis_where_it_synthesises(place, tmp_path):
    from aigchip.generate.ask import module_request
    from aigchip.tasks.judge import StepValidator
    from aigchip.template import module as template

    parameters = {"mac_width": 2, "pack": 1, "noc_a_mac": "unicast", "noc_b_mac": "unicast", "noc_c_mac": "broadcast"}
    request = module_request("mac", parameters)
    code = template.load("mac").expert_code(parameters)

    def judge(number, **behaviour):
        vitis = place.vitis(number, **behaviour)
        return StepValidator(store=tmp_path / number, part="xc7z020clg400-1", clock_period_ps=10000, vitis=vitis)

    assert judge("1")(code, request, {}).passed == ("contract", "csim", "csynth")
    refused = judge("2", broken=["csynth"])(code, request, {})
    assert (refused.errors[0].stage, refused.passed) == ("csynth", ("contract", "csim"))
    assert judge("1").inputs(request)["vitis"]["tool"] == "Vitis HLS 2023.1"


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ({"silent": ["csynth"]}, "no-artefact"),
        ({"licence_busy": 9}, "licence"),
        ({"broken": ["csynth"], "says": "ERROR: [HLS 200-10] Abnormal program termination (11)"}, "failed"),
    ],
)
def test_what_is_the_tools_own_fault_does_not_reject_the_module(place, tmp_path, behaviour, code):
    with pytest.raises(VendorRunError) as caught:
        Store(tmp_path / "store").make(place.step(place.vitis(**behaviour)))
    assert caught.value.code == code


def test_no_tools_there(place, tmp_path):
    (tmp_path / "empty").mkdir()
    (place.root / "aigchip.yaml").write_text(f"vendor:\n  vitis: {tmp_path}/empty\n  vivado: {tmp_path}/empty\n")
    with pytest.raises(
        ToolMissingError, match=r"none of vitis-run, v\+\+, vitis_hls, vivado_hls is in .*/empty\. Install"
    ):
        vendor_steps.find_vitis()
    with pytest.raises(ToolMissingError, match=r"vivado is not in .*/empty\. Install"):
        vendor_steps.find_vivado()


def test_the_driver_is_part_of_a_key_wherever_the_project_is(tmp_path, monkeypatch):
    """Installed from a wheel, the sources do not lie below the project; the key then held the hash of nothing."""
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    vendor_steps.driver.cache_clear()
    assert vendor_steps.driver() != digest_files(tmp_path)
    monkeypatch.undo()
    vendor_steps.driver.cache_clear()
