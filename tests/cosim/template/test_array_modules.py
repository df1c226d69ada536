"""mac, pe_lane, pe_array and interconnect over their parameters: contract, vectors in C, initiation interval, and RTL on the same vectors.

An array is written `mac_width/pack/styles lane_macs/styles array_lanes/styles`, styles being the initials of those of A, B and C.
"""

import json
import re
from pathlib import Path

import pytest

from aigchip.core import paths
from aigchip.space.spans import allowed_styles, illegal, span_of
from aigchip.template import module as template
from aigchip.template.errors import TemplateError
from aigchip.template.module import Port
from aigchip.template.vectors import Vector
from aigchip.toolchain import csim, module_rtl
from aigchip.toolchain.audit import audit
from aigchip.toolchain.contract import Contract
from csynth.driver import synthesize

SEED = 1
STYLES = {"u": "unicast", "m": "multicast", "b": "broadcast"}

ARRAYS = (
    "1/1/uuu 1/uuu 1/uuu",
    "2/1/uub 2/uub 4/mmu",
    "4/1/mmu 2/ubu 2/buu",
    "1/1/uuu 4/mum 4/umm",
    "2/1/uub 1/uuu 4/uuu",
)
SLOW_ARRAYS = (
    *(f"2/1/uub 1/uuu 8/{styles}" for styles in ("ubu", "buu", "uub", "mmu", "mum", "umm", "mmm", "uuu", "umu", "muu")),
    *(f"1/1/uuu 1/uuu 16/{styles}" for styles in ("mmu", "uuu", "umu", "muu")),
    *(f"1/1/uuu 8/{styles} 2/ubu" for styles in ("ubu", "buu", "uub", "mmu", "mum", "umm", "mmm")),
    *(f"8/2/{styles} 1/uuu 2/buu" for styles in ("ubu", "buu", "uub", "mmu", "mum", "umm", "mmm")),
    "1/2/uuu 4/buu 4/ubu",
    "8/1/uub 1/uuu 16/uuu",
    "4/1/uub 1/uuu 64/uuu",
    "16/1/uub 4/buu 16/ubu",
    "16/2/uub 4/buu 16/ubu",
)
OPTIONS = (  # the array, and how its results leave or its words come
    ("2/1/uub 2/buu 4/ubu", {"window": 4, "c_factor": 2, "accumulator_bits": 24}),
    ("2/1/ubu 2/ubu 4/buu", {"c_dimension": "height", "c_factor": 2, "accumulator_bits": 28}),
)
SLOW_OPTIONS = (
    ("2/1/uub 2/buu 2/ubu", {"window": 4, "c_dimension": "height", "c_factor": 1}),
    ("4/1/uub 2/buu 2/ubu", {"window": 8}),
    ("4/1/uub 4/buu 8/ubu", {"window": 8, "c_factor": 4}),
    ("1/1/uuu 1/uuu 16/uuu", {"c_factor": 4}),
    ("1/1/uuu 1/uuu 16/umu", {"c_dimension": "height", "c_factor": 4, "accumulator_bits": 24}),
    ("16/1/uub 1/uuu 4/muu", {"c_factor": 2, "accumulator_bits": 24}),
    ("16/1/uub 4/buu 16/ubu", {"window": 8, "accumulator_bits": 24}),
)
WITHOUT_RTL = ("1/1/uuu 32/buu 32/ubu",)

MACS = ("1/1/uuu", "4/2/uub", "8/1/mmm")
SLOW_MACS = ("1/2/uuu", "2/1/ubu", "2/2/buu", "4/1/mmu", "8/2/mum", "8/2/umm", "8/2/uub", "16/1/uub", "16/2/uub")
LANES = ("2/1/uub 4/mum", "1/1/uuu 8/uub")
SLOW_LANES = ("4/2/mmu 8/mmm", "2/2/ubu 4/mmu", "1/1/uuu 32/mmu", "16/1/uub 4/buu", "4/1/uub 8/uub", "2/1/buu 4/umm")

INTERCONNECTS = (  # array grid, lane's span, A's pieces, B's pieces, window
    ((2, 2, 1), (2, 1, 4), ("height", 2), ("height", 2), 0),
    ((4, 1, 1), (1, 2, 4), ("width", 2), ("width", 4), 4),
)
SLOW_INTERCONNECTS = (
    ((1, 1, 1), (1, 1, 1), ("width", 1), ("width", 2), 0),
    ((2, 2, 2), (2, 2, 4), ("width", 1), ("width", 2), 0),
    ((2, 2, 2), (2, 2, 4), ("width", 4), ("height", 1), 0),
    ((4, 4, 1), (1, 1, 8), ("height", 4), ("width", 4), 0),
    ((16, 1, 1), (1, 4, 16), ("height", 4), ("width", 8), 8),
    ((16, 1, 1), (2, 4, 16), ("height", 32), ("width", 4), 0),
)


def cases(few, slow):
    """Parametrise over both, the second ones for the slow tests."""
    return [*few, *(pytest.param(case, marks=pytest.mark.slow) for case in slow)]


def styles(level: str, initials: str) -> dict[str, str]:
    return {f"noc_{operand}_{level}": STYLES[initial] for operand, initial in zip("abc", initials, strict=True)}


def mac_parameters(text: str) -> dict[str, int | str]:
    width, pack, initials = text.split("/")
    return {"mac_width": int(width), "pack": int(pack), **styles("mac", initials)}


def lane_parameters(text: str, mac: str) -> dict[str, int | str]:
    macs, initials = text.split("/")
    span = template.load("mac").values(mac_parameters(mac))
    spans = {"mac_m": span["rows"], "mac_n": span["columns"], "mac_k": span["products"]}
    return {"lane_macs": int(macs), **styles("lane", initials), **spans}


def array_parameters(text: str, lane: dict[str, int | str], **options: int | str) -> dict[str, int | str]:
    lanes, initials = text.split("/")
    values = template.load("pe_lane").values(lane)
    defaults = {"accumulator_bits": 32, "c_dimension": "width", "c_factor": 1, "window": 0}
    spans = {axis: values[axis] for axis in ("lane_m", "lane_n", "lane_k")}
    return {"array_lanes": int(lanes), **styles("array", initials), **spans, **defaults, **options}


def expert(name: str, parameters: dict[str, int | str]) -> str:
    return template.load(name).expert_code(parameters)


def checked(name, parameters, callees=None, *, audited=True):
    """Check the contract and the vectors in C, and that the vectors fail the wrong versions; return the vectors."""
    module = template.load(name)
    code, contract, vectors = (
        expert(name, parameters),
        Contract.of(module, parameters),
        module.vectors(parameters, SEED),
    )
    result = csim.simulate(code, contract, vectors, callees=callees)
    assert result.ok, result.errors[0]
    if audited:
        found = audit(code, contract, vectors, callees=callees)
        found.check(parameters)
        assert found.ok, found.counts()
    return vectors


def synthesised(source: str, function: str, folder: Path) -> list[Path]:
    """Synthesise; every pipelined loop must start an iteration each cycle."""
    file = folder / f"{function}.cpp"
    file.write_text(source)
    synthesize(
        file,
        top=function,
        part="xczu7ev-ffvc1156-2-e",
        clock_period_ps=3333,
        out_dir=folder / "out",
        include_dirs=[template.include_dir()],
        resources=False,
    )
    report = json.loads((folder / "out" / "report.json").read_text())
    assert report["loops"]
    for loop in report["loops"]:
        assert (loop["pipelined"], loop["ii"]) == (True, 1), loop["ii_limited_by"]
    return sorted((folder / "out" / "rtl").glob("*.v"))


def compare(rtl, function, ports, vectors, folder: Path) -> None:
    module_rtl.check_module(
        rtl, function=function, ports=ports, vectors=vectors, cache=folder / "models", work=folder / "run"
    )


def in_streams(name: str, parameters, sources: list[str], vectors, folder: Path) -> None:
    """Compare the RTL of a pure function by feeding it from streams, a call each cycle."""
    module = template.load(name)
    a, b, sums = (port.width_bits for port in module.ports(parameters))
    loop = f"""
#include "hls_stream.h"
void calls(hls::stream<ap_uint<{a}> >& a, hls::stream<ap_uint<{b}> >& b, hls::stream<ap_uint<{sums}> >& sums) {{
  for (int i = 0; i < {len(vectors)}; i++) {{
#pragma HLS pipeline II=1
    sums.write({name}(a.read(), b.read()));
  }}
}}
"""
    rtl = synthesised("\n".join([*sources, loop]), "calls", folder)
    ports = [
        Port(name=port, kind=kind, width_bits=bits, meaning="")
        for port, kind, bits in (("a", "stream_in", a), ("b", "stream_in", b), ("sums", "stream_out", sums))
    ]
    streams = {port: tuple(vector.scalars_in[port] for vector in vectors) for port in ("a", "b")}
    results = tuple(vector.returns for vector in vectors)
    compare(rtl, "calls", ports, [Vector(name="all", streams_in=streams, streams_out={"sums": results})], folder)


@pytest.mark.parametrize("mac", cases(MACS, SLOW_MACS))
def test_a_mac(mac, tmp_path):
    parameters = mac_parameters(mac)
    vectors = checked("mac", parameters)
    in_streams("mac", parameters, [expert("mac", parameters)], vectors, tmp_path)


@pytest.mark.parametrize("lane", cases(LANES, SLOW_LANES))
def test_a_lane(lane, tmp_path):
    mac, units = lane.split()
    parameters = lane_parameters(units, mac)
    callees = {"mac": expert("mac", mac_parameters(mac))}
    vectors = checked("pe_lane", parameters, callees)
    in_streams("pe_lane", parameters, [*callees.values(), expert("pe_lane", parameters)], vectors, tmp_path)


def array_module(array: str, **options: int | str):
    """Return an array's parameters, and the code of what it calls."""
    mac, units, lanes = array.split()
    lane = lane_parameters(units, mac)
    callees = {"mac": expert("mac", mac_parameters(mac)), "pe_lane": expert("pe_lane", lane)}
    return array_parameters(lanes, lane, **options), callees


def check_array(array: str, options: dict[str, int | str], folder: Path, *, rtl=True) -> None:
    parameters, callees = array_module(array, **options)
    values = template.load("pe_array").values(parameters)
    small = values["step_m"] * values["step_n"] * values["step_k"] <= 64
    vectors = checked("pe_array", parameters, callees, audited=small)
    files = synthesised("\n".join([*callees.values(), expert("pe_array", parameters)]), "pe_array", folder)
    if rtl:
        compare(files, "pe_array", template.load("pe_array").ports(parameters), vectors, folder)


@pytest.mark.parametrize("array", cases(ARRAYS, SLOW_ARRAYS))
def test_an_array_of_every_style(array, tmp_path):
    check_array(array, {}, tmp_path)


@pytest.mark.parametrize("case", cases(OPTIONS, SLOW_OPTIONS), ids=str)
def test_an_array_with_windows_and_pieces(case, tmp_path):
    check_array(*case, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("array", WITHOUT_RTL)
def test_an_array_of_a_thousand_multipliers_reaches_a_step_a_cycle(array, tmp_path):
    check_array(array, {}, tmp_path, rtl=False)


def interconnect_parameters(case) -> dict[str, int | str]:
    array, lane, (a_dimension, a_factor), (b_dimension, b_factor), window = case
    grids = {
        f"{name}_{axis}": size
        for name, grid in (("array", array), ("lane", lane))
        for axis, size in zip("mnk", grid, strict=True)
    }
    pieces = {"a_dimension": a_dimension, "a_factor": a_factor, "b_dimension": b_dimension, "b_factor": b_factor}
    return {**grids, **pieces, "window": window}


@pytest.mark.parametrize("case", cases(INTERCONNECTS, SLOW_INTERCONNECTS), ids=str)
def test_an_interconnect(case, tmp_path):
    parameters = interconnect_parameters(case)
    vectors = checked("interconnect", parameters)
    rtl = synthesised(expert("interconnect", parameters), "interconnect", tmp_path)
    compare(rtl, "interconnect", template.load("interconnect").ports(parameters), vectors, tmp_path)


def zeros(tasks, pieces: int) -> Vector:
    """Return commands of (sub-tiles, steps) with operands that are all 0."""
    steps = sum(subtiles * steps_k for subtiles, steps_k in tasks)
    return Vector(
        name=str(tasks),
        streams_in={
            "commands": (*(steps_k << 2 | subtiles << 18 for subtiles, steps_k in tasks), 1),
            "a_words": (0,) * steps,
            "b_words": (0,) * steps,
        },
        streams_out={"results": (0,) * sum(subtiles * pieces for subtiles, _ in tasks)},
    )


def test_a_sub_tile_takes_the_larger_of_its_steps_and_its_pieces_and_a_command_one_cycle(tmp_path):
    parameters, callees = array_module("1/1/uuu 1/uuu 4/uuu")
    module = template.load("pe_array")
    pieces = module.values(parameters)["pieces"]
    rtl = synthesised("\n".join([*callees.values(), expert("pe_array", parameters)]), "pe_array", tmp_path)

    def cycles(*tasks):
        result = module_rtl.check_module(
            rtl,
            function="pe_array",
            ports=module.ports(parameters),
            vectors=[zeros(tasks, pieces)],
            cache=tmp_path / "models",
            work=tmp_path / "run",
        )
        return result.cycles.value

    empty = cycles()
    for steps_k in (1, pieces, 2 * pieces + 1):
        assert cycles((6, steps_k)) - empty == 6 * max(steps_k, pieces) + 1
    assert cycles((2, 3), (1, 1), (3, 5)) - empty == 2 * 3 + pieces + 3 * 5 + 3


def test_an_illegal_combination_of_styles_is_refused_with_its_reason():
    with pytest.raises(TemplateError) as caught:
        template.load("mac").values(mac_parameters("4/1/bbu"))
    assert str(caught.value) == (
        "template, level mac: noc_a_mac, noc_b_mac, noc_c_mac is broadcast, broadcast, unicast for 4 unit(s); all units "
        "would form the same product. Choose other styles or another number of units."
    )


def test_the_page_lists_every_combination_as_the_code_has_it():
    page = (paths.root() / "docs" / "reference" / "networks-on-chip.md").read_text()
    kinds = "(unicast|multicast|broadcast)"
    rows = re.findall(rf"^\| {kinds} \| {kinds} \| {kinds} \| (.*) \|$", page, re.MULTILINE)
    assert len({row[:3] for row in rows}) == len(rows) == 27
    for *combination, text in rows:
        styles = tuple(combination)
        if styles in allowed_styles("array", 8):
            span, (axes, *rest) = span_of(8, *styles), text.split(", ")
            assert set(axes.split(" x ")) == {axis for axis in "mnk" if getattr(span, axis) > 1}
            assert bool(rest) == (styles not in allowed_styles("mac", 8))
            assert f"({', '.join(styles)}): {axes}" in page  # its drawing
        else:
            assert text == f"none: {illegal('array', 8, styles)}"
