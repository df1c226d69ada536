"""The AXI4 master that stands between the five streams of a memory port and the bus, as Verilog text."""

MAXI = """\
// AXI4 master behind five streams. A request is {length[31:0], offset[63:0]} in elements of WIDTH bits from the byte address `base`;
// it is split at 4 KiB and at READ_BEATS or WRITE_BEATS. B gets one word when the last part of a write request has been answered.
// READS and WRITES requests are taken whatever the bus does; as many parts may wait for their answers. `error` says that an answer was
// SLVERR or DECERR and stays until reset.
module csynth_maxi #(
  parameter WIDTH = 64,
  parameter READ_BEATS = 256,
  parameter WRITE_BEATS = 256,
  parameter READS = 16,
  parameter WRITES = 32
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
  output m_axi_RREADY,
  output error
);
  localparam BYTE_BITS = $clog2(WIDTH / 8);
  localparam [31:0] SIZE_WORD = BYTE_BITS;
  localparam [31:0] READ_LIMIT = READ_BEATS;
  localparam [31:0] WRITE_LIMIT = WRITE_BEATS;
  localparam READ_BITS = $clog2(READS + 1);
  localparam WRITE_BITS = $clog2(WRITES + 1);
  localparam [31:0] READS_WORD = READS;
  localparam [31:0] WRITES_WORD = WRITES;

  // ---- splitting: a part ends with its request, its page or the limit. Until the last part the next address follows from the
  // address alone, so that no sum waits for a comparison.
  function [9:0] most_less(input [63:0] address, input [31:0] limit);  // beats that page and limit allow, less one
    reg [11:0] page_less;
    begin
      page_less = ~address[11:0] >> BYTE_BITS;
      most_less = {20'd0, page_less} < limit ? page_less[9:0] : limit[9:0] - 10'd1;
    end
  endfunction
  function [63:0] next_address(input [63:0] address, input [31:0] limit);
    reg [11:0] page_less, low;
    begin
      page_less = ~address[11:0] >> BYTE_BITS;
      low = address[11:0] + (limit[11:0] << BYTE_BITS);
      next_address = {20'd0, page_less} < limit ? {address[63:12] + 52'd1, 12'd0} : {address[63:12], low};
    end
  endfunction

  // ---- errors
  reg failed;
  assign error = failed;
  always @(posedge ap_clk) begin
    if (ap_rst) failed <= 1'd0;
    else if ((m_axi_RVALID && m_axi_RREADY && m_axi_RRESP[1]) || (m_axi_BVALID && m_axi_BREADY && m_axi_BRESP[1])) failed <= 1'd1;
  end

  // ---- reads: a request goes straight to the splitter, or waits in a FIFO while that is busy
  reg [63:0] ar_address;
  reg [31:0] ar_left;
  reg ar_valid;
  reg [63:0] ar_part_address;
  reg [7:0] ar_part_len;
  reg [READ_BITS-1:0] reads_open;
  wire ar_waiting, ar_room;
  wire [95:0] ar_waited;
  wire ar_idle = !(|ar_left);
  wire ar_direct = ar_idle && !ar_waiting;
  wire [95:0] ar_request = ar_waiting ? ar_waited : AR_TDATA;
  wire ar_take = ar_idle && (ar_waiting || AR_TVALID);
  wire [9:0] ar_most_less = most_less(ar_address, READ_LIMIT);
  wire ar_last = ar_left <= {22'd0, ar_most_less} + 32'd1;
  wire [7:0] ar_left_less = ar_left[7:0] - 8'd1;
  wire read_ended = m_axi_RVALID && m_axi_RREADY && m_axi_RLAST;
  wire ar_start = !ar_idle && (!ar_valid || m_axi_ARREADY) && reads_open != READS_WORD[READ_BITS-1:0];
  assign AR_TREADY = ar_direct || ar_room;
  assign m_axi_ARVALID = ar_valid;
  assign m_axi_ARADDR = ar_part_address;
  assign m_axi_ARLEN = ar_part_len;
  assign m_axi_ARSIZE = SIZE_WORD[2:0];
  assign m_axi_ARBURST = 2'd1;
  assign R_TDATA = m_axi_RDATA;
  assign R_TVALID = m_axi_RVALID;
  assign m_axi_RREADY = R_TREADY;

  csynth_fifo #(.WIDTH(96), .DEPTH(READS)) reads (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .in_TDATA(AR_TDATA),
    .in_TVALID(AR_TVALID && !ar_direct),
    .in_TREADY(ar_room),
    .out_TDATA(ar_waited),
    .out_TVALID(ar_waiting),
    .out_TREADY(ar_idle),
    .count()
  );

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      ar_left <= 32'd0;
      ar_valid <= 1'd0;
      reads_open <= {READ_BITS{1'b0}};
    end else begin
      if (ar_valid && m_axi_ARREADY) ar_valid <= 1'd0;
      if (ar_take) begin
        ar_left <= ar_request[95:64];
        ar_address <= base + (ar_request[63:0] << BYTE_BITS);
      end else if (ar_start) begin
        ar_valid <= 1'd1;
        ar_part_address <= ar_address;
        ar_part_len <= ar_last ? ar_left_less : ar_most_less[7:0];
        ar_address <= next_address(ar_address, READ_LIMIT);
        ar_left <= ar_last ? 32'd0 : ar_left - {22'd0, ar_most_less} - 32'd1;
      end
      if (ar_start && !read_ended) reads_open <= reads_open + 1'b1;
      if (read_ended && !ar_start) reads_open <= reads_open - 1'b1;
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
  reg [WRITES-1:0] last_part;
  reg [WRITE_BITS-1:0] parts_open;
  wire aw_waiting, aw_room;
  wire [95:0] aw_waited;
  wire aw_idle = !(|aw_left);
  wire aw_direct = aw_idle && !aw_waiting;
  wire [95:0] aw_request = aw_waiting ? aw_waited : AW_TDATA;
  wire aw_take = aw_idle && (aw_waiting || AW_TVALID);
  wire [9:0] aw_most_less = most_less(aw_address, WRITE_LIMIT);
  wire [7:0] aw_left_less = aw_left[7:0] - 8'd1;
  wire w_now = m_axi_WVALID && m_axi_WREADY;
  wire w_free = w_left == 9'd0 || (w_now && m_axi_WLAST);
  wire aw_start = !aw_idle && (!aw_valid || m_axi_AWREADY) && w_free && parts_open != WRITES_WORD[WRITE_BITS-1:0];
  wire aw_last = aw_left <= {22'd0, aw_most_less} + 32'd1;
  wire b_now = m_axi_BVALID && m_axi_BREADY;
  wire answer_now = (b_now && last_part[0]) || (aw_take && !(|aw_request[95:64]));
  wire [WRITES-1:0] last_part_popped = b_now ? last_part >> 1 : last_part;
  wire [WRITE_BITS-1:0] parts_popped = b_now ? parts_open - 1'b1 : parts_open;
  wire [WRITES-1:0] new_part = {{(WRITES - 1){1'b0}}, 1'b1} << parts_popped;
  assign AW_TREADY = aw_direct || aw_room;
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

  csynth_fifo #(.WIDTH(96), .DEPTH(WRITES)) writes (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .in_TDATA(AW_TDATA),
    .in_TVALID(AW_TVALID && !aw_direct),
    .in_TREADY(aw_room),
    .out_TDATA(aw_waited),
    .out_TVALID(aw_waiting),
    .out_TREADY(aw_idle),
    .count()
  );

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      aw_left <= 32'd0;
      aw_valid <= 1'd0;
      w_left <= 9'd0;
      parts_open <= {WRITE_BITS{1'b0}};
      answers <= 16'd0;
    end else begin
      if (aw_valid && m_axi_AWREADY) aw_valid <= 1'd0;
      if (w_now) w_left <= w_left - 9'd1;
      if (aw_take) begin
        aw_left <= aw_request[95:64];
        aw_address <= base + (aw_request[63:0] << BYTE_BITS);
      end else if (aw_start) begin
        aw_valid <= 1'd1;
        aw_part_address <= aw_address;
        aw_part_len <= aw_last ? aw_left_less : aw_most_less[7:0];
        w_left <= aw_last ? aw_left[8:0] : aw_most_less[8:0] + 9'd1;
        aw_address <= next_address(aw_address, WRITE_LIMIT);
        aw_left <= aw_last ? 32'd0 : aw_left - {22'd0, aw_most_less} - 32'd1;
      end
      last_part <= aw_start && aw_last ? last_part_popped | new_part : last_part_popped & ~(aw_start ? new_part : {WRITES{1'b0}});
      parts_open <= aw_start ? parts_popped + 1'b1 : parts_popped;
      if (answer_now && !(B_TVALID && B_TREADY)) answers <= answers + 16'd1;
      if (!answer_now && B_TVALID && B_TREADY) answers <= answers - 16'd1;
    end
  end
endmodule
"""
