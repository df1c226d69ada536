#include "aigchip_commands.h"  // [2, 18]
#include "ap_int.h"
#include "hls_stream.h"

// Tiles of 32 x 32 x 128, steps of 2 x 4 x 4, reuse of tiles of A for 4 tiles.
void ctrl(ap_uint<32> m, ap_uint<32> k, ap_uint<32> n, ap_uint<32> multiplier, ap_uint<32> shift, ap_uint<32> relu, ap_uint<32> bias_offset, hls::stream<ap_uint<104> >& load_a_commands, hls::stream<ap_uint<104> >& load_b_commands, hls::stream<ap_uint<32> >& arbiter_a_commands, hls::stream<ap_uint<32> >& arbiter_b_commands, hls::stream<ap_uint<88> >& buffer_a_commands, hls::stream<ap_uint<88> >& buffer_b_commands, hls::stream<ap_uint<40> >& interconnect_commands, hls::stream<ap_uint<40> >& pe_array_commands, hls::stream<ap_uint<88> >& buffer_c_commands, hls::stream<ap_uint<72> >& post_commands, hls::stream<ap_uint<112> >& store_c_commands) {  // [1]
  const ap_uint<32> a_stride = (m + 7) / 8;  // [7]
  const ap_uint<32> b_stride = (n + 7) / 8;  // [7]

  // The step whose tiles are loaded in this turn.
  bool loading = true;
  ap_uint<32> m0 = 0;
  ap_uint<32> n0 = 0;
  ap_uint<32> k0 = 0;
  ap_uint<4> slot = 0;
  ap_uint<32> group_start = 0;  // n0 of slot 0
  ap_uint<32> a_line = 0;       // [17] k0 * a_stride
  ap_uint<32> b_line = 0;       // [17] k0 * b_stride
  ap_uint<32> c_line = 0;       // [17] m0 * b_stride

  // The step that is computed in this turn, loaded in the one before.
  bool computing = false;
  bool first = false;
  bool last = false;
  ap_uint<4> c_slot = 0;
  ap_uint<8> c_rows = 0;
  ap_uint<8> c_columns = 0;
  ap_uint<8> c_subtiles_m = 0;
  ap_uint<8> c_subtiles_n = 0;
  ap_uint<8> c_steps_k = 0;
  ap_uint<32> c_address = 0;
  ap_uint<32> c_bias = 0;

  while (loading || computing) {  // [5, 17]
    ap_uint<32> left_m = m - m0;
    ap_uint<32> left_n = n - n0;
    ap_uint<32> left_k = k - k0;
    ap_uint<8> rows = 32;
    ap_uint<8> columns = 32;
    ap_uint<8> products = 128;
    if (left_m < 32) rows = left_m;  // [6]
    if (left_n < 32) columns = left_n;  // [6]
    if (left_k < 128) products = left_k;  // [6]
    ap_uint<8> subtiles_m = (rows + 1) / 2;  // [6]
    ap_uint<8> subtiles_n = (columns + 3) / 4;  // [6]
    ap_uint<8> steps_k = (products + 3) / 4;  // [6]
    bool load_a = loading && slot == 0;  // [4]
    bool load_b = loading;  // [4]

    ap_uint<8> a_words = 0;
    ap_uint<16> a_tile_words = 0;
    if (load_a) {  // [8]
      LoadCommand load;
      load.end = false;
      load.bias = false;
      load.rows_valid = products;
      load.rows = steps_k * 4;
      load.words_valid = (rows + 7) / 8;  // [8]
      load.words = (subtiles_m * 2 + 7) / 8;  // [8]
      load.address = a_line + m0 / 8;  // [8]
      load.stride = a_stride;
      load_a_commands.write(load.pack());  // [8]
      a_words = load.words;
      a_tile_words = load.rows * load.words;
      ArbiterCommand split;
      split.end = false;
      split.words = a_tile_words;
      arbiter_a_commands.write(split.pack());  // [8]
    }
    ap_uint<8> b_words = 0;
    ap_uint<16> b_tile_words = 0;
    if (load_b) {  // [9]
      LoadCommand load;
      load.end = false;
      load.bias = false;
      load.rows_valid = products;
      load.rows = steps_k * 4;
      load.words_valid = (columns + 7) / 8;  // [9]
      load.words = (subtiles_n * 4 + 7) / 8;  // [9]
      load.address = b_line + n0 / 8;  // [9]
      load.stride = b_stride;
      load_b_commands.write(load.pack());  // [9]
      b_words = load.words;
      b_tile_words = load.rows * load.words;
      ArbiterCommand split;
      split.end = false;
      split.words = b_tile_words;
      arbiter_b_commands.write(split.pack());  // [9]
    }

    ap_uint<16> subtiles = c_subtiles_m * c_subtiles_n;
    ap_uint<24> steps = subtiles * c_steps_k;  // [6]
    BufferCommand buffer;
    buffer.end = false;  // [2]
    buffer.subtiles_m = c_subtiles_m;
    buffer.subtiles_n = c_subtiles_n;
    buffer.steps_k = c_steps_k;
    buffer.steps = steps;
    buffer.row_words = a_words;
    buffer.fill_words = a_tile_words;
    buffer_a_commands.write(buffer.pack());  // [10]
    buffer.row_words = b_words;
    buffer.fill_words = b_tile_words;
    buffer_b_commands.write(buffer.pack());  // [10]

    if (computing) {  // [11]
      StepCommand compute;
      compute.end = false;
      compute.steps_k = c_steps_k;
      compute.steps = steps;
      interconnect_commands.write(compute.pack());  // [11]
      pe_array_commands.write(compute.pack());  // [11]

      ap_uint<8> row_words = (c_columns + 7) / 8;
      ap_uint<16> drain_words = c_rows * row_words;
      AccumulateCommand accumulate;
      accumulate.end = false;
      accumulate.first = first;  // [12]
      accumulate.drain = last;  // [12]
      accumulate.slot = c_slot;
      accumulate.subtiles_m = c_subtiles_m;
      accumulate.subtiles_n = c_subtiles_n;
      accumulate.subtiles = subtiles;
      accumulate.rows = c_rows;
      accumulate.columns = c_columns;
      accumulate.row_words = row_words;
      accumulate.drain_words = drain_words;
      buffer_c_commands.write(accumulate.pack());  // [12]

      if (last) {  // [13]
        LoadCommand bias;
        bias.end = false;
        bias.bias = true;  // [13]
        bias.rows_valid = 1;
        bias.rows = 1;
        bias.words_valid = (c_rows + 1) / 2;
        bias.words = (c_rows + 1) / 2;
        bias.address = c_bias;
        bias.stride = 0;
        load_a_commands.write(bias.pack());  // [13]

        PostCommand requantise;
        requantise.end = false;
        requantise.relu = relu[0];
        requantise.shift = shift(7, 0);
        requantise.multiplier = multiplier(15, 0);
        requantise.rows = c_rows;
        requantise.row_words = row_words;
        requantise.words = drain_words;
        post_commands.write(requantise.pack());  // [14]

        StoreCommand store;
        store.end = false;
        store.rows = c_rows;
        store.row_words = row_words;
        store.words = drain_words;
        store.address = c_address;
        store.stride = b_stride;
        store_c_commands.write(store.pack());  // [15]
      }
    }

    // [5] What was loaded now is computed in the next turn.
    computing = loading;  // [5]
    first = k0 == 0;  // [12]
    last = left_k <= 128;  // [12]
    c_slot = slot;
    c_rows = rows;
    c_columns = columns;
    c_subtiles_m = subtiles_m;
    c_subtiles_n = subtiles_n;
    c_steps_k = steps_k;
    c_address = c_line + n0 / 8;  // [15]
    c_bias = bias_offset + m0 / 2;  // [13]

    // The next step: the next tile of the group, else the next products, else the next group, else the next row of tiles.
    bool group_ends = slot == 3 || left_n <= 32;  // [3]
    if (!group_ends) {
      slot++;
      n0 = n0 + 32;
    } else {
      slot = 0;
      if (!last) {  // [3]
        k0 = k0 + 128;
        a_line = a_line + a_stride * 128;  // [17]
        b_line = b_line + b_stride * 128;  // [17]
        n0 = group_start;
      } else {
        k0 = 0;
        a_line = 0;
        b_line = 0;
        if (left_n > 32) {  // [3]
          n0 = n0 + 32;
        } else {
          n0 = 0;
          m0 = m0 + 32;
          c_line = c_line + b_stride * 32;  // [17]
          if (left_m <= 32) loading = false;
        }
        group_start = n0;
      }
    }
  }

  // [16] A command with only `end` set is the number 1.
  load_a_commands.write(1);  // [16]
  load_b_commands.write(1);
  arbiter_a_commands.write(1);
  arbiter_b_commands.write(1);
  buffer_a_commands.write(1);
  buffer_b_commands.write(1);
  interconnect_commands.write(1);
  pe_array_commands.write(1);
  buffer_c_commands.write(1);
  post_commands.write(1);
  store_c_commands.write(1);
}
