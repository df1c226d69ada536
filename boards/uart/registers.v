`default_nettype none

// The host's accesses to the accelerator's registers: a master of AXI4-Lite, one access at a time.
module aigchip_registers (
  input  wire        clk,
  input  wire        rst_n,
  input  wire        host,             // held until done
  input  wire        host_write,
  input  wire [12:0] host_address,
  input  wire [31:0] host_data,
  output reg         host_done,
  output reg         host_failed,
  output reg  [31:0] host_word,
  output wire [12:0] awaddr,
  output reg         awvalid,
  input  wire        awready,
  output wire [31:0] wdata,
  output reg         wvalid,
  input  wire        wready,
  input  wire [1:0]  bresp,
  input  wire        bvalid,
  output wire        bready,
  output wire [12:0] araddr,
  output reg         arvalid,
  input  wire        arready,
  input  wire [31:0] rdata,
  input  wire [1:0]  rresp,
  input  wire        rvalid,
  output wire        rready
);
reg busy;

assign awaddr = host_address;
assign araddr = host_address;
assign wdata = host_data;
assign bready = busy;
assign rready = busy;

always @(posedge clk) begin
  host_done <= 1'b0;
  if (!rst_n) begin
    busy <= 1'b0;
    awvalid <= 1'b0;
    wvalid <= 1'b0;
    arvalid <= 1'b0;
    host_failed <= 1'b0;
    host_word <= 32'd0;
  end else if (!busy) begin
    if (host && !host_done) begin
      busy <= 1'b1;
      awvalid <= host_write;
      wvalid <= host_write;
      arvalid <= !host_write;
    end
  end else begin
    if (awready) awvalid <= 1'b0;
    if (wready) wvalid <= 1'b0;
    if (arready) arvalid <= 1'b0;
    if (bvalid || rvalid) begin
      busy <= 1'b0;
      host_done <= 1'b1;
      host_failed <= bvalid ? bresp[1] : rresp[1];
      host_word <= rdata;
    end
  end
end
wire unused = &{1'b0, bresp[0], rresp[0]};
endmodule
`default_nettype wire
