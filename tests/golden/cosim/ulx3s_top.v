`default_nettype none

// stub on a ULX3S: pins, the clock of 120 MHz, and the reset. The ports are called as the board's schematic has them:
// ftdi_txd is what the USB chip sends.
module aigchip_top (
  input  wire       clk_25mhz,
  input  wire       ftdi_txd,
  output wire       ftdi_rxd,
  output wire       wifi_gpio0,        // held high, or the ESP32 takes the board over
  output wire [7:0] led
);
wire clk, loop, locked;
(* ICP_CURRENT = "12", LPF_RESISTOR = "8", MFG_ENABLE_FILTEROPAMP = "1", MFG_GMCREF_SEL = "2" *)
EHXPLLL #(
  .CLKI_DIV(1), .CLKFB_DIV(1), .FEEDBK_PATH("CLKOP"),
  .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(24), .CLKOP_CPHASE(12), .CLKOP_FPHASE(0),
  .CLKOS_ENABLE("ENABLED"), .CLKOS_DIV(5), .CLKOS_CPHASE(12), .CLKOS_FPHASE(0),
  .CLKOS2_ENABLE("DISABLED"), .CLKOS3_ENABLE("DISABLED"),
  .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"), .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"),
  .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED")
) pll (
  .CLKI(clk_25mhz), .CLKFB(loop), .CLKOP(loop), .CLKOS(clk), .LOCK(locked),
  .RST(1'b0), .STDBY(1'b0), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0), .ENCLKOS(1'b0),
  .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1)
);

reg [7:0] settled = 8'd0;              // cycles since the clock is right
reg       rst_n = 1'b0;
always @(posedge clk)
  if (!locked) begin
    settled <= 8'd0;
    rst_n <= 1'b0;
  end else begin
    if (!(&settled)) settled <= settled + 8'd1;
    rst_n <= &settled;
  end

reg [25:0] beat = 26'd0;
always @(posedge clk) beat <= beat + 26'd1;

wire running;
reg  [7:0] lights = 8'd0;
always @(posedge clk) lights <= {beat[25], 4'd0, running, !ftdi_txd, rst_n};
assign led = lights;
assign wifi_gpio0 = 1'b1;

aigchip_system system (.clk(clk), .rst_n(rst_n), .rx(ftdi_txd), .tx(ftdi_rxd), .running(running));
endmodule
`default_nettype wire
