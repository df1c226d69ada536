"""The page of a built design and the rows of `compare`: layers by name, with their products and the model's error."""

import pytest

from aigchip.core.figures import Figure
from aigchip.tasks import comparing, reports


def cycles(value, kind):
    return Figure(value=value, unit="cycles", kind=kind, tool="a test").to_dict()


MODULE = {
    "provenance": {"model": None, "generator": "expert", "how": ""},
    "instruction": "template",
    "audit": {"kinds": 9, "wrong_versions": 40, "caught": 40, "tool": "a test"},
    "csim": {"vectors": 12, "tool": "a test"},
    "rtlsim": {"calls": 36, "cycles_at_full_rate": cycles(500, "simulated"), "tool": "a test"},
}
REPORT = {
    "design": "example",
    "parameters": {"mac_width": 4},
    "network": {"name": "resnet18", "resolution": 224},
    "board": "zcu104",
    "part": "xczu7ev-ffvc1156-2-e",
    "generator": "expert",
    "figures": {"latency": Figure(value=3.5, unit="ms", kind="estimated", tool="a test").to_dict()},
    "modules": {"post": MODULE},
    "cosimulation": {
        "layers": [
            {
                "name": "m 5, k 1027, n 7",
                "macs": 35_945,
                "back_pressure": 0.3,
                "cycles": cycles(6000, "simulated"),
                "bit_exact": True,
            },
            {
                "name": "3 x 3, 16 x 14 x 14 to 16",
                "macs": 451_584,
                "back_pressure": 0.0,
                "cycles": cycles(15_000, "simulated"),
                "bit_exact": True,
                "model": cycles(15_300, "estimated"),
                "model_error_percent": 2.0,
            },
        ],
        "fifos": [],
        "tool": "a test",
    },
    "rtl": "rtl",
}


def test_the_page_lists_every_layer():
    lines = reports._markdown(REPORT).splitlines()
    assert "| layer | MACs | back-pressure | cycles (simulated) | cycles (estimated) | model error |" in lines
    assert "| m 5, k 1027, n 7 | 35,945 | 30% | 6,000 | - | - |" in lines
    assert "| 3 x 3, 16 x 14 x 14 to 16 | 451,584 | 0% | 15,000 | 15,300 | +2.0 % |" in lines


def test_what_ran_at_full_rate_is_compared_with_the_model():
    (row,) = comparing._cosimulated(REPORT)
    assert row.what == "3 x 3, 16 x 14 x 14 to 16"
    assert row.divergence_percent == pytest.approx(2.0)
