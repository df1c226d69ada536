`default_nettype none

// stub: the accelerator, its memory, and the link to a host. Addresses of the host from 80000000 on are the accelerator's
// registers, those below are memory.
module aigchip_system #(parameter CLOCKS = 120) (
  input  wire clk,
  input  wire rst_n,
  input  wire rx,
  output wire tx,
  output wire running                  // an access or an answer is under way: for a light
);
wire        access, access_write, access_done, access_failed;
wire [31:0] access_address, access_data, access_word;
wire        is_register = access_address[31];

aigchip_link #(
  .CLOCKS(CLOCKS), .MEMORY_BYTES(131072), .CLOCK_HZ(120000000), .IDENTITY(32'h00001234)
) link (
  .clk(clk), .rst_n(rst_n), .rx(rx), .tx(tx),
  .access(access), .access_write(access_write), .access_address(access_address), .access_data(access_data),
  .access_done(access_done), .access_failed(access_failed), .access_word(access_word)
);

wire        memory_done, memory_failed, registers_done, registers_failed;
wire [31:0] memory_word, registers_word;
assign access_done = is_register ? registers_done : memory_done;
assign access_failed = is_register ? registers_failed : memory_failed;
assign access_word = is_register ? registers_word : memory_word;
assign running = access;

wire [12:0] awaddr, araddr;
wire [31:0] wdata, rdata;
wire [1:0]  bresp, rresp;
wire        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
aigchip_registers registers (
  .clk(clk), .rst_n(rst_n),
  .host(access && is_register), .host_write(access_write), .host_address(access_address[12:0]), .host_data(access_data),
  .host_done(registers_done), .host_failed(registers_failed), .host_word(registers_word),
  .awaddr(awaddr), .awvalid(awvalid), .awready(awready), .wdata(wdata), .wvalid(wvalid), .wready(wready),
  .bresp(bresp), .bvalid(bvalid), .bready(bready),
  .araddr(araddr), .arvalid(arvalid), .arready(arready), .rdata(rdata), .rresp(rresp), .rvalid(rvalid), .rready(rready)
);

wire [63:0] a_araddr;
wire [7:0]  a_arlen;
wire        a_arvalid, a_arready, a_rlast, a_rvalid, a_rready;
wire [63:0] a_rdata;
wire [1:0]  a_rresp;
wire [63:0] b_araddr;
wire [7:0]  b_arlen;
wire        b_arvalid, b_arready, b_rlast, b_rvalid, b_rready;
wire [63:0] b_rdata;
wire [1:0]  b_rresp;
wire [63:0] c_awaddr;
wire        c_awvalid, c_awready, c_wlast, c_wvalid, c_wready, c_bvalid, c_bready;
wire [63:0] c_wdata;
wire [7:0] c_wstrb;
wire [1:0]  c_bresp;

aigchip_memory #(.BYTES(131072), .WIDTH(64)) memory (
  .clk(clk), .rst_n(rst_n),
  .a_araddr(a_araddr), .a_arlen(a_arlen), .a_arvalid(a_arvalid), .a_arready(a_arready),
  .a_rdata(a_rdata), .a_rresp(a_rresp), .a_rlast(a_rlast), .a_rvalid(a_rvalid), .a_rready(a_rready),
  .b_araddr(b_araddr), .b_arlen(b_arlen), .b_arvalid(b_arvalid), .b_arready(b_arready),
  .b_rdata(b_rdata), .b_rresp(b_rresp), .b_rlast(b_rlast), .b_rvalid(b_rvalid), .b_rready(b_rready),
  .c_awaddr(c_awaddr), .c_awvalid(c_awvalid), .c_awready(c_awready),
  .c_wdata(c_wdata), .c_wstrb(c_wstrb), .c_wlast(c_wlast), .c_wvalid(c_wvalid), .c_wready(c_wready),
  .c_bresp(c_bresp), .c_bvalid(c_bvalid), .c_bready(c_bready),
  .host(access && !is_register), .host_write(access_write), .host_address(access_address[30:0]), .host_data(access_data),
  .host_done(memory_done), .host_failed(memory_failed), .host_word(memory_word)
);

stub_shell accelerator (
  .ap_clk(clk), .ap_rst_n(rst_n),
  .s_axi_control_AWADDR(awaddr), .s_axi_control_AWVALID(awvalid), .s_axi_control_AWREADY(awready),
  .s_axi_control_WDATA(wdata), .s_axi_control_WSTRB(4'hf), .s_axi_control_WVALID(wvalid), .s_axi_control_WREADY(wready),
  .s_axi_control_BRESP(bresp), .s_axi_control_BVALID(bvalid), .s_axi_control_BREADY(bready),
  .s_axi_control_ARADDR(araddr), .s_axi_control_ARVALID(arvalid), .s_axi_control_ARREADY(arready),
  .s_axi_control_RDATA(rdata), .s_axi_control_RRESP(rresp), .s_axi_control_RVALID(rvalid), .s_axi_control_RREADY(rready),
  .interrupt(),
  .m_axi_gmem_a_AWID(),
  .m_axi_gmem_a_AWADDR(),
  .m_axi_gmem_a_AWLEN(),
  .m_axi_gmem_a_AWSIZE(),
  .m_axi_gmem_a_AWBURST(),
  .m_axi_gmem_a_AWLOCK(),
  .m_axi_gmem_a_AWCACHE(),
  .m_axi_gmem_a_AWPROT(),
  .m_axi_gmem_a_AWQOS(),
  .m_axi_gmem_a_AWVALID(),
  .m_axi_gmem_a_AWREADY(1'd0),
  .m_axi_gmem_a_ARID(),
  .m_axi_gmem_a_ARADDR(a_araddr),
  .m_axi_gmem_a_ARLEN(a_arlen),
  .m_axi_gmem_a_ARSIZE(),
  .m_axi_gmem_a_ARBURST(),
  .m_axi_gmem_a_ARLOCK(),
  .m_axi_gmem_a_ARCACHE(),
  .m_axi_gmem_a_ARPROT(),
  .m_axi_gmem_a_ARQOS(),
  .m_axi_gmem_a_ARVALID(a_arvalid),
  .m_axi_gmem_a_ARREADY(a_arready),
  .m_axi_gmem_a_WDATA(),
  .m_axi_gmem_a_WSTRB(),
  .m_axi_gmem_a_WLAST(),
  .m_axi_gmem_a_WVALID(),
  .m_axi_gmem_a_WREADY(1'd0),
  .m_axi_gmem_a_BID(1'd0),
  .m_axi_gmem_a_BRESP(2'd0),
  .m_axi_gmem_a_BVALID(1'd0),
  .m_axi_gmem_a_BREADY(),
  .m_axi_gmem_a_RID(1'd0),
  .m_axi_gmem_a_RDATA(a_rdata),
  .m_axi_gmem_a_RRESP(a_rresp),
  .m_axi_gmem_a_RLAST(a_rlast),
  .m_axi_gmem_a_RVALID(a_rvalid),
  .m_axi_gmem_a_RREADY(a_rready),
  .m_axi_gmem_b_AWID(),
  .m_axi_gmem_b_AWADDR(),
  .m_axi_gmem_b_AWLEN(),
  .m_axi_gmem_b_AWSIZE(),
  .m_axi_gmem_b_AWBURST(),
  .m_axi_gmem_b_AWLOCK(),
  .m_axi_gmem_b_AWCACHE(),
  .m_axi_gmem_b_AWPROT(),
  .m_axi_gmem_b_AWQOS(),
  .m_axi_gmem_b_AWVALID(),
  .m_axi_gmem_b_AWREADY(1'd0),
  .m_axi_gmem_b_ARID(),
  .m_axi_gmem_b_ARADDR(b_araddr),
  .m_axi_gmem_b_ARLEN(b_arlen),
  .m_axi_gmem_b_ARSIZE(),
  .m_axi_gmem_b_ARBURST(),
  .m_axi_gmem_b_ARLOCK(),
  .m_axi_gmem_b_ARCACHE(),
  .m_axi_gmem_b_ARPROT(),
  .m_axi_gmem_b_ARQOS(),
  .m_axi_gmem_b_ARVALID(b_arvalid),
  .m_axi_gmem_b_ARREADY(b_arready),
  .m_axi_gmem_b_WDATA(),
  .m_axi_gmem_b_WSTRB(),
  .m_axi_gmem_b_WLAST(),
  .m_axi_gmem_b_WVALID(),
  .m_axi_gmem_b_WREADY(1'd0),
  .m_axi_gmem_b_BID(1'd0),
  .m_axi_gmem_b_BRESP(2'd0),
  .m_axi_gmem_b_BVALID(1'd0),
  .m_axi_gmem_b_BREADY(),
  .m_axi_gmem_b_RID(1'd0),
  .m_axi_gmem_b_RDATA(b_rdata),
  .m_axi_gmem_b_RRESP(b_rresp),
  .m_axi_gmem_b_RLAST(b_rlast),
  .m_axi_gmem_b_RVALID(b_rvalid),
  .m_axi_gmem_b_RREADY(b_rready),
  .m_axi_gmem_c_AWID(),
  .m_axi_gmem_c_AWADDR(c_awaddr),
  .m_axi_gmem_c_AWLEN(),
  .m_axi_gmem_c_AWSIZE(),
  .m_axi_gmem_c_AWBURST(),
  .m_axi_gmem_c_AWLOCK(),
  .m_axi_gmem_c_AWCACHE(),
  .m_axi_gmem_c_AWPROT(),
  .m_axi_gmem_c_AWQOS(),
  .m_axi_gmem_c_AWVALID(c_awvalid),
  .m_axi_gmem_c_AWREADY(c_awready),
  .m_axi_gmem_c_ARID(),
  .m_axi_gmem_c_ARADDR(),
  .m_axi_gmem_c_ARLEN(),
  .m_axi_gmem_c_ARSIZE(),
  .m_axi_gmem_c_ARBURST(),
  .m_axi_gmem_c_ARLOCK(),
  .m_axi_gmem_c_ARCACHE(),
  .m_axi_gmem_c_ARPROT(),
  .m_axi_gmem_c_ARQOS(),
  .m_axi_gmem_c_ARVALID(),
  .m_axi_gmem_c_ARREADY(1'd0),
  .m_axi_gmem_c_WDATA(c_wdata),
  .m_axi_gmem_c_WSTRB(c_wstrb),
  .m_axi_gmem_c_WLAST(c_wlast),
  .m_axi_gmem_c_WVALID(c_wvalid),
  .m_axi_gmem_c_WREADY(c_wready),
  .m_axi_gmem_c_BID(1'd0),
  .m_axi_gmem_c_BRESP(c_bresp),
  .m_axi_gmem_c_BVALID(c_bvalid),
  .m_axi_gmem_c_BREADY(c_bready),
  .m_axi_gmem_c_RID(1'd0),
  .m_axi_gmem_c_RDATA(64'd0),
  .m_axi_gmem_c_RRESP(2'd0),
  .m_axi_gmem_c_RLAST(1'd0),
  .m_axi_gmem_c_RVALID(1'd0),
  .m_axi_gmem_c_RREADY()
);
endmodule
`default_nettype wire
