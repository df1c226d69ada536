// A kernel written by hand for the tests of shell and bench: the accelerator's contract (template/README.md), one product after another over
// single-beat transfers. It shares no text with csynth or the template, and does no windows. FAULT: 0 right, 1 one result off by one, 2 never
// ends, 3 forgets the bias.
`default_nettype none
module accelerator #(parameter FAULT = 0, parameter WIDTH = 128, parameter SM = 4, parameter SK = 4) (
  input wire ap_clk, input wire ap_rst_n, output wire interrupt,
  input wire [8:0] s_axi_control_AWADDR, input wire s_axi_control_AWVALID, output wire s_axi_control_AWREADY,
  input wire [31:0] s_axi_control_WDATA, input wire [3:0] s_axi_control_WSTRB, input wire s_axi_control_WVALID,
  output wire s_axi_control_WREADY,
  output wire [1:0] s_axi_control_BRESP, output wire s_axi_control_BVALID, input wire s_axi_control_BREADY,
  input wire [8:0] s_axi_control_ARADDR, input wire s_axi_control_ARVALID, output wire s_axi_control_ARREADY,
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
// Control registers, the map of Vitis HLS: words 4, 6, .. 88 hold 43 scalars, 90/91, 93/94, 96/97 the three addresses.
reg [31:0] words [0:127];
reg aw_held, w_held, b_held, r_held, started, done_flag, gie, ier, isr;
reg [8:0] waddr; reg [31:0] wdata, rdata;
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
      case (waddr[8:2])
        7'd0: if (wdata[0]) started <= 1;
        7'd1: gie <= wdata[0];
        7'd2: ier <= wdata[0];
        7'd3: isr <= isr ^ wdata[0];
        default: words[waddr[8:2]] <= wdata;
      endcase
    end
    if (b_held && s_axi_control_BREADY) begin b_held <= 0; aw_held <= 0; w_held <= 0; end
    if (s_axi_control_ARVALID && s_axi_control_ARREADY) begin
      r_held <= 1;
      rdata <= s_axi_control_ARADDR[8:2] == 7'd0 ? {28'd0, done_flag, !started, done_flag, started} : words[s_axi_control_ARADDR[8:2]];
      if (s_axi_control_ARADDR[8:2] == 7'd0) done_flag <= 0;
    end
    if (r_held && s_axi_control_RREADY) r_held <= 0;
    if (kernel_done) begin started <= 0; done_flag <= 1; if (ier) isr <= 1; end
  end

wire [31:0] m_subtiles = words[4];
wire [31:0] tile_m = words[6];
wire [31:0] out_rows = words[8];
wire [31:0] out_columns = words[10];
wire [31:0] k_groups = words[16];
wire [31:0] tile_k = words[18];
wire [31:0] kernel_rows = words[20];
wire [31:0] kernel_columns = words[22];
wire [31:0] dilation = words[24];
wire [31:0] stride = words[26];
wire [31:0] pad_top = words[40];
wire [31:0] pad_left = words[42];
wire [31:0] in_rows = words[44];
wire [31:0] in_columns = words[46];
wire [31:0] in_pitch = words[48];
wire [31:0] in_plane = words[50];
wire [31:0] out_plane = words[52];
wire [31:0] share_m = words[56];
wire [31:0] share_k = words[58];
wire [31:0] a_address = words[68];
wire [31:0] a_tile_words = words[70];
wire [31:0] p_address = words[72];
wire [31:0] p_tile_words = words[74];
wire [31:0] b_address = words[76];
wire [31:0] c_address = words[78];
wire grouped = words[54][0];
wire signed [7:0] padding = words[80][7:0];
wire signed [7:0] zero_point = words[82][7:0];
wire signed [7:0] low = words[84][7:0];
wire signed [7:0] high = words[86][7:0];

wire [63:0] a_base = {words[91], words[90]}, b_base = {words[94], words[93]}, c_base = {words[97], words[96]};

localparam WORD = WIDTH / 8, CB = SM < SK ? (SM < WORD ? SM : WORD) : (SK < WORD ? SK : WORD);
localparam [31:0] SIZE = $clog2(WORD);
localparam [31:0] M = SM, K = SK, C = CB, W = WORD;
localparam [31:0] IN_WORD = ~(W - 32'd1);
localparam IDLE = 0, PARAMETERS = 1, PRODUCTS = 2, STORE = 3, RESPONSE = 4, NEXT = 5, DONE = 6, HANG = 7;
reg [2:0] state;
reg [31:0] m, y, x;         // output channel, row, column
reg [31:0] r, c, g, k;      // row and column of the kernel, k-group of the sub-tile, channel of the group
reg a_sent, b_sent, a_have, b_have, aw_sent, w_sent;
reg signed [7:0] a, b;
reg signed [31:0] sum, bias;
reg [15:0] multiplier;
reg [7:0] shift;
assign kernel_done = state == DONE;

// Where the operands of a product lie.
wire [31:0] subtile = m / M, tile = subtile / tile_m, within = subtile % tile_m;
wire [31:0] groups = grouped ? share_k : k_groups;
wire [31:0] base = grouped ? subtile / share_m * share_k : 32'd0;
wire [31:0] k_tiles = grouped ? 32'd1 : (k_groups + tile_k - 32'd1) / tile_k;
wire [31:0] k_tile = grouped ? 32'd0 : g / tile_k;
wire [31:0] left = k_groups - k_tile * tile_k;
wire [31:0] deep = grouped ? share_k : left < tile_k ? left : tile_k;
wire [31:0] tap = r * kernel_columns + c;
wire [31:0] step = (within * kernel_rows * kernel_columns + tap) * deep + (grouped ? g : g % tile_k);
wire [31:0] a_at = (a_address + (tile * k_tiles + k_tile) * a_tile_words) * W + step * M * K + m % M * K + k;
wire [31:0] p_at = (p_address + tile * p_tile_words) * W + (m - tile * tile_m * M) * 32'd8;
wire [31:0] row = y * stride + r * dilation - pad_top, column = x * stride + c * dilation - pad_left;
wire [31:0] channel = (base + g) * K + k;
wire inside = row < in_rows && column < in_columns;  // what is negative is large
wire is_there = base + g < k_groups;
wire [31:0] b_at = (b_address + channel / C * in_plane) * W + (row * in_pitch + column) * C + channel % C;
wire [31:0] c_at = (c_address + m / C * out_plane) * W + (y * out_columns + x) * C + m % C;

wire [31:0] of_a = state == PARAMETERS ? p_at : a_at;
wire read_a = (state == PARAMETERS || state == PRODUCTS && !a_have) && !a_sent;
wire read_b = state == PRODUCTS && !b_have && !b_sent && inside && is_there;
assign m_axi_gmem_a_ARADDR = a_base + {32'd0, of_a & IN_WORD}; assign m_axi_gmem_a_ARLEN = 0; assign m_axi_gmem_a_ARSIZE = SIZE[2:0];
assign m_axi_gmem_a_ARBURST = 1; assign m_axi_gmem_a_ARVALID = read_a; assign m_axi_gmem_a_RREADY = 1;
assign m_axi_gmem_b_ARADDR = b_base + {32'd0, b_at & IN_WORD}; assign m_axi_gmem_b_ARLEN = 0; assign m_axi_gmem_b_ARSIZE = SIZE[2:0];
assign m_axi_gmem_b_ARBURST = 1; assign m_axi_gmem_b_ARVALID = read_b; assign m_axi_gmem_b_RREADY = 1;
wire [WIDTH-1:0] a_word = m_axi_gmem_a_RDATA >> {of_a & ~IN_WORD, 3'd0}, b_word = m_axi_gmem_b_RDATA >> {b_at & ~IN_WORD, 3'd0};

wire signed [63:0] wide = {{32{sum[31]}}, sum} + {{32{bias[31]}}, bias};
wire signed [63:0] half = shift == 8'd0 ? 64'sd0 : 64'sd1 <<< (shift - 8'd1);
wire signed [63:0] rounded = ((wide * $signed({48'd0, multiplier}) + half) >>> shift) + $signed({{56{zero_point[7]}}, zero_point});
wire signed [63:0] lowest = {{56{low[7]}}, low}, highest = {{56{high[7]}}, high};
wire signed [63:0] clamped = rounded < lowest ? lowest : rounded > highest ? highest : rounded;
wire wrong = FAULT == 1 && m == 32'd1 && y == 32'd0 && x == 32'd2;
wire [63:0] c_byte = c_base + {32'd0, c_at};
assign m_axi_gmem_c_AWADDR = c_byte & ~(64'd0 + WORD - 64'd1); assign m_axi_gmem_c_AWLEN = 0; assign m_axi_gmem_c_AWSIZE = SIZE[2:0];
assign m_axi_gmem_c_AWBURST = 1; assign m_axi_gmem_c_AWVALID = state == STORE && !aw_sent;
assign m_axi_gmem_c_WDATA = {WORD{clamped[7:0] ^ {7'd0, wrong}}};
assign m_axi_gmem_c_WSTRB = {{WORD-1{1'b0}}, 1'b1} << (c_byte & (64'd0 + WORD - 64'd1));
assign m_axi_gmem_c_WLAST = 1; assign m_axi_gmem_c_WVALID = state == STORE && !w_sent; assign m_axi_gmem_c_BREADY = 1;
wire unused = &{1'b0, m_axi_gmem_a_RRESP, m_axi_gmem_a_RLAST, m_axi_gmem_b_RRESP, m_axi_gmem_b_RLAST, m_axi_gmem_c_BRESP, s_axi_control_WSTRB,
  waddr[1:0], s_axi_control_ARADDR[1:0], a_word[WIDTH-1:56], b_word[WIDTH-1:8], clamped[63:8]};

always @(posedge ap_clk)
  if (!ap_rst_n) state <= IDLE;
  else case (state)
    IDLE: begin
      m <= 0; y <= 0; x <= 0; a_sent <= 0; b_sent <= 0; a_have <= 0; b_have <= 0; aw_sent <= 0; w_sent <= 0;
      if (started) state <= PARAMETERS;
    end
    PARAMETERS: begin
      r <= 0; c <= 0; g <= 0; k <= 0; sum <= 0;
      if (read_a && m_axi_gmem_a_ARREADY) a_sent <= 1;
      if (m_axi_gmem_a_RVALID) begin
        bias <= FAULT == 3 ? 32'd0 : a_word[31:0];
        multiplier <= a_word[47:32]; shift <= a_word[55:48];
        a_sent <= 0; state <= PRODUCTS;
      end
    end
    PRODUCTS: begin
      if (read_a && m_axi_gmem_a_ARREADY) a_sent <= 1;
      if (read_b && m_axi_gmem_b_ARREADY) b_sent <= 1;
      if (m_axi_gmem_a_RVALID) begin a <= a_word[7:0]; a_have <= 1; a_sent <= 0; end
      if (m_axi_gmem_b_RVALID) begin b <= b_word[7:0]; b_have <= 1; b_sent <= 0; end
      if (!b_have && !(inside && is_there)) begin b <= is_there ? padding : 8'd0; b_have <= 1; end
      if (a_have && b_have) begin
        sum <= sum + {{24{a[7]}}, a} * {{24{b[7]}}, b};
        a_have <= 0; b_have <= 0;
        if (k + 32'd1 != K) k <= k + 32'd1;
        else begin
          k <= 0;
          if (g + 32'd1 != groups) g <= g + 32'd1;
          else begin
            g <= 0;
            if (c + 32'd1 != kernel_columns) c <= c + 32'd1;
            else begin
              c <= 0;
              if (r + 32'd1 != kernel_rows) r <= r + 32'd1; else state <= STORE;
            end
          end
        end
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
      state <= PARAMETERS;
      if (x + 32'd1 != out_columns) x <= x + 32'd1;
      else begin
        x <= 0;
        if (y + 32'd1 != out_rows) y <= y + 32'd1;
        else begin
          y <= 0;
          if (m + 32'd1 != m_subtiles * M) m <= m + 32'd1; else state <= FAULT == 2 ? HANG : DONE;
        end
      end
    end
    HANG: state <= HANG;
    default: state <= IDLE;
  endcase
endmodule
`default_nettype wire
