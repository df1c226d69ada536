"""Verilog of UltraScale+'s cells: modules that hold one DSP48E2 each, with every attribute and port in use given.

All numbers are signed. An unused port of DSP48E2 is tied as UG579 asks: enables of absent registers to 0, resets to 0.
"""

from __future__ import annotations

from csynth.part import DSP48E2

A_BITS, B_BITS = DSP48E2.a_bits, DSP48E2.b_bits
C_BITS = 48  # of the second adder
PAIR_SHIFT = 18  # bits between the two products of a pair
PAIR_FACTOR_BITS = 8

_ATTRIBUTES = {
    "ACASCREG": "0", "ADREG": "0", "ALUMODEREG": "0", "AMULTSEL": '"A"', "AREG": "0", "A_INPUT": '"DIRECT"',
    "BCASCREG": "0", "BMULTSEL": '"B"', "BREG": "0", "B_INPUT": '"DIRECT"', "CARRYINREG": "0", "CARRYINSELREG": "0",
    "CREG": "0", "DREG": "0", "INMODEREG": "0", "MREG": "0", "OPMODEREG": "0", "PREADDINSEL": '"A"', "PREG": "1",
    "USE_MULT": '"MULTIPLY"', "USE_PATTERN_DETECT": '"NO_PATDET"', "USE_SIMD": '"ONE48"', "USE_WIDEXOR": '"FALSE"',
}  # fmt: skip
_INPUTS = {
    "A": "30'd0", "ACIN": "30'd0", "ALUMODE": "4'b0000", "B": "18'd0", "BCIN": "18'd0", "C": "48'd0", "CARRYCASCIN": "1'b0",
    "CARRYIN": "1'b0", "CARRYINSEL": "3'b000", "CEA1": "1'b0", "CEA2": "1'b0", "CEAD": "1'b0", "CEALUMODE": "1'b0", "CEB1": "1'b0",
    "CEB2": "1'b0", "CEC": "1'b0", "CECARRYIN": "1'b0", "CECTRL": "1'b0", "CED": "1'b0", "CEINMODE": "1'b0", "CEM": "1'b0",
    "CEP": "1'b0", "CLK": "clk", "D": "27'd0", "INMODE": "5'b00000", "MULTSIGNIN": "1'b0", "OPMODE": "9'b000000101",
    "PCIN": "48'd0", "RSTA": "1'b0", "RSTALLCARRYIN": "1'b0", "RSTALUMODE": "1'b0", "RSTB": "1'b0", "RSTC": "1'b0",
    "RSTCTRL": "1'b0", "RSTD": "1'b0", "RSTINMODE": "1'b0", "RSTM": "1'b0", "RSTP": "1'b0",
}  # fmt: skip
_OUTPUTS = (
    "ACOUT", "BCOUT", "CARRYCASCOUT", "CARRYOUT", "MULTSIGNOUT", "OVERFLOW", "P", "PATTERNBDETECT", "PATTERNDETECT", "PCOUT",
    "UNDERFLOW", "XOROUT",
)  # fmt: skip


def _instance(**given: str) -> str:
    """One DSP48E2 with the given attributes and pins; all others at rest."""
    assert set(given) <= {*_ATTRIBUTES, *_INPUTS, *_OUTPUTS}
    attributes = ",\n".join(f"    .{name}({given.get(name, value)})" for name, value in _ATTRIBUTES.items())
    pins = [f".{name}({given.get(name, value)})" for name, value in _INPUTS.items()]
    pins += [f".{name}({given.get(name, '')})" for name in _OUTPUTS]
    return f"  DSP48E2 #(\n{attributes}\n  ) dsp (\n    " + ",\n    ".join(pins) + "\n  );\n"


PRODUCT = (
    """\
// p = addend + f * b, or addend - f * b (SUBTRACT), where f = a, d + a (PREADD 1) or d - a (PREADD 2) and the addend is
// 0, c (ADDEND 1) or pcin, the pcout of another cell (ADDEND 2).
// REGISTERS from a, b and d to p: 0; 1 = P; 2 = M, P; 3 = A B, M, P; 4 = A1 B1, A2 B2, M, P;
// with a pre-adder 2 = AD B, P; 3 = AD B, M, P; 4 = A D B1, AD B2, M, P. c and pcin come with the step of P.
module csynth_dsp_product #(
  parameter REGISTERS = 1,
  parameter PREADD = 0,
  parameter ADDEND = 0,
  parameter SUBTRACT = 0
) (
  input  clk,
  input  ce_first,
  input  ce_in,
  input  ce_m,
  input  ce_p,
  input  [26:0] a,
  input  [26:0] d,
  input  [17:0] b,
  input  [47:0] c,
  input  [47:0] pcin,
  output [47:0] p,
  output [47:0] pcout
);
  localparam A_REGISTERS = PREADD == 0 ? (REGISTERS > 3 ? 2 : REGISTERS > 2 ? 1 : 0) : REGISTERS > 3 ? 1 : 0;
  localparam AD_REGISTERS = PREADD != 0 && REGISTERS > 1 ? 1 : 0;
  localparam B_REGISTERS = A_REGISTERS + AD_REGISTERS;
"""
    + _instance(
        ACASCREG="A_REGISTERS",
        AREG="A_REGISTERS",
        ADREG="AD_REGISTERS",
        BCASCREG="B_REGISTERS",
        BREG="B_REGISTERS",
        DREG="PREADD != 0 ? A_REGISTERS : 0",
        MREG="PREADD == 0 ? (REGISTERS > 1 ? 1 : 0) : REGISTERS > 2 ? 1 : 0",
        PREG="REGISTERS > 0 ? 1 : 0",
        AMULTSEL='PREADD == 0 ? "A" : "AD"',
        A="{{3{a[26]}}, a}",
        B="b",
        C="c",
        D="d",
        PCIN="pcin",
        CEA1="ce_first",
        CEA2="PREADD == 0 ? ce_in : ce_first",
        CEB1="ce_first",
        CEB2="ce_in",
        CED="ce_first",
        CEAD="ce_in",
        CEM="ce_m",
        CEP="ce_p",
        ALUMODE="SUBTRACT != 0 ? 4'b0011 : 4'b0000",
        INMODE="PREADD == 0 ? 5'b00000 : PREADD == 1 ? 5'b00100 : 5'b01100",
        OPMODE="ADDEND == 0 ? 9'b000000101 : ADDEND == 1 ? 9'b000110101 : 9'b000010101",
        P="p",
        PCOUT="pcout",
    )
    + "endmodule\n"
)

MAC = (
    """\
// p <= (first ? c : p) + a * b, or minus (SUBTRACT), in the accumulator P; `load`: p <= c; `reset`: p <= 0.
// REGISTERS: 1 = P; 2 = M, P: then first, load and c belong to the step of P.
module csynth_dsp_mac #(
  parameter REGISTERS = 1,
  parameter SUBTRACT = 0
) (
  input  clk,
  input  ce_m,
  input  ce_p,
  input  reset,
  input  load,
  input  first,
  input  [26:0] a,
  input  [17:0] b,
  input  [47:0] c,
  output [47:0] p
);
"""
    + _instance(
        MREG="REGISTERS > 1 ? 1 : 0",
        A="{{3{a[26]}}, a}",
        B="b",
        C="c",
        CEM="ce_m",
        CEP="ce_p || load",
        RSTP="reset",
        ALUMODE="SUBTRACT != 0 ? 4'b0011 : 4'b0000",
        OPMODE="{2'b00, 1'b0, 1'b1, load || first, load ? 4'b0000 : 4'b0101}",
        P="p",
    )
    + "endmodule\n"
)

PAIR = (
    """\
// Two int8 products of one factor in one cell: p = {a1 * b, a0 * b}, each of 18 bits. A lower product that is negative borrows
// from the upper one; C gives that back in the same addition.
module csynth_dsp_pair #(
  parameter REGISTERS = 1
) (
  input  clk,
  input  ce_p,
  input  [7:0] a1,
  input  [7:0] a0,
  input  [7:0] b,
  output [35:0] p
);
  wire [47:0] sum;
  wire borrows = a0[7] ? !b[7] && |b[6:0] : b[7] && |a0[6:0];
"""
    + _instance(
        PREG="REGISTERS > 0 ? 1 : 0",
        AMULTSEL='"AD"',
        A="{{4{a1[7]}}, a1, 18'd0}",
        D="{{19{a0[7]}}, a0}",
        B="{{10{b[7]}}, b}",
        C="{29'd0, borrows, 18'd0}",
        CEP="ce_p",
        INMODE="5'b00100",
        OPMODE="9'b000110101",
        P="sum",
    )
    + """\
  assign p = sum[35:0];
endmodule
"""
)

CELLS = {"csynth_dsp_product": PRODUCT, "csynth_dsp_mac": MAC, "csynth_dsp_pair": PAIR}
