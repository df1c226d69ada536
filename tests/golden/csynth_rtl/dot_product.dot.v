// dot (dot_product.cpp:14), made by csynth for a clock of 3333 ps
// loop PRODUCTS: II = 1, depth = 2
module dot (
  input  ap_clk,
  input  ap_rst,
  input  ap_start,
  output ap_done,
  output ap_idle,
  output ap_ready,
  input  [7:0] left_TDATA,
  input  left_TVALID,
  output left_TREADY,
  input  [7:0] right_TDATA,
  input  right_TVALID,
  output right_TREADY,
  output [31:0] total_TDATA,
  output total_TVALID,
  input  total_TREADY
);

  localparam [1:0] ST_IDLE = 2'd0;
  localparam [1:0] ST_PRODUCTS = 2'd1;
  localparam [1:0] ST__ZL10ACCUMULATEILI64EEVRN3HLS6STREAMI6AP_INTILI8EELI0EEES5_RNS1_IS2_ILI32EELI0EEE_EXIT = 2'd2;
  localparam [1:0] ST_DONE = 2'd3;

  reg [1:0] state;
  wire in_PRODUCTS;
  wire in__ZL10accumulateILi64EEvRN3hls6streamI6ap_intILi8EELi0EEES5_RNS1_IS2_ILi32EELi0EEE_exit;
  reg PRODUCTS_run;
  reg [1:1] PRODUCTS_valid;
  wire PRODUCTS_stall_0;
  wire PRODUCTS_go_0;
  wire [7:0] v_i;
  wire [7:0] v_i43;
  wire [31:0] add_i;
  wire [6:0] i_i_3;
  wire [6:0] inc_i_3;
  wire exitcond_not;
  wire [5:0] inc_i_4;
  reg [5:0] i_i;
  wire in__ZL10accumulateILi64EEvRN3hls6streamI6ap_intILi8EELi0EEES5_RNS1_IS2_ILi32EELi0EEE_exit_fire;
  wire [31:0] sum_i_sroa_0_01_acc_now;
  reg total_pending;
  reg [31:0] total_data;
  wire total_space;
  wire total_push;
  wire [47:0] sum_i_sroa_0_01_acc_p;
  wire [31:0] sum_i_sroa_0_01_acc;

  assign in_PRODUCTS = state == ST_PRODUCTS;
  assign in__ZL10accumulateILi64EEvRN3hls6streamI6ap_intILi8EELi0EEES5_RNS1_IS2_ILi32EELi0EEE_exit = state == ST__ZL10ACCUMULATEILI64EEVRN3HLS6STREAMI6AP_INTILI8EELI0EEES5_RNS1_IS2_ILI32EELI0EEE_EXIT;
  assign PRODUCTS_stall_0 = PRODUCTS_run && (!left_TVALID || !right_TVALID);
  assign PRODUCTS_go_0 = in_PRODUCTS && !PRODUCTS_stall_0;
  assign v_i = left_TDATA;  // dot_product.cpp:10
  assign v_i43 = right_TDATA;  // dot_product.cpp:10
  assign add_i = sum_i_sroa_0_01_acc;  // dot_product.cpp:10
  assign i_i_3 = {1'd0, i_i};  // dot_product.cpp:8
  assign inc_i_3 = i_i_3 + 7'd1;  // dot_product.cpp:8
  assign exitcond_not = inc_i_3 == 7'd64;  // dot_product.cpp:8
  assign inc_i_4 = inc_i_3[5:0];
  assign in__ZL10accumulateILi64EEvRN3hls6streamI6ap_intILi8EELi0EEES5_RNS1_IS2_ILi32EELi0EEE_exit_fire = in__ZL10accumulateILi64EEvRN3hls6streamI6ap_intILi8EELi0EEES5_RNS1_IS2_ILi32EELi0EEE_exit && !(!total_space);
  assign sum_i_sroa_0_01_acc_now = sum_i_sroa_0_01_acc;  // dot_product.cpp:10
  assign left_TREADY = PRODUCTS_go_0 && PRODUCTS_run;
  assign right_TREADY = PRODUCTS_go_0 && PRODUCTS_run;
  assign total_space = !total_pending || total_TREADY;
  assign total_push = in__ZL10accumulateILi64EEvRN3hls6streamI6ap_intILi8EELi0EEES5_RNS1_IS2_ILi32EELi0EEE_exit_fire;
  assign total_TVALID = total_pending;
  assign total_TDATA = total_data;
  assign sum_i_sroa_0_01_acc = sum_i_sroa_0_01_acc_p[31:0];  // sum.i.sroa.0.01
  assign ap_idle = state == ST_IDLE;
  assign ap_done = state == ST_DONE && !total_pending;
  assign ap_ready = ap_done;

  csynth_dsp_mac #(.REGISTERS(1), .SUBTRACT(0)) sum_i_sroa_0_01_acc_dsp (
    .clk(ap_clk),
    .ce_m(1'd0),
    .ce_p(PRODUCTS_go_0 && PRODUCTS_run),
    .reset(state == ST_IDLE),
    .load(1'd0),
    .first(1'd0),
    .a({{19{v_i[7]}}, v_i}),
    .b({{10{v_i43[7]}}, v_i43}),
    .c(48'd0),
    .p(sum_i_sroa_0_01_acc_p)
  );

  always @(posedge ap_clk) begin
    if (PRODUCTS_go_0) PRODUCTS_valid[1] <= PRODUCTS_run;
    else if (in_PRODUCTS) PRODUCTS_valid[1] <= 1'd0;
    if (total_push) total_pending <= 1'd1;
    else if (total_TREADY) total_pending <= 1'd0;
    if (PRODUCTS_go_0 && PRODUCTS_run) begin
      i_i <= inc_i_4;
    end
    if (PRODUCTS_go_0 && PRODUCTS_run && exitcond_not) begin
      PRODUCTS_run <= 1'd0;
    end
    if (total_push) begin
      total_data <= sum_i_sroa_0_01_acc_now;
    end
    if (ap_rst) begin
      state <= ST_IDLE;
      total_pending <= 1'd0;
    end else begin
      case (state)
        ST_IDLE: if (ap_start) begin
          state <= ST_PRODUCTS;
          i_i <= 6'd0;
          PRODUCTS_run <= 1'd1;
          PRODUCTS_valid <= 1'd0;
        end
        ST_PRODUCTS: if (!PRODUCTS_run && (!PRODUCTS_valid[1] || in_PRODUCTS)) begin
          state <= ST__ZL10ACCUMULATEILI64EEVRN3HLS6STREAMI6AP_INTILI8EELI0EEES5_RNS1_IS2_ILI32EELI0EEE_EXIT;
        end
        ST__ZL10ACCUMULATEILI64EEVRN3HLS6STREAMI6AP_INTILI8EELI0EEES5_RNS1_IS2_ILI32EELI0EEE_EXIT: if (in__ZL10accumulateILi64EEvRN3hls6streamI6ap_intILi8EELi0EEES5_RNS1_IS2_ILi32EELi0EEE_exit_fire) begin
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
