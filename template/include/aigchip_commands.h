// The commands that ctrl sends to the other modules, packed into one ap_uint word each. Bit 0 of every command is `end`: the module
// returns when it has read a command with end = 1; all other fields of that command are 0. The range of bits stands beside each field.
//
// A memory word holds pw pixels of one block of cb channels; see template/README.md.
#ifndef AIGCHIP_COMMANDS_H
#define AIGCHIP_COMMANDS_H
#include "ap_int.h"

// load_a: read `words` words from word `address` of gmem_a on, and send them in order to `words`, or (params = 1) to `param_words`.
struct LoadACommand {
  static const int WIDTH = 72;
  bool end;  // 0
  bool params;  // 1  1: the words are parameters of post
  ap_uint<32> words;  // 2..33  words to read
  ap_uint<32> address;  // 34..65  first word

  static LoadACommand unpack(ap_uint<72> w) {
    LoadACommand c;
    c.end = w[0];
    c.params = w[1];
    c.words = w(33, 2);
    c.address = w(65, 34);
    return c;
  }
  ap_uint<72> pack() const {
    ap_uint<72> w = 0;
    w[0] = end;
    w[1] = params;
    w(33, 2) = words;
    w(65, 34) = address;
    return w;
  }
};

// load_b: send a window of a feature map. The map lies in planes, one for each block of channels; a plane is a run of pixels, pw pixels in
// a word. For each block, for each row: row r covers `columns` pixels from pixel index + r * row_pixels of the plane on (indices may be
// negative). With lead = that pixel modulo pw, the row is sent as ceil((lead + columns) / pw) words, the words of the plane from pixel - lead on.
// Pixels of rows outside [row_first, row_end) and of columns outside [column_first, column_end) are padding. A word without any pixel
// inside is sent as 0 and never read; the others are read as they are, one burst for each row.
struct LoadBCommand {
  static const int WIDTH = 248;
  bool end;  // 0
  ap_uint<16> blocks;  // 1..16  planes to send
  ap_uint<16> rows;  // 17..32  rows of the window
  ap_uint<16> columns;  // 33..48  pixels of a row
  ap_uint<16> row_first;  // 49..64  first row inside the map
  ap_uint<16> row_end;  // 65..80  one past the last row inside
  ap_uint<16> column_first;  // 81..96  first column inside the map
  ap_uint<16> column_end;  // 97..112  one past the last column inside
  ap_uint<32> address;  // 113..144  word where the first plane begins
  ap_uint<32> plane;  // 145..176  words from a plane to the next
  ap_int<32> index;  // 177..208  signed: pixel of the plane where row 0, column 0 lies
  ap_uint<32> row_pixels;  // 209..240  pixels from a row to the next

  static LoadBCommand unpack(ap_uint<248> w) {
    LoadBCommand c;
    c.end = w[0];
    c.blocks = w(16, 1);
    c.rows = w(32, 17);
    c.columns = w(48, 33);
    c.row_first = w(64, 49);
    c.row_end = w(80, 65);
    c.column_first = w(96, 81);
    c.column_end = w(112, 97);
    c.address = w(144, 113);
    c.plane = w(176, 145);
    c.index = w(208, 177);
    c.row_pixels = w(240, 209);
    return c;
  }
  ap_uint<248> pack() const {
    ap_uint<248> w = 0;
    w[0] = end;
    w(16, 1) = blocks;
    w(32, 17) = rows;
    w(48, 33) = columns;
    w(64, 49) = row_first;
    w(80, 65) = row_end;
    w(96, 81) = column_first;
    w(112, 97) = column_end;
    w(144, 113) = address;
    w(176, 145) = plane;
    w(208, 177) = index;
    w(240, 209) = row_pixels;
    return w;
  }
};

// arbiter_a, arbiter_b: convert `words` memory words to pieces.
struct ArbiterCommand {
  static const int WIDTH = 40;
  bool end;  // 0
  ap_uint<32> words;  // 1..32  memory words

  static ArbiterCommand unpack(ap_uint<40> w) {
    ArbiterCommand c;
    c.end = w[0];
    c.words = w(32, 1);
    return c;
  }
  ap_uint<40> pack() const {
    ap_uint<40> w = 0;
    w[0] = end;
    w(32, 1) = words;
    return w;
  }
};

// buffer_a: while the tile in the front half is read, fill the other half with `fill_pieces` pieces; swap afterwards when fill_pieces is not
// 0. Reading sends, for each of subtiles_m sub-tiles, its `pieces` pieces (one after another in the tile) `groups_n` times.
struct BufferACommand {
  static const int WIDTH = 88;
  bool end;  // 0
  ap_uint<24> fill_pieces;  // 1..24  pieces of the tile that is filled
  ap_uint<16> subtiles_m;  // 25..40  sub-tiles to read, 0: none
  ap_uint<16> groups_n;  // 41..56  times that each is sent
  ap_uint<24> pieces;  // 57..80  pieces of a sub-tile

  static BufferACommand unpack(ap_uint<88> w) {
    BufferACommand c;
    c.end = w[0];
    c.fill_pieces = w(24, 1);
    c.subtiles_m = w(40, 25);
    c.groups_n = w(56, 41);
    c.pieces = w(80, 57);
    return c;
  }
  ap_uint<88> pack() const {
    ap_uint<88> w = 0;
    w[0] = end;
    w(24, 1) = fill_pieces;
    w(40, 25) = subtiles_m;
    w(56, 41) = groups_n;
    w(80, 57) = pieces;
    return w;
  }
};

// buffer_b: `tap` = 1: only remember entry `subtiles_m` of the table of taps, `tap_offset` (positions). Otherwise: while the window in the front half
// is read, fill the other half; swap afterwards when fill_blocks is not 0. See template/README.md for positions and order.
struct BufferBCommand {
  static const int WIDTH = 336;
  bool end;  // 0
  bool tap;  // 1  1: an entry of the table of taps
  ap_uint<16> fill_blocks;  // 2..17  planes of the window that is filled, 0: none
  ap_uint<16> fill_rows;  // 18..33  its rows
  ap_uint<16> fill_columns;  // 34..49  its columns
  ap_uint<16> row_first;  // 50..65  first row inside the map
  ap_uint<16> row_end;  // 66..81  one past the last row inside
  ap_uint<16> column_first;  // 82..97  first column inside the map
  ap_uint<16> column_end;  // 98..113  one past the last column inside
  ap_uint<8> lead;  // 114..121  pixels in the first word of row 0 before column 0
  ap_uint<8> lead_step;  // 122..129  by how many more (modulo pw) the lead of the next row is
  ap_uint<3> row_phases;  // 130..132  phases into which rows are dealt: 1, 2 or 4
  ap_uint<3> column_phases;  // 133..135  phases into which columns are dealt
  ap_uint<3> row_stride;  // 136..138  stride of rows: row r has phase r % row_stride, kept when below row_phases
  ap_uint<3> column_stride;  // 139..141  the same for columns
  ap_uint<16> pitch;  // 142..157  positions from a row of a phase to its next
  ap_uint<24> plane;  // 158..181  positions from a phase to the next
  ap_uint<24> step_positions;  // 182..205  positions from a k-group to the next
  ap_uint<16> subtiles_m;  // 206..221  sub-tiles to read, 0: none; the number of a tap
  ap_uint<16> groups_n;  // 222..237  groups of sn output pixels
  ap_uint<16> out_columns;  // 238..253  output pixels in a row
  ap_uint<16> taps;  // 254..269  taps of the kernel
  ap_uint<16> k_groups;  // 270..285  k-groups that a sub-tile sums
  ap_uint<16> share_m;  // 286..301  sub-tiles after which the next k-groups begin
  ap_uint<24> tap_offset;  // 302..325  position of a tap
  ap_int<8> padding;  // 326..333  signed: value of every padding pixel

  static BufferBCommand unpack(ap_uint<336> w) {
    BufferBCommand c;
    c.end = w[0];
    c.tap = w[1];
    c.fill_blocks = w(17, 2);
    c.fill_rows = w(33, 18);
    c.fill_columns = w(49, 34);
    c.row_first = w(65, 50);
    c.row_end = w(81, 66);
    c.column_first = w(97, 82);
    c.column_end = w(113, 98);
    c.lead = w(121, 114);
    c.lead_step = w(129, 122);
    c.row_phases = w(132, 130);
    c.column_phases = w(135, 133);
    c.row_stride = w(138, 136);
    c.column_stride = w(141, 139);
    c.pitch = w(157, 142);
    c.plane = w(181, 158);
    c.step_positions = w(205, 182);
    c.subtiles_m = w(221, 206);
    c.groups_n = w(237, 222);
    c.out_columns = w(253, 238);
    c.taps = w(269, 254);
    c.k_groups = w(285, 270);
    c.share_m = w(301, 286);
    c.tap_offset = w(325, 302);
    c.padding = w(333, 326);
    return c;
  }
  ap_uint<336> pack() const {
    ap_uint<336> w = 0;
    w[0] = end;
    w[1] = tap;
    w(17, 2) = fill_blocks;
    w(33, 18) = fill_rows;
    w(49, 34) = fill_columns;
    w(65, 50) = row_first;
    w(81, 66) = row_end;
    w(97, 82) = column_first;
    w(113, 98) = column_end;
    w(121, 114) = lead;
    w(129, 122) = lead_step;
    w(132, 130) = row_phases;
    w(135, 133) = column_phases;
    w(138, 136) = row_stride;
    w(141, 139) = column_stride;
    w(157, 142) = pitch;
    w(181, 158) = plane;
    w(205, 182) = step_positions;
    w(221, 206) = subtiles_m;
    w(237, 222) = groups_n;
    w(253, 238) = out_columns;
    w(269, 254) = taps;
    w(285, 270) = k_groups;
    w(301, 286) = share_m;
    w(325, 302) = tap_offset;
    w(333, 326) = padding;
    return w;
  }
};

// interconnect and pe_array: `subtiles` output sub-tiles of `steps_k` array steps each.
struct StepCommand {
  static const int WIDTH = 48;
  bool end;  // 0
  bool window;  // 1  1: depthwise, each lane takes its own channel of the window
  ap_uint<16> steps_k;  // 2..17  steps of a sub-tile
  ap_uint<24> subtiles;  // 18..41  sub-tiles of the tile

  static StepCommand unpack(ap_uint<48> w) {
    StepCommand c;
    c.end = w[0];
    c.window = w[1];
    c.steps_k = w(17, 2);
    c.subtiles = w(41, 18);
    return c;
  }
  ap_uint<48> pack() const {
    ap_uint<48> w = 0;
    w[0] = end;
    w[1] = window;
    w(17, 2) = steps_k;
    w(41, 18) = subtiles;
    return w;
  }
};

// buffer_c: fold `fold_m` x `fold_n` sub-tiles of results into slot `fold_slot` (first = 1: they replace what is there, else they are added), and
// meanwhile send slot `drain_slot`: drain_blocks blocks of cb channels, drain_words memory words (pw pixels) of each; 0: nothing.
// The two slots differ in their lowest bit.
struct AccumulateCommand {
  static const int WIDTH = 88;
  bool end;  // 0
  bool first;  // 1  1: results replace the accumulators
  ap_uint<8> fold_slot;  // 2..9  slot that is folded into
  ap_uint<16> fold_m;  // 10..25  sub-tiles along m, 0: none
  ap_uint<16> fold_n;  // 26..41  groups of sn pixels
  ap_uint<8> drain_slot;  // 42..49  slot that is sent
  ap_uint<16> drain_blocks;  // 50..65  blocks of channels to send, 0: none
  ap_uint<16> drain_words;  // 66..81  memory words of each block

  static AccumulateCommand unpack(ap_uint<88> w) {
    AccumulateCommand c;
    c.end = w[0];
    c.first = w[1];
    c.fold_slot = w(9, 2);
    c.fold_m = w(25, 10);
    c.fold_n = w(41, 26);
    c.drain_slot = w(49, 42);
    c.drain_blocks = w(65, 50);
    c.drain_words = w(81, 66);
    return c;
  }
  ap_uint<88> pack() const {
    ap_uint<88> w = 0;
    w[0] = end;
    w[1] = first;
    w(9, 2) = fold_slot;
    w(25, 10) = fold_m;
    w(41, 26) = fold_n;
    w(49, 42) = drain_slot;
    w(65, 50) = drain_blocks;
    w(81, 66) = drain_words;
    return w;
  }
};

// post: take the parameters of `channels` channels, then requantise `blocks` blocks of `words` memory words each.
struct PostCommand {
  static const int WIDTH = 80;
  bool end;  // 0
  ap_int<8> zero_point;  // 1..8  signed: added after the shift
  ap_int<8> low;  // 9..16  signed: least result
  ap_int<8> high;  // 17..24  signed: greatest result
  ap_uint<16> channels;  // 25..40  channels whose parameters come first
  ap_uint<16> blocks;  // 41..56  blocks of cb channels
  ap_uint<16> words;  // 57..72  memory words of a block

  static PostCommand unpack(ap_uint<80> w) {
    PostCommand c;
    c.end = w[0];
    c.zero_point = w(8, 1);
    c.low = w(16, 9);
    c.high = w(24, 17);
    c.channels = w(40, 25);
    c.blocks = w(56, 41);
    c.words = w(72, 57);
    return c;
  }
  ap_uint<80> pack() const {
    ap_uint<80> w = 0;
    w[0] = end;
    w(8, 1) = zero_point;
    w(16, 9) = low;
    w(24, 17) = high;
    w(40, 25) = channels;
    w(56, 41) = blocks;
    w(72, 57) = words;
    return w;
  }
};

// store_c: for each block, for each segment, write `words` words; a segment begins at word address + block * plane + segment * stride.
struct StoreCommand {
  static const int WIDTH = 152;
  bool end;  // 0
  ap_uint<16> blocks;  // 1..16  planes to write
  ap_uint<16> segments;  // 17..32  runs of words in each
  ap_uint<16> words;  // 33..48  words of a segment
  ap_uint<32> address;  // 49..80  first word
  ap_uint<32> plane;  // 81..112  words from a plane to the next
  ap_uint<32> stride;  // 113..144  words from a segment to the next

  static StoreCommand unpack(ap_uint<152> w) {
    StoreCommand c;
    c.end = w[0];
    c.blocks = w(16, 1);
    c.segments = w(32, 17);
    c.words = w(48, 33);
    c.address = w(80, 49);
    c.plane = w(112, 81);
    c.stride = w(144, 113);
    return c;
  }
  ap_uint<152> pack() const {
    ap_uint<152> w = 0;
    w[0] = end;
    w(16, 1) = blocks;
    w(32, 17) = segments;
    w(48, 33) = words;
    w(80, 49) = address;
    w(112, 81) = plane;
    w(144, 113) = stride;
    return w;
  }
};

#endif
