`default_nettype none

// Bytes on a line: one start bit (0), eight data bits from the lowest on, one stop bit (1). CLOCKS: clock cycles of a bit, 4 or more.
module aigchip_uart_rx #(parameter CLOCKS = 120) (
  input  wire       clk,
  input  wire       rst_n,
  input  wire       line,
  output reg  [7:0] data,
  output reg        valid              // for one cycle; a byte without its stop bit is left out
);
reg [2:0]  seen;                       // the line, two cycles late, and as it was before that
reg [15:0] wait_cycles;
reg [3:0]  bits;                       // that are still to come, the stop bit among them
reg        busy;

always @(posedge clk)
  if (!rst_n) begin
    seen <= 3'b111;
    wait_cycles <= 16'd0;
    bits <= 4'd0;
    busy <= 1'b0;
    data <= 8'd0;
    valid <= 1'b0;
  end else begin
    seen <= {seen[1:0], line};
    valid <= 1'b0;
    if (!busy) begin
      if (seen[2:1] == 2'b10) begin
        busy <= 1'b1;
        bits <= 4'd10;
        wait_cycles <= CLOCKS / 2 - 1;  // to the middle of the start bit
      end
    end else if (wait_cycles != 16'd0) wait_cycles <= wait_cycles - 16'd1;
    else begin
      wait_cycles <= CLOCKS - 1;
      bits <= bits - 4'd1;
      if (bits == 4'd10) busy <= !seen[1];  // a start bit that is over by now was a spike
      else if (bits != 4'd1) data <= {seen[1], data[7:1]};
      else begin
        valid <= seen[1];
        busy <= 1'b0;
      end
    end
  end
endmodule

module aigchip_uart_tx #(parameter CLOCKS = 120) (
  input  wire       clk,
  input  wire       rst_n,
  input  wire [7:0] data,
  input  wire       valid,
  output wire       ready,
  output wire       line
);
reg [15:0] wait_cycles;
reg [9:0]  shift;                      // the bit on the line is the lowest
reg [3:0]  bits;                       // that are still to be sent

assign ready = bits == 4'd0;
assign line = shift[0];

always @(posedge clk)
  if (!rst_n) begin
    wait_cycles <= 16'd0;
    shift <= 10'h3ff;
    bits <= 4'd0;
  end else if (ready) begin
    if (valid) begin
      shift <= {1'b1, data, 1'b0};
      bits <= 4'd10;
      wait_cycles <= CLOCKS - 1;
    end
  end else if (wait_cycles != 16'd0) wait_cycles <= wait_cycles - 16'd1;
  else begin
    wait_cycles <= CLOCKS - 1;
    shift <= {1'b1, shift[9:1]};
    bits <= bits - 4'd1;
  end
endmodule
`default_nettype wire
