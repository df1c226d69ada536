// flow: 3 processes, 2 channels, linked by csynth
module flow (
  input  ap_clk,
  input  ap_rst,
  input  ap_start,
  output ap_done,
  output ap_idle,
  output ap_ready,
  input  [7:0] factor,
  input  [31:0] n,
  input  [11:0] in_TDATA,
  input  in_TVALID,
  output in_TREADY,
  output [31:0] out_TDATA,
  output out_TVALID,
  input  out_TREADY
);

  wire [11:0] scale__in_TDATA;
  wire scale__in_TVALID, scale__in_TREADY;
  wire [19:0] scale__out_TDATA;
  wire scale__out_TVALID, scale__out_TREADY;
  wire [7:0] scale__factor;
  wire [31:0] scale__n;
  wire [19:0] pairs__in_TDATA;
  wire pairs__in_TVALID, pairs__in_TREADY;
  wire [20:0] pairs__out_TDATA;
  wire pairs__out_TVALID, pairs__out_TREADY;
  wire [31:0] pairs__n;
  wire [20:0] finish__in_TDATA;
  wire finish__in_TVALID, finish__in_TREADY;
  wire [31:0] finish__out_TDATA;
  wire finish__out_TVALID, finish__out_TREADY;
  wire [31:0] finish__n;
  reg scale_finished;
  reg pairs_finished;
  reg finish_finished;
  reg running;
  wire all_done;
  reg done;
  wire scale_ap_start, scale_ap_done;
  wire pairs_ap_start, pairs_ap_done;
  wire finish_ap_start, finish_ap_done;

  assign scale_ap_start = running && !scale_finished;
  assign pairs_ap_start = running && !pairs_finished;
  assign finish_ap_start = running && !finish_finished;
  assign all_done = running && (scale_finished || scale_ap_done) && (pairs_finished || pairs_ap_done) && (finish_finished || finish_ap_done);
  assign ap_done = done;
  assign ap_ready = done;
  assign ap_idle = !running && !done;
  assign scale__factor = factor;
  assign scale__n = n;
  assign pairs__n = n;
  assign finish__n = n;
  assign scale__in_TDATA = in_TDATA;
  assign scale__in_TVALID = in_TVALID;
  assign in_TREADY = scale__in_TREADY;
  assign out_TDATA = finish__out_TDATA;
  assign out_TVALID = finish__out_TVALID;
  assign finish__out_TREADY = out_TREADY;

  scale scale (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .ap_start(scale_ap_start),
    .ap_done(scale_ap_done),
    .ap_idle(),
    .ap_ready(),
    .in_TDATA(scale__in_TDATA),
    .in_TVALID(scale__in_TVALID),
    .in_TREADY(scale__in_TREADY),
    .out_TDATA(scale__out_TDATA),
    .out_TVALID(scale__out_TVALID),
    .out_TREADY(scale__out_TREADY),
    .factor(scale__factor),
    .n(scale__n)
  );
  pairs pairs (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .ap_start(pairs_ap_start),
    .ap_done(pairs_ap_done),
    .ap_idle(),
    .ap_ready(),
    .in_TDATA(pairs__in_TDATA),
    .in_TVALID(pairs__in_TVALID),
    .in_TREADY(pairs__in_TREADY),
    .out_TDATA(pairs__out_TDATA),
    .out_TVALID(pairs__out_TVALID),
    .out_TREADY(pairs__out_TREADY),
    .n(pairs__n)
  );
  finish finish (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .ap_start(finish_ap_start),
    .ap_done(finish_ap_done),
    .ap_idle(),
    .ap_ready(),
    .in_TDATA(finish__in_TDATA),
    .in_TVALID(finish__in_TVALID),
    .in_TREADY(finish__in_TREADY),
    .out_TDATA(finish__out_TDATA),
    .out_TVALID(finish__out_TVALID),
    .out_TREADY(finish__out_TREADY),
    .n(finish__n)
  );
  csynth_fifo #(.WIDTH(20), .DEPTH(16)) fifo_scaled (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .in_TDATA(scale__out_TDATA),
    .in_TVALID(scale__out_TVALID),
    .in_TREADY(scale__out_TREADY),
    .out_TDATA(pairs__in_TDATA),
    .out_TVALID(pairs__in_TVALID),
    .out_TREADY(pairs__in_TREADY),
    .count()
  );
  csynth_fifo #(.WIDTH(21), .DEPTH(4)) fifo_paired (
    .ap_clk(ap_clk),
    .ap_rst(ap_rst),
    .in_TDATA(pairs__out_TDATA),
    .in_TVALID(pairs__out_TVALID),
    .in_TREADY(pairs__out_TREADY),
    .out_TDATA(finish__in_TDATA),
    .out_TVALID(finish__in_TVALID),
    .out_TREADY(finish__in_TREADY),
    .count()
  );

  always @(posedge ap_clk) begin
    if (ap_rst) begin
      running <= 1'd0;
      done <= 1'd0;
      scale_finished <= 1'd0;
      pairs_finished <= 1'd0;
      finish_finished <= 1'd0;
    end else begin
      done <= all_done;
      if (!running && !done && ap_start) running <= 1'd1;
      if (scale_ap_done) scale_finished <= 1'd1;
      if (pairs_ap_done) pairs_finished <= 1'd1;
      if (finish_ap_done) finish_finished <= 1'd1;
      if (all_done) begin
        running <= 1'd0;
        scale_finished <= 1'd0;
        pairs_finished <= 1'd0;
        finish_finished <= 1'd0;
      end
    end
  end
endmodule
