// inner, made by csynth for a clock of 3333 ps
// loop main: II = 1, depth = 1
module inner (
  input  ap_clk,
  input  ap_rst,
  input  ap_start,
  output ap_done,
  output ap_idle,
  output ap_ready,
  input  [7:0] k,
  input  [7:0] s_TDATA,
  input  s_TVALID,
  output s_TREADY,
  output [7:0] t_TDATA,
  output t_TVALID,
  input  t_TREADY,
  output reg [7:0] ap_return
);

  localparam [1:0] ST_IDLE = 2'd0;
  localparam [1:0] ST_MAIN = 2'd1;
  localparam [1:0] ST_DONE_2 = 2'd2;
  localparam [1:0] ST_DONE = 2'd3;

  reg [1:0] state;
  wire in_main;
  wire in_done;
  reg main_run;
  wire main_stall_0;
  wire main_go_0;
  wire [7:0] x;
  wire [7:0] sum1;
  wire big;
  wire small_2;
  wire [7:0] i1;
  wire c;
  reg [7:0] sum1_q;
  reg [7:0] i;
  reg [7:0] sum;
  reg t_pending;
  reg [7:0] t_data;
  wire t_space;
  wire t_push;

  assign in_main = state == ST_MAIN;
  assign in_done = state == ST_DONE_2;
  assign main_stall_0 = main_run && (!s_TVALID || (big && !t_space) || (small_2 && !t_space));
  assign main_go_0 = in_main && !main_stall_0;
  assign x = s_TDATA;
  assign sum1 = sum + x;
  assign big = x > 8'd100;
  assign small_2 = big ^ 1'd1;
  assign i1 = i + 8'd1;
  assign c = i1 < k;
  assign s_TREADY = main_go_0 && main_run;
  assign t_space = !t_pending || t_TREADY;
  assign t_push = (main_go_0 && main_run && big) || (main_go_0 && main_run && small_2);
  assign t_TVALID = t_pending;
  assign t_TDATA = t_data;
  assign ap_idle = state == ST_IDLE;
  assign ap_done = state == ST_DONE && !t_pending;
  assign ap_ready = ap_done;

  always @(posedge ap_clk) begin
    if (t_push) t_pending <= 1'd1;
    else if (t_TREADY) t_pending <= 1'd0;
    if (main_go_0 && main_run) begin
      sum1_q <= sum1;
      i <= i1;
      sum <= sum1;
    end
    if (main_go_0 && main_run && !c) begin
      main_run <= 1'd0;
    end
    if (in_done) begin
      ap_return <= sum1_q;
    end
    if (t_push) begin
      t_data <= (in_main && main_run && big) ? sum1 : x;
    end
    if (ap_rst) begin
      state <= ST_IDLE;
      t_pending <= 1'd0;
    end else begin
      case (state)
        ST_IDLE: if (ap_start) begin
          state <= ST_MAIN;
          i <= 8'd0;
          sum <= 8'd0;
          main_run <= 1'd1;
        end
        ST_MAIN: if (!main_run) begin
          state <= ST_DONE_2;
        end
        ST_DONE_2: begin
          state <= ST_DONE;
        end
        ST_DONE: if (ap_done) begin
          state <= ST_IDLE;
        end
        default: begin
          state <= ST_IDLE;
        end
      endcase
    end
  end
endmodule
