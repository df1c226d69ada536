"""Accelerators of one network side by side: rows, CSV and both pictures."""

from __future__ import annotations

from math import log
from xml.etree import ElementTree

import pytest

from aigchip.core.figures import Figure
from aigchip.report import baselines
from aigchip.report.baselines import Comparison, Course, Entry

SVG = "{http://www.w3.org/2000/svg}"


def entry(role: str, name: str, value: float, kind: str = "estimated", **fields) -> Entry:
    figure = Figure(value=value, unit="ms", kind=kind, tool="made up for a test")
    return Entry(role=role, name=name, milliseconds=figure, **{"bound_milliseconds": 10.0, **fields})


FOUND = [
    Comparison(
        network="resnet50@224",
        entries=(
            entry("expert", "expert-resnet50", 10.5, "simulated", dsp=1169),
            entry("searched", "design 7", 12.0, dsp=1024),
            entry("random, best", "design 3", 40.0, dsp=300),
            entry("CHaiDNN", "published", 27.0, "measured", bound_milliseconds=9.0, convolutions=True, published=True),
        ),
        courses=(
            Course(role="searched", best=(None, 30.0, 12.0)),
            Course(role="random, best", best=(80.0, 80.0, 40.0)),
        ),
    ),
    Comparison(network="vgg16@448", entries=(entry("expert", "expert-vgg16", 11.0),), courses=()),
]


def test_rows_say_who_and_how_a_time_was_obtained() -> None:
    assert baselines.rows(FOUND)[0] == [
        "resnet50@224",
        "expert",
        "expert-resnet50",
        "10.500",
        "simulated",
        "1.050",
        "1,169",
    ]
    assert baselines.rows(FOUND)[3] == [
        "resnet50@224",
        "CHaiDNN",
        "published, convolutions",
        "27.000",
        "published",
        "3.000",
        "",
    ]


def test_csv_and_pictures(golden) -> None:
    golden("report/baselines.csv", baselines.comma_separated(FOUND))
    golden("report/baselines-bars.svg", baselines.bars(FOUND, caption="Made up."))
    golden("report/baselines-curves.svg", baselines.curves(FOUND, caption="Made up."))


def test_bars_are_as_long_as_the_logarithm_of_their_ratio() -> None:
    drawn = ElementTree.fromstring(baselines.bars(FOUND, caption=""))
    heights = {}
    for bar in drawn.iter(f"{SVG}rect"):
        for tip in bar.iter(f"{SVG}title"):
            heights[tip.text.split(":")[0].rsplit(", ")[-1]] = float(bar.get("height"))
    longer = heights["design 3"] - heights["design 7"], heights["design 7"] - heights["expert-vgg16"]
    assert longer[0] / longer[1] == pytest.approx(log(40 / 12) / log(12 / 11), rel=0.02)


def test_a_curve_never_rises_and_begins_where_a_design_fits() -> None:
    drawn = ElementTree.fromstring(baselines.curves(FOUND, caption=""))
    paths = [path.get("d") for path in drawn.iter(f"{SVG}path") if path.get("stroke") == baselines.ROLES["searched"]]
    (path,) = paths
    assert path.startswith("M")
    assert path.count("V") == 1
