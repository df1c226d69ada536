// pairs (dataflow.cpp:11), made by csynth for a clock of 3333 ps
// loop loop_13: II = 1, depth = 1
module pairs (
  input  ap_clk,
  input  ap_rst,
  input  ap_start,
  output ap_done,
  output ap_idle,
  output ap_ready,
  input  [19:0] in_TDATA,
  input  in_TVALID,
  output in_TREADY,
  output [20:0] out_TDATA,
  output out_TVALID,
  input  out_TREADY,
  input  [31:0] n
);

  localparam [2:0] ST_IDLE = 3'd0;
  localparam [2:0] ST_ENTRY = 3'd1;
  localparam [2:0] ST_LOOP_13 = 3'd2;
  localparam [2:0] ST_FOR_END = 3'd3;
  localparam [2:0] ST_DONE = 3'd4;

  reg [2:0] state;
  wire in_entry;
  wire in_loop_13;
  wire in_for_end;
  wire cmp1;
  reg loop_13_run;
  wire loop_13_stall_0;
  wire loop_13_go_0;
  wire [19:0] v_i;
  wire rem;
  wire [20:0] conv_i;
  wire [20:0] add_i;
  wire [31:0] inc;
  wire exitcond_not;
  reg [31:0] i_03;
  reg [20:0] last_sroa;
  reg out_pending;
  reg [20:0] out_data;
  wire out_space;
  wire out_push;

  assign in_entry = state == ST_ENTRY;
  assign in_loop_13 = state == ST_LOOP_13;
  assign in_for_end = state == ST_FOR_END;
  assign cmp1 = $signed(n) > $signed(32'd0);  // dataflow.cpp:13
  assign loop_13_stall_0 = loop_13_run && (!in_TVALID || (rem && !out_space));
  assign loop_13_go_0 = in_loop_13 && !loop_13_stall_0;
  assign v_i = in_TDATA;  // dataflow.cpp:15
  assign rem = i_03[0];  // dataflow.cpp:16
  assign conv_i = {{1{v_i[19]}}, v_i};  // dataflow.cpp:16
  assign add_i = conv_i + last_sroa;  // dataflow.cpp:16
  assign inc = i_03 + 32'd1;  // dataflow.cpp:13
  assign exitcond_not = inc == n;  // dataflow.cpp:13
  assign in_TREADY = loop_13_go_0 && loop_13_run;
  assign out_space = !out_pending || out_TREADY;
  assign out_push = loop_13_go_0 && loop_13_run && rem;
  assign out_TVALID = out_pending;
  assign out_TDATA = out_data;
  assign ap_idle = state == ST_IDLE;
  assign ap_done = state == ST_DONE && !out_pending;
  assign ap_ready = ap_done;

  always @(posedge ap_clk) begin
    if (out_push) out_pending <= 1'd1;
    else if (out_TREADY) out_pending <= 1'd0;
    if (loop_13_go_0 && loop_13_run) begin
      i_03 <= inc;
      last_sroa <= conv_i;
    end
    if (loop_13_go_0 && loop_13_run && exitcond_not) begin
      loop_13_run <= 1'd0;
    end
    if (out_push) begin
      out_data <= add_i;
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
            state <= ST_LOOP_13;
            i_03 <= 32'd0;
            last_sroa <= 21'd0;
            loop_13_run <= 1'd1;
          end else begin
            state <= ST_FOR_END;
          end
        end
        ST_LOOP_13: if ((!loop_13_run || loop_13_go_0 && loop_13_run && exitcond_not)) begin
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
