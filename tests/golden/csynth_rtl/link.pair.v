// pair: 2 processes, 1 channels, linked by csynth
module pair (
  input  ap_clk,
  input  ap_rst,
  input  [11:0] s_axi_control_AWADDR,
  input  s_axi_control_AWVALID,
  output s_axi_control_AWREADY,
  input  [31:0] s_axi_control_WDATA,
  input  [3:0] s_axi_control_WSTRB,
  input  s_axi_control_WVALID,
  output s_axi_control_WREADY,
  output [1:0] s_axi_control_BRESP,
  output s_axi_control_BVALID,
  input  s_axi_control_BREADY,
  input  [11:0] s_axi_control_ARADDR,
  input  s_axi_control_ARVALID,
  output s_axi_control_ARREADY,
  output [31:0] s_axi_control_RDATA,
  output [1:0] s_axi_control_RRESP,
  output s_axi_control_RVALID,
  input  s_axi_control_RREADY,
  output interrupt,
  output [7:0] out_TDATA,
  output out_TVALID,
  input  out_TREADY,
  output [63:0] m_axi_gmem_AWADDR,
  output [7:0] m_axi_gmem_AWLEN,
  output [2:0] m_axi_gmem_AWSIZE,
  output [1:0] m_axi_gmem_AWBURST,
  output m_axi_gmem_AWVALID,
  input  m_axi_gmem_AWREADY,
  output [63:0] m_axi_gmem_WDATA,
  output [7:0] m_axi_gmem_WSTRB,
  output m_axi_gmem_WLAST,
  output m_axi_gmem_WVALID,
  input  m_axi_gmem_WREADY,
  input  [1:0] m_axi_gmem_BRESP,
  input  m_axi_gmem_BVALID,
  output m_axi_gmem_BREADY,
  output [63:0] m_axi_gmem_ARADDR,
  output [7:0] m_axi_gmem_ARLEN,
  output [2:0] m_axi_gmem_ARSIZE,
  output [1:0] m_axi_gmem_ARBURST,
  output m_axi_gmem_ARVALID,
  input  m_axi_gmem_ARREADY,
  input  [63:0] m_axi_gmem_RDATA,
  input  [1:0] m_axi_gmem_RRESP,
  input  m_axi_gmem_RLAST,
  input  m_axi_gmem_RVALID,
  output m_axi_gmem_RREADY
);

  wire ap_start, ap_done, ap_idle, ap_ready;
  wire [31:0] n;
  wire [63:0] gmem;
  wire [31:0] reader__n;
  wire [95:0] reader__g_AR_TDATA;
  wire reader__g_AR_TVALID, reader__g_AR_TREADY;
  wire [63:0] reader__g_R_TDATA;
  wire reader__g_R_TVALID, reader__g_R_TREADY;
  wire [63:0] reader__words_TDATA;
  wire reader__words_TVALID, reader__words_TREADY;
  wire [63:0] writer__words_TDATA;
  wire writer__words_TVALID, writer__words_TREADY;
  wire [7:0] writer__out_TDATA;
  wire writer__out_TVALID, writer__out_TREADY;
  reg reader_finished;
  reg writer_finished;
  reg running;
  wire all_done;
  reg done;
  wire reader_ap_start, reader_ap_done;
  wire writer_ap_start, writer_ap_done;

  assign reader_ap_start = running && !reader_finished;
  assign writer_ap_start = running && !writer_finished;
  assign all_done = running && (reader_finished || reader_ap_done) && (writer_finished || writer_ap_done);
  assign ap_done = done;
  assign ap_ready = done;
  assign ap_idle = !running && !done;
  assign reader__n = n;
  assign out_TDATA = writer__out_TDATA;
  assign out_TVALID = writer__out_TVALID;
  assign writer__out_TREADY = out_TREADY;

  pair_control control_registers (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .s_axi_AWADDR(s_axi_control_AWADDR),
    .s_axi_AWVALID(s_axi_control_AWVALID),
    .s_axi_AWREADY(s_axi_control_AWREADY),
    .s_axi_WDATA(s_axi_control_WDATA),
    .s_axi_WSTRB(s_axi_control_WSTRB),
    .s_axi_WVALID(s_axi_control_WVALID),
    .s_axi_WREADY(s_axi_control_WREADY),
    .s_axi_BRESP(s_axi_control_BRESP),
    .s_axi_BVALID(s_axi_control_BVALID),
    .s_axi_BREADY(s_axi_control_BREADY),
    .s_axi_ARADDR(s_axi_control_ARADDR),
    .s_axi_ARVALID(s_axi_control_ARVALID),
    .s_axi_ARREADY(s_axi_control_ARREADY),
    .s_axi_RDATA(s_axi_control_RDATA),
    .s_axi_RRESP(s_axi_control_RRESP),
    .s_axi_RVALID(s_axi_control_RVALID),
    .s_axi_RREADY(s_axi_control_RREADY),
    .interrupt(interrupt),
    .ap_start(ap_start),
    .ap_done(ap_done),
    .ap_idle(ap_idle),
    .ap_ready(ap_ready),
    .arg_n(n),
    .arg_gmem(gmem)
  );
  load reader (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .ap_start(reader_ap_start),
    .ap_done(reader_ap_done),
    .ap_idle(),
    .ap_ready(),
    .n(reader__n),
    .g_AR_TDATA(reader__g_AR_TDATA),
    .g_AR_TVALID(reader__g_AR_TVALID),
    .g_AR_TREADY(reader__g_AR_TREADY),
    .g_R_TDATA(reader__g_R_TDATA),
    .g_R_TVALID(reader__g_R_TVALID),
    .g_R_TREADY(reader__g_R_TREADY),
    .words_TDATA(reader__words_TDATA),
    .words_TVALID(reader__words_TVALID),
    .words_TREADY(reader__words_TREADY)
  );
  sink writer (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .ap_start(writer_ap_start),
    .ap_done(writer_ap_done),
    .ap_idle(),
    .ap_ready(),
    .words_TDATA(writer__words_TDATA),
    .words_TVALID(writer__words_TVALID),
    .words_TREADY(writer__words_TREADY),
    .out_TDATA(writer__out_TDATA),
    .out_TVALID(writer__out_TVALID),
    .out_TREADY(writer__out_TREADY)
  );
  csynth_fifo #(.WIDTH(64), .DEPTH(4)) fifo_words (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .in_TDATA(reader__words_TDATA),
    .in_TVALID(reader__words_TVALID),
    .in_TREADY(reader__words_TREADY),
    .out_TDATA(writer__words_TDATA),
    .out_TVALID(writer__words_TVALID),
    .out_TREADY(writer__words_TREADY),
    .count()
  );
  csynth_maxi #(.WIDTH(64), .READ_BEATS(256), .WRITE_BEATS(256), .READS(16), .WRITES(32)) maxi_gmem (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .base(gmem),
    .AR_TDATA(reader__g_AR_TDATA),
    .AR_TVALID(reader__g_AR_TVALID),
    .AR_TREADY(reader__g_AR_TREADY),
    .R_TDATA(reader__g_R_TDATA),
    .R_TVALID(reader__g_R_TVALID),
    .R_TREADY(reader__g_R_TREADY),
    .AW_TDATA(96'd0),
    .AW_TVALID(1'd0),
    .AW_TREADY(),
    .W_TDATA(64'd0),
    .W_TVALID(1'd0),
    .W_TREADY(),
    .B_TDATA(),
    .B_TVALID(),
    .B_TREADY(1'd1),
    .m_axi_AWADDR(m_axi_gmem_AWADDR),
    .m_axi_AWLEN(m_axi_gmem_AWLEN),
    .m_axi_AWSIZE(m_axi_gmem_AWSIZE),
    .m_axi_AWBURST(m_axi_gmem_AWBURST),
    .m_axi_AWVALID(m_axi_gmem_AWVALID),
    .m_axi_AWREADY(m_axi_gmem_AWREADY),
    .m_axi_WDATA(m_axi_gmem_WDATA),
    .m_axi_WSTRB(m_axi_gmem_WSTRB),
    .m_axi_WLAST(m_axi_gmem_WLAST),
    .m_axi_WVALID(m_axi_gmem_WVALID),
    .m_axi_WREADY(m_axi_gmem_WREADY),
    .m_axi_BRESP(m_axi_gmem_BRESP),
    .m_axi_BVALID(m_axi_gmem_BVALID),
    .m_axi_BREADY(m_axi_gmem_BREADY),
    .m_axi_ARADDR(m_axi_gmem_ARADDR),
    .m_axi_ARLEN(m_axi_gmem_ARLEN),
    .m_axi_ARSIZE(m_axi_gmem_ARSIZE),
    .m_axi_ARBURST(m_axi_gmem_ARBURST),
    .m_axi_ARVALID(m_axi_gmem_ARVALID),
    .m_axi_ARREADY(m_axi_gmem_ARREADY),
    .m_axi_RDATA(m_axi_gmem_RDATA),
    .m_axi_RRESP(m_axi_gmem_RRESP),
    .m_axi_RLAST(m_axi_gmem_RLAST),
    .m_axi_RVALID(m_axi_gmem_RVALID),
    .m_axi_RREADY(m_axi_gmem_RREADY),
    .error()
  );

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      running <= 1'd0;
      done <= 1'd0;
      reader_finished <= 1'd0;
      writer_finished <= 1'd0;
    end else begin
      done <= all_done;
      if (!running && !done && ap_start) running <= 1'd1;
      if (reader_ap_done) reader_finished <= 1'd1;
      if (writer_ap_done) writer_finished <= 1'd1;
      if (all_done) begin
        running <= 1'd0;
        reader_finished <= 1'd0;
        writer_finished <= 1'd0;
      end
    end
  end
endmodule
