"""A simulation model of DSP48E2: the part of its behaviour that `cells` uses; anything else ends the simulation.

Source: AMD UG579 (registers and their enables, tables of INMODE, OPMODE and ALUMODE). Only Verilator and Icarus read the text: synthesis
has the cell itself, and Vivado's simulator has the vendor's model.
"""

DSP48E2 = """\
`ifdef VERILATOR
`define CSYNTH_DSP48E2_MODEL
`endif
`ifdef __ICARUS__
`define CSYNTH_DSP48E2_MODEL
`endif
`ifdef CSYNTH_DSP48E2_MODEL
/* verilator lint_off WIDTHEXPAND */  // attributes are strings of several lengths
module DSP48E2 #(
  parameter integer ACASCREG = 1, ADREG = 1, ALUMODEREG = 1, AREG = 1, BCASCREG = 1, BREG = 1, CARRYINREG = 1, CARRYINSELREG = 1,
  parameter integer CREG = 1, DREG = 1, INMODEREG = 1, MREG = 1, OPMODEREG = 1, PREG = 1,
  parameter AMULTSEL = "A", BMULTSEL = "B", PREADDINSEL = "A", A_INPUT = "DIRECT", B_INPUT = "DIRECT",
  parameter USE_MULT = "MULTIPLY", USE_SIMD = "ONE48", USE_PATTERN_DETECT = "NO_PATDET", USE_WIDEXOR = "FALSE"
) (
  output [29:0] ACOUT,
  output [17:0] BCOUT,
  output CARRYCASCOUT,
  output [3:0] CARRYOUT,
  output MULTSIGNOUT,
  output OVERFLOW,
  output [47:0] P,
  output PATTERNBDETECT,
  output PATTERNDETECT,
  output [47:0] PCOUT,
  output UNDERFLOW,
  output [7:0] XOROUT,
  input [29:0] A,
  input [29:0] ACIN,
  input [3:0] ALUMODE,
  input [17:0] B,
  input [17:0] BCIN,
  input [47:0] C,
  input CARRYCASCIN,
  input CARRYIN,
  input [2:0] CARRYINSEL,
  input CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC, CECARRYIN, CECTRL, CED, CEINMODE, CEM, CEP,
  input CLK,
  input [26:0] D,
  input [4:0] INMODE,
  input MULTSIGNIN,
  input [8:0] OPMODE,
  input [47:0] PCIN,
  input RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB, RSTC, RSTCTRL, RSTD, RSTINMODE, RSTM, RSTP
);
  assign ACOUT = 30'd0;
  assign BCOUT = 18'd0;
  assign CARRYCASCOUT = 1'd0;
  assign CARRYOUT = 4'd0;
  assign MULTSIGNOUT = 1'd0;
  assign OVERFLOW = 1'd0;
  assign PATTERNBDETECT = 1'd0;
  assign PATTERNDETECT = 1'd0;
  assign UNDERFLOW = 1'd0;
  assign XOROUT = 8'd0;

  initial begin
    if (ALUMODEREG != 0 || CARRYINREG != 0 || CARRYINSELREG != 0 || INMODEREG != 0 || OPMODEREG != 0)
      begin $display("DSP48E2 model: registers of control inputs are not modelled"); $stop; end
    if (AREG > 2 || BREG > 2 || ACASCREG != AREG || BCASCREG != BREG || DREG > 1 || ADREG > 1)
      begin $display("DSP48E2 model: A and B must have 0 to 2 registers, as many to the next cell, D and AD 0 or 1"); $stop; end
    if (AMULTSEL == "A" ? BREG != AREG || ADREG != 0 : DREG != AREG || BREG != AREG + ADREG)
      begin $display("DSP48E2 model: the factors must have the same number of registers"); $stop; end
    if (A_INPUT != "DIRECT" || B_INPUT != "DIRECT" || BMULTSEL != "B" || PREADDINSEL != "A" || USE_MULT != "MULTIPLY"
        || USE_SIMD != "ONE48" || USE_PATTERN_DETECT != "NO_PATDET" || USE_WIDEXOR != "FALSE")
      begin $display("DSP48E2 model: an attribute has a value that is not modelled"); $stop; end
    if (AMULTSEL != "A" && AMULTSEL != "AD") begin $display("DSP48E2 model: AMULTSEL must be A or AD"); $stop; end
  end

  // ---- input registers
  reg [26:0] a_first, a_register, d_register;
  reg [17:0] b_first, b_register;
  reg [47:0] c_register;
  always @(posedge CLK) begin  // the first of two registers is A1, the last, or the only one, A2; so with B
    if (RSTA) a_first <= 27'd0;
    else if (CEA1) a_first <= A[26:0];
    if (RSTA) a_register <= 27'd0;
    else if (CEA2) a_register <= AREG > 1 ? a_first : A[26:0];
    if (RSTD) d_register <= 27'd0;
    else if (CED) d_register <= D;
    if (RSTB) b_first <= 18'd0;
    else if (CEB1) b_first <= B;
    if (RSTB) b_register <= 18'd0;
    else if (CEB2) b_register <= BREG > 1 ? b_first : B;
    if (RSTC) c_register <= 48'd0;
    else if (CEC) c_register <= C;
  end
  wire [26:0] a = AREG != 0 ? a_register : A[26:0];
  wire [26:0] d = DREG != 0 ? d_register : D;
  wire [17:0] b = BREG != 0 ? b_register : B;
  wire [47:0] c = CREG != 0 ? c_register : C;

  // ---- pre-adder and multiplier
  wire [26:0] preadded = (INMODE[2] ? d : 27'd0) + (INMODE[3] ? ~a + 27'd1 : a);
  reg [26:0] ad_register;
  always @(posedge CLK) begin
    if (RSTD) ad_register <= 27'd0;
    else if (CEAD) ad_register <= preadded;
  end
  wire [26:0] ad = ADREG != 0 ? ad_register : preadded;
  wire signed [26:0] factor = AMULTSEL == "AD" ? ad : a;
  wire signed [44:0] product = $signed({{18{factor[26]}}, factor}) * $signed({{27{b[17]}}, b});
  reg [44:0] m_register;
  always @(posedge CLK) begin
    if (RSTM) m_register <= 45'd0;
    else if (CEM) m_register <= product;
  end
  wire [44:0] m = MREG != 0 ? m_register : product;

  // ---- multiplexers and the second adder
  reg [47:0] p_register;
  wire [47:0] xy = OPMODE[3:0] == 4'b0101 ? {{3{m[44]}}, m} : OPMODE[3:0] == 4'b1100 ? c : 48'd0;
  wire [47:0] z = OPMODE[6:4] == 3'b001 ? PCIN : OPMODE[6:4] == 3'b010 ? p_register : OPMODE[6:4] == 3'b011 ? c : 48'd0;
  wire [47:0] w = OPMODE[8:7] == 2'b01 ? p_register : OPMODE[8:7] == 2'b11 ? c : 48'd0;
  wire [47:0] others = w + xy + {47'd0, CARRYIN};
  wire [47:0] sum = ALUMODE == 4'b0011 ? z - others : z + others;
  always @(posedge CLK) begin
    if (RSTP) p_register <= 48'd0;
    else if (CEP) p_register <= sum;
  end
  assign P = PREG != 0 ? p_register : sum;
  assign PCOUT = P;

  always @(posedge CLK) begin
    if (ALUMODE != 4'b0000 && ALUMODE != 4'b0011) begin $display("DSP48E2 model: ALUMODE is not modelled"); $stop; end
    if (CARRYINSEL != 3'b000) begin $display("DSP48E2 model: CARRYINSEL is not modelled"); $stop; end
    if (OPMODE[3:0] != 4'b0000 && OPMODE[3:0] != 4'b0101 && OPMODE[3:0] != 4'b1100)
      begin $display("DSP48E2 model: X and Y are not modelled"); $stop; end
    if (OPMODE[6:4] > 3'b011 || OPMODE[8:7] == 2'b10) begin $display("DSP48E2 model: Z or W is not modelled"); $stop; end
    if (PREG == 0 && (OPMODE[6:4] == 3'b010 || OPMODE[8:7] == 2'b01))
      begin $display("DSP48E2 model: P fed back needs PREG"); $stop; end
    if (INMODE[4] || INMODE[1:0] != 2'b00 || (AMULTSEL == "A" && INMODE != 5'd0))
      begin $display("DSP48E2 model: INMODE is not modelled"); $stop; end
  end

  wire unused = &{1'b0, A[29:27], ACIN, BCIN, CARRYCASCIN, CEALUMODE, CECARRYIN, CECTRL, CEINMODE, MULTSIGNIN,
                  RSTALLCARRYIN, RSTALUMODE, RSTCTRL, RSTINMODE};
endmodule
/* verilator lint_on WIDTHEXPAND */
`endif
"""
