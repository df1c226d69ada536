"""ECP5's cell: a module that holds one MULT18X18D, and a simulation model of that primitive.

Source: Lattice, sysDSP usage guide of ECP5; the primitive's ports and attributes as yosys and nextpnr know them. The model covers
what the module uses; anything else ends the simulation. Only Verilator and Icarus read it: yosys and nextpnr have the primitive.
"""

from __future__ import annotations

from csynth.part import MULT18X18D as _CELL

_PRODUCT_BITS = _CELL.a_bits + _CELL.b_bits


def _bus(port: str, signal: str, bits: int) -> str:
    return ", ".join(f".{port}{bit}({signal}[{bit}])" for bit in range(bits))


def _instance(registers: int) -> str:
    clocks = {
        "REG_INPUTA_CLK": registers > 1,
        "REG_INPUTB_CLK": registers > 1,
        "REG_INPUTC_CLK": False,
        "REG_PIPELINE_CLK": registers > 2,
        "REG_OUTPUT_CLK": registers > 0,
    }
    attributes = [f'.{name}("{"CLK0" if used else "NONE"}")' for name, used in clocks.items()]
    attributes += ['.REG_INPUTA_CE("CE0"), .REG_INPUTB_CE("CE0"), .REG_PIPELINE_CE("CE1"), .REG_OUTPUT_CE("CE2")']
    return f"""\
  MULT18X18D #(
    {", ".join(attributes[:-1])},
    {attributes[-1]}
  ) dsp (
    {_bus("A", "a", _CELL.a_bits)},
    {_bus("B", "b", _CELL.b_bits)},
    {_bus("C", "zero", _CELL.b_bits)},
    .SIGNEDA(1'b1), .SIGNEDB(1'b1), .SOURCEA(1'b0), .SOURCEB(1'b0),
    .CLK0(clk), .CLK1(1'b0), .CLK2(1'b0), .CLK3(1'b0), .CE0(ce_in), .CE1(ce_m), .CE2(ce_p), .CE3(1'b0),
    .RST0(1'b0), .RST1(1'b0), .RST2(1'b0), .RST3(1'b0),
    {_bus("P", "p", _PRODUCT_BITS)}
  );
"""


MULT18 = (
    """\
// p = a * b, signed. REGISTERS: 0; 1 = the output register; 2 = inputs, output; 3 = inputs, pipeline, output.
module csynth_mult18 #(
  parameter REGISTERS = 1
) (
  input  clk,
  input  ce_in,
  input  ce_m,
  input  ce_p,
  input  [17:0] a,
  input  [17:0] b,
  output [35:0] p
);
  wire [17:0] zero = 18'd0;
  // attributes are literal strings: nextpnr knows no others
  generate
"""
    + "".join(
        f"  {'if' if registers == 0 else 'else if'} (REGISTERS == {registers}) begin : registers_{registers}\n"
        f"{_instance(registers)}  end\n"
        for registers in range(4)
    )
    + """\
  endgenerate
endmodule
"""
)


def _ports(direction: str, name: str, bits: int) -> str:
    return f"  {direction} " + ", ".join(f"{name}{bit}" for bit in range(bits))


def _word(name: str, bits: int) -> str:
    return "{" + ", ".join(f"{name}{bit}" for bit in reversed(range(bits))) + "}"


MULT18X18D = f"""\
`ifdef VERILATOR
`define CSYNTH_MULT18X18D_MODEL
`endif
`ifdef __ICARUS__
`define CSYNTH_MULT18X18D_MODEL
`endif
`ifdef CSYNTH_MULT18X18D_MODEL
module MULT18X18D #(
  parameter REG_INPUTA_CLK = "NONE", REG_INPUTB_CLK = "NONE", REG_INPUTC_CLK = "NONE", REG_PIPELINE_CLK = "NONE", REG_OUTPUT_CLK = "NONE",
  parameter REG_INPUTA_CE = "CE0", REG_INPUTB_CE = "CE0", REG_PIPELINE_CE = "CE0", REG_OUTPUT_CE = "CE0"
) (
{_ports("input", "A", 18)},
{_ports("input", "B", 18)},
{_ports("input", "C", 18)},
  input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
  input CLK0, CLK1, CLK2, CLK3, CE0, CE1, CE2, CE3, RST0, RST1, RST2, RST3,
{_ports("output", "P", 36)}
);
  initial begin
    if ((REG_INPUTA_CLK != "NONE" && REG_INPUTA_CLK != "CLK0") || REG_INPUTB_CLK != REG_INPUTA_CLK || REG_INPUTC_CLK != "NONE"
        || (REG_PIPELINE_CLK != "NONE" && REG_PIPELINE_CLK != "CLK0") || (REG_OUTPUT_CLK != "NONE" && REG_OUTPUT_CLK != "CLK0"))
      begin $display("MULT18X18D model: registers have CLK0, both inputs alike"); $stop; end
    if (REG_INPUTA_CE != "CE0" || REG_INPUTB_CE != "CE0" || REG_PIPELINE_CE != "CE1" || REG_OUTPUT_CE != "CE2")
      begin $display("MULT18X18D model: CE0 enables the inputs, CE1 the pipeline, CE2 the output"); $stop; end
  end
  always @(posedge CLK0) begin
    if (!SIGNEDA || !SIGNEDB || SOURCEA || SOURCEB || RST0 || RST1 || RST2 || RST3)
      begin $display("MULT18X18D model: factors are signed and come from A and B, without resets"); $stop; end
  end

  wire [17:0] a_now = {_word("A", 18)};
  wire [17:0] b_now = {_word("B", 18)};
  reg [17:0] a_register, b_register;
  always @(posedge CLK0) if (CE0) begin
    a_register <= a_now;
    b_register <= b_now;
  end
  wire [17:0] a = REG_INPUTA_CLK != "NONE" ? a_register : a_now;
  wire [17:0] b = REG_INPUTB_CLK != "NONE" ? b_register : b_now;
  wire signed [35:0] product = $signed({{{{18{{a[17]}}}}, a}}) * $signed({{{{18{{b[17]}}}}, b}});
  reg [35:0] m_register, p_register;
  always @(posedge CLK0) if (CE1) m_register <= product;
  wire [35:0] m = REG_PIPELINE_CLK != "NONE" ? m_register : product;
  always @(posedge CLK0) if (CE2) p_register <= m;
  assign {_word("P", 36)} = REG_OUTPUT_CLK != "NONE" ? p_register : m;

  wire unused = &{{1'b0, {", ".join(f"C{bit}" for bit in range(18))}, CLK1, CLK2, CLK3, CE3}};
endmodule
`endif
"""
