"""Library cells that emitted modules instantiate, as Verilog text."""

FIFO = """\
// First-word-fall-through FIFO. in_TREADY and out_TVALID depend on its own registers only.
module csynth_fifo #(
  parameter WIDTH = 8,
  parameter DEPTH = 2
) (
  input  ap_clk,
  input  ap_rst,
  input  [WIDTH-1:0] in_TDATA,
  input  in_TVALID,
  output in_TREADY,
  output [WIDTH-1:0] out_TDATA,
  output out_TVALID,
  input  out_TREADY,
  output [31:0] count
);
  localparam INDEX_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
  localparam [31:0] LAST_WORD = DEPTH - 1;
  localparam [INDEX_BITS-1:0] LAST = LAST_WORD[INDEX_BITS-1:0];

  reg [WIDTH-1:0] words [0:(1 << INDEX_BITS) - 1];
  reg [INDEX_BITS-1:0] head;
  reg [INDEX_BITS-1:0] tail;
  localparam COUNT_BITS = $clog2(DEPTH + 1);
  localparam [31:0] DEPTH_WORD = DEPTH;
  localparam [COUNT_BITS-1:0] FULL = DEPTH_WORD[COUNT_BITS-1:0];
  reg [COUNT_BITS-1:0] stored;

  generate
    if (DEPTH <= 64) begin : g_shallow
      wire push = in_TVALID && in_TREADY;
      wire pop = out_TVALID && out_TREADY;
      assign in_TREADY = stored != FULL;
      assign out_TVALID = |stored;
      assign out_TDATA = words[head];
      assign count = {{(32 - COUNT_BITS){1'b0}}, stored};
      always @(posedge ap_clk) begin
        if (push) words[tail] <= in_TDATA;
        if (ap_rst) begin
          head <= {INDEX_BITS{1'b0}};
          tail <= {INDEX_BITS{1'b0}};
          stored <= {COUNT_BITS{1'b0}};
        end else begin
          if (push) tail <= tail == LAST ? {INDEX_BITS{1'b0}} : tail + 1'b1;
          if (pop) head <= head == LAST ? {INDEX_BITS{1'b0}} : head + 1'b1;
          if (push && !pop) stored <= stored + 1'b1;
          if (pop && !push) stored <= stored - 1'b1;
        end
      end
    end else begin : g_deep
      // block RAM behind an output register: the RAM is read one word ahead
      reg [WIDTH-1:0] word;
      reg ready;
      wire push = in_TVALID && in_TREADY;
      wire fetch = (|stored) && (!ready || out_TREADY);
      assign in_TREADY = stored != FULL;
      assign out_TVALID = ready;
      assign out_TDATA = word;
      assign count = {{(32 - COUNT_BITS){1'b0}}, stored} + {31'd0, ready};
      always @(posedge ap_clk) begin
        if (push) words[tail] <= in_TDATA;
        if (fetch) word <= words[head];
        if (ap_rst) begin
          head <= {INDEX_BITS{1'b0}};
          tail <= {INDEX_BITS{1'b0}};
          stored <= {COUNT_BITS{1'b0}};
          ready <= 1'b0;
        end else begin
          if (push) tail <= tail == LAST ? {INDEX_BITS{1'b0}} : tail + 1'b1;
          if (fetch) head <= head == LAST ? {INDEX_BITS{1'b0}} : head + 1'b1;
          if (push && !fetch) stored <= stored + 1'b1;
          if (fetch && !push) stored <= stored - 1'b1;
          if (fetch) ready <= 1'b1;
          else if (out_TREADY) ready <= 1'b0;
        end
      end
    end
  endgenerate
endmodule
"""
