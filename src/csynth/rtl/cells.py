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

MAXI = """\
// AXI4 master behind five streams. A request is {length[31:0], offset[63:0]} in elements of WIDTH bits from the byte address `base`;
// it is split at 4 KiB and at MAX_BEATS. B gets one word when the last part of a write request has been answered.
// Reads are requested ahead of their data. Up to 32 parts of write requests wait for their answers.
module csynth_maxi #(
  parameter WIDTH = 64,
  parameter MAX_BEATS = 256
) (
  input  ap_clk,
  input  ap_rst,
  input  [63:0] base,
  input  [95:0] AR_TDATA,
  input  AR_TVALID,
  output AR_TREADY,
  output [WIDTH-1:0] R_TDATA,
  output R_TVALID,
  input  R_TREADY,
  input  [95:0] AW_TDATA,
  input  AW_TVALID,
  output AW_TREADY,
  input  [WIDTH-1:0] W_TDATA,
  input  W_TVALID,
  output W_TREADY,
  output [0:0] B_TDATA,
  output B_TVALID,
  input  B_TREADY,
  output [63:0] m_axi_AWADDR,
  output [7:0] m_axi_AWLEN,
  output [2:0] m_axi_AWSIZE,
  output [1:0] m_axi_AWBURST,
  output m_axi_AWVALID,
  input  m_axi_AWREADY,
  output [WIDTH-1:0] m_axi_WDATA,
  output [WIDTH/8-1:0] m_axi_WSTRB,
  output m_axi_WLAST,
  output m_axi_WVALID,
  input  m_axi_WREADY,
  input  [1:0] m_axi_BRESP,
  input  m_axi_BVALID,
  output m_axi_BREADY,
  output [63:0] m_axi_ARADDR,
  output [7:0] m_axi_ARLEN,
  output [2:0] m_axi_ARSIZE,
  output [1:0] m_axi_ARBURST,
  output m_axi_ARVALID,
  input  m_axi_ARREADY,
  input  [WIDTH-1:0] m_axi_RDATA,
  input  [1:0] m_axi_RRESP,
  input  m_axi_RLAST,
  input  m_axi_RVALID,
  output m_axi_RREADY
);
  localparam BYTE_BITS = $clog2(WIDTH / 8);
  localparam [31:0] SIZE_WORD = BYTE_BITS;
  localparam [31:0] BEATS = MAX_BEATS;

  // ---- splitting: beats of the next part, from the address and the beats left
  function [31:0] part_beats(input [63:0] address, input [31:0] left);
    reg [31:0] page;
    begin
      page = (32'd4096 - {20'd0, address[11:0]}) >> BYTE_BITS;
      part_beats = left < page ? left : page;
      if (part_beats > BEATS) part_beats = BEATS;
    end
  endfunction

  // ---- reads
  reg [63:0] ar_address;
  reg [31:0] ar_left;
  reg ar_valid;
  reg [63:0] ar_part_address;
  reg [7:0] ar_part_len;
  wire [31:0] ar_beats = part_beats(ar_address, ar_left);
  wire [31:0] ar_beats_less = ar_beats - 32'd1;
  wire ar_free = !ar_valid || m_axi_ARREADY;
  assign AR_TREADY = !(|ar_left);
  assign m_axi_ARVALID = ar_valid;
  assign m_axi_ARADDR = ar_part_address;
  assign m_axi_ARLEN = ar_part_len;
  assign m_axi_ARSIZE = SIZE_WORD[2:0];
  assign m_axi_ARBURST = 2'd1;
  assign R_TDATA = m_axi_RDATA;
  assign R_TVALID = m_axi_RVALID;
  assign m_axi_RREADY = R_TREADY;

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      ar_left <= 32'd0;
      ar_valid <= 1'd0;
    end else begin
      if (ar_valid && m_axi_ARREADY) ar_valid <= 1'd0;
      if (AR_TVALID && AR_TREADY) begin
        ar_left <= AR_TDATA[95:64];
        ar_address <= base + (AR_TDATA[63:0] << BYTE_BITS);
      end else if ((|ar_left) && ar_free) begin
        ar_valid <= 1'd1;
        ar_part_address <= ar_address;
        ar_part_len <= ar_beats_less[7:0];
        ar_address <= ar_address + ({32'd0, ar_beats} << BYTE_BITS);
        ar_left <= ar_left - ar_beats;
      end
    end
  end

  // ---- writes: one part at a time is announced, then its words pass
  reg [63:0] aw_address;
  reg [31:0] aw_left;
  reg aw_valid;
  reg [63:0] aw_part_address;
  reg [7:0] aw_part_len;
  reg [8:0] w_left;
  reg [15:0] answers;
  // one flag for each part that is not answered yet: whether it is the last one of its request
  reg [31:0] last_part;
  reg [5:0] parts_open;
  wire [31:0] aw_beats = part_beats(aw_address, aw_left);
  wire [31:0] aw_beats_less = aw_beats - 32'd1;
  wire w_now = m_axi_WVALID && m_axi_WREADY;
  wire w_free = w_left == 9'd0 || (w_now && m_axi_WLAST);
  wire aw_start = (|aw_left) && (!aw_valid || m_axi_AWREADY) && w_free && !parts_open[5];
  wire aw_last = aw_beats == aw_left;
  wire b_now = m_axi_BVALID && m_axi_BREADY;
  wire answer_now = (b_now && last_part[0]) || (AW_TVALID && AW_TREADY && !(|AW_TDATA[95:64]));
  wire [31:0] last_part_popped = b_now ? {1'd0, last_part[31:1]} : last_part;
  wire [5:0] parts_popped = parts_open - {5'd0, b_now};
  assign AW_TREADY = !(|aw_left);
  assign m_axi_AWVALID = aw_valid;
  assign m_axi_AWADDR = aw_part_address;
  assign m_axi_AWLEN = aw_part_len;
  assign m_axi_AWSIZE = SIZE_WORD[2:0];
  assign m_axi_AWBURST = 2'd1;
  assign m_axi_WDATA = W_TDATA;
  assign m_axi_WSTRB = {(WIDTH / 8){1'b1}};
  assign m_axi_WVALID = W_TVALID && (|w_left);
  assign m_axi_WLAST = w_left == 9'd1;
  assign W_TREADY = m_axi_WREADY && (|w_left);
  assign m_axi_BREADY = 1'd1;
  assign B_TVALID = |answers;
  assign B_TDATA = 1'd0;

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      aw_left <= 32'd0;
      aw_valid <= 1'd0;
      w_left <= 9'd0;
      parts_open <= 6'd0;
      answers <= 16'd0;
    end else begin
      if (aw_valid && m_axi_AWREADY) aw_valid <= 1'd0;
      if (w_now) w_left <= w_left - 9'd1;
      if (AW_TVALID && AW_TREADY) begin
        aw_left <= AW_TDATA[95:64];
        aw_address <= base + (AW_TDATA[63:0] << BYTE_BITS);
      end else if (aw_start) begin
        aw_valid <= 1'd1;
        aw_part_address <= aw_address;
        aw_part_len <= aw_beats_less[7:0];
        w_left <= aw_beats[8:0];
        aw_address <= aw_address + ({32'd0, aw_beats} << BYTE_BITS);
        aw_left <= aw_left - aw_beats;
      end
      last_part <= last_part_popped;
      if (aw_start) last_part[parts_popped[4:0]] <= aw_last;
      parts_open <= parts_popped + {5'd0, aw_start};
      if (answer_now && !(B_TVALID && B_TREADY)) answers <= answers + 16'd1;
      if (!answer_now && B_TVALID && B_TREADY) answers <= answers - 16'd1;
    end
  end
endmodule
"""
