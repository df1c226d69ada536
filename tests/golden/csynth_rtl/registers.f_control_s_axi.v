// Register map of Vitis HLS. 0x000 ap_ctrl, 0x004 GIER, 0x008 IER, 0x00c ISR,
// 0x010  ap_return (32 bits, read only)
// 0x018  a (32 bits)
// 0x020  b (64 bits)
// 0x02c  out (32 bits, read only); 0x030 bit 0 written (clear on read)
// 0x03c  wide (64 bits, read only); 0x044 bit 0 written (clear on read)
// 0x054  both_i (32 bits)
// 0x05c  both_o (32 bits, read only); 0x060 bit 0 written (clear on read)
// 0x064  mem (64 bits)
module f_control_s_axi (
  input  ap_clk,
  input  ap_rst,
  input  [11:0] s_axi_AWADDR,
  input  s_axi_AWVALID,
  output s_axi_AWREADY,
  input  [31:0] s_axi_WDATA,
  input  [3:0] s_axi_WSTRB,
  input  s_axi_WVALID,
  output s_axi_WREADY,
  output [1:0] s_axi_BRESP,
  output s_axi_BVALID,
  input  s_axi_BREADY,
  input  [11:0] s_axi_ARADDR,
  input  s_axi_ARVALID,
  output s_axi_ARREADY,
  output [31:0] s_axi_RDATA,
  output [1:0] s_axi_RRESP,
  output s_axi_RVALID,
  input  s_axi_RREADY,
  output interrupt,
  output ap_start,
  input  ap_done,
  input  ap_idle,
  input  ap_ready,
  input  [31:0] arg_ap_return_value,
  output reg [31:0] arg_a,
  output reg [63:0] arg_b,
  input  [31:0] arg_out_value,
  input  arg_out_ap_vld,
  input  [63:0] arg_wide_value,
  input  arg_wide_ap_vld,
  output reg [31:0] arg_both_i,
  input  [31:0] arg_both_o_value,
  input  arg_both_o_ap_vld,
  output reg [63:0] arg_mem
);
  reg [11:0] write_address;
  reg address_taken;
  reg write_response;
  reg read_valid;
  reg [31:0] read_data;
  wire address_now = s_axi_AWVALID && s_axi_AWREADY;
  wire write_now = s_axi_WVALID && s_axi_WREADY;
  wire read_now = s_axi_ARVALID && s_axi_ARREADY;
  wire [31:0] mask = {{8{s_axi_WSTRB[3]}}, {8{s_axi_WSTRB[2]}}, {8{s_axi_WSTRB[1]}}, {8{s_axi_WSTRB[0]}}};
  wire [31:0] word = s_axi_WDATA & mask;

  assign s_axi_AWREADY = !address_taken && !write_response;
  assign s_axi_WREADY = address_taken && !write_response;
  assign s_axi_BVALID = write_response;
  assign s_axi_BRESP = 2'd0;
  assign s_axi_ARREADY = !read_valid;
  assign s_axi_RVALID = read_valid;
  assign s_axi_RDATA = read_data;
  assign s_axi_RRESP = 2'd0;
  reg auto_restart, done_flag, ready_flag, global_interrupt;
  reg [1:0] interrupt_enable;
  reg [1:0] interrupt_status;
  reg start;
  wire [1:0] events = {ap_ready, ap_done} & interrupt_enable;
  wire [1:0] toggled = write_now && write_address == 12'h00c ? word[1:0] : 2'd0;
  assign ap_start = start;
  assign interrupt = global_interrupt && (|interrupt_status);
  reg [31:0] arg_ap_return;
  reg [31:0] arg_out;
  reg arg_out_written;
  reg [63:0] arg_wide;
  reg arg_wide_written;
  reg [31:0] arg_both_o;
  reg arg_both_o_written;

  always @(posedge ap_clk) begin
    if (address_now) write_address <= s_axi_AWADDR;
    if (ap_rst) begin
      address_taken <= 1'd0;
      write_response <= 1'd0;
      read_valid <= 1'd0;
      start <= 1'd0;
      auto_restart <= 1'd0;
      done_flag <= 1'd0;
      ready_flag <= 1'd0;
      global_interrupt <= 1'd0;
      interrupt_enable <= 2'd0;
      interrupt_status <= 2'd0;
      arg_ap_return <= 32'd0;
      arg_a <= 32'd0;
      arg_b <= 64'd0;
      arg_out <= 32'd0;
      arg_out_written <= 1'd0;
      arg_wide <= 64'd0;
      arg_wide_written <= 1'd0;
      arg_both_i <= 32'd0;
      arg_both_o <= 32'd0;
      arg_both_o_written <= 1'd0;
      arg_mem <= 64'd0;
    end else begin
      if (address_now) address_taken <= 1'd1;
      else if (write_now) address_taken <= 1'd0;
      if (write_now) write_response <= 1'd1;
      else if (s_axi_BREADY) write_response <= 1'd0;
      if (read_now) read_valid <= 1'd1;
      else if (s_axi_RREADY) read_valid <= 1'd0;
      if (ap_ready) start <= auto_restart;
      if (read_now && s_axi_ARADDR == 12'h000) begin
        done_flag <= 1'd0;
        ready_flag <= 1'd0;
      end
      if (ap_done) done_flag <= 1'd1;
      if (ap_ready) ready_flag <= 1'd1;
      interrupt_status <= (interrupt_status ^ toggled) | events;
      if (ap_done) arg_ap_return <= arg_ap_return_value;
      if (read_now && s_axi_ARADDR == 12'h030) arg_out_written <= 1'd0;
      if (arg_out_ap_vld) begin
        arg_out <= arg_out_value;
        arg_out_written <= 1'd1;
      end
      if (read_now && s_axi_ARADDR == 12'h044) arg_wide_written <= 1'd0;
      if (arg_wide_ap_vld) begin
        arg_wide <= arg_wide_value;
        arg_wide_written <= 1'd1;
      end
      if (read_now && s_axi_ARADDR == 12'h060) arg_both_o_written <= 1'd0;
      if (arg_both_o_ap_vld) begin
        arg_both_o <= arg_both_o_value;
        arg_both_o_written <= 1'd1;
      end
      if (write_now) begin
        case (write_address)
          12'h000: begin
            if (word[0]) start <= 1'd1;
            if (s_axi_WSTRB[0]) auto_restart <= word[7];
          end
          12'h004: if (s_axi_WSTRB[0]) global_interrupt <= word[0];
          12'h008: if (s_axi_WSTRB[0]) interrupt_enable <= word[1:0];
          12'h018: arg_a[31:0] <= (arg_a[31:0] & ~mask) | word;
          12'h020: arg_b[31:0] <= (arg_b[31:0] & ~mask) | word;
          12'h024: arg_b[63:32] <= (arg_b[63:32] & ~mask) | word;
          12'h054: arg_both_i[31:0] <= (arg_both_i[31:0] & ~mask) | word;
          12'h064: arg_mem[31:0] <= (arg_mem[31:0] & ~mask) | word;
          12'h068: arg_mem[63:32] <= (arg_mem[63:32] & ~mask) | word;
          default: ;
        endcase
      end
    end
    if (read_now) begin
      case (s_axi_ARADDR)
        12'h000: read_data <= {22'd0, interrupt, 1'd0, auto_restart, 3'd0, ready_flag, ap_idle, done_flag, start};
        12'h004: read_data <= {31'd0, global_interrupt};
        12'h008: read_data <= {30'd0, interrupt_enable};
        12'h00c: read_data <= {30'd0, interrupt_status};
        12'h010: read_data <= arg_ap_return[31:0];
        12'h018: read_data <= arg_a[31:0];
        12'h020: read_data <= arg_b[31:0];
        12'h024: read_data <= arg_b[63:32];
        12'h030: read_data <= {31'd0, arg_out_written};
        12'h02c: read_data <= arg_out[31:0];
        12'h044: read_data <= {31'd0, arg_wide_written};
        12'h03c: read_data <= arg_wide[31:0];
        12'h040: read_data <= arg_wide[63:32];
        12'h054: read_data <= arg_both_i[31:0];
        12'h060: read_data <= {31'd0, arg_both_o_written};
        12'h05c: read_data <= arg_both_o[31:0];
        12'h064: read_data <= arg_mem[31:0];
        12'h068: read_data <= arg_mem[63:32];
        default: read_data <= 32'd0;
      endcase
    end
  end
endmodule
