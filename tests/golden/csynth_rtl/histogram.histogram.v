// histogram, made by csynth for a clock of 3333 ps
// loop count: II = 2, depth = 2; the recurrence store bins -> load bins -> add -> store bins needs II >= 2
// loop show: II = 1, depth = 2
module histogram (
  input  ap_clk,
  input  ap_rst,
  input  ap_start,
  output ap_done,
  output ap_idle,
  output ap_ready,
  input  [15:0] n,
  input  [2:0] in_TDATA,
  input  in_TVALID,
  output in_TREADY,
  output [15:0] out_TDATA,
  output out_TVALID,
  input  out_TREADY
);

  localparam [2:0] ST_IDLE = 3'd0;
  localparam [2:0] ST_ZERO = 3'd1;
  localparam [2:0] ST_COUNT = 3'd2;
  localparam [2:0] ST_SHOW = 3'd3;
  localparam [2:0] ST_DONE_2 = 3'd4;
  localparam [2:0] ST_DONE = 3'd5;

  reg [2:0] state;
  wire in_zero;
  wire in_count;
  wire in_show;
  wire in_done;
  reg [3:0] z;
  wire [2:0] za;
  wire [3:0] z1;
  wire zc;
  reg count_run;
  reg [1:1] count_valid;
  reg count_phase;
  wire count_slot_0;
  wire count_slot_1;
  wire count_stall_0;
  wire count_go_0;
  wire [2:0] x;
  wire [15:0] old;
  wire [15:0] new_2;
  wire [15:0] i1;
  wire c;
  reg [2:0] x_s1;
  reg [15:0] i;
  reg show_run;
  reg [1:1] show_valid;
  wire show_stall_1;
  wire show_go_1;
  wire [2:0] ja;
  wire [15:0] v;
  wire [3:0] j1;
  wire jc;
  reg [3:0] j;
  reg out_pending;
  reg [15:0] out_data;
  wire out_space;
  wire out_push;
  reg [15:0] bins_2 [0:7];  // bins
  reg [15:0] bins_2_q;
  wire [2:0] bins_2_read_index;
  wire bins_2_write;
  wire [2:0] bins_2_write_index;
  wire [15:0] bins_2_write_data;

  assign in_zero = state == ST_ZERO;
  assign in_count = state == ST_COUNT;
  assign in_show = state == ST_SHOW;
  assign in_done = state == ST_DONE_2;
  assign za = z[2:0];
  assign z1 = z + 4'd1;
  assign zc = z1 < 4'd8;
  assign count_slot_0 = in_count && count_phase == 1'd0;
  assign count_slot_1 = in_count && count_phase == 1'd1;
  assign count_stall_0 = count_run && (!in_TVALID || count_valid[1]);
  assign count_go_0 = count_slot_0 && !count_stall_0;
  assign x = in_TDATA;
  assign old = bins_2_q;
  assign new_2 = old + 16'd1;
  assign i1 = i + 16'd1;
  assign c = i1 < n;
  assign show_stall_1 = show_valid[1] && (!out_space);
  assign show_go_1 = in_show && !show_stall_1;
  assign ja = j[2:0];
  assign v = bins_2_q;
  assign j1 = j + 4'd1;
  assign jc = j1 < 4'd8;
  assign in_TREADY = count_go_0 && count_run;
  assign out_space = !out_pending || out_TREADY;
  assign out_push = show_go_1 && show_valid[1];
  assign out_TVALID = out_pending;
  assign out_TDATA = out_data;
  assign bins_2_read_index = (count_slot_0 && count_run) ? x : ja;
  assign bins_2_write = in_zero || (count_slot_1 && count_valid[1]);
  assign bins_2_write_index = (in_zero) ? za : x_s1;
  assign bins_2_write_data = (in_zero) ? 16'd0 : new_2;
  assign ap_idle = state == ST_IDLE;
  assign ap_done = state == ST_DONE && !out_pending;
  assign ap_ready = ap_done;

  always @(posedge ap_clk) begin
    if (count_go_0 && count_run) count_valid[1] <= 1'd1;
    else if (count_slot_1) count_valid[1] <= 1'd0;
    if (out_push) out_pending <= 1'd1;
    else if (out_TREADY) out_pending <= 1'd0;
    if (in_count) begin
      count_phase <= count_phase == 1'd1 ? 1'd0 : count_phase + 1'd1;
    end
    if (count_go_0 && count_run) begin
      x_s1 <= x;
      i <= i1;
    end
    if (count_go_0 && count_run && !c) begin
      count_run <= 1'd0;
    end
    if (show_go_1 && show_run) begin
      j <= j1;
    end
    if (show_go_1) begin
      show_valid[1] <= show_run;
    end
    if (show_go_1 && show_run && !jc) begin
      show_run <= 1'd0;
    end
    if (out_push) begin
      out_data <= v;
    end
    if ((count_go_0 && count_run) || (show_go_1 && show_run)) begin
      bins_2_q <= bins_2[bins_2_read_index];
    end
    if (bins_2_write) begin
      bins_2[bins_2_write_index] <= bins_2_write_data;
    end
    if (ap_rst) begin
      state <= ST_IDLE;
      out_pending <= 1'd0;
    end else begin
      case (state)
        ST_IDLE: if (ap_start) begin
          state <= ST_ZERO;
          z <= 4'd0;
        end
        ST_ZERO: begin
          if (zc) begin
            state <= ST_ZERO;
            z <= z1;
          end else begin
            state <= ST_COUNT;
            i <= 16'd0;
            count_run <= 1'd1;
            count_valid <= 1'd0;
            count_phase <= 1'd0;
          end
        end
        ST_COUNT: if (!count_run && (!count_valid[1] || count_slot_1)) begin
          state <= ST_SHOW;
          j <= 4'd0;
          show_run <= 1'd1;
          show_valid <= 1'd0;
        end
        ST_SHOW: if (!show_run && (!show_valid[1] || show_go_1)) begin
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
