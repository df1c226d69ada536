// A kernel written by hand for the tests of shell and bench: the accelerator's contract, one multiplication after another over single-beat
// transfers. It shares no text with csynth or the template. FAULT: 0 right, 1 one result off by one, 2 never ends, 3 forgets the bias.
`default_nettype none
module accelerator #(parameter FAULT = 0) (
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
  input wire [63:0] m_axi_gmem_a_RDATA, input wire [1:0] m_axi_gmem_a_RRESP, input wire m_axi_gmem_a_RLAST,
  input wire m_axi_gmem_a_RVALID, output wire m_axi_gmem_a_RREADY,
  output wire [63:0] m_axi_gmem_b_ARADDR, output wire [7:0] m_axi_gmem_b_ARLEN, output wire [2:0] m_axi_gmem_b_ARSIZE,
  output wire [1:0] m_axi_gmem_b_ARBURST, output wire m_axi_gmem_b_ARVALID, input wire m_axi_gmem_b_ARREADY,
  input wire [63:0] m_axi_gmem_b_RDATA, input wire [1:0] m_axi_gmem_b_RRESP, input wire m_axi_gmem_b_RLAST,
  input wire m_axi_gmem_b_RVALID, output wire m_axi_gmem_b_RREADY,
  output wire [63:0] m_axi_gmem_c_AWADDR, output wire [7:0] m_axi_gmem_c_AWLEN, output wire [2:0] m_axi_gmem_c_AWSIZE,
  output wire [1:0] m_axi_gmem_c_AWBURST, output wire m_axi_gmem_c_AWVALID, input wire m_axi_gmem_c_AWREADY,
  output wire [63:0] m_axi_gmem_c_WDATA, output wire [7:0] m_axi_gmem_c_WSTRB, output wire m_axi_gmem_c_WLAST,
  output wire m_axi_gmem_c_WVALID, input wire m_axi_gmem_c_WREADY,
  input wire [1:0] m_axi_gmem_c_BRESP, input wire m_axi_gmem_c_BVALID, output wire m_axi_gmem_c_BREADY
);
// Control registers, the map of Vitis HLS: words 4, 6, .. 16 hold 7 scalars, 18/19, 21/22, 24/25 the three addresses.
reg [31:0] words [0:31];
reg aw_held, w_held, b_held, r_held, started, done_flag, gie, ier, isr;
reg [6:0] waddr; reg [31:0] wdata, rdata;
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
      rdata <= s_axi_control_ARADDR[6:2] == 5'd0 ? {28'd0, done_flag, !started, done_flag, started} : words[s_axi_control_ARADDR[6:2]];
      if (s_axi_control_ARADDR[6:2] == 5'd0) done_flag <= 0;
    end
    if (r_held && s_axi_control_RREADY) r_held <= 0;
    if (kernel_done) begin started <= 0; done_flag <= 1; if (ier) isr <= 1; end
  end

wire [31:0] m_size = words[4], k_size = words[6], n_size = words[8], bias_offset = words[16];
wire [15:0] multiplier = words[10][15:0];
wire [4:0] shift = words[12][4:0];
wire relu = words[14][0];
wire [63:0] a_base = {words[19], words[18]}, b_base = {words[22], words[21]}, c_base = {words[25], words[24]};
wire [63:0] lda = {32'd0, (m_size + 32'd7) & ~32'd7}, ldb = {32'd0, (n_size + 32'd7) & ~32'd7};
localparam IDLE = 0, BIAS = 1, PRODUCTS = 2, STORE = 3, RESPONSE = 4, NEXT = 5, DONE = 6, HANG = 7;
reg [2:0] state;
reg [31:0] m, n, k;
reg a_sent, b_sent, a_have, b_have, aw_sent, w_sent;
reg signed [7:0] a, b;
reg signed [31:0] sum;
reg signed [63:0] scaled;
assign kernel_done = state == DONE;
wire [63:0] a_byte = state == BIAS ? a_base + {29'd0, bias_offset, 3'd0} + {30'd0, m, 2'd0} : a_base + {32'd0, k} * lda + {32'd0, m};
wire [63:0] b_byte = b_base + {32'd0, k} * ldb + {32'd0, n};
wire [63:0] c_byte = c_base + {32'd0, m} * ldb + {32'd0, n};
wire read_a = (state == BIAS || state == PRODUCTS && !a_have) && !a_sent;
wire read_b = state == PRODUCTS && !b_have && !b_sent;
assign m_axi_gmem_a_ARADDR = {a_byte[63:3], 3'd0}; assign m_axi_gmem_a_ARLEN = 0; assign m_axi_gmem_a_ARSIZE = 3;
assign m_axi_gmem_a_ARBURST = 1; assign m_axi_gmem_a_ARVALID = read_a; assign m_axi_gmem_a_RREADY = 1;
assign m_axi_gmem_b_ARADDR = {b_byte[63:3], 3'd0}; assign m_axi_gmem_b_ARLEN = 0; assign m_axi_gmem_b_ARSIZE = 3;
assign m_axi_gmem_b_ARBURST = 1; assign m_axi_gmem_b_ARVALID = read_b; assign m_axi_gmem_b_RREADY = 1;
wire [63:0] a_word = m_axi_gmem_a_RDATA >> {a_byte[2:0], 3'd0}, b_word = m_axi_gmem_b_RDATA >> {b_byte[2:0], 3'd0};
wire signed [63:0] wide = {{32{sum[31]}}, sum};
wire signed [63:0] rounded = (wide * $signed({48'd0, multiplier}) + (64'sd1 <<< (shift - 5'd1))) >>> shift;
wire signed [63:0] low = relu ? 64'sd0 : -64'sd128;
wire signed [63:0] clamped = rounded < low ? low : rounded > 64'sd127 ? 64'sd127 : rounded;
wire wrong = FAULT == 1 && m == 32'd1 && n == 32'd2;
assign m_axi_gmem_c_AWADDR = {c_byte[63:3], 3'd0}; assign m_axi_gmem_c_AWLEN = 0; assign m_axi_gmem_c_AWSIZE = 3;
assign m_axi_gmem_c_AWBURST = 1; assign m_axi_gmem_c_AWVALID = state == STORE && !aw_sent;
assign m_axi_gmem_c_WDATA = {8{clamped[7:0] ^ {7'd0, wrong}}}; assign m_axi_gmem_c_WSTRB = 8'd1 << c_byte[2:0];
assign m_axi_gmem_c_WLAST = 1; assign m_axi_gmem_c_WVALID = state == STORE && !w_sent; assign m_axi_gmem_c_BREADY = 1;
wire unused = &{1'b0, m_axi_gmem_a_RRESP, m_axi_gmem_a_RLAST, m_axi_gmem_b_RRESP, m_axi_gmem_b_RLAST, m_axi_gmem_c_BRESP, s_axi_control_WSTRB,
  waddr[1:0], s_axi_control_ARADDR[1:0], a_word[63:32], b_word[63:8], scaled, b_byte[2:0], clamped[63:8], words[10], words[12], words[14]};
always @(posedge ap_clk)
  if (!ap_rst_n) state <= IDLE;
  else begin
    scaled <= 0;
    case (state)
      IDLE: begin
        m <= 0; n <= 0; a_sent <= 0; b_sent <= 0; a_have <= 0; b_have <= 0; aw_sent <= 0; w_sent <= 0;
        if (started) state <= BIAS;
      end
      BIAS: begin
        k <= 0;
        if (read_a && m_axi_gmem_a_ARREADY) a_sent <= 1;
        if (m_axi_gmem_a_RVALID) begin
          sum <= FAULT == 3 ? 32'd0 : a_word[31:0];
          a_sent <= 0; state <= PRODUCTS;
        end
      end
      PRODUCTS: begin
        if (read_a && m_axi_gmem_a_ARREADY) a_sent <= 1;
        if (read_b && m_axi_gmem_b_ARREADY) b_sent <= 1;
        if (m_axi_gmem_a_RVALID) begin a <= a_word[7:0]; a_have <= 1; a_sent <= 0; end
        if (m_axi_gmem_b_RVALID) begin b <= b_word[7:0]; b_have <= 1; b_sent <= 0; end
        if (a_have && b_have) begin
          sum <= sum + {{24{a[7]}}, a} * {{24{b[7]}}, b};
          a_have <= 0; b_have <= 0;
          if (k + 32'd1 == k_size) state <= STORE; else k <= k + 32'd1;
        end
      end
      STORE: begin
        if (m_axi_gmem_c_AWREADY) aw_sent <= 1;
        if (m_axi_gmem_c_WREADY) w_sent <= 1;
        if ((aw_sent || m_axi_gmem_c_AWREADY) && (w_sent || m_axi_gmem_c_WREADY)) state <= RESPONSE;
      end
      RESPONSE: if (m_axi_gmem_c_BVALID) state <= NEXT;
      NEXT: begin
        aw_sent <= 0; w_sent <= 0;
        state <= BIAS;
        if (n + 32'd1 != n_size) n <= n + 32'd1;
        else begin
          n <= 0;
          if (m + 32'd1 != m_size) m <= m + 32'd1; else state <= FAULT == 2 ? HANG : DONE;
        end
      end
      HANG: state <= HANG;
      default: state <= IDLE;
    endcase
  end
endmodule
`default_nettype wire
