"""The report of an inference keeps the accelerator's time and the host's apart."""

import csv

from aigchip.report import inference

_CYCLES = {"unit": "cycles", "kind": "simulated", "tool": "made up for a test"}
FOUND = inference.NetworkInference(
    network="small@16",
    clock_mhz=200.0,
    host="numpy on a test's machine",
    parts=[
        {
            "layers": [{"name": "stem", "cycles": 1500}, {"name": "next", "cycles": 400}],
            "cycles": {"value": 2000, **_CYCLES},
        },
        {"operator": "pool", "kind": "max_pool", "seconds": 0.002, "layout_seconds": 0.0005},
        {"layers": [{"name": "fc", "cycles": 900}], "cycles": {"value": 1000, **_CYCLES}},
        {"operator": "again", "kind": "max_pool", "seconds": 0.001, "layout_seconds": 0.0},
        {"operator": "softmax", "kind": "softmax", "seconds": 0.00025, "layout_seconds": 0.00025},
    ],
)


def test_times_are_apart():
    assert FOUND.cycles.value == 3000
    assert FOUND.cycles.kind == "simulated"
    assert FOUND.accelerator_ms == 0.015
    assert FOUND.host_ms == 4.0


def test_a_row_for_the_accelerator_and_one_for_each_kind_of_operator():
    assert inference.rows(FOUND) == [
        ("layers, with 2 starts", "accelerator", "3", "3,000", "0.015", "", "simulated"),
        ("max_pool", "host", "2", "", "3.000", "0.500", "measured"),
        ("softmax", "host", "1", "", "0.250", "0.250", "measured"),
    ]


def test_every_layer_start_and_operator_is_in_the_file():
    read = list(csv.DictReader(inference.comma_separated([FOUND]).splitlines()))
    assert [(row["part"], row["by"], row["what"], row["kind"], row["cycles"], row["ms"]) for row in read] == [
        ("1", "accelerator", "stem", "layer", "1500", "0.007500"),
        ("1", "accelerator", "next", "layer", "400", "0.002000"),
        ("1", "accelerator", "", "start", "2000", "0.010000"),
        ("2", "host", "pool", "max_pool", "", "2.000000"),
        ("3", "accelerator", "fc", "layer", "900", "0.004500"),
        ("3", "accelerator", "", "start", "1000", "0.005000"),
        ("4", "host", "again", "max_pool", "", "1.000000"),
        ("5", "host", "softmax", "softmax", "", "0.250000"),
    ]
    assert {(row["by"], row["origin"], row["tool"]) for row in read} == {
        ("accelerator", "simulated", "made up for a test"),
        ("host", "measured", "numpy on a test's machine"),
    }
