#include "aigchip_commands.h"  // [2, 20]
#include "ap_int.h"
#include "hls_stream.h"

// Steps of 2 x 32 x 16, blocks of 2 channels, words of 16 pixel(s), reuse of tiles of A.
void ctrl(ap_uint<32> m_subtiles, ap_uint<32> tile_m, ap_uint<32> out_rows, ap_uint<32> out_columns, ap_uint<32> tile_rows, ap_uint<32> tile_columns, ap_uint<32> k_groups, ap_uint<32> tile_k, ap_uint<32> kernel_rows, ap_uint<32> kernel_columns, ap_uint<32> dilation, ap_uint<32> stride, ap_uint<32> row_step, ap_uint<32> row_stride, ap_uint<32> row_phases, ap_uint<32> column_phases, ap_uint<32> span_rows, ap_uint<32> span_columns, ap_uint<32> pad_top, ap_uint<32> pad_left, ap_uint<32> in_rows, ap_uint<32> in_columns, ap_uint<32> in_pitch, ap_uint<32> in_plane, ap_uint<32> out_plane, ap_uint<32> grouped, ap_uint<32> share_m, ap_uint<32> share_k, ap_uint<32> window, ap_uint<32> pitch, ap_uint<32> plane, ap_uint<32> step_positions, ap_uint<32> a_address, ap_uint<32> a_tile_words, ap_uint<32> p_address, ap_uint<32> p_tile_words, ap_uint<32> b_address, ap_uint<32> c_address, ap_uint<32> padding, ap_uint<32> zero_point, ap_uint<32> low, ap_uint<32> high, ap_uint<32> group, hls::stream<ap_uint<72> >& load_a_commands, hls::stream<ap_uint<40> >& arbiter_a_commands, hls::stream<ap_uint<248> >& load_b_commands, hls::stream<ap_uint<40> >& arbiter_b_commands, hls::stream<ap_uint<88> >& buffer_a_commands, hls::stream<ap_uint<336> >& buffer_b_commands, hls::stream<ap_uint<48> >& interconnect_commands, hls::stream<ap_uint<48> >& pe_array_commands, hls::stream<ap_uint<88> >& buffer_c_commands, hls::stream<ap_uint<80> >& post_commands, hls::stream<ap_uint<152> >& store_c_commands) {  // [1]
  // The table of taps.
  ap_uint<16> tap = 0;
  ap_uint<16> tap_row = 0;
  for (ap_uint<16> row = 0; row < kernel_rows; row++) {  // [3]
    ap_uint<16> row_phase = 0;
    if (row_stride == 2) row_phase = tap_row & 1;
    if (row_stride == 4) row_phase = tap_row & 3;
    ap_uint<16> row_in_phase = tap_row;
    if (row_stride == 2) row_in_phase = tap_row >> 1;
    if (row_stride == 4) row_in_phase = tap_row >> 2;
    ap_uint<16> phases_before = row_phase * ap_uint<3>(column_phases);
    ap_uint<24> row_offset = phases_before * ap_uint<24>(plane) + row_in_phase * ap_uint<16>(pitch);  // [3]
    ap_uint<16> tap_column = 0;
    for (ap_uint<16> column = 0; column < kernel_columns; column++) {  // [3]
      ap_uint<16> column_phase = 0;
      ap_uint<16> column_in_phase = tap_column;
      if (stride == 2) {
        column_phase = tap_column & 1;
        column_in_phase = tap_column >> 1;
      }
      if (stride == 4) {
        column_phase = tap_column & 3;
        column_in_phase = tap_column >> 2;
      }
      if (window) {  // [4]
        column_phase = column;
        column_in_phase = 0;
      }
      BufferBCommand entry = BufferBCommand::unpack(0);
      entry.tap = true;  // [3]
      entry.subtiles_m = tap;
      entry.tap_offset = row_offset + column_phase * ap_uint<24>(plane) + column_in_phase;  // [3]
      buffer_b_commands.write(entry.pack());
      tap++;
      tap_column += dilation;
    }
    tap_row += dilation;
  }
  ap_uint<16> taps = tap;

  // The turn whose tiles are loaded: its place, and what is in the buffers.
  bool loading = true;
  ap_uint<16> m0 = 0;
  ap_uint<16> m_tile = 0;
  ap_uint<16> y0 = 0;
  ap_uint<16> x0 = 0;
  ap_uint<16> k0 = 0;
  ap_uint<16> k_tile = 0;
  ap_uint<32> a_tile = a_address;  // [7] address of the tile at m_tile, k_tile
  ap_uint<32> a_row = a_address;   // of the tile at m_tile, 0
  ap_uint<32> a_row_words = a_tile_words;  // words from a tile to that at the next m_tile
  if (!grouped) {
    for (ap_uint<16> k = tile_k; k < k_groups; k += tile_k) a_row_words += a_tile_words;  // [7]
  }
  ap_uint<8> slot = 0;
  ap_uint<8> member = 0;  // [5] the place in the group
  ap_uint<16> start_y0 = 0;
  ap_uint<16> start_x0 = 0;
  bool a_there = false;  // [6] which tiles the buffers hold
  ap_uint<16> a_there_m = 0;
  ap_uint<16> a_there_k = 0;
  bool b_there = false;
  ap_uint<16> b_there_y = 0;
  ap_uint<16> b_there_x = 0;
  ap_uint<16> b_there_k = 0;

  // The turn that is computed: its tiles were loaded one turn before.
  bool computing = false;
  bool first = false;
  bool last = false;
  ap_uint<8> c_slot = 0;
  ap_uint<16> c_m0 = 0;
  ap_uint<16> c_m_tile = 0;
  ap_uint<16> c_y0 = 0;
  ap_uint<16> c_x0 = 0;
  ap_uint<16> c_subtiles_m = 0;
  ap_uint<16> c_rows = 0;
  ap_uint<16> c_columns = 0;
  ap_uint<32> c_pixels = 0;
  ap_uint<16> c_groups_n = 0;
  ap_uint<16> c_k_groups = 0;
  ap_uint<16> c_steps = 0;

  // The tile that is sent: its sums were finished one turn before.
  bool sending = false;
  ap_uint<8> s_slot = 0;
  ap_uint<16> s_m0 = 0;
  ap_uint<16> s_m_tile = 0;
  ap_uint<16> s_y0 = 0;
  ap_uint<16> s_x0 = 0;
  ap_uint<16> s_subtiles_m = 0;
  ap_uint<16> s_rows = 0;
  ap_uint<16> s_columns = 0;
  ap_uint<32> s_pixels = 0;

  while (loading || computing || sending) {  // [8]
    // What is loaded.
    ap_uint<16> subtiles_m = tile_m;
    if (subtiles_m > m_subtiles - m0) subtiles_m = m_subtiles - m0;  // [9]
    ap_uint<16> rows = tile_rows;
    if (rows > out_rows - y0) rows = out_rows - y0;  // [9]
    ap_uint<16> columns = tile_columns;
    if (columns > out_columns - x0) columns = out_columns - x0;  // [9]
    ap_uint<16> window_k = tile_k;
    if (window_k > k_groups - k0) window_k = k_groups - k0;  // [9]
    ap_uint<16> sum_k = window_k;
    if (grouped) sum_k = share_k;  // [9]
    ap_uint<32> pixels = rows * columns;  // [9]
    ap_uint<16> groups_n = (pixels + 31) / 32;  // [9]
    ap_uint<16> steps = taps * sum_k;  // [9]
    ap_uint<16> key_k = k_tile;
    if (grouped) key_k = m_tile;  // [6]
    bool load_a = loading && !(a_there && a_there_m == m_tile && a_there_k == k_tile);  // [6]
    bool load_b = loading && !(b_there && b_there_y == y0 && b_there_x == x0 && b_there_k == key_k);  // [6]

    if (sending) {  // [10]
      LoadACommand parameters = LoadACommand::unpack(0);
      parameters.params = true;
      parameters.words = (s_subtiles_m * 16 + 31) / 32;
      ap_uint<32> p_tile = s_m_tile * p_tile_words;
#pragma HLS bind_op variable=p_tile op=mul impl=fabric latency=2
      parameters.address = p_address + p_tile;
      load_a_commands.write(parameters.pack());
    }
    ap_uint<24> fill_pieces = 0;
    if (load_a) {  // [11]
      ap_uint<32> tile_steps = subtiles_m * steps;
      LoadACommand load = LoadACommand::unpack(0);
      load.words = (tile_steps * 32 + 31) / 32;
      fill_pieces = load.words * 8;  // [11] those that only fill the last word too
      load.address = a_tile;
      load_a_commands.write(load.pack());
      ArbiterCommand convert = ArbiterCommand::unpack(0);
      convert.words = load.words;
      arbiter_a_commands.write(convert.pack());
      a_there = true;
      a_there_m = m_tile;
      a_there_k = k_tile;
    }
    BufferBCommand b = BufferBCommand::unpack(0);
    if (load_b) {  // [12, 13]
      LoadBCommand load = LoadBCommand::unpack(0);
      load.blocks = window_k * 8;
      ap_uint<16> more_rows = (rows - 1) * ap_uint<3>(row_stride);
#pragma HLS bind_op variable=more_rows op=mul impl=fabric latency=1
      load.rows = more_rows + span_rows;
      ap_uint<16> more_columns = (columns - 1) * ap_uint<3>(stride);
#pragma HLS bind_op variable=more_columns op=mul impl=fabric latency=1
      load.columns = more_columns + span_columns;
      ap_int<32> first_row = y0 * ap_uint<3>(stride);
#pragma HLS bind_op variable=first_row op=mul impl=fabric latency=1
      ap_int<32> top = first_row - pad_top;  // [12] row of the map that is row 0 of the window
      ap_int<32> first_column = x0 * ap_uint<3>(stride);
#pragma HLS bind_op variable=first_column op=mul impl=fabric latency=1
      ap_int<32> left = first_column - pad_left;
      load.row_first = 0;
      if (top < 0) load.row_first = -top;
      ap_uint<32> below = in_rows - top;  // rows of the map from row 0 of the window on
      if (row_step == 2) below = (below + 1) / 2;
      if (row_step == 4) below = (below + 3) / 4;
      load.row_end = load.rows;
      if (below < load.rows) load.row_end = below;
      load.column_first = 0;
      if (left < 0) load.column_first = -left;
      ap_uint<32> beside = in_columns - left;
      load.column_end = load.columns;
      if (beside < load.columns) load.column_end = beside;
      load.address = b_address + ap_uint<32>(k0 * 8) * in_plane;
      load.plane = in_plane;
      ap_int<32> pitch_signed = in_pitch;
      load.index = top * pitch_signed + left;
      ap_uint<32> row_pixels = ap_uint<3>(row_step) * in_pitch;
#pragma HLS bind_op variable=row_pixels op=mul impl=fabric latency=2
      load.row_pixels = row_pixels;
      load_b_commands.write(load.pack());

      ap_uint<32> lead = load.index;
      lead = lead % 16;
      ap_uint<32> lead_step = load.row_pixels % 16;
      ArbiterCommand convert = ArbiterCommand::unpack(0);
      ap_uint<24> words = 0;
      ap_uint<32> row_lead = lead;
      for (ap_uint<16> row = 0; row < load.rows; row++) {  // [14]
        words += (row_lead + load.columns + 15) / 16;
        row_lead = (row_lead + lead_step) % 16;
      }
      ap_uint<32> all_words = words * load.blocks;
#pragma HLS bind_op variable=all_words op=mul impl=dsp latency=2
      convert.words = all_words;
      arbiter_b_commands.write(convert.pack());

      b.fill_blocks = load.blocks;
      b.fill_rows = load.rows;
      b.fill_columns = load.columns;
      b.row_first = load.row_first;
      b.row_end = load.row_end;
      b.column_first = load.column_first;
      b.column_end = load.column_end;
      b.lead = lead;
      b.lead_step = lead_step;
      b_there = true;
      b_there_y = y0;
      b_there_x = x0;
      b_there_k = key_k;
    }
    b.row_phases = row_phases;  // [13]
    b.column_phases = column_phases;
    b.row_stride = row_stride;
    b.column_stride = stride;
    b.pitch = pitch;
    b.plane = plane;
    b.step_positions = step_positions;
    b.taps = taps;
    b.share_m = share_m;
    b.padding = padding;

    BufferACommand a = BufferACommand::unpack(0);
    a.fill_pieces = fill_pieces;  // [11]
    if (computing) {  // [15]
      a.subtiles_m = c_subtiles_m;
      a.groups_n = c_groups_n;
      a.pieces = c_steps * 8;
      b.subtiles_m = c_subtiles_m;
      b.groups_n = c_groups_n;
      b.out_columns = c_columns;
      b.k_groups = c_k_groups;
    }
    if (load_a || computing) buffer_a_commands.write(a.pack());  // [11, 15]
    if (load_b || computing) buffer_b_commands.write(b.pack());  // [13, 15]

    if (computing) {  // [16]
      StepCommand step = StepCommand::unpack(0);
      step.window = window;
      step.steps_k = c_steps;
      step.subtiles = c_subtiles_m * c_groups_n;
      interconnect_commands.write(step.pack());
      pe_array_commands.write(step.pack());
    }

    AccumulateCommand fold = AccumulateCommand::unpack(0);
    ap_uint<32> s_words = (s_pixels + 15) / 16;  // [17]
    if (sending) {  // [17]
      fold.drain_slot = s_slot;
      fold.drain_blocks = s_subtiles_m * 1;
      fold.drain_words = s_words;
      if (computing && (s_slot & 1) == (c_slot & 1)) {  // [17] both slots in the same banks
        buffer_c_commands.write(fold.pack());
        fold = AccumulateCommand::unpack(0);
      }
    }
    if (computing) {
      fold.first = first;
      fold.fold_slot = c_slot;
      fold.fold_m = c_subtiles_m;
      fold.fold_n = c_groups_n;
    }
    if (fold.fold_m != 0 || fold.drain_blocks != 0) buffer_c_commands.write(fold.pack());  // [17]

    if (sending) {  // [18]
      PostCommand finish = PostCommand::unpack(0);
      finish.zero_point = zero_point;
      finish.low = low;
      finish.high = high;
      finish.channels = s_subtiles_m * 2;
      finish.blocks = s_subtiles_m * 1;
      finish.words = s_words;
      post_commands.write(finish.pack());
      StoreCommand store = StoreCommand::unpack(0);
      store.blocks = finish.blocks;
      ap_uint<32> pixel = s_y0 * ap_uint<16>(out_columns) + s_x0;
      store.segments = 1;
      store.words = s_words;
      if (s_columns != out_columns) {  // [18]
        store.segments = s_rows;
        store.words = s_columns / 16;
      }
      store.address = c_address + ap_uint<32>(s_m0 * 1) * out_plane + pixel / 16;
      store.plane = out_plane;
      store.stride = out_columns / 16;
      store_c_commands.write(store.pack());
    }

    // Everything moves on by a turn.
    sending = computing && last;
    s_slot = c_slot;
    s_m0 = c_m0;
    s_m_tile = c_m_tile;
    s_y0 = c_y0;
    s_x0 = c_x0;
    s_subtiles_m = c_subtiles_m;
    s_rows = c_rows;
    s_columns = c_columns;
    s_pixels = c_pixels;
    bool last_k = grouped || k0 + tile_k >= k_groups;
    computing = loading;
    first = k_tile == 0;
    last = last_k;
    c_slot = slot;
    c_m0 = m0;
    c_m_tile = m_tile;
    c_y0 = y0;
    c_x0 = x0;
    c_subtiles_m = subtiles_m;
    c_rows = rows;
    c_columns = columns;
    c_pixels = pixels;
    c_groups_n = groups_n;
    c_k_groups = sum_k;
    c_steps = steps;

    // The next place, innermost first.
    bool next_n = false;  // [5]
    bool next_m = false;
    bool next_k = false;
    bool next_member = true;
    member++;
    if (group != 1) slot++;
    ap_uint<16> n_y0 = y0;
    ap_uint<16> n_x0 = x0 + tile_columns;
    if (n_x0 >= out_columns) {
      n_x0 = 0;
      n_y0 = y0 + tile_rows;
    }
    bool group_ends = member == group || n_y0 >= out_rows;
    y0 = n_y0;
    x0 = n_x0;
    if (group_ends) {
      member = 0;
      if (group != 1) slot = 0;
      next_k = true;
    }
    if (next_k) {
      if (!last_k) {
        k0 += tile_k;
        k_tile++;
        y0 = start_y0;
        x0 = start_x0;
      } else {
        k0 = 0;
        k_tile = 0;
        if (group == 1) slot = 1 - slot;
        next_m = y0 >= out_rows;
        start_y0 = y0;
        start_x0 = x0;
      }
    }
    if (next_m) {
      y0 = 0;
      x0 = 0;
      start_y0 = 0;
      start_x0 = 0;
      m0 += tile_m;
      m_tile++;
      a_row += a_row_words;
      loading = m0 < m_subtiles;
    }
    if (next_n) {
      m0 = 0;
      m_tile = 0;
      a_row = a_address;
      x0 += tile_columns;
      if (x0 >= out_columns) {
        x0 = 0;
        y0 += tile_rows;
      }
      loading = y0 < out_rows;
    }
    ap_uint<32> a_column = k_tile * a_tile_words;
#pragma HLS bind_op variable=a_column op=mul impl=fabric latency=2
    a_tile = a_row + a_column;
    if (grouped) k0 = m_tile * tile_k;
  }

  load_a_commands.write(1);  // [19]
  arbiter_a_commands.write(1);
  load_b_commands.write(1);
  arbiter_b_commands.write(1);
  buffer_a_commands.write(1);
  buffer_b_commands.write(1);
  interconnect_commands.write(1);
  pe_array_commands.write(1);
  buffer_c_commands.write(1);
  post_commands.write(1);
  store_c_commands.write(1);
}
