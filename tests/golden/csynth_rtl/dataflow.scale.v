// scale (dataflow.cpp:5), made by csynth for a clock of 3333 ps
// loop loop_6: II = 1, depth = 2
module scale (
  input  ap_clk,
  input  ap_rst,
  input  ap_start,
  output ap_done,
  output ap_idle,
  output ap_ready,
  input  [11:0] in_TDATA,
  input  in_TVALID,
  output in_TREADY,
  output [19:0] out_TDATA,
  output out_TVALID,
  input  out_TREADY,
  input  [7:0] factor,
  input  [31:0] n
);

  localparam [2:0] ST_IDLE = 3'd0;
  localparam [2:0] ST_ENTRY = 3'd1;
  localparam [2:0] ST_LOOP_6 = 3'd2;
  localparam [2:0] ST_FOR_END = 3'd3;
  localparam [2:0] ST_DONE = 3'd4;

  reg [2:0] state;
  wire in_entry;
  wire in_loop_6;
  wire in_for_end;
  wire cmp1;
  reg loop_6_run;
  reg [1:1] loop_6_valid;
  wire loop_6_stall_1;
  wire loop_6_go_1;
  wire loop_6_stall_0;
  wire loop_6_go_0;
  wire [11:0] v_i34;
  wire [47:0] mul_i_p;
  wire [19:0] mul_i;
  wire [31:0] inc;
  wire exitcond_not;
  reg [31:0] i_02;
  reg out_pending;
  reg [19:0] out_data;
  wire out_space;
  wire out_push;

  assign in_entry = state == ST_ENTRY;
  assign in_loop_6 = state == ST_LOOP_6;
  assign in_for_end = state == ST_FOR_END;
  assign cmp1 = $signed(n) > $signed(32'd0);  // dataflow.cpp:6
  assign loop_6_stall_1 = loop_6_valid[1] && (!out_space);
  assign loop_6_go_1 = in_loop_6 && !loop_6_stall_1;
  assign loop_6_stall_0 = loop_6_run && (!in_TVALID);
  assign loop_6_go_0 = loop_6_go_1 && !loop_6_stall_0;
  assign v_i34 = in_TDATA;  // dataflow.cpp:8
  assign mul_i = mul_i_p[19:0];  // dataflow.cpp:8
  assign inc = i_02 + 32'd1;  // dataflow.cpp:6
  assign exitcond_not = inc == n;  // dataflow.cpp:6
  assign in_TREADY = loop_6_go_0 && loop_6_run;
  assign out_space = !out_pending || out_TREADY;
  assign out_push = loop_6_go_1 && loop_6_valid[1];
  assign out_TVALID = out_pending;
  assign out_TDATA = out_data;
  assign ap_idle = state == ST_IDLE;
  assign ap_done = state == ST_DONE && !out_pending;
  assign ap_ready = ap_done;

  csynth_dsp_product #(.REGISTERS(1), .PREADD(0), .ADDEND(0), .SUBTRACT(0)) mul_i_dsp (
    .clk(ap_clk),
    .ce_in(1'd0),
    .ce_m(1'd0),
    .ce_p(loop_6_go_0),
    .a({{15{v_i34[11]}}, v_i34}),
    .d(27'd0),
    .b({{10{factor[7]}}, factor}),
    .c(48'd0),
    .pcin(48'd0),
    .p(mul_i_p),
    .pcout()
  );

  always @(posedge ap_clk) begin
    if (loop_6_go_0) loop_6_valid[1] <= loop_6_run;
    else if (loop_6_go_1) loop_6_valid[1] <= 1'd0;
    if (out_push) out_pending <= 1'd1;
    else if (out_TREADY) out_pending <= 1'd0;
    if (loop_6_go_0 && loop_6_run) begin
      i_02 <= inc;
    end
    if (loop_6_go_0 && loop_6_run && exitcond_not) begin
      loop_6_run <= 1'd0;
    end
    if (out_push) begin
      out_data <= mul_i;
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
            state <= ST_LOOP_6;
            i_02 <= 32'd0;
            loop_6_run <= 1'd1;
            loop_6_valid <= 1'd0;
          end else begin
            state <= ST_FOR_END;
          end
        end
        ST_LOOP_6: if (!loop_6_run && (!loop_6_valid[1] || loop_6_go_1)) begin
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
