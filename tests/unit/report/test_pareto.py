"""The picture of a study."""

import xml.etree.ElementTree as ET

import pytest

from aigchip.report.pareto import OnBoard, Point, pareto_svg

SVG = "{http://www.w3.org/2000/svg}"
POINTS = [
    Point(number=3, latency_ms=120.0, dsp=8, on_front=True),
    Point(number=5, latency_ms=40.0, dsp=64, on_front=True),
    Point(number=7, latency_ms=130.0, dsp=60, on_front=False),
]


def test_every_design_is_a_point_with_its_figures() -> None:
    tree = ET.fromstring(pareto_svg(POINTS, title="t", caption="c"))
    tips = [circle.find(f"{SVG}title").text for circle in tree.iter(f"{SVG}circle")]
    assert sorted(tips) == [
        "design 3: 120.00 ms, 8 DSP",
        "design 5: 40.00 ms, 64 DSP",
        "design 7: 130.00 ms, 60 DSP",
    ]


def test_less_latency_is_higher_and_fewer_dsps_are_further_left_inside_the_frame() -> None:
    tree = ET.fromstring(pareto_svg(POINTS, title="t", caption="c"))
    at = {
        circle.find(f"{SVG}title").text.split(":")[0]: (float(circle.get("cx")), float(circle.get("cy")))
        for circle in tree.iter(f"{SVG}circle")
    }
    assert at["design 3"][0] < at["design 7"][0] < at["design 5"][0]
    assert at["design 5"][1] > at["design 3"][1] > at["design 7"][1]
    assert all(80 <= x <= 700 and 50 <= y <= 380 for x, y in at.values())


def test_text_cannot_break_the_document() -> None:
    tree = ET.fromstring(pareto_svg(POINTS, title="<script>&", caption='"'))
    assert next(tree.iter(f"{SVG}text")).text == "<script>&"


def test_a_study_without_designs_is_refused() -> None:
    with pytest.raises(ValueError, match="points is empty; must hold at least one design"):
        pareto_svg([], title="t", caption="c")


@pytest.mark.parametrize(("dsp", "latency"), [(1, 0.001), (1728, 1e6), (7, 9.99), (1000, 1000)])
def test_any_range_is_drawn_inside_the_frame(dsp: int, latency: float) -> None:
    tree = ET.fromstring(
        pareto_svg([Point(number=0, latency_ms=latency, dsp=dsp, on_front=True)], title="t", caption="c")
    )
    circle = next(tree.iter(f"{SVG}circle"))
    assert 80 <= float(circle.get("cx")) <= 700
    assert 50 <= float(circle.get("cy")) <= 380


def test_what_ran_on_boards_is_a_square_with_kind_and_tool() -> None:
    ran = [
        OnBoard(number=5, latency_ms=44.0, kind="measured", tool="zcu104, pynq 4"),
        OnBoard(number=3, latency_ms=400.0, kind="simulated", tool="simulated board, verilator 5"),
        OnBoard(number=99, latency_ms=1.0, kind="measured", tool="of no design here"),
    ]
    text = pareto_svg(POINTS, title="t", caption="c", on_boards=ran)
    squares = [rect for rect in ET.fromstring(text).iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]
    assert [(rect.find(f"{SVG}title").text, rect.get("fill")) for rect in squares] == [
        ("design 5: 44.00 ms measured (zcu104, pynq 4)", "#282"),
        ("design 3: 400.00 ms simulated (simulated board, verilator 5)", "white"),
    ]
    assert all(
        50 <= float(rect.get("y")) + 4 <= 380 for rect in squares
    )  # centres: the axis reaches the slowest of all
    assert "Squares: latency on a board (measured, zcu104, pynq 4; simulated, simulated board, verilator 5)" in text
