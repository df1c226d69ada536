// finish (dataflow.cpp:20), made by csynth for a clock of 3333 ps
// loop loop_22: II = 1, depth = 1
module finish (
  input  ap_clk,
  input  ap_rst,
  input  ap_start,
  output ap_done,
  output ap_idle,
  output ap_ready,
  input  [20:0] in_TDATA,
  input  in_TVALID,
  output in_TREADY,
  output [31:0] out_TDATA,
  output out_TVALID,
  input  out_TREADY,
  input  [31:0] n
);

  localparam [2:0] ST_IDLE = 3'd0;
  localparam [2:0] ST_ENTRY = 3'd1;
  localparam [2:0] ST_LOOP_22 = 3'd2;
  localparam [2:0] ST_FOR_END = 3'd3;
  localparam [2:0] ST_DONE = 3'd4;

  reg [2:0] state;
  wire in_entry;
  wire in_loop_22;
  wire in_for_end;
  wire cmp1;
  reg loop_22_run;
  wire loop_22_stall_0;
  wire loop_22_go_0;
  wire rem;
  wire [20:0] v_i;
  wire [31:0] conv2_i;
  wire [31:0] sub_i;
  wire [31:0] sel;
  wire [31:0] inc;
  wire exitcond_not;
  reg [31:0] i_03;
  reg [31:0] sum_sroa_0_02;
  reg out_pending;
  reg [31:0] out_data;
  wire out_space;
  wire out_push;

  assign in_entry = state == ST_ENTRY;
  assign in_loop_22 = state == ST_LOOP_22;
  assign in_for_end = state == ST_FOR_END;
  assign cmp1 = $signed(n) > $signed(32'd0);  // dataflow.cpp:22
  assign loop_22_stall_0 = loop_22_run && ((rem && !in_TVALID) || (rem && !out_space));
  assign loop_22_go_0 = in_loop_22 && !loop_22_stall_0;
  assign rem = i_03[0];  // dataflow.cpp:24
  assign v_i = rem ? in_TDATA : 21'd0;  // dataflow.cpp:25
  assign conv2_i = {{11{v_i[20]}}, v_i};  // dataflow.cpp:25
  assign sub_i = sum_sroa_0_02 - conv2_i;  // dataflow.cpp:25
  assign sel = rem ? sub_i : sum_sroa_0_02;  // dataflow.cpp:27
  assign inc = i_03 + 32'd1;  // dataflow.cpp:22
  assign exitcond_not = inc == n;  // dataflow.cpp:22
  assign in_TREADY = loop_22_go_0 && loop_22_run && rem;
  assign out_space = !out_pending || out_TREADY;
  assign out_push = loop_22_go_0 && loop_22_run && rem;
  assign out_TVALID = out_pending;
  assign out_TDATA = out_data;
  assign ap_idle = state == ST_IDLE;
  assign ap_done = state == ST_DONE && !out_pending;
  assign ap_ready = ap_done;

  always @(posedge ap_clk) begin
    if (out_push) out_pending <= 1'd1;
    else if (out_TREADY) out_pending <= 1'd0;
    if (loop_22_go_0 && loop_22_run) begin
      i_03 <= inc;
      sum_sroa_0_02 <= sel;
    end
    if (loop_22_go_0 && loop_22_run && exitcond_not) begin
      loop_22_run <= 1'd0;
    end
    if (out_push) begin
      out_data <= sub_i;
    end
    if (ap_rst) begin
      state <= ST_IDLE;
      out_pending <= 1'd0;
    end else begin
      case (state)
        ST_IDLE: if (ap_start) begin
          state <= ST_ENTRY;
        end
        ST_ENTRY: begin
          if (cmp1) begin
            state <= ST_LOOP_22;
            i_03 <= 32'd0;
            sum_sroa_0_02 <= 32'd0;
            loop_22_run <= 1'd1;
          end else begin
            state <= ST_FOR_END;
          end
        end
        ST_LOOP_22: if ((!loop_22_run || loop_22_go_0 && loop_22_run && exitcond_not)) begin
          state <= ST_FOR_END;
        end
        ST_FOR_END: begin
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
