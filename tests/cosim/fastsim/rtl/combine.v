// A kernel written by hand for the tests of the fast harness and the shell: C[i] = A[i] ^ B[i] + i, a word a cycle, over three AXI masters
// of WIDTH bits. Register `mode` says which masters take part (bit 0: A, 1: B, 2: C; 3: A and B do not wait
// for each other, and nothing is computed) and, from bit 4 on, which fault there is:
// 0 right; 1 one bit of word 5 is wrong; 2 never ends; 3 bursts cross 4 KiB; 4 a waiting read request changes; 5 WLAST comes early;
// 6 a waiting word changes. It shares no text with csynth.
`default_nettype none
module combine_reader #(parameter WIDTH = 64) (
  input wire clk, input wire [2:0] fault, input wire go, input wire [31:0] words, input wire [31:0] beats, input wire [63:0] base,
  output wire [63:0] araddr, output wire [7:0] arlen, output wire arvalid, input wire arready,
  input wire [WIDTH-1:0] rdata, input wire rvalid, output wire rready,
  output wire [WIDTH-1:0] data, output wire valid, input wire ready
);
localparam BYTES = WIDTH / 8;
reg [WIDTH-1:0] fifo [0:511];
reg [8:0] head, tail;
reg [9:0] stored, room;  // room: places that no request has taken
reg [31:0] left;
reg [63:0] address;
wire [63:0] page = (64'd4096 - {52'd0, address[11:0]}) / BYTES;
wire [31:0] most = left < beats ? left : beats;
wire [31:0] count = fault == 3 || {32'd0, most} < page ? most : page[31:0];
wire asks = arvalid && arready, puts = rvalid && rready, gets = valid && ready;
reg flips, waited;
assign arvalid = go && left != 0 && (waited || {22'd0, room} >= count);
assign araddr = fault == 4 && flips ? address + BYTES : address;
wire [31:0] less = count - 32'd1;
assign arlen = less[7:0];
assign rready = 1'b1;
assign data = fifo[head];
assign valid = stored != 0;
wire unused = &{1'b0, less[31:8], page[63:32]};
always @(posedge clk) begin
  flips <= arvalid && !arready;
  if (puts) fifo[tail] <= rdata;
  if (!go) begin
    head <= 0; tail <= 0; stored <= 0; room <= 10'd512; left <= words; address <= base; waited <= 0;
  end else begin
    waited <= arvalid && !arready;
    if (asks) begin left <= left - count; address <= address + {32'd0, count} * BYTES; end
    if (puts) tail <= tail + 9'd1;
    if (gets) head <= head + 9'd1;
    stored <= stored + {9'd0, puts} - {9'd0, gets};
    room <= room - (asks ? count[9:0] : 10'd0) + {9'd0, gets};
  end
end
endmodule

module accelerator #(parameter WIDTH = 64) (
  input wire ap_clk, input wire ap_rst_n, output wire interrupt,
  input wire [6:0] s_axi_control_AWADDR, input wire s_axi_control_AWVALID, output wire s_axi_control_AWREADY,
  input wire [31:0] s_axi_control_WDATA, input wire [3:0] s_axi_control_WSTRB, input wire s_axi_control_WVALID,
  output wire s_axi_control_WREADY,
  output wire [1:0] s_axi_control_BRESP, output wire s_axi_control_BVALID, input wire s_axi_control_BREADY,
  input wire [6:0] s_axi_control_ARADDR, input wire s_axi_control_ARVALID, output wire s_axi_control_ARREADY,
  output wire [31:0] s_axi_control_RDATA, output wire [1:0] s_axi_control_RRESP, output wire s_axi_control_RVALID,
  input wire s_axi_control_RREADY,
  output wire [63:0] m_axi_gmem_a_ARADDR, output wire [7:0] m_axi_gmem_a_ARLEN, output wire [2:0] m_axi_gmem_a_ARSIZE,
  output wire [1:0] m_axi_gmem_a_ARBURST, output wire m_axi_gmem_a_ARVALID, input wire m_axi_gmem_a_ARREADY,
  input wire [WIDTH-1:0] m_axi_gmem_a_RDATA, input wire [1:0] m_axi_gmem_a_RRESP, input wire m_axi_gmem_a_RLAST,
  input wire m_axi_gmem_a_RVALID, output wire m_axi_gmem_a_RREADY,
  output wire [63:0] m_axi_gmem_b_ARADDR, output wire [7:0] m_axi_gmem_b_ARLEN, output wire [2:0] m_axi_gmem_b_ARSIZE,
  output wire [1:0] m_axi_gmem_b_ARBURST, output wire m_axi_gmem_b_ARVALID, input wire m_axi_gmem_b_ARREADY,
  input wire [WIDTH-1:0] m_axi_gmem_b_RDATA, input wire [1:0] m_axi_gmem_b_RRESP, input wire m_axi_gmem_b_RLAST,
  input wire m_axi_gmem_b_RVALID, output wire m_axi_gmem_b_RREADY,
  output wire [63:0] m_axi_gmem_c_AWADDR, output wire [7:0] m_axi_gmem_c_AWLEN, output wire [2:0] m_axi_gmem_c_AWSIZE,
  output wire [1:0] m_axi_gmem_c_AWBURST, output wire m_axi_gmem_c_AWVALID, input wire m_axi_gmem_c_AWREADY,
  output wire [WIDTH-1:0] m_axi_gmem_c_WDATA, output wire [WIDTH/8-1:0] m_axi_gmem_c_WSTRB, output wire m_axi_gmem_c_WLAST,
  output wire m_axi_gmem_c_WVALID, input wire m_axi_gmem_c_WREADY,
  input wire [1:0] m_axi_gmem_c_BRESP, input wire m_axi_gmem_c_BVALID, output wire m_axi_gmem_c_BREADY
);
localparam BYTES = WIDTH / 8;
localparam [31:0] SIZE = $clog2(BYTES);
// Control registers in the manner of Vitis HLS: words 4 `words`, 6 `beats`, 8 `mode`, 10 and 11, 13 and 14, 16 and 17 the addresses;
// word 20 counts wrong answers of the memory since the reset.
reg [31:0] words [0:31];
reg aw_held, w_held, b_held, r_held, started, done_flag, gie, ier, isr;
reg [6:0] waddr; reg [31:0] wdata, rdata, errors;
wire kernel_done;
wire commit = aw_held && w_held && !b_held;
assign s_axi_control_AWREADY = !aw_held; assign s_axi_control_WREADY = !w_held;
assign s_axi_control_BVALID = b_held; assign s_axi_control_BRESP = 2'd0;
assign s_axi_control_ARREADY = !r_held; assign s_axi_control_RVALID = r_held;
assign s_axi_control_RDATA = rdata; assign s_axi_control_RRESP = 2'd0;
assign interrupt = gie && isr;
always @(posedge ap_clk)
  if (!ap_rst_n) begin
    aw_held <= 0; w_held <= 0; b_held <= 0; r_held <= 0; started <= 0; done_flag <= 0; gie <= 0; ier <= 0; isr <= 0;
  end else begin
    if (s_axi_control_AWVALID && s_axi_control_AWREADY) begin aw_held <= 1; waddr <= s_axi_control_AWADDR; end
    if (s_axi_control_WVALID && s_axi_control_WREADY) begin w_held <= 1; wdata <= s_axi_control_WDATA; end
    if (commit) begin
      b_held <= 1;
      case (waddr[6:2])
        5'd0: if (wdata[0]) started <= 1;
        5'd1: gie <= wdata[0];
        5'd2: ier <= wdata[0];
        5'd3: isr <= isr ^ wdata[0];
        default: words[waddr[6:2]] <= wdata;
      endcase
    end
    if (b_held && s_axi_control_BREADY) begin b_held <= 0; aw_held <= 0; w_held <= 0; end
    if (s_axi_control_ARVALID && s_axi_control_ARREADY) begin
      r_held <= 1;
      case (s_axi_control_ARADDR[6:2])
        5'd0: begin rdata <= {28'd0, done_flag, !started, done_flag, started}; done_flag <= 0; end
        5'd20: rdata <= errors;
        default: rdata <= words[s_axi_control_ARADDR[6:2]];
      endcase
    end
    if (r_held && s_axi_control_RREADY) r_held <= 0;
    if (kernel_done) begin started <= 0; done_flag <= 1; if (ier) isr <= 1; end
  end

wire [31:0] total = words[4], beats = words[6];
wire [2:0] mode = words[8][2:0], fault = words[8][6:4];
wire apart = words[8][3];
reg [31:0] a_count, b_count;  // words that came while `apart`
reg running;
wire go = running;
wire [WIDTH-1:0] a_data, b_data;
wire a_valid, b_valid, step;
combine_reader #(.WIDTH(WIDTH)) a_reader (
  .clk(ap_clk), .fault(fault), .go(go), .words(mode[0] ? total : 32'd0), .beats(beats), .base({words[11], words[10]}),
  .araddr(m_axi_gmem_a_ARADDR), .arlen(m_axi_gmem_a_ARLEN), .arvalid(m_axi_gmem_a_ARVALID), .arready(m_axi_gmem_a_ARREADY),
  .rdata(m_axi_gmem_a_RDATA), .rvalid(m_axi_gmem_a_RVALID), .rready(m_axi_gmem_a_RREADY), .data(a_data), .valid(a_valid), .ready(step || apart)
);
combine_reader #(.WIDTH(WIDTH)) b_reader (
  .clk(ap_clk), .fault(fault), .go(go), .words(mode[1] ? total : 32'd0), .beats(beats), .base({words[14], words[13]}),
  .araddr(m_axi_gmem_b_ARADDR), .arlen(m_axi_gmem_b_ARLEN), .arvalid(m_axi_gmem_b_ARVALID), .arready(m_axi_gmem_b_ARREADY),
  .rdata(m_axi_gmem_b_RDATA), .rvalid(m_axi_gmem_b_RVALID), .rready(m_axi_gmem_b_RREADY), .data(b_data), .valid(b_valid), .ready(step || apart)
);
assign m_axi_gmem_a_ARSIZE = SIZE[2:0]; assign m_axi_gmem_a_ARBURST = 1;
assign m_axi_gmem_b_ARSIZE = SIZE[2:0]; assign m_axi_gmem_b_ARBURST = 1;

// Writer: requests run ahead of the words by up to 8 bursts, whose lengths wait in `lengths`.
reg [31:0] done_words, aw_left, w_at;
reg [63:0] aw_address;
reg [8:0] lengths [0:7];
reg [2:0] first, last;
reg [3:0] waiting, open;  // bursts whose words are not all there, and bursts without an answer
reg held;
reg [WIDTH-1:0] word;
wire [63:0] page = (64'd4096 - {52'd0, aw_address[11:0]}) / BYTES;
wire [31:0] most = aw_left < beats ? aw_left : beats;
wire [31:0] count = fault == 3 || {32'd0, most} < page ? most : page[31:0];
wire [31:0] less = count - 32'd1;
wire asks = m_axi_gmem_c_AWVALID && m_axi_gmem_c_AWREADY;
wire puts = m_axi_gmem_c_WVALID && m_axi_gmem_c_WREADY;
wire answered = m_axi_gmem_c_BVALID && m_axi_gmem_c_BREADY;
wire ends = w_at + 32'd1 == {23'd0, lengths[first]};
wire place = !mode[2] || !held || puts;
assign step = running && !apart && done_words != total && (a_valid || !mode[0]) && (b_valid || !mode[1]) && place;
wire [WIDTH-1:0] combined = ((mode[0] ? a_data : {WIDTH{1'b0}}) ^ (mode[1] ? b_data : {WIDTH{1'b0}})) + {{(WIDTH-32){1'b0}}, done_words};
reg odd;
assign m_axi_gmem_c_AWADDR = aw_address; assign m_axi_gmem_c_AWLEN = less[7:0]; assign m_axi_gmem_c_AWSIZE = SIZE[2:0];
assign m_axi_gmem_c_AWBURST = 1; assign m_axi_gmem_c_AWVALID = running && aw_left != 0 && waiting != 4'd8 && open != 4'd8;
assign m_axi_gmem_c_WDATA = word ^ {{(WIDTH-1){1'b0}}, fault == 6 && odd};
assign m_axi_gmem_c_WSTRB = {BYTES{1'b1}};
assign m_axi_gmem_c_WVALID = held && waiting != 0;
assign m_axi_gmem_c_WLAST = ends || (fault == 3'd5 && w_at == 32'd1);
assign m_axi_gmem_c_BREADY = 1;
wire all = apart ? a_count == total && b_count == total : done_words == total;
assign kernel_done = running && all && aw_left == 0 && !held && waiting == 0 && open == 0 && fault != 2;
wire unused = &{1'b0, m_axi_gmem_a_RLAST, m_axi_gmem_b_RLAST, m_axi_gmem_a_RRESP[0], m_axi_gmem_b_RRESP[0], m_axi_gmem_c_BRESP[0],
  s_axi_control_WSTRB, waddr[1:0], s_axi_control_ARADDR[1:0], page[63:32], less[31:8], words[8][31:7]};
always @(posedge ap_clk) begin
  odd <= m_axi_gmem_c_WVALID && !m_axi_gmem_c_WREADY;
  if (step) word <= combined ^ {{(WIDTH-1){1'b0}}, fault == 1 && done_words == 32'd5};
  if (asks) lengths[last] <= count[8:0];
  if (!ap_rst_n) begin
    running <= 0; held <= 0; errors <= 0;
  end else begin
    errors <= errors + {31'd0, m_axi_gmem_a_RVALID && m_axi_gmem_a_RRESP[1]} + {31'd0, m_axi_gmem_b_RVALID && m_axi_gmem_b_RRESP[1]}
      + {31'd0, answered && m_axi_gmem_c_BRESP[1]};
    if (!running) begin
      running <= started && !kernel_done;
      done_words <= 0; a_count <= 0; b_count <= 0; aw_left <= mode[2] ? total : 32'd0; aw_address <= {words[17], words[16]}; w_at <= 0;
      first <= 0; last <= 0; waiting <= 0; open <= 0; held <= 0;
    end else begin
      if (kernel_done) running <= 0;
      if (step) done_words <= done_words + 32'd1;
      if (apart && a_valid) a_count <= a_count + 32'd1;
      if (apart && b_valid) b_count <= b_count + 32'd1;
      if (mode[2]) held <= step || (held && !puts);
      if (asks) begin aw_left <= aw_left - count; aw_address <= aw_address + {32'd0, count} * BYTES; last <= last + 3'd1; end
      if (puts) w_at <= ends ? 32'd0 : w_at + 32'd1;
      if (puts && ends) first <= first + 3'd1;
      waiting <= waiting + {3'd0, asks} - {3'd0, puts && ends};
      open <= open + {3'd0, asks} - {3'd0, answered};
    end
  end
end
endmodule
`default_nettype wire
