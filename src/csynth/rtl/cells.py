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

PIPO = """\
// Ping-pong buffer: BUFFERS copies of an array. The writer owns one empty copy, the reader the oldest full one.
module csynth_pipo #(
  parameter WIDTH = 8,
  parameter WORDS = 2,
  parameter BUFFERS = 2
) (
  input  ap_clk,
  input  ap_rst,
  // the writer: may start while `space`; its copy is full after `filled`
  output space,
  input  filled,
  input  [(WORDS > 1 ? $clog2(WORDS) : 1)-1:0] write_address,
  input  write_we,
  input  [WIDTH-1:0] write_d,
  input  [(WORDS > 1 ? $clog2(WORDS) : 1)-1:0] own_address,
  input  own_ce,
  output [WIDTH-1:0] own_q,
  // the reader: may start while `full`; its copy is empty after `emptied`
  output full,
  input  emptied,
  input  [(WORDS > 1 ? $clog2(WORDS) : 1)-1:0] read_address,
  input  read_ce,
  output [WIDTH-1:0] read_q,
  output [31:0] count
);
  localparam INDEX_BITS = BUFFERS > 1 ? $clog2(BUFFERS) : 1;
  localparam COUNT_BITS = $clog2(BUFFERS + 1);
  localparam [31:0] LAST_BUFFER = BUFFERS - 1;
  localparam [31:0] ALL_BUFFERS = BUFFERS;
  localparam [INDEX_BITS-1:0] LAST = LAST_BUFFER[INDEX_BITS-1:0];
  localparam [COUNT_BITS-1:0] ALL = ALL_BUFFERS[COUNT_BITS-1:0];
  reg [INDEX_BITS-1:0] writer;
  reg [INDEX_BITS-1:0] reader;
  reg [COUNT_BITS-1:0] stored;
  wire [WIDTH-1:0] q [0:BUFFERS-1];

  assign space = stored != ALL;
  assign full = |stored;
  assign count = {{(32 - COUNT_BITS){1'b0}}, stored};
  assign own_q = q[writer];
  assign read_q = q[reader];

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      writer <= {INDEX_BITS{1'b0}};
      reader <= {INDEX_BITS{1'b0}};
      stored <= {COUNT_BITS{1'b0}};
    end else begin
      if (filled) writer <= writer == LAST ? {INDEX_BITS{1'b0}} : writer + 1'b1;
      if (emptied) reader <= reader == LAST ? {INDEX_BITS{1'b0}} : reader + 1'b1;
      if (filled && !emptied) stored <= stored + 1'b1;
      if (emptied && !filled) stored <= stored - 1'b1;
    end
  end

  genvar copy;
  generate
    for (copy = 0; copy < BUFFERS; copy = copy + 1) begin : g_copy
      localparam [31:0] COPY_WORD = copy;
      localparam [INDEX_BITS-1:0] COPY = COPY_WORD[INDEX_BITS-1:0];
      wire mine = writer == COPY && write_we;
      if (WORDS > 1) begin : g_ram
        reg [WIDTH-1:0] words [0:WORDS-1];
        reg [WIDTH-1:0] word;
        wire serves_reader = reader == COPY && full;
        wire ce = serves_reader ? read_ce : own_ce && writer == COPY;
        always @(posedge ap_clk) begin
          if (mine) words[write_address] <= write_d;
          if (ce) word <= words[serves_reader ? read_address : own_address];
        end
        assign q[copy] = word;
      end else begin : g_register
        reg [WIDTH-1:0] word;
        always @(posedge ap_clk) if (mine) word <= write_d;
        assign q[copy] = word;
      end
    end
  endgenerate
endmodule
"""
