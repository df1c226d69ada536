"""What designs take, counted before synthesis; the netlist's count of the same is in tests/cosim/template."""

import pytest

from aigchip.core import paths
from aigchip.perf.resources import estimated_resources
from aigchip.space import Design, files


def pinned(name: str) -> Design:
    """A design of designs/."""
    return files.load(paths.designs_dir() / name / "design.yaml")


@pytest.mark.parametrize(("name", "dsp"), [("expert1024", 1169), ("packed2048", 1169)])
def test_dsps_are_those_of_the_netlist(name, dsp):
    """Counted by yosys in `./doit resources design=<name>`: the array, two of each result in post, and ctrl's."""
    assert estimated_resources(pinned(name))["dsp"].value == dsp


def test_a_packed_design_forms_more_than_one_and_three_quarters_products_by_each_dsp():
    design = pinned("packed2048")
    assert design.macs / float(estimated_resources(design)["dsp"].value or 0) > 1.75
