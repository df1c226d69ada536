"""The lean cells = the cells with the model of DSP48E2, for every set of parameters and of declared widths, and lean ones that are wrong."""

import ctypes
from itertools import product
from pathlib import Path

import pytest

from aigchip.toolchain import verilator_library
from csynth.dsp.cells import CELLS
from csynth.dsp.lean import LEAN
from csynth.dsp.model import DSP48E2

pytestmark = pytest.mark.xdist_group("lean-cells")
MAIN = Path(__file__).parent / "lean_main.cpp"
CYCLES = 20_000
FULL = {"A": 27, "D": 27, "B": 18, "C": 48, "P": 48}
WIDTHS = {  # what an instance may declare: the operands' bits, and how many of the result matter
    "full": FULL,
    "low half": {**FULL, "P": 32},
    "low bytes": {"A": 8, "D": 8, "B": 8, "C": 32, "P": 32},
    "mixed": {"A": 1, "D": 26, "B": 17, "C": 47, "P": 48},
}


def instances() -> list[tuple[str, str, dict[str, int], dict[str, int]]]:
    """Return cell, name, parameters and widths of every pair."""
    found = []
    for (name, widths), registers, subtract in product(WIDTHS.items(), range(4), (0, 1)):
        for preadd, addend in product(range(3), range(3)):
            given = {"REGISTERS": registers, "PREADD": preadd, "ADDEND": addend, "SUBTRACT": subtract}
            found.append(("csynth_dsp_product", f"{name} {given}", given, widths))
        if registers in (1, 2):
            given = {"REGISTERS": registers, "SUBTRACT": subtract}
            found.append(("csynth_dsp_mac", f"{name} {given}", given, widths))
    for registers in (0, 1):
        found.append(("csynth_dsp_pair", f"pair {registers}", {"REGISTERS": registers}, FULL))
    return found


def extension(name: str, bits: int, whole: int) -> str:
    return name if bits == whole else f"{{{{{whole - bits}{{{name}[{bits - 1}]}}}}, {name}[{bits - 1}:0]}}"


def bench() -> str:
    pairs = instances()
    lines = [
        "module pairs (input clk, input ce_in, ce_m, ce_p, reset, load, first, comparing,",
        f"  input [26:0] a, d, input [17:0] b, input [47:0] c, pcin, output reg [{len(pairs) - 1}:0] wrong);",
        f"  wire [{len(pairs) - 1}:0] differs;",
        "  always @(posedge clk) wrong <= comparing ? wrong | differs : 0;",
    ]
    for index, (cell, _, given, widths) in enumerate(pairs):
        a, d = extension("a", widths["A"], 27), extension("d", widths["D"], 27)
        b, c = extension("b", widths["B"], 18), extension("c", widths["C"], 48)
        plain = ", ".join(f".{key}({value})" for key, value in given.items())
        if cell == "csynth_dsp_pair":
            pins, outputs, declared, out = ".a1(a[7:0]), .a0(d[7:0]), .b(b[7:0])", ("p",), "", 36
        elif cell == "csynth_dsp_mac":
            pins, outputs, out = (
                f".ce_m(ce_m), .reset(reset), .load(load), .first(first), .a({a}), .b({b}), .c({c})",
                ("p",),
                48,
            )
            declared = ", ".join(f".{key}_BITS({widths[key]})" for key in "ABCP")
        else:
            pins = f".ce_in(ce_in), .ce_m(ce_m), .a({a}), .d({d}), .b({b}), .c({c}), .pcin(pcin)"
            outputs, out = ("p", "pcout"), 48
            declared = ", ".join(f".{key}_BITS({value})" for key, value in widths.items())
        for side in ("general", "lean"):
            lines += [f"  wire [{out - 1}:0] {side}_{output}_{index};" for output in outputs]
            connected = ", ".join(f".{output}({side}_{output}_{index})" for output in outputs)
            more = f", {declared}" if side == "lean" and declared else ""
            name = cell if side == "general" else cell.replace("csynth", "lean")
            lines.append(f"  {name} #({plain}{more}) {side}_{index} (.clk(clk), .ce_p(ce_p), {pins}, {connected});")
        look = min(widths["P"], out)
        same = " || ".join(f"general_{o}_{index}[{look - 1}:0] != lean_{o}_{index}[{look - 1}:0]" for o in outputs)
        lines.append(f"  assign differs[{index}] = {same};")
    return "\n".join([*lines, "endmodule", ""])


def different(folder: Path, lean: dict[str, str], seed: int = 1) -> set[str]:
    """Return the names of the pairs that differ."""
    texts = {"pairs": bench(), "DSP48E2": DSP48E2, **CELLS}
    texts |= {
        name.replace("csynth", "lean"): text.replace("module csynth", "module lean") for name, text in lean.items()
    }
    sources = []
    for name, text in texts.items():
        sources.append(folder / f"{name}.v")
        sources[-1].write_text(text)
    verilator_library.build(sources, top="pairs", main=MAIN, headers=folder, out=folder / "pairs.so")
    pairs = instances()
    wrong = (ctypes.c_uint32 * (len(pairs) // 32 + 1))()
    ctypes.CDLL(str(folder / "pairs.so")).compare(
        ctypes.c_uint64(seed), ctypes.c_uint64(CYCLES), wrong, len(pairs) // 32 + 1
    )
    return {name for index, (_, name, _, _) in enumerate(pairs) if wrong[index // 32] >> index % 32 & 1}


def test_every_lean_cell_equals_the_general_one(tmp_path):
    assert different(tmp_path, LEAN) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "old", "new", "some"),
    [
        ("csynth_dsp_product", "addend - product", "addend + product", "full {'REGISTERS': 1, 'PREADD': 0, 'ADDEND': 1, 'SUBTRACT': 1}"),
        ("csynth_dsp_product", "if (ce_m) c_register", "if (ce_p) c_register", "low bytes {'REGISTERS': 2, 'PREADD': 0, 'ADDEND': 1, 'SUBTRACT': 0}"),
        ("csynth_dsp_product", "A_BITS < 27 && D_BITS < 27", "A_BITS < 28", "full {'REGISTERS': 3, 'PREADD': 2, 'ADDEND': 0, 'SUBTRACT': 0}"),
        ("csynth_dsp_mac", "else if (load) p_register <= c_now;", "", "low bytes {'REGISTERS': 2, 'SUBTRACT': 0}"),
        ("csynth_dsp_pair", "^ 32'd128) - 32'd128) * b_now;\n  wire [31:0] low", "^ 32'd128) - 32'd127) * b_now;\n  wire [31:0] low", "pair 1"),
    ],
)  # fmt: skip
def test_a_wrong_lean_cell_differs(tmp_path, cell, old, new, some):
    assert LEAN[cell].count(old) == 1
    assert some in different(tmp_path, {**LEAN, cell: LEAN[cell].replace(old, new)})
