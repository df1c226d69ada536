// The commands that ctrl sends to the other modules, packed into one ap_uint word each. Bit 0 of every command is `end`: the module
// returns when it has read a command with end = 1; all other fields of that command are 0. A field "a..b" takes bits b down to a.
//
// Words: `word` is always the 64-bit word of a memory port (8 int8 elements, or 2 int32 bias values); rows and columns are elements.
#ifndef AIGCHIP_COMMANDS_H
#define AIGCHIP_COMMANDS_H
#include "ap_int.h"

// load_a, load_b: send one tile as `rows` rows of `words` words, in order. Only the first `words_valid` words of the first `rows_valid`
// rows are in memory; the others are sent as 0. Row r begins at word address + r * stride of the port.
struct LoadCommand {
  static const int WIDTH = 104;
  bool end;              // 0
  bool bias;             // 1: (load_a only) the words are bias values and go to post
  ap_uint<8> rows_valid;   // 8..15
  ap_uint<8> rows;         // 16..23
  ap_uint<8> words_valid;  // 24..31
  ap_uint<8> words;        // 32..39
  ap_uint<32> address;     // 40..71
  ap_uint<32> stride;      // 72..103

  static LoadCommand unpack(ap_uint<104> w) {
    LoadCommand c;
    c.end = w[0];
    c.bias = w[1];
    c.rows_valid = w(15, 8);
    c.rows = w(23, 16);
    c.words_valid = w(31, 24);
    c.words = w(39, 32);
    c.address = w(71, 40);
    c.stride = w(103, 72);
    return c;
  }
  ap_uint<104> pack() const {
    ap_uint<104> w = 0;
    w[0] = end;
    w[1] = bias;
    w(15, 8) = rows_valid;
    w(23, 16) = rows;
    w(31, 24) = words_valid;
    w(39, 32) = words;
    w(71, 40) = address;
    w(103, 72) = stride;
    return w;
  }
};

// arbiter_a, arbiter_b: split `words` words.
struct ArbiterCommand {
  static const int WIDTH = 32;
  bool end;           // 0
  ap_uint<16> words;  // 16..31

  static ArbiterCommand unpack(ap_uint<32> w) {
    ArbiterCommand c;
    c.end = w[0];
    c.words = w(31, 16);
    return c;
  }
  ap_uint<32> pack() const {
    ap_uint<32> w = 0;
    w[0] = end;
    w(31, 16) = words;
    return w;
  }
};

// buffer_a, buffer_b: while the tile in the front half is read for `steps` array steps, fill the other half with a tile of
// `fill_words` words, `row_words` words to a row; swap the halves afterwards when fill_words is not 0.
// steps = subtiles_m * subtiles_n * steps_k.
struct BufferCommand {
  static const int WIDTH = 88;
  bool end;                // 0
  ap_uint<8> row_words;    // 8..15
  ap_uint<16> fill_words;  // 16..31
  ap_uint<8> subtiles_m;   // 32..39
  ap_uint<8> subtiles_n;   // 40..47
  ap_uint<8> steps_k;      // 48..55
  ap_uint<24> steps;       // 56..79

  static BufferCommand unpack(ap_uint<88> w) {
    BufferCommand c;
    c.end = w[0];
    c.row_words = w(15, 8);
    c.fill_words = w(31, 16);
    c.subtiles_m = w(39, 32);
    c.subtiles_n = w(47, 40);
    c.steps_k = w(55, 48);
    c.steps = w(79, 56);
    return c;
  }
  ap_uint<88> pack() const {
    ap_uint<88> w = 0;
    w[0] = end;
    w(15, 8) = row_words;
    w(31, 16) = fill_words;
    w(39, 32) = subtiles_m;
    w(47, 40) = subtiles_n;
    w(55, 48) = steps_k;
    w(79, 56) = steps;
    return w;
  }
};

// interconnect and pe_array: pass, or compute, `steps` array steps; every `steps_k` steps complete one output sub-tile.
struct StepCommand {
  static const int WIDTH = 40;
  bool end;           // 0
  ap_uint<8> steps_k;  // 8..15
  ap_uint<24> steps;   // 16..39

  static StepCommand unpack(ap_uint<40> w) {
    StepCommand c;
    c.end = w[0];
    c.steps_k = w(15, 8);
    c.steps = w(39, 16);
    return c;
  }
  ap_uint<40> pack() const {
    ap_uint<40> w = 0;
    w[0] = end;
    w(15, 8) = steps_k;
    w(39, 16) = steps;
    return w;
  }
};

// buffer_c: fold `subtiles` = subtiles_m * subtiles_n sub-tile results into output tile `slot`; `first` stores instead of adding.
// Then, when `drain` is 1, send `rows` rows of `row_words` * 8 accumulators; those of columns >= `columns` are sent as 0.
// drain_words = rows * row_words.
struct AccumulateCommand {
  static const int WIDTH = 88;
  bool end;                 // 0
  bool first;               // 1
  bool drain;               // 2
  ap_uint<4> slot;          // 4..7
  ap_uint<8> subtiles_m;    // 8..15
  ap_uint<8> subtiles_n;    // 16..23
  ap_uint<16> subtiles;     // 24..39
  ap_uint<8> rows;          // 40..47
  ap_uint<8> columns;       // 48..55
  ap_uint<8> row_words;     // 56..63
  ap_uint<16> drain_words;  // 64..79

  static AccumulateCommand unpack(ap_uint<88> w) {
    AccumulateCommand c;
    c.end = w[0];
    c.first = w[1];
    c.drain = w[2];
    c.slot = w(7, 4);
    c.subtiles_m = w(15, 8);
    c.subtiles_n = w(23, 16);
    c.subtiles = w(39, 24);
    c.rows = w(47, 40);
    c.columns = w(55, 48);
    c.row_words = w(63, 56);
    c.drain_words = w(79, 64);
    return c;
  }
  ap_uint<88> pack() const {
    ap_uint<88> w = 0;
    w[0] = end;
    w[1] = first;
    w[2] = drain;
    w(7, 4) = slot;
    w(15, 8) = subtiles_m;
    w(23, 16) = subtiles_n;
    w(39, 24) = subtiles;
    w(47, 40) = rows;
    w(55, 48) = columns;
    w(63, 56) = row_words;
    w(79, 64) = drain_words;
    return w;
  }
};

// post: requantise `rows` rows of `row_words` * 8 accumulators; words = rows * row_words.
struct PostCommand {
  static const int WIDTH = 72;
  bool end;                // 0
  bool relu;               // 1
  ap_uint<8> shift;        // 8..15: 1 to 31
  ap_uint<16> multiplier;  // 16..31
  ap_uint<8> rows;         // 32..39
  ap_uint<8> row_words;    // 40..47
  ap_uint<16> words;       // 48..63

  static PostCommand unpack(ap_uint<72> w) {
    PostCommand c;
    c.end = w[0];
    c.relu = w[1];
    c.shift = w(15, 8);
    c.multiplier = w(31, 16);
    c.rows = w(39, 32);
    c.row_words = w(47, 40);
    c.words = w(63, 48);
    return c;
  }
  ap_uint<72> pack() const {
    ap_uint<72> w = 0;
    w[0] = end;
    w[1] = relu;
    w(15, 8) = shift;
    w(31, 16) = multiplier;
    w(39, 32) = rows;
    w(47, 40) = row_words;
    w(63, 48) = words;
    return w;
  }
};

// store_c: store `rows` rows of `row_words` words; words = rows * row_words. Row r begins at word address + r * stride of the port.
struct StoreCommand {
  static const int WIDTH = 112;
  bool end;              // 0
  ap_uint<8> rows;       // 8..15
  ap_uint<8> row_words;  // 16..23
  ap_uint<16> words;     // 24..39
  ap_uint<32> address;   // 40..71
  ap_uint<32> stride;    // 72..103

  static StoreCommand unpack(ap_uint<112> w) {
    StoreCommand c;
    c.end = w[0];
    c.rows = w(15, 8);
    c.row_words = w(23, 16);
    c.words = w(39, 24);
    c.address = w(71, 40);
    c.stride = w(103, 72);
    return c;
  }
  ap_uint<112> pack() const {
    ap_uint<112> w = 0;
    w[0] = end;
    w(15, 8) = rows;
    w(23, 16) = row_words;
    w(39, 24) = words;
    w(71, 40) = address;
    w(103, 72) = stride;
    return w;
  }
};
#endif
