"""The products of ctrl in the netlist: what they take of the DSPs, and of the clock."""

import pytest

from aigchip.core import paths
from aigchip.perf.resources import ADDRESS_DSP
from aigchip.space import files
from aigchip.template import module, top
from csynth.driver import synthesize

CLOCK_PS = 3333
#: Of the slowest other module of these designs: ctrl must not be what holds the clock up.
SLOWEST_PS = 2800


@pytest.mark.slow
@pytest.mark.parametrize("name", ["expert1024", "packed2048", "square8"])
def test_the_products_of_ctrl_take_few_dsps(name, tmp_path):
    """Strides, and the places of tiles and parameters, are sums of shifted terms; the rest takes cells."""
    design = files.load(paths.designs_dir() / name / "design.yaml")
    source = tmp_path / "ctrl.cpp"
    source.write_text(top.unit("ctrl", top.expert_codes(design)))
    report = synthesize(
        source,
        top="ctrl",
        part="xczu7ev-ffvc1156-2-e",
        clock_period_ps=CLOCK_PS,
        out_dir=tmp_path,
        include_dirs=[module.include_dir()],
        resources=True,
    )
    assert report.resources is not None
    assert report.resources.dsp == ADDRESS_DSP
    assert report.estimated_clock_ps <= SLOWEST_PS
