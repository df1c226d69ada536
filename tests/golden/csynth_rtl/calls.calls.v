// calls, made by csynth for a clock of 3333 ps
module calls (
  input  ap_clk,
  input  ap_rst,
  input  ap_start,
  output ap_done,
  output ap_idle,
  output ap_ready,
  input  [7:0] in_TDATA,
  input  in_TVALID,
  output in_TREADY,
  output [7:0] out_TDATA,
  output out_TVALID,
  input  out_TREADY,
  output reg [7:0] ap_return
);

  localparam [2:0] ST_IDLE = 3'd0;
  localparam [2:0] ST_HEAD_0 = 3'd1;
  localparam [2:0] ST_HEAD_1 = 3'd2;
  localparam [2:0] ST_HEAD_2 = 3'd3;
  localparam [2:0] ST_DONE_2 = 3'd4;
  localparam [2:0] ST_DONE = 3'd5;

  reg [2:0] state;
  wire in_head_0;
  wire in_head_1;
  wire in_head_2;
  wire in_done;
  reg [7:0] r;
  reg [7:0] total;
  wire in_head_0_fire;
  wire in_head_1_fire;
  wire in_head_2_fire;
  wire [7:0] k;
  wire [7:0] got;
  wire [7:0] total1;
  wire [7:0] r1;
  wire c;
  reg [7:0] k_q;
  reg [7:0] total1_q;
  reg [7:0] r1_q;
  reg c_q;
  wire inner_1_ap_done;
  wire inner_1_ap_start;
  wire [7:0] inner_1_ap_return;
  wire [7:0] inner_1_result = inner_1_ap_return;
  wire [7:0] inner_1_s_TDATA;
  wire inner_1_s_TVALID, inner_1_s_TREADY;
  wire [7:0] inner_1_t_TDATA;
  wire inner_1_t_TVALID, inner_1_t_TREADY;
  reg out_pending;
  reg [7:0] out_data;
  wire out_space;
  wire out_push;

  assign in_head_0 = state == ST_HEAD_0;
  assign in_head_1 = state == ST_HEAD_1;
  assign in_head_2 = state == ST_HEAD_2;
  assign in_done = state == ST_DONE_2;
  assign in_head_0_fire = in_head_0 && !(!in_TVALID || !out_space);
  assign in_head_1_fire = in_head_1 && !(!inner_1_ap_done);
  assign in_head_2_fire = in_head_2 && !(!out_space);
  assign k = in_TDATA;
  assign got = inner_1_result;
  assign total1 = total + got;
  assign r1 = r + 8'd1;
  assign c = r1 < 8'd3;
  assign inner_1_ap_start = in_head_1;
  assign inner_1_s_TDATA = in_TDATA;
  assign inner_1_s_TVALID = in_TVALID;
  assign in_TREADY = in_head_0_fire || inner_1_s_TREADY;
  assign out_space = !out_pending || out_TREADY;
  assign out_push = in_head_0_fire || in_head_2_fire;
  assign out_TVALID = out_pending || inner_1_t_TVALID;
  assign out_TDATA = (out_pending) ? out_data : inner_1_t_TDATA;
  assign inner_1_t_TREADY = out_TREADY && !out_pending;
  assign ap_idle = state == ST_IDLE;
  assign ap_done = state == ST_DONE && !out_pending;
  assign ap_ready = ap_done;

  inner inner_1 (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .ap_start(inner_1_ap_start),
    .ap_done(inner_1_ap_done),
    .ap_idle(),
    .ap_ready(),
    .k(k_q),
    .s_TDATA(inner_1_s_TDATA),
    .s_TVALID(inner_1_s_TVALID),
    .s_TREADY(inner_1_s_TREADY),
    .t_TDATA(inner_1_t_TDATA),
    .t_TVALID(inner_1_t_TVALID),
    .t_TREADY(inner_1_t_TREADY),
    .ap_return(inner_1_ap_return)
  );

  always @(posedge ap_clk) begin
    if (out_push) out_pending <= 1'd1;
    else if (out_TREADY) out_pending <= 1'd0;
    if (in_head_0_fire) begin
      k_q <= k;
      r1_q <= r1;
      c_q <= c;
    end
    if (in_head_2_fire) begin
      total1_q <= total1;
    end
    if (in_done) begin
      ap_return <= total1_q;
    end
    if (out_push) begin
      out_data <= (in_head_0) ? k : got;
    end
    if (ap_rst) begin
      state <= ST_IDLE;
      out_pending <= 1'd0;
    end else begin
      case (state)
        ST_IDLE: if (ap_start) begin
          state <= ST_HEAD_0;
          r <= 8'd0;
          total <= 8'd0;
        end
        ST_HEAD_0: if (in_head_0_fire) begin
          state <= ST_HEAD_1;
        end
        ST_HEAD_1: if (in_head_1_fire) begin
          state <= ST_HEAD_2;
        end
        ST_HEAD_2: if (in_head_2_fire) begin
          if (c_q) begin
            state <= ST_HEAD_0;
            r <= r1_q;
            total <= total1;
          end else begin
            state <= ST_DONE_2;
          end
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
