// A stand-in for an accelerator in its shell: c[i] = a[i] + b[i] for `n` words of 64 bits. Arguments: 0x10 n, 0x18 address of a, 0x20 of b,
// 0x28 of c. The page from 0x1000 on answers as the shell's: identity, cycles, runs.
module stub_shell (
  input             ap_clk,
  input             ap_rst_n,
  input      [12:0] s_axi_control_AWADDR,
  input             s_axi_control_AWVALID,
  output            s_axi_control_AWREADY,
  input      [31:0] s_axi_control_WDATA,
  input      [3:0]  s_axi_control_WSTRB,
  input             s_axi_control_WVALID,
  output            s_axi_control_WREADY,
  output     [1:0]  s_axi_control_BRESP,
  output reg        s_axi_control_BVALID,
  input             s_axi_control_BREADY,
  input      [12:0] s_axi_control_ARADDR,
  input             s_axi_control_ARVALID,
  output            s_axi_control_ARREADY,
  output reg [31:0] s_axi_control_RDATA,
  output     [1:0]  s_axi_control_RRESP,
  output reg        s_axi_control_RVALID,
  input             s_axi_control_RREADY,
  output            interrupt,
{ports}
);
reg [31:0] arguments [0:7];
reg [31:0] runs, cycles, asked_a, asked_b, got, put;
reg        running;
wire       write = s_axi_control_AWVALID && s_axi_control_WVALID && !s_axi_control_BVALID;
wire       read = s_axi_control_ARVALID && !s_axi_control_RVALID;
wire [31:0] n = arguments[0];
wire       start = write && s_axi_control_AWADDR == 13'd0 && s_axi_control_WDATA[0] && !running;
wire       step = m_axi_gmem_a_RVALID && m_axi_gmem_b_RVALID && m_axi_gmem_c_WREADY && running;
assign s_axi_control_AWREADY = write;
assign s_axi_control_WREADY = write;
assign s_axi_control_ARREADY = read;
assign s_axi_control_BRESP = 2'd0;
assign s_axi_control_RRESP = 2'd0;
assign interrupt = 1'b0;

// bursts of up to 16 words, of c one burst of all words
wire [31:0] left_a = n - asked_a, left_b = n - asked_b;
assign m_axi_gmem_a_ARADDR = {32'd0, arguments[2] + {asked_a[28:0], 3'd0}};
assign m_axi_gmem_a_ARLEN = left_a > 16 ? 8'd15 : left_a[7:0] - 8'd1;
assign m_axi_gmem_a_ARVALID = running && left_a != 0;
assign m_axi_gmem_b_ARADDR = {32'd0, arguments[4] + {asked_b[28:0], 3'd0}};
assign m_axi_gmem_b_ARLEN = left_b > 16 ? 8'd15 : left_b[7:0] - 8'd1;
assign m_axi_gmem_b_ARVALID = running && left_b != 0;
assign m_axi_gmem_a_RREADY = step;
assign m_axi_gmem_b_RREADY = step;
reg asked_c;
assign m_axi_gmem_c_AWADDR = {32'd0, arguments[6]};
assign m_axi_gmem_c_AWVALID = running && !asked_c;
assign m_axi_gmem_c_AWLEN = n[7:0] - 8'd1;
assign m_axi_gmem_c_WDATA = m_axi_gmem_a_RDATA + m_axi_gmem_b_RDATA;
assign m_axi_gmem_c_WSTRB = 8'hff;
assign m_axi_gmem_c_WVALID = running && m_axi_gmem_a_RVALID && m_axi_gmem_b_RVALID;
assign m_axi_gmem_c_WLAST = put == n - 1;
assign m_axi_gmem_c_BREADY = 1'b1;
{ties}

always @(posedge ap_clk)
  if (!ap_rst_n) begin
    runs <= 0;
    cycles <= 0;
    running <= 0;
    asked_a <= 0;
    asked_b <= 0;
    asked_c <= 0;
    put <= 0;
    s_axi_control_BVALID <= 0;
    s_axi_control_RVALID <= 0;
  end else begin
    s_axi_control_BVALID <= write || (s_axi_control_BVALID && !s_axi_control_BREADY);
    s_axi_control_RVALID <= read || (s_axi_control_RVALID && !s_axi_control_RREADY);
    if (write && s_axi_control_AWADDR >= 13'h10 && s_axi_control_AWADDR < 13'h30)
      arguments[s_axi_control_AWADDR[4:2] - 3'd4] <= s_axi_control_WDATA;
    if (read)
      case (s_axi_control_ARADDR)
        13'h1000: s_axi_control_RDATA <= 32'h41494743;
        13'h1008: s_axi_control_RDATA <= cycles;
        13'h1010: s_axi_control_RDATA <= runs;
        13'h0000: s_axi_control_RDATA <= {31'd0, running};
        default: s_axi_control_RDATA <= s_axi_control_ARADDR < 13'h1000 ? arguments[s_axi_control_ARADDR[4:2] - 3'd4] : 32'd0;
      endcase
    if (start) begin
      running <= 1;
      cycles <= 0;
      asked_a <= 0;
      asked_b <= 0;
      asked_c <= 0;
      put <= 0;
    end else if (running) begin
      cycles <= cycles + 1;
      if (m_axi_gmem_a_ARVALID && m_axi_gmem_a_ARREADY) asked_a <= asked_a + (left_a > 16 ? 16 : left_a);
      if (m_axi_gmem_b_ARVALID && m_axi_gmem_b_ARREADY) asked_b <= asked_b + (left_b > 16 ? 16 : left_b);
      if (m_axi_gmem_c_AWVALID && m_axi_gmem_c_AWREADY) asked_c <= 1;
      if (step) put <= put + 1;
      if (m_axi_gmem_c_BVALID) begin
        running <= 0;
        runs <= runs + 1;
      end
    end
  end
endmodule
