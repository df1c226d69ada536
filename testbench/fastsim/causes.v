// What the array of the template's accelerator does in each cycle while it runs: one of the outputs holds. It takes operands, or
// it does not, for a cause:
//   steps     it takes a step's operands
//   memory    a tile is loaded and a word that the memory was asked for is not there, or was not for so many cycles of this load
//             as the array waits now; or results wait for their parameters, for the store's port, or for its answers
//   buffers   a half is filled with words that are there, or a step's operands are read in several pieces
//   pipeline  operands are on their way from the buffers, or results leave: the array's, which take longer than the steps of a
//             sub-tile, or the last tile's
//   control   none of these: commands, start and end
`default_nettype none
module fastsim_causes (
  input  wire        clk,
  input  wire        running,
  input  wire        taken,        // the array takes the operands of a step
  input  wire        there_a,      // an operand lies before it
  input  wire        there_b,
  input  wire        command,      // it takes a command
  input  wire        held,         // a result finds no place
  input  wire        finished,     // it has ended
  input  wire        piece_a,      // a piece lies before the interconnect
  input  wire        piece_b,
  input  wire        begins,       // the interconnect takes a command
  input  wire        asked_a,      // an arbiter takes a command: a tile is loaded
  input  wire        asked_b,
  input  wire [31:0] tile_a,       // of so many words
  input  wire [31:0] tile_b,
  input  wire        word_a,       // a word lies before the arbiter
  input  wire        word_b,
  input  wire        passed_a,     // it takes it
  input  wire        passed_b,
  input  wire        fill_a,       // a piece lies before the buffer
  input  wire        fill_b,
  input  wire [7:0]  requested_a,  // bursts that the load asks for in this cycle, and those that end
  input  wire [7:0]  delivered_a,
  input  wire [7:0]  requested_b,
  input  wire [7:0]  delivered_b,
  input  wire        result,       // results lie between array and post
  input  wire        output_,      // they lie before the store
  input  wire        parameters,   // a word of post's parameters is there
  input  wire        sent,         // the store's port takes a word
  input  wire        blocked,      // or is offered what it does not take
  input  wire [7:0]  written,      // bursts that the store begins in this cycle, and those that are answered
  input  wire [7:0]  answered,
  output reg         steps,
  output reg         memory,
  output reg         buffers,
  output reg         pipeline,
  output reg         control
);
reg [31:0] left_a, left_b;            // words of the tile that is loaded
reg [15:0] reads_a, reads_b, writes;  // bursts under way
reg [31:0] owed_a, owed_b;            // cycles in which this load waited for the memory and the array did not wait for it
reg        begun;                     // the interconnect has taken a command since the last step

wire waits_a = left_a != 0 && !word_a && reads_a != 0;
wire waits_b = left_b != 0 && !word_b && reads_b != 0;
wire late    = waits_a || waits_b || owed_a != 0 || owed_b != 0;
wire fills   = word_a || word_b || fill_a || fill_b;
wire read    = (there_a || piece_a) && (there_b || piece_b);
wire leaves  = result || output_;
wire stopped = blocked || (result && !output_ && !parameters && reads_a != 0) || ((output_ ? !sent : finished && !result) && writes != 0);
wire filling = !taken && !held && !finished && !read && (late || fills);

always @* begin
  {steps, memory, buffers, pipeline, control} = 5'b00001;
  if (taken) {steps, control} = 2'b10;
  else if (held || finished) begin
    if (stopped) {memory, control} = 2'b10;
    else if (held || leaves) {pipeline, control} = 2'b10;
  end else if (there_a && there_b) begin
    if (!command) {pipeline, control} = 2'b10;
  end else if (read) {buffers, control} = 2'b10;
  else if (late) {memory, control} = 2'b10;
  else if (fills) {buffers, control} = 2'b10;
  else if (leaves || begun) {pipeline, control} = 2'b10;
end

always @(posedge clk)
  if (!running) begin
    left_a <= 0;
    left_b <= 0;
    reads_a <= 0;
    reads_b <= 0;
    writes <= 0;
    owed_a <= 0;
    owed_b <= 0;
    begun <= 0;
  end else begin
    left_a <= left_a + (asked_a ? tile_a : 0) - {31'd0, passed_a};
    left_b <= left_b + (asked_b ? tile_b : 0) - {31'd0, passed_b};
    reads_a <= reads_a + {8'd0, requested_a} - {8'd0, delivered_a};
    reads_b <= reads_b + {8'd0, requested_b} - {8'd0, delivered_b};
    writes <= writes + {8'd0, written} - {8'd0, answered};
    if (asked_a) owed_a <= 0;
    else if (waits_a && !filling) owed_a <= owed_a + 1;
    else if (!waits_a && filling && owed_a != 0) owed_a <= owed_a - 1;
    if (asked_b) owed_b <= 0;
    else if (waits_b && !filling) owed_b <= owed_b + 1;
    else if (!waits_b && filling && owed_b != 0) owed_b <= owed_b - 1;
    if (taken) begun <= 0;
    else if (begins) begun <= 1;
  end
endmodule
`default_nettype wire
