"""Every cell under the model of DSP48E2 = Python's integers: all int8 factors, random vectors, and faults that must show."""

import numpy as np
import pytest
from support import cell_bench

from csynth.dsp.cells import CELLS, MAC, PAIR, PRODUCT
from csynth.dsp.model import DSP48E2

ENABLES = ("ce_first", "ce_in", "ce_m", "ce_p")
INPUTS = {"a": 27, "d": 27, "b": 18, "c": 48, "ce": 1, "first": 1, "load": 1, "reset": 1, **dict.fromkeys(ENABLES, 1)}
PRODUCTS = {  # name: (registers, preadd, addend, subtract)
    **{f"mul{registers}": (registers, 0, 0, 0) for registers in range(5)},
    "muladd0": (0, 0, 1, 0),
    "muladd1": (1, 0, 1, 0),
    "muladd2": (2, 0, 1, 0),
    "mulsub1": (1, 0, 1, 1),
    "mulsub4": (4, 0, 1, 1),
    "addmul1": (1, 1, 1, 0),
    "addmul2": (2, 1, 0, 0),
    "addmul3": (3, 1, 1, 0),
    "addmul4": (4, 1, 1, 1),
    "submul1": (1, 2, 1, 0),
    "submul2": (2, 2, 1, 0),
    "submul4": (4, 2, 1, 0),
}
OUTPUTS = (*PRODUCTS, "cascade", "cascadesub", "mac1", "mac2", "macsub", "pair")
WIDTHS = {"pair": 36}


def bench() -> str:
    lines = ["module cells (", "  input clk,"]
    lines += [f"  input [{bits - 1}:0] {name}," for name, bits in INPUTS.items()]
    lines += [f"  output [{WIDTHS.get(name, 48) - 1}:0] {name}_p," for name in OUTPUTS]
    lines[-1] = lines[-1][:-1]
    lines += [");", "  wire [47:0] chained;"]
    enables = ", ".join(f".{name}({name})" for name in ENABLES)
    rest = ".clk(clk), .a(a), .d(d), .b(b), .c(c)"
    for name, (registers, preadd, addend, subtract) in PRODUCTS.items():
        given = f".REGISTERS({registers}), .PREADD({preadd}), .ADDEND({addend}), .SUBTRACT({subtract})"
        out = "chained" if name == "mul1" else ""
        lines.append(
            f"  csynth_dsp_product #({given}) {name} ({rest}, {enables}, .pcin(48'd0), .p({name}_p), .pcout({out}));"
        )
    lines.append(  # one register behind mul1, whose sum it takes: a and b one cycle later
        f"  csynth_dsp_product #(.REGISTERS(1), .ADDEND(2)) cascade ({rest}, {enables}, .pcin(chained), .p(cascade_p), .pcout());"
    )
    lines.append(
        f"  csynth_dsp_product #(.REGISTERS(1), .ADDEND(2), .SUBTRACT(1)) cascadesub ({rest}, {enables}, .pcin(chained), .p(cascadesub_p), .pcout());"
    )
    mac = ".clk(clk), .ce_m(ce), .ce_p(ce), .reset(reset), .load(load), .first(first), .a(a), .b(b), .c(c)"
    for name, registers, subtract in (("mac1", 1, 0), ("mac2", 2, 0), ("macsub", 1, 1)):
        lines.append(
            f"  csynth_dsp_mac #(.REGISTERS({registers}), .SUBTRACT({subtract})) {name} ({mac}, .p({name}_p));"
        )
    lines.append(
        "  csynth_dsp_pair #(.REGISTERS(1)) pair (.clk(clk), .ce_p(ce), .a1(a[7:0]), .a0(d[7:0]), .b(b[7:0]), .p(pair_p));"
    )
    return "\n".join([*lines, "endmodule", ""])


def build(folder, cells=CELLS, model=DSP48E2):
    return cell_bench.build(
        folder,
        {"cells": bench(), "DSP48E2": model, **cells},
        top="cells",
        inputs=INPUTS,
        outputs={name: WIDTHS.get(name, 48) for name in OUTPUTS},
    )


pytestmark = pytest.mark.xdist_group("dsp_cells")  # the fixtures are made once


@pytest.fixture(scope="module")
def simulate(tmp_path_factory):
    return build(tmp_path_factory.mktemp("cells"))


def differences(found, expected):
    """How many results differ, by cell; `expected` gives the first row that counts and the values."""
    masks = {name: (1 << WIDTHS.get(name, 48)) - 1 for name in OUTPUTS}
    wrong = {}
    for name, (start, values) in expected.items():
        count = int(np.count_nonzero(found[name][start:] != (values[start:] & masks[name])))
        if count:
            wrong[name] = count
    return wrong


def random_vectors(number, seed):
    generator = np.random.default_rng(seed)
    vectors = {
        n: generator.integers(-(1 << w - 1), 1 << w - 1, number)
        for n, w in (("a", 27), ("d", 27), ("b", 18), ("c", 48))
    }
    for name, width in (("a", 27), ("d", 27), ("b", 18), ("c", 48)):
        at = generator.random(number) < 0.05
        vectors[name][at] = generator.choice([-(1 << width - 1), (1 << width - 1) - 1, -1, 0, 1], int(at.sum()))
    return vectors | {name: np.ones(number, dtype=np.int64) for name in ("ce", *ENABLES)}


def stages(registers, preadd):
    """The enables of a product's registers, from the factors on."""
    way = ["ce_first", "ce_in", "ce_p"] if preadd and registers == 2 else list(ENABLES)
    return way[len(way) - registers :]


def late(values, cycles):
    return np.concatenate([np.zeros(cycles, dtype=np.int64), values[: len(values) - cycles]]) if cycles else values


def pair_of(upper, lower):
    """Two products as a pair's word has them."""
    return (upper & 0x3FFFF) << 18 | lower & 0x3FFFF


def expected_products(vectors):
    """A register is written by the edge of its own row: one register gives the row's own result."""
    a, d, b, c = (vectors[name] for name in "adbc")
    expected = {}
    for name, (registers, preadd, addend, subtract) in PRODUCTS.items():
        factor = a if not preadd else d + a if preadd == 1 else d - a
        factor = (factor + (1 << 26)) % (1 << 27) - (1 << 26)  # the pre-adder has 27 bits
        term = late(factor * b, max(registers - 1, 0))  # the addend comes with the last register
        expected[name] = (4, (c if addend else 0) + term * (-1 if subtract else 1))
    expected["cascade"] = (4, late(a * b, 1) + a * b)
    expected["cascadesub"] = (4, late(a * b, 1) - a * b)
    eight = [((vectors[name] + 128) % 256) - 128 for name in "adb"]
    upper, lower = eight[0] * eight[2], eight[1] * eight[2]
    expected["pair"] = (4, pair_of(upper, lower))
    return expected


def expected_stalled(vectors):
    """Products whose registers work each when its own enable says so."""
    out = {name: [] for name in PRODUCTS}
    held = {name: [0] * shape[0] for name, shape in PRODUCTS.items()}
    rows = zip(*(np.asarray(vectors[n]).tolist() for n in ("a", "d", "b", "c", *ENABLES)), strict=True)
    for a, d, b, c, *enables in rows:
        on = dict(zip(ENABLES, enables, strict=True))
        for name, (registers, preadd, addend, subtract) in PRODUCTS.items():
            factor = a if not preadd else d + a if preadd == 1 else d - a
            factor = (factor + (1 << 26)) % (1 << 27) - (1 << 26)
            chain = [factor * b * (-1 if subtract else 1), *held[name]]
            total = chain[-2 if registers else -1] + (c if addend else 0)
            chain[-2 if registers else -1] = total
            for at, enable in enumerate(stages(registers, preadd)):
                if on[enable]:
                    held[name][at] = chain[at]
            out[name].append((held[name][-1] if registers else total) & ((1 << 48) - 1))
    return {name: (8, np.array(values, dtype=np.int64)) for name, values in out.items()}


def random_controls(vectors, seed):
    generator = np.random.default_rng(seed)
    number = len(vectors["a"])
    return vectors | {
        name: generator.random(number) < share
        for name, share in (("ce", 0.7), ("first", 0.1), ("load", 0.05), ("reset", 0.05))
    }


def expected_macs(vectors):
    out = {"mac1": [], "mac2": [], "macsub": []}
    total = dict.fromkeys(out, 0)
    product = 0
    names = ("a", "b", "c", "ce", "first", "load", "reset")
    for a, b, c, ce, first, load, reset in zip(*(np.asarray(vectors[n]).tolist() for n in names), strict=True):
        for name, term in (("mac1", a * b), ("mac2", product), ("macsub", -a * b)):
            if reset:
                total[name] = 0
            elif load:
                total[name] = c
            elif ce:
                total[name] = ((c if first else total[name]) + term) & ((1 << 48) - 1)
            out[name].append(total[name])
        product = a * b if ce else product
    settled = int(np.argmax(vectors["reset"])) + 1  # from here on the accumulators are known
    settled = max(settled, int(np.argmax(vectors["ce"])) + 1)
    return {name: (settled + 1, np.array(values, dtype=np.int64)) for name, values in out.items()}


def check(simulate, number, seed):
    vectors = random_vectors(number, seed)
    wrong = differences(simulate(vectors), expected_products(vectors))
    settle = {name: np.concatenate([[0, 0], values]) for name, values in random_controls(vectors, seed + 1).items()}
    settle["reset"][:2], settle["ce"][:2] = 1, 1  # M is 0 * 0, P is 0
    return wrong | differences(simulate(settle), expected_macs(settle))


@pytest.mark.verifies("csynth")
def test_random_vectors(simulate):
    assert check(simulate, 100_000, 1) == {}


@pytest.mark.verifies("csynth")
def test_every_register_has_its_own_enable(simulate):
    vectors = random_vectors(20_000, 4)
    generator = np.random.default_rng(5)
    vectors |= {name: generator.random(20_000) < 0.6 for name in ENABLES}
    for name in ENABLES:
        vectors[name][:8] = True
    assert differences(simulate(vectors), expected_stalled(vectors)) == {}


@pytest.mark.slow
@pytest.mark.verifies("csynth")
def test_a_million_random_vectors(simulate):
    assert check(simulate, 1_000_000, 2) == {}


@pytest.mark.verifies("csynth")
def test_all_int8_products(simulate):
    one, two = (grid.ravel() for grid in np.meshgrid(np.arange(-128, 128), np.arange(-128, 128)))
    for lower in (-128, -1, 0, 1, 77, 127):
        vectors = {"a": one, "b": two, "d": np.full_like(one, lower), "c": np.zeros_like(one)}
        vectors |= dict.fromkeys(("ce", *ENABLES), np.ones_like(one))
        expected = {"mul0": (0, one * two), "mul1": (0, one * two), "pair": (0, pair_of(one * two, lower * two))}
        assert differences(simulate(vectors), expected) == {}


@pytest.mark.slow
@pytest.mark.verifies("csynth")
def test_all_pairs_of_int8_products(simulate):
    one, two = (grid.ravel() for grid in np.meshgrid(np.arange(-128, 128), np.arange(-128, 128)))
    for lower in range(-128, 128):
        vectors = {"a": one, "b": two, "d": np.full_like(one, lower), "ce": np.ones_like(one)}
        found = simulate(vectors)
        assert differences(found, {"pair": (0, pair_of(one * two, lower * two))}) == {}


def wrong_pairs(correction):
    """How many of all 2^24 triples of int8 numbers the arithmetic of a pair gets wrong; `correction(a0, b)` is what C adds."""
    a1, a0 = (grid.ravel() for grid in np.meshgrid(np.arange(-128, 128), np.arange(-128, 128)))
    wrong = 0
    for b in range(-128, 128):
        p = ((a1 << 18) + a0) * b + (correction(a0, b) << 18)
        wrong += np.count_nonzero((p & (1 << 36) - 1) != pair_of(a1 * b, a0 * b))
    return wrong


@pytest.mark.verifies("csynth")
def test_the_borrow_of_all_triples():
    """What the cell tests for, in place of the sign of the product, and two rules that are wrong."""

    def borrows(a0, b):
        return np.where(a0 < 0, b >= 0 and b & 127 != 0, b < 0 and (a0 & 127) != 0).astype(np.int64)

    assert wrong_pairs(borrows) == 0
    assert (
        wrong_pairs(lambda a0, b: np.zeros_like(a0))
        == sum(int(a0 * b < 0) for a0 in range(-128, 128) for b in range(-128, 128)) << 8
    )
    assert wrong_pairs(lambda a0, b: ((a0 < 0) != (b < 0)).astype(np.int64)) == 2 * 128 << 8


FAULTS = {
    "an addend that is not selected": ("csynth_dsp_product", PRODUCT.replace("9'b000110101", "9'b000000101")),
    "a pcin that is not selected": ("csynth_dsp_product", PRODUCT.replace("9'b000010101", "9'b000000101")),
    "no subtraction": ("csynth_dsp_product", PRODUCT.replace("4'b0011", "4'b0000")),
    "a pre-adder that adds only": ("csynth_dsp_product", PRODUCT.replace("5'b01100", "5'b00100")),
    "an accumulator that is not fed back": ("csynth_dsp_mac", MAC.replace("1'b0, 1'b1, load", "1'b0, 1'b0, load")),
    "no reset": ("csynth_dsp_mac", MAC.replace(".RSTP(reset)", ".RSTP(1'b0)")),
    "a borrow that is not given back": ("csynth_dsp_pair", PAIR.replace("{29'd0, borrows, 18'd0}", "48'd0")),
    "a borrow of a product that is 0": ("csynth_dsp_pair", PAIR.replace("!b[7] && |b[6:0]", "!b[7]")),
}


_QUICK = ("an accumulator that is not fed back", "a borrow that is not given back")


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize("fault", [f if f in _QUICK else pytest.param(f, marks=pytest.mark.slow) for f in FAULTS])
def test_a_wrong_cell_is_found(fault, tmp_path):
    name, text = FAULTS[fault]
    assert text != CELLS[name]
    wrong = check(build(tmp_path / "wrong", {**CELLS, name: text}), 2_000, 3)
    assert wrong


@pytest.mark.verifies("csynth")
def test_a_product_and_its_signs(simulate):
    vectors = {"a": np.array([-3] * 5), "b": np.array([5] * 5), "d": np.array([10] * 5), "c": np.array([100] * 5)}
    vectors |= dict.fromkeys(("ce", *ENABLES), np.ones(5))
    found = {name: int(values[-1]) for name, values in simulate(vectors).items()}
    assert found["mul3"] == (1 << 48) - 15
    assert (found["muladd2"], found["mulsub1"], found["addmul1"], found["submul1"]) == (85, 115, 135, 165)
