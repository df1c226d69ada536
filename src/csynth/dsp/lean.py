"""The cells of DSP48E2 for simulation alone: no primitive inside, only the registers that a set of parameters has, narrow arithmetic.

They compute what `cells` does with the model of `model`, under what an instance declares with further parameters:
A_BITS, D_BITS, B_BITS, C_BITS: the port is the sign extension of so many lowest bits; P_BITS: only so many lowest bits of p, pcin and pcout
matter (48, or 32 and less, which is faster); the others are not driven as the cell would drive them.
"""

from __future__ import annotations

_PRODUCT = """\
module csynth_dsp_product #(
  parameter REGISTERS = 1,
  parameter PREADD = 0,
  parameter ADDEND = 0,
  parameter SUBTRACT = 0,
  parameter A_BITS = 27,
  parameter D_BITS = 27,
  parameter B_BITS = 18,
  parameter C_BITS = 48,
  parameter P_BITS = 48
) (
  input  clk,
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
  localparam W = P_BITS > 32 ? 64 : 32;
  localparam [63:0] ONE = 64'd1;
  localparam [W-1:0] A_SIGN = ONE[W-1:0] << (A_BITS - 1);
  localparam [W-1:0] D_SIGN = ONE[W-1:0] << (D_BITS - 1);
  localparam [W-1:0] B_SIGN = ONE[W-1:0] << (B_BITS - 1);
  localparam [W-1:0] C_SIGN = ONE[W-1:0] << (C_BITS - 1);
  localparam [W-1:0] F_SIGN = ONE[W-1:0] << 26;
  // A number's sign bit is turned into an offset, which is taken off again: two operations for a sign extension.
  wire [W-1:0] a_now = ({{(W-A_BITS){1'b0}}, a[A_BITS-1:0]} ^ A_SIGN) - A_SIGN;
  wire [W-1:0] d_now = ({{(W-D_BITS){1'b0}}, d[D_BITS-1:0]} ^ D_SIGN) - D_SIGN;
  wire [W-1:0] b_now = ({{(W-B_BITS){1'b0}}, b[B_BITS-1:0]} ^ B_SIGN) - B_SIGN;
  wire [W-1:0] c_now;
  wire [W-1:0] pcin_now;
  wire [W-1:0] a_in, d_in, b_in, c_in, factor, product, sum, result;
  generate
    if (ADDEND != 1) begin : g_no_c
      assign c_now = {W{1'b0}};
    end else if (C_BITS < W) begin : g_c
      assign c_now = ({{(W-C_BITS){1'b0}}, c[C_BITS-1:0]} ^ C_SIGN) - C_SIGN;
    end else begin : g_c_low
      assign c_now = c[W-1:0];
    end
    if (W > 48) begin : g_wide
      assign pcin_now = {{(W-48){1'b0}}, pcin};
    end else begin : g_narrow
      assign pcin_now = pcin[W-1:0];
    end
    if (REGISTERS > 2) begin : g_in
      reg [W-1:0] a_register, b_register;
      always @(posedge clk) if (ce_in) begin
        a_register <= a_now;
        b_register <= b_now;
      end
      assign a_in = a_register;
      assign b_in = b_register;
      if (PREADD != 0) begin : g_d
        reg [W-1:0] d_register;
        always @(posedge clk) if (ce_in) d_register <= d_now;
        assign d_in = d_register;
      end else begin : g_no_d
        assign d_in = {W{1'b0}};
      end
    end else begin : g_no_in
      assign a_in = a_now;
      assign b_in = b_now;
      assign d_in = PREADD != 0 ? d_now : {W{1'b0}};
    end
    if (REGISTERS > 1 && ADDEND == 1) begin : g_c_register
      reg [W-1:0] c_register;
      always @(posedge clk) if (ce_m) c_register <= c_now;
      assign c_in = c_register;
    end else begin : g_c_direct
      assign c_in = c_now;
    end
    if (PREADD == 0) begin : g_plain
      assign factor = a_in;
    end else if (A_BITS < 27 && D_BITS < 27) begin : g_preadd_fits
      assign factor = PREADD == 1 ? d_in + a_in : d_in - a_in;
    end else begin : g_preadd  // of 27 bits
      wire [W-1:0] total = PREADD == 1 ? d_in + a_in : d_in - a_in;
      assign factor = ({{(W-27){1'b0}}, total[26:0]} ^ F_SIGN) - F_SIGN;
    end
    if (REGISTERS > 1) begin : g_m
      reg [W-1:0] m_register;
      always @(posedge clk) if (ce_m) m_register <= factor * b_in;
      assign product = m_register;
    end else begin : g_no_m
      assign product = factor * b_in;
    end
    if (ADDEND == 0) begin : g_alone
      assign sum = SUBTRACT != 0 ? {W{1'b0}} - product : product;
    end else begin : g_sum
      wire [W-1:0] addend = ADDEND == 1 ? c_in : pcin_now;
      assign sum = SUBTRACT != 0 ? addend - product : addend + product;
    end
    if (REGISTERS > 0) begin : g_p
      reg [W-1:0] p_register;
      always @(posedge clk) if (ce_p) p_register <= sum;
      assign result = p_register;
    end else begin : g_no_p
      assign result = sum;
    end
    if (W > 48) begin : g_out
      assign p = result[47:0];
      assign pcout = result[47:0];
    end else begin : g_out_low
      assign p = {{(48-W){1'b0}}, result};
      assign pcout = {{(48-W){1'b0}}, result};
    end
  endgenerate
endmodule
"""

_MAC = """\
module csynth_dsp_mac #(
  parameter REGISTERS = 1,
  parameter SUBTRACT = 0,
  parameter A_BITS = 27,
  parameter B_BITS = 18,
  parameter C_BITS = 48,
  parameter P_BITS = 48
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
  localparam W = P_BITS > 32 ? 64 : 32;
  localparam [63:0] ONE = 64'd1;
  localparam [W-1:0] A_SIGN = ONE[W-1:0] << (A_BITS - 1);
  localparam [W-1:0] B_SIGN = ONE[W-1:0] << (B_BITS - 1);
  localparam [W-1:0] C_SIGN = ONE[W-1:0] << (C_BITS - 1);
  wire [W-1:0] a_now = ({{(W-A_BITS){1'b0}}, a[A_BITS-1:0]} ^ A_SIGN) - A_SIGN;
  wire [W-1:0] b_now = ({{(W-B_BITS){1'b0}}, b[B_BITS-1:0]} ^ B_SIGN) - B_SIGN;
  wire [W-1:0] c_now, product;
  reg  [W-1:0] p_register;
  generate
    if (C_BITS < W) begin : g_c
      assign c_now = ({{(W-C_BITS){1'b0}}, c[C_BITS-1:0]} ^ C_SIGN) - C_SIGN;
    end else begin : g_c_low
      assign c_now = c[W-1:0];
    end
    if (REGISTERS > 1) begin : g_m
      reg [W-1:0] m_register;
      always @(posedge clk) if (ce_m) m_register <= a_now * b_now;
      assign product = m_register;
    end else begin : g_no_m
      assign product = a_now * b_now;
    end
    if (W > 48) begin : g_out
      assign p = p_register[47:0];
    end else begin : g_out_low
      assign p = {{(48-W){1'b0}}, p_register};
    end
  endgenerate
  wire [W-1:0] start = first ? c_now : p_register;
  always @(posedge clk)
    if (reset) p_register <= {W{1'b0}};
    else if (load) p_register <= c_now;
    else if (ce_p) p_register <= SUBTRACT != 0 ? start - product : start + product;
endmodule
"""

_PAIR = """\
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
  wire [31:0] b_now = ({24'd0, b} ^ 32'd128) - 32'd128;
  wire [31:0] high = (({24'd0, a1} ^ 32'd128) - 32'd128) * b_now;
  wire [31:0] low = (({24'd0, a0} ^ 32'd128) - 32'd128) * b_now;
  generate
    if (REGISTERS > 0) begin : g_p
      reg [31:0] high_register, low_register;
      always @(posedge clk) if (ce_p) begin
        high_register <= high;
        low_register <= low;
      end
      assign p = {high_register[17:0], low_register[17:0]};
    end else begin : g_no_p
      assign p = {high[17:0], low[17:0]};
    end
  endgenerate
endmodule
"""

LEAN = {"csynth_dsp_product": _PRODUCT, "csynth_dsp_mac": _MAC, "csynth_dsp_pair": _PAIR}
"""By the name of the cell in `cells`, which has the same ports."""
