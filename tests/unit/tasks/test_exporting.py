"""Whose code a file of Vitis HLS' RTL holds, by the name that Vitis gives it."""

from types import SimpleNamespace

import pytest
import yaml

from aigchip.core import paths
from aigchip.space.derive import local_parameters
from aigchip.space.design import Design
from aigchip.tasks import exporting
from aigchip.template import module

DESIGN = Design(**yaml.safe_load((paths.root() / "designs" / "example" / "design.yaml").read_text()))


@pytest.mark.parametrize(
    ("stem", "instance"),
    [
        ("accelerator_load_a", "load_a"),
        ("accelerator_pe_lane_1", "pe_lane"),
        ("accelerator_load_a_Pipeline_VITIS_LOOP_9_1", "load_a"),
        ("accelerator_buffer_b_RAM_AUTO_1R1W", "buffer_b"),
        ("accelerator_macro", ""),
        ("accelerator_fifo_w64_d16_A", ""),
        ("accelerator_control_s_axi", ""),
        ("accelerator", ""),
        ("accelerator_shell", ""),
    ],
)
def test_a_file_belongs_to_the_module_that_its_name_begins_with(stem, instance):
    parameters = local_parameters(DESIGN)
    flow = SimpleNamespace(
        design=DESIGN, parameters=parameters, function=lambda name: module.load(name).function(parameters[name])
    )
    assert exporting._module_of(SimpleNamespace(flow=flow), stem) == instance
