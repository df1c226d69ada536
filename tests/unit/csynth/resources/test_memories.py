"""Each kind of memory becomes the cells that it asks for, counted by yosys."""

from pathlib import Path

import pytest
from unit.csynth.frontend.memory_cases import storage_case

from csynth.driver import make_hardware
from csynth.frontend import compile_source
from csynth.resources import estimate, flows


def cells(monkeypatch, tmp_path: Path, case) -> dict[str, int]:
    """Memory cells of a case, by type; 18 Kb halves of block RAMs as `bram18`."""
    found: dict[str, int] = {}
    count = flows.Flow.resources

    def noted(flow, cells_):
        found.update({k: v for k, v in cells_.items() if k.startswith(("RAM", "URAM", "csynth_bram"))})
        return count(flow, cells_)

    monkeypatch.setattr(flows.Flow, "resources", noted)
    hardware = make_hardware(compile_source((f"{case.top}.cpp", case.source), top=case.top), clock_period_ps=3333)
    estimate.estimate(hardware.verilog, top=case.top, cache_dir=tmp_path)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "depth", "wanted"),
    [
        ("type=ram_1p impl=bram", 1024, {"csynth_bram36": 1}),
        ("type=ram_s2p impl=bram latency=2", 1024, {"csynth_bram36": 1}),
        ("type=ram_2p impl=bram", 1024, {"csynth_bram36": 1}),
        ("type=ram_t2p impl=bram", 1024, {"csynth_bram36": 1}),
        ("type=ram_1p impl=uram", 4096, {"URAM288": 1}),
        ("type=ram_s2p impl=uram", 4096, {"URAM288": 1}),
        ("type=ram_t2p impl=uram", 4096, {"URAM288": 1}),
        ("type=ram_s2p impl=lutram", 64, {"RAM64M8": 3}),
        ("type=ram_2p impl=lutram", 64, {"RAM64M8": 3}),
        ("type=rom_2p impl=bram", 1024, {"csynth_bram36": 1}),
        ("type=rom_1p impl=lutram", 64, {}),
    ],
)
def test_cells(monkeypatch, tmp_path, options, depth, wanted):
    case = storage_case("stored", options, depth=depth, rom="rom" in options)
    assert cells(monkeypatch, tmp_path, case) == wanted
