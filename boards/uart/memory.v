`default_nettype none

// The board's memory on the chip, in words of WIDTH bits: two AXI4 masters read it (a, b), one writes it (c), and the host does both,
// 4 bytes at a time and before the masters. Bursts are INCR with whole words, as the accelerator's are. What lies beyond the memory
// answers with SLVERR.
module aigchip_memory #(parameter BYTES = 131072, parameter WIDTH = 64) (
  input  wire               clk,
  input  wire               rst_n,

  input  wire [63:0]        a_araddr,
  input  wire [7:0]         a_arlen,
  input  wire               a_arvalid,
  output wire               a_arready,
  output wire [WIDTH-1:0]   a_rdata,
  output wire [1:0]         a_rresp,
  output wire               a_rlast,
  output wire               a_rvalid,
  input  wire               a_rready,

  input  wire [63:0]        b_araddr,
  input  wire [7:0]         b_arlen,
  input  wire               b_arvalid,
  output wire               b_arready,
  output wire [WIDTH-1:0]   b_rdata,
  output wire [1:0]         b_rresp,
  output wire               b_rlast,
  output wire               b_rvalid,
  input  wire               b_rready,

  input  wire [63:0]        c_awaddr,
  input  wire               c_awvalid,
  output wire               c_awready,
  input  wire [WIDTH-1:0]   c_wdata,
  input  wire [WIDTH/8-1:0] c_wstrb,
  input  wire               c_wlast,
  input  wire               c_wvalid,
  output wire               c_wready,
  output wire [1:0]         c_bresp,
  output wire               c_bvalid,
  input  wire               c_bready,

  // the host: an access of 4 bytes, held until it is done
  input  wire               host,
  input  wire               host_write,
  input  wire [30:0]        host_address,
  input  wire [31:0]        host_data,
  output reg                host_done,
  output wire               host_failed,
  output reg  [31:0]        host_word
);
localparam LANES = WIDTH / 8;
localparam LOW = $clog2(LANES);                // address bits inside a word
localparam BITS = $clog2(BYTES) - LOW;         // of a word's place

// ---- Reading: a request a cycle, its word three cycles later.
wire            a_want, b_want, host_read;
wire [BITS-1:0] a_at, b_at;
reg             a_before;                      // a was served last
wire            grant_a = a_want && !host_read && !(b_want && a_before);
wire            grant_b = b_want && !host_read && !grant_a;
reg  [BITS-1:0] read_at;
reg  [WIDTH-1:0] read_word;
wire [WIDTH-1:0] lanes_word;
reg  [2:0]      for_a, for_b, for_host;        // whose word comes: in three, two, one cycles

always @(posedge clk) begin
  read_at <= host_read ? host_address[LOW +: BITS] : grant_a ? a_at : b_at;
  read_word <= lanes_word;
  if (!rst_n) begin
    a_before <= 1'b0;
    for_a <= 3'd0;
    for_b <= 3'd0;
    for_host <= 3'd0;
  end else begin
    if (grant_a || grant_b) a_before <= grant_a;
    for_a <= {for_a[1:0], grant_a};
    for_b <= {for_b[1:0], grant_b};
    for_host <= {for_host[1:0], host_read};
  end
end

aigchip_memory_reader #(.WIDTH(WIDTH), .BYTES(BYTES)) reader_a (
  .clk(clk), .rst_n(rst_n),
  .araddr(a_araddr), .arlen(a_arlen), .arvalid(a_arvalid), .arready(a_arready),
  .rdata(a_rdata), .rresp(a_rresp), .rlast(a_rlast), .rvalid(a_rvalid), .rready(a_rready),
  .want(a_want), .at(a_at), .granted(grant_a), .come(for_a[2]), .word(read_word)
);
aigchip_memory_reader #(.WIDTH(WIDTH), .BYTES(BYTES)) reader_b (
  .clk(clk), .rst_n(rst_n),
  .araddr(b_araddr), .arlen(b_arlen), .arvalid(b_arvalid), .arready(b_arready),
  .rdata(b_rdata), .rresp(b_rresp), .rlast(b_rlast), .rvalid(b_rvalid), .rready(b_rready),
  .want(b_want), .at(b_at), .granted(grant_b), .come(for_b[2]), .word(read_word)
);

// ---- Writing: a word a cycle, in memory two cycles later.
wire             host_store;
reg              c_active, c_outside;
reg  [BITS-1:0]  c_at;
reg  [1:0]       c_ends;                       // the last word of a burst is on its way into memory
reg              c_answer;
wire             c_put = c_wvalid && c_wready;
wire             unused = &{1'b0, c_awaddr[LOW-1:0]};
reg  [BITS-1:0]  write_at;
reg  [WIDTH-1:0] write_word;
reg  [LANES-1:0] write_lanes;

assign c_awready = !c_active && !c_answer && c_ends == 2'd0;
assign c_wready = c_active && !host_store;
assign c_bvalid = c_answer;
assign c_bresp = {c_outside, 1'b0};

always @(posedge clk) begin
  write_at <= host_store ? host_address[LOW +: BITS] : c_at;
  write_word <= host_store ? {(WIDTH / 32){host_data}} : c_wdata;
  if (!rst_n) begin
    c_active <= 1'b0;
    c_outside <= 1'b0;
    c_at <= {BITS{1'b0}};
    c_ends <= 2'd0;
    c_answer <= 1'b0;
    write_lanes <= {LANES{1'b0}};
  end else begin
    write_lanes <= host_store ? host_lanes : c_put && !c_outside ? c_wstrb : {LANES{1'b0}};
    c_ends <= {c_ends[0], c_put && c_wlast};
    if (c_awvalid && c_awready) begin
      c_active <= 1'b1;
      c_outside <= |c_awaddr[63:LOW+BITS];
      c_at <= c_awaddr[LOW +: BITS];
    end else if (c_put) begin
      c_at <= c_at + 1'b1;
      if (c_wlast) c_active <= 1'b0;
    end
    if (c_ends[1]) c_answer <= 1'b1;
    else if (c_bready) c_answer <= 1'b0;
  end
end

// ---- The memory: one block a byte of the word, so that strobes cost nothing.
genvar lane;
generate
  for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
    (* no_rw_check *) reg [7:0] bytes [0:(1<<BITS)-1];  // nobody reads what is being written: B comes after the word is there
    reg [7:0] out;
    always @(posedge clk) begin
      if (write_lanes[lane]) bytes[write_at] <= write_word[8*lane +: 8];
      out <= bytes[read_at];
    end
    assign lanes_word[8*lane +: 8] = out;
  end
endgenerate

// ---- The host.
localparam [1:0] IDLE = 2'd0, READING = 2'd1, ENDED = 2'd2;
reg  [1:0] state;
reg        outside;
wire       host_outside = |host_address[30:LOW+BITS];
wire       host_begins = host && state == IDLE && !host_done;
wire [LANES-1:0] host_lanes;
wire [LOW-1:0] host_byte = host_address[LOW-1:0];
wire [WIDTH-1:0] shifted = read_word >> {host_byte, 3'd0};

assign host_read = host_begins && !host_write && !host_outside;
assign host_store = host_begins && host_write && !host_outside;
assign host_failed = outside;
generate
  for (lane = 0; lane < LANES; lane = lane + 1) begin : g_host
    assign host_lanes[lane] = host_byte[LOW-1:0] / 4 == lane / 4;
  end
endgenerate

always @(posedge clk) begin
  host_done <= 1'b0;
  if (!rst_n) begin
    state <= IDLE;
    outside <= 1'b0;
    host_word <= 32'd0;
  end else case (state)
    IDLE:
      if (host_begins) begin
        outside <= host_outside;
        state <= host_read ? READING : ENDED;
      end
    READING:
      if (for_host[2]) begin
        host_word <= shifted[31:0];
        state <= ENDED;
      end
    default: begin
      host_done <= 1'b1;
      state <= IDLE;
    end
  endcase
end
endmodule

// One master's reads: a burst becomes requests, what comes is kept until the master takes it. No more is asked for than there is room.
module aigchip_memory_reader #(parameter WIDTH = 64, parameter BYTES = 131072) (
  input  wire             clk,
  input  wire             rst_n,
  input  wire [63:0]      araddr,
  input  wire [7:0]       arlen,
  input  wire             arvalid,
  output wire             arready,
  output wire [WIDTH-1:0] rdata,
  output wire [1:0]       rresp,
  output wire             rlast,
  output wire             rvalid,
  input  wire             rready,
  output wire             want,
  output reg  [$clog2(BYTES)-$clog2(WIDTH/8)-1:0] at,
  input  wire             granted,
  input  wire             come,
  input  wire [WIDTH-1:0] word
);
localparam LOW = $clog2(WIDTH / 8);
localparam BITS = $clog2(BYTES) - LOW;

reg  [8:0] left;                       // words of the burst that are not asked for yet
reg        some, outside;              // left != 0
reg  [4:0] room;                       // words that may still be asked for
reg        has_room;                   // room != 0
wire       taken = rvalid && rready;
wire       one_left = left == 9'd1;
wire [4:0] room_now = room + {4'd0, taken} - {4'd0, granted};

wire       unused = &{1'b0, araddr[LOW-1:0]};

assign arready = !some;
assign want = some && has_room;

always @(posedge clk)
  if (!rst_n) begin
    left <= 9'd0;
    some <= 1'b0;
    outside <= 1'b0;
    at <= {BITS{1'b0}};
    room <= 5'd16;
    has_room <= 1'b1;
  end else begin
    room <= room_now;
    has_room <= room_now != 5'd0;
    if (arvalid && arready) begin
      left <= {1'b0, arlen} + 9'd1;
      some <= 1'b1;
      outside <= |araddr[63:LOW+BITS];
      at <= araddr[LOW +: BITS];
    end else if (granted) begin
      left <= left - 9'd1;
      some <= !one_left;
      at <= at + 1'b1;
    end
  end

// What is last in its burst, and what is outside the memory, waits in the order of the requests.
reg  [1:0]         marks [0:15];
reg  [WIDTH-1:0]   words [0:15];
reg  [3:0]         asked, first, last;
reg  [4:0]         stored;

always @(posedge clk) begin
  if (granted) marks[asked] <= {outside, one_left};
  if (come) words[last] <= word;
  if (!rst_n) begin
    asked <= 4'd0;
    first <= 4'd0;
    last <= 4'd0;
    stored <= 5'd0;
  end else begin
    if (granted) asked <= asked + 4'd1;
    if (come) last <= last + 4'd1;
    if (taken) first <= first + 4'd1;
    stored <= stored + {4'd0, come} - {4'd0, taken};
  end
end
assign rvalid = stored != 5'd0;
assign rdata = words[first];
assign rlast = marks[first][0];
assign rresp = {marks[first][1], 1'b0};
endmodule
`default_nettype wire
