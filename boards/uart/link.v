`default_nettype none

// A host at a UART reads and writes memory and registers. Bytes travel in frames that SLIP (RFC 1055) tells apart: END (c0) before and
// after each, END and ESC (db) inside it as ESC dc and ESC dd. What lies between two ENDs is a frame if its CRC-32 (IEEE 802.3, last,
// lowest byte first) fits; anything else is dropped without an answer, and the host repeats its request. Words are little-endian.
//
//   request  sequence, command, length [bytes] (2), address (4), what is written, CRC (4)
//   answer   sequence, command + 80, status, 0, what was read, CRC (4)
//
//   command 0  hello: version and last sequence, size of the memory [bytes], clock [Hz], identity of the design, frames that were dropped
//           1  read
//           2  write
//           3  check: read, and answer with the CRC-32 of what was read alone
//   status  0  done
//           1  unknown command
//           2  the address or the length is no multiple of 4, the length is 0 or (but for a check) over 1024, or differs from what came
//           3  a write or a check reached a place where there is nothing; a read answers what lies before that place
//
// A write whose sequence is that of the write before is answered as that one was and not done again: its answer was lost. So every
// request may be repeated at any time, one that starts the accelerator too.
module aigchip_link #(
  parameter CLOCKS = 120,              // clock cycles of a bit
  parameter MEMORY_BYTES = 131072,
  parameter CLOCK_HZ = 120000000,
  parameter [31:0] IDENTITY = 32'd0
) (
  input  wire        clk,
  input  wire        rst_n,
  input  wire        rx,
  output wire        tx,
  // an access of 4 bytes, held until it is done
  output reg         access,
  output reg         access_write,
  output wire [31:0] access_address,
  output reg  [31:0] access_data,
  input  wire        access_done,
  input  wire        access_failed,    // with access_done
  input  wire [31:0] access_word       // with access_done
);
localparam [7:0] VERSION = 8'd1, END = 8'hc0, ESC = 8'hdb, ESC_END = 8'hdc, ESC_ESC = 8'hdd;
localparam [7:0] HELLO = 8'd0, READ = 8'd1, WRITE = 8'd2, CHECK = 8'd3;
localparam [7:0] DONE = 8'd0, UNKNOWN = 8'd1, MALFORMED = 8'd2, FAILED = 8'd3;
localparam [31:0] RESIDUE = 32'hdebb20e3;  // of the CRC over a frame with its CRC
localparam HEADER_BYTES = 8, FRAME_BYTES = 12, LONGEST = 1024, HELLO_WORDS = 5;

localparam [3:0] RECEIVE = 4'd0, JUDGE = 4'd1, LOAD = 4'd2, STORE = 4'd3, SCAN = 4'd4, DIGEST = 4'd5,
                 SEND_END = 4'd6, SEND_HEADER = 4'd7, FETCH = 4'd8, SEND_WORD = 4'd9, SEND_CRC = 4'd10, SEND_LAST = 4'd11;
reg [3:0] state;

// ---- Receive: bytes from the line, escapes undone.
wire [7:0] line_data;
wire       line_valid;
reg        escaped;
wire       came_end = line_valid && line_data == END;
wire       came = line_valid && line_data != END && line_data != ESC;
wire [7:0] came_data = !escaped ? line_data : line_data == ESC_END ? END : line_data == ESC_ESC ? ESC : line_data;

aigchip_uart_rx #(.CLOCKS(CLOCKS)) receiver (.clk(clk), .rst_n(rst_n), .line(rx), .data(line_data), .valid(line_valid));

always @(posedge clk)
  if (!rst_n || came || came_end) escaped <= 1'b0;
  else if (line_valid) escaped <= 1'b1;

// ---- The frame: its header in registers, what is written in a buffer.
reg [10:0] count;                      // bytes so far; stays at its largest
reg        skip;                       // until the next END: the frame began while another was being done, or is too long
reg [7:0]  sequence_now, command;
reg [15:0] length;                     // [bytes]
reg [31:0] address;
reg [7:0]  buffer [0:2047];
reg [7:0]  buffer_data;
wire [10:0] buffer_at = count - HEADER_BYTES;
wire        take = state == RECEIVE && came && !skip;

always @(posedge clk) if (take) buffer[buffer_at] <= came_data;

// ---- CRC-32, a bit a cycle.
reg [31:0] crc;
reg [7:0]  crc_data;
reg [3:0]  crc_bits;
reg        crc_clear, crc_put;
reg [7:0]  crc_byte;
wire       crc_busy = crc_put || crc_bits != 4'd0;
wire       crc_low = crc[0] ^ crc_data[0];

always @(posedge clk)
  if (!rst_n || crc_clear) begin
    crc <= 32'hffffffff;
    crc_bits <= 4'd0;
    crc_data <= 8'd0;
  end else if (crc_put) begin
    crc_data <= crc_byte;
    crc_bits <= 4'd8;
  end else if (crc_bits != 4'd0) begin
    crc <= {1'b0, crc[31:1]} ^ (crc_low ? 32'hedb88320 : 32'd0);
    crc_data <= {1'b0, crc_data[7:1]};
    crc_bits <= crc_bits - 4'd1;
  end

// ---- Send: a byte at a time, escapes made.
reg [7:0]  send_data;
reg        send, send_plain;           // held until sent; plain: not escaped
reg        send_second;                // the second byte of an escape
wire       line_ready;
wire       must_escape = !send_plain && (send_data == END || send_data == ESC);
wire       sent = send && line_ready && (!must_escape || send_second);

aigchip_uart_tx #(.CLOCKS(CLOCKS)) sender (
  .clk(clk), .rst_n(rst_n), .valid(send), .ready(line_ready), .line(tx),
  .data(!must_escape ? send_data : !send_second ? ESC : send_data == END ? ESC_END : ESC_ESC)
);

always @(posedge clk)
  if (!rst_n || sent) send_second <= 1'b0;
  else if (send && line_ready) send_second <= 1'b1;

// ---- What is asked for, done word by word.
reg [7:0]  status;
reg [15:0] done_bytes;                 // of the length
reg [31:0] word;
reg [31:0] digest;                     // of a check
reg [2:0]  index;                      // byte of a word or of a header
reg [7:0]  last_sequence, last_status;
reg        have_last;
reg [15:0] dropped;
reg [2:0]  hello_index;
reg        wait_buffer;
wire       malformed = length[1:0] != 2'd0 || address[1:0] != 2'd0 || length == 16'd0 || (command != CHECK && length > LONGEST);
wire       all_done = done_bytes == length;
wire       repeated = have_last && sequence_now == last_sequence;

assign access_address = address + {16'd0, done_bytes};

reg [31:0] hello_word;
always @*
  case (hello_index)
    3'd0: hello_word = {15'd0, have_last, last_sequence, VERSION};
    3'd1: hello_word = MEMORY_BYTES;
    3'd2: hello_word = CLOCK_HZ;
    3'd3: hello_word = IDENTITY;
    default: hello_word = {16'd0, dropped};
  endcase

reg [7:0] header_byte;
always @*
  case (index[1:0])
    2'd0: header_byte = sequence_now;
    2'd1: header_byte = command | 8'h80;
    2'd2: header_byte = status;
    default: header_byte = 8'd0;
  endcase

always @(posedge clk) buffer_data <= buffer[done_bytes[10:0] + {8'd0, index}];

always @(posedge clk) begin
  crc_put <= 1'b0;
  crc_clear <= 1'b0;
  if (!rst_n) begin
    state <= RECEIVE;
    count <= 11'd0;
    skip <= 1'b0;
    crc_clear <= 1'b1;
    crc_byte <= 8'd0;
    sequence_now <= 8'd0;
    command <= 8'd0;
    length <= 16'd0;
    address <= 32'd0;
    access <= 1'b0;
    access_write <= 1'b0;
    access_data <= 32'd0;
    send <= 1'b0;
    send_plain <= 1'b0;
    send_data <= 8'd0;
    status <= DONE;
    done_bytes <= 16'd0;
    word <= 32'd0;
    digest <= 32'd0;
    index <= 3'd0;
    last_sequence <= 8'd0;
    last_status <= DONE;
    have_last <= 1'b0;
    dropped <= 16'd0;
    hello_index <= 3'd0;
    wait_buffer <= 1'b0;
  end else begin
    if (send && sent) send <= 1'b0;
    if (state != RECEIVE && line_valid) skip <= !came_end;
    case (state)
      RECEIVE:
        if (came_end) begin
          skip <= 1'b0;
          if (!skip && count >= FRAME_BYTES && crc == RESIDUE) state <= JUDGE;
          else begin
            if (skip || count != 11'd0) dropped <= dropped + 16'd1;
            count <= 11'd0;
            crc_clear <= 1'b1;
          end
        end else if (take) begin
          count <= count + 11'd1;
          if (count == 11'd2046) skip <= 1'b1;
          crc_put <= 1'b1;
          crc_byte <= came_data;
          case (count)
            11'd0: sequence_now <= came_data;
            11'd1: command <= came_data;
            11'd2, 11'd3: length <= {came_data, length[15:8]};
            11'd4, 11'd5, 11'd6, 11'd7: address <= {came_data, address[31:8]};
            default: ;
          endcase
        end

      JUDGE: begin
        crc_clear <= 1'b1;
        done_bytes <= 16'd0;
        index <= 3'd0;
        hello_index <= 3'd0;
        status <= DONE;
        wait_buffer <= 1'b1;
        state <= SEND_END;
        if (command == WRITE) begin
          if (repeated) status <= last_status;
          else if (malformed || {5'd0, count} != length + FRAME_BYTES) status <= MALFORMED;
          else state <= LOAD;
        end else if (command == READ || command == CHECK) begin
          if (malformed) status <= MALFORMED;
          else if (command == CHECK) state <= SCAN;
        end else if (command != HELLO) status <= UNKNOWN;
      end

      LOAD:  // four bytes of the buffer, which answers a cycle late
        if (wait_buffer) wait_buffer <= 1'b0;
        else begin
          access_data <= {buffer_data, access_data[31:8]};
          index <= index + 3'd1;
          wait_buffer <= 1'b1;
          if (index == 3'd3) begin
            index <= 3'd0;
            access <= 1'b1;
            access_write <= 1'b1;
            state <= STORE;
          end
        end
      STORE:
        if (access_done) begin
          access <= 1'b0;
          access_write <= 1'b0;
          done_bytes <= done_bytes + 16'd4;
          wait_buffer <= 1'b1;
          state <= LOAD;
          if (access_failed || done_bytes + 16'd4 == length) begin
            status <= access_failed ? FAILED : DONE;
            last_status <= access_failed ? FAILED : DONE;
            last_sequence <= sequence_now;
            have_last <= 1'b1;
            state <= SEND_END;
          end
        end

      SCAN:
        if (all_done) begin
          digest <= ~crc;
          crc_clear <= !crc_busy;
          if (!crc_busy) state <= SEND_END;
        end else if (!access) access <= 1'b1;
        else if (access_done) begin
          access <= 1'b0;
          word <= access_word;
          index <= 3'd0;
          state <= DIGEST;
          if (access_failed) begin
            status <= FAILED;
            crc_clear <= 1'b1;
            state <= SEND_END;
          end
        end
      DIGEST:
        if (!crc_busy) begin
          if (index == 3'd4) begin
            done_bytes <= done_bytes + 16'd4;
            state <= SCAN;
          end else begin
            crc_put <= 1'b1;
            crc_byte <= word[7:0];
            word <= {8'd0, word[31:8]};
            index <= index + 3'd1;
          end
        end

      SEND_END: begin
        send <= 1'b1;
        send_plain <= 1'b1;
        send_data <= END;
        index <= 3'd0;
        if (command == READ) done_bytes <= 16'd0;
        if (send && sent) begin
          send <= 1'b0;
          state <= SEND_HEADER;
        end
      end
      SEND_HEADER:
        if (!send && !crc_busy) begin
          if (index == 3'd4) begin
            index <= 3'd0;
            state <= status == DONE && command != WRITE ? FETCH : SEND_CRC;
          end else begin
            send <= 1'b1;
            send_plain <= 1'b0;
            send_data <= header_byte;
            crc_put <= 1'b1;
            crc_byte <= header_byte;
            index <= index + 3'd1;
          end
        end
      FETCH:  // the next word of the answer
        if (command == READ) begin
          if (all_done) state <= SEND_CRC;
          else if (!access) access <= 1'b1;
          else if (access_done) begin
            access <= 1'b0;
            word <= access_word;
            state <= access_failed ? SEND_CRC : SEND_WORD;
          end
        end else if (command == CHECK) begin
          word <= digest;
          state <= SEND_WORD;
        end else begin
          word <= hello_word;
          hello_index <= hello_index + 3'd1;
          state <= SEND_WORD;
        end
      SEND_WORD:
        if (!send && !crc_busy) begin
          if (index == 3'd4) begin
            index <= 3'd0;
            done_bytes <= done_bytes + 16'd4;
            state <= command == READ || (command == HELLO && hello_index != HELLO_WORDS) ? FETCH : SEND_CRC;
          end else begin
            send <= 1'b1;
            send_data <= word[7:0];
            crc_put <= 1'b1;
            crc_byte <= word[7:0];
            word <= {8'd0, word[31:8]};
            index <= index + 3'd1;
          end
        end
      SEND_CRC:
        if (!send && !crc_busy) begin
          word <= index == 3'd0 ? {8'd0, ~crc[31:8]} : {8'd0, word[31:8]};
          send <= index != 3'd4;
          send_data <= index == 3'd0 ? ~crc[7:0] : word[7:0];
          index <= index + 3'd1;
          if (index == 3'd4) state <= SEND_LAST;
        end
      SEND_LAST: begin
        send <= 1'b1;
        send_plain <= 1'b1;
        send_data <= END;
        if (send && sent) begin
          send <= 1'b0;
          count <= 11'd0;
          crc_clear <= 1'b1;
          state <= RECEIVE;
        end
      end
      default: state <= RECEIVE;
    endcase
  end
end
endmodule
`default_nettype wire
