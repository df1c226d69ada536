#include "aigchip_commands.h"  // [21]
#include "ap_int.h"
#include "hls_stream.h"

// The number of pixels, at least 0 and at most as many as a piece has.
static ap_uint<8> within(ap_int<18> pixels) {
  ap_uint<8> found = pixels;
  if (pixels < 0) found = 0;
  if (pixels > 4) found = 4;
  return found;
}

// Two windows of B, 4096 pixels of 4 channel(s) each, in 4 bank(s) along n.
void buffer_b(hls::stream<ap_uint<336> >& commands, hls::stream<ap_uint<128> >& pieces_in, hls::stream<ap_uint<128> >& pieces_out) {  // [1]
  ap_uint<32> bank[4][1][2048];  // [3]
#pragma HLS array_partition variable=bank dim=1 type=complete
#pragma HLS array_partition variable=bank dim=2 type=complete
#pragma HLS bind_storage variable=bank type=ram_2p impl=uram latency=2  // [3]
  ap_uint<12> tap_offset[256];  // [5]
#pragma HLS bind_storage variable=tap_offset type=ram_2p impl=lutram
  ap_uint<128> queue[32];  // [16]
#pragma HLS bind_storage variable=queue type=ram_2p impl=lutram
  ap_uint<1> queue_room[16];  // [16]
#pragma HLS array_partition variable=queue_room type=complete
  ap_uint<128> ready[4];  // [17]
#pragma HLS array_partition variable=ready type=complete
  ap_uint<1> ready_room[2];  // [17]
#pragma HLS array_partition variable=ready_room type=complete
  ap_uint<1> all_sent[16];  // [19]
#pragma HLS array_partition variable=all_sent type=complete
  ap_uint<8> padding[4];  // [7]
#pragma HLS array_partition variable=padding type=complete
  for (int slot = 0; slot < 16; slot++) {
#pragma HLS unroll
    queue_room[slot] = 1;  // [16]
    all_sent[slot] = 0;    // [19]
  }
  for (int slot = 0; slot < 2; slot++) {
#pragma HLS unroll
    ready_room[slot] = 1;  // [17]
  }
  for (int slot = 0; slot < 4; slot++) {
#pragma HLS unroll
    padding[slot] = slot;  // [7] else the compiler makes one of them, and multiplies it
  }

  // The window that is filled.
  bool filling = false;
  ap_uint<16> last_block = 0;  // [20] numbers of the last
  ap_uint<16> last_row = 0;
  ap_uint<3> last_row_phase = 0;     // [7] of the stride
  ap_uint<3> last_column_phase = 0;  // [7] of those that are kept
  ap_uint<3> row_phases = 0;
  ap_uint<3> column_stride = 0;
  ap_uint<16> columns = 0;
  ap_int<18> last_pixel = 0;  // [6] a piece from here on reaches the end of the row
  ap_uint<16> row_first = 0;  // [7]
  ap_uint<16> row_end = 0;
  ap_uint<16> column_first = 0;
  ap_uint<16> column_end = 0;
  ap_uint<2> first_start = 0;  // [6] pixels of the first word from column 0 on, 0: all
  ap_uint<2> lead_step = 0;
  ap_uint<12> pitch = 0;  // [8]
  ap_uint<12> plane = 0;
  ap_uint<12> row_plane = 0;  // from a phase of rows to the next
  ap_uint<12> step_positions = 0;
  // What is filled next.
  ap_uint<16> block = 0;
  ap_uint<1> part = 0;  // [8] of the k-group
  ap_uint<16> row = 0;
  ap_uint<3> row_phase = 0;
  ap_uint<2> start = 0;
  ap_uint<1> word_part = 0;
  ap_int<18> pixel_column = 0;  // [6]
  ap_uint<3> column_phase = 0;  // [9]
  ap_uint<12> group_at = 0;  // [8] sums: of the k-group, of the rows of phase 0, of the row, and of the phase of columns
  ap_uint<12> rows_at = 0;
  ap_uint<12> row_at = 0;
  ap_uint<12> phase_at = 0;
  ap_uint<128> piece = 0;
  bool held = false;  // [9] the piece has further phases

  // The window that is read.
  bool reading = false;
  ap_uint<16> last_subtile = 0;  // [20]
  ap_uint<16> last_share = 0;
  ap_uint<16> last_group = 0;
  ap_uint<16> last_tap = 0;
  ap_uint<16> last_k = 0;
  ap_uint<13> out_columns = 0;
  ap_uint<12> read_pitch = 0;
  ap_uint<12> to_row = 0;  // [12] from the last pixel of a row to the next
  // What is read next.
  ap_uint<16> subtile = 0;  // [10]
  ap_uint<16> share = 0;
  ap_uint<16> group = 0;
  ap_uint<16> tap = 0;
  ap_uint<16> k = 0;
  ap_uint<1> step_piece = 0;
  ap_uint<12> share_at = 0;  // [11] of the first k-group of the sub-tile, and of the k-group
  ap_uint<12> k_at = 0;
  ap_uint<13> first_column[2];  // [12] where the lanes begin
#pragma HLS array_partition variable=first_column type=complete
  ap_uint<12> first_place[2];
#pragma HLS array_partition variable=first_place type=complete
  ap_uint<13> column[2];  // [12]
#pragma HLS array_partition variable=column type=complete
  ap_uint<12> place[2];
#pragma HLS array_partition variable=place type=complete
  ap_uint<13> wraps_from = 0;  // [12] what 2 pixels are
  ap_uint<13> column_on = 0;
  ap_uint<13> column_back = 0;
  ap_uint<12> place_on = 0;
  ap_uint<12> place_wrap = 0;
  bool walking = false;  // [12]
  ap_uint<2> walk = 0;
  ap_uint<13> walk_column = 0;
  ap_uint<12> walk_place = 0;

  ap_uint<1> front = 0;   // [15]
  ap_uint<1> filled = 0;  // [15] the last command filled a half
  bool ended = false;     // [19]
  ap_uint<5> queue_head = 0;  // [16]
  ap_uint<5> queue_tail = 0;
  ap_uint<6> queued = 0;
  ap_uint<2> ready_head = 0;  // [17]
  ap_uint<2> ready_tail = 0;
  ap_uint<3> waiting = 0;
  ap_uint<4> turn = 0;  // [16, 19] number of the iteration
  bool more = true;
  while (more) {  // [4]
#pragma HLS pipeline II=1  // [4]
#pragma HLS dependence variable=bank type=intra dependent=false  // [15]
#pragma HLS dependence variable=bank type=inter distance=2 dependent=true  // [15]
#pragma HLS dependence variable=queue_room type=inter direction=RAW distance=16 dependent=true  // [16]
#pragma HLS dependence variable=ready_room type=inter direction=RAW distance=2 dependent=true  // [17]
#pragma HLS dependence variable=all_sent type=inter direction=RAW distance=16 dependent=true  // [19]
    bool idle = !reading && !filling && !ended;  // [4, 14, 19]
    more = all_sent[turn] == 0;  // [19]

    bool sends = waiting != 0 && !pieces_out.full();  // [18]
    if (sends) {
      pieces_out.write(ready[ready_tail]);  // [18]
      ready_tail++;
    }
    bool moves = queued != 0 && ready_room[turn % 2] == 1;  // [17]
    if (moves) {
      ready[ready_head] = queue[queue_tail];  // [17]
      ready_head++;
      queue_tail++;
    }
    waiting = waiting + ap_uint<1>(moves) - ap_uint<1>(sends);

    // Read: where the piece is.
    bool reads = reading && !walking && queue_room[turn] == 1;  // [14, 16]
    ap_uint<12> offset = k_at + tap_offset[ap_uint<8>(tap)];  // [11]
    ap_uint<128> out = 0;
    ap_uint<2> first_bank = 0;
    ap_uint<10> line[4];  // [13]
#pragma HLS array_partition variable=line type=complete
    for (int j = 0; j < 4; j++) {
#pragma HLS unroll
      const int lane = j < 2 ? j : 1;
      ap_uint<12> position = place[lane] + offset + (j - lane);  // [2, 11, 12]
      if (j == 0) first_bank = position % 4;  // [13]
      line[j] = position / 4;  // [3, 13]
    }
    for (int i = 0; i < 2; i++) {  // [13]
#pragma HLS unroll
      ap_uint<10> before[4];
#pragma HLS array_partition variable=before type=complete
      for (int b = 0; b < 4; b++) {
#pragma HLS unroll
        before[b] = line[b];
      }
      for (int b = 0; b < 4; b++) {
#pragma HLS unroll
        if (first_bank[i]) line[b] = before[(b + 4 - (1 << i)) % 4];  // [13]
      }
    }

    ap_uint<32> pixel[4];
#pragma HLS array_partition variable=pixel type=complete
    for (int b = 0; b < 4; b++) {
#pragma HLS unroll
      ap_uint<11> half_line = line[b];
      half_line[10] = front;  // [3, 15]
      for (int p = 0; p < 1; p++) {
#pragma HLS unroll
        pixel[b](32 * p + 31, 32 * p) = bank[b][p][half_line];  // [3, 13]
      }
    }
    for (int i = 0; i < 2; i++) {  // [13]
#pragma HLS unroll
      ap_uint<32> before[4];
#pragma HLS array_partition variable=before type=complete
      for (int b = 0; b < 4; b++) {
#pragma HLS unroll
        before[b] = pixel[b];
      }
      for (int b = 0; b < 4; b++) {
#pragma HLS unroll
        if (first_bank[i]) pixel[b] = before[(b + 4 + (1 << i)) % 4];  // [13]
      }
    }

    for (int j = 0; j < 4; j++) {
#pragma HLS unroll
      out(32 * j + 31, 32 * j) = pixel[j];  // [12]
    }
    if (reads) {
      queue[queue_head] = out;  // [16]
      queue_head++;
    }
    queued = queued + ap_uint<1>(reads) - ap_uint<1>(moves);

    // Read: what comes next.
    bool step_over = step_piece == 0;  // [20]
    bool k_over = k == last_k;
    bool tap_over = tap == last_tap;
    bool group_over = group == last_group;
    bool share_over = share == last_share;
    bool k_steps = reads && step_over;  // [10, 20]
    bool tap_steps = k_steps && k_over;
    bool group_steps = tap_steps && tap_over;
    bool subtile_steps = group_steps && group_over;
    bool read_over = subtile_steps && subtile == last_subtile;
    for (int j = 0; j < 2; j++) {
#pragma HLS unroll
      bool walks = walking && walk == j;  // [12]
      bool wraps = column[j] >= wraps_from;
      ap_uint<13> next_column = column[j] + (wraps ? column_back : column_on);  // [12]
      ap_uint<12> next_place = place[j] + (wraps ? place_wrap : place_on);
      if (subtile_steps) {  // [12]
        next_column = first_column[j];
        next_place = first_place[j];
      }
      if (walks) {  // [12]
        next_column = walk_column;
        next_place = walk_place;
        first_column[j] = walk_column;
        first_place[j] = walk_place;
      }
      if (group_steps || walks) {
        column[j] = next_column;
        place[j] = next_place;
      }
    }
    if (walking && walk == 2) {  // [12]
      wraps_from = out_columns - walk_column;
      column_on = walk_column;
      column_back = walk_column - out_columns;
      place_on = walk_place;
      place_wrap = walk_place + to_row - 1;
      walking = false;
    }
    walk++;
    bool walk_wraps = walk_column == out_columns - 1;
    walk_column = walk_wraps ? ap_uint<13>(0) : ap_uint<13>(walk_column + 1);
    walk_place += walk_wraps ? to_row : ap_uint<12>(1);
    if (reads) step_piece = step_over ? ap_uint<1>(0) : ap_uint<1>(step_piece + 1);  // [10]
    if (k_steps) k = k_over ? ap_uint<16>(0) : ap_uint<16>(k + 1);
    if (tap_steps) tap = tap_over ? ap_uint<16>(0) : ap_uint<16>(tap + 1);
    if (group_steps) group = group_over ? ap_uint<16>(0) : ap_uint<16>(group + 1);
    if (subtile_steps) share = share_over ? ap_uint<16>(0) : ap_uint<16>(share + 1);
    if (subtile_steps) subtile++;
    ap_uint<12> next_k_at = k_at + step_positions;  // [11]
    if (subtile_steps && share_over) share_at = next_k_at;
    if (k_steps) k_at = k_over ? share_at : next_k_at;
    if (read_over) reading = false;

    // Fill: the pixels of the piece, and where they go.
    bool fills = filling && (held || !pieces_in.empty());  // [9, 14]
    bool row_inside = row >= row_first && row < row_end;  // [7]
    if (fills && !held) piece = pieces_in.read();  // [9]
    ap_uint<8> row_from = within(-pixel_column);  // [6, 7]
    ap_uint<8> row_to = within(columns - pixel_column);
    ap_uint<8> map_from = within(column_first - pixel_column);
    ap_uint<8> map_to = within(column_end - pixel_column);
    ap_uint<128> pixels = 0;
    bool kept[4];
#pragma HLS array_partition variable=kept type=complete
    for (int j = 0; j < 4; j++) {
#pragma HLS unroll
      kept[j] = j >= row_from && j < row_to;  // [7]
      bool inside = row_inside && j >= map_from && j < map_to;
      for (int c = 0; c < 4; c++) {
#pragma HLS unroll
        const int low = 32 * j + 8 * c;
        pixels(low + 7, low) = inside ? ap_uint<8>(piece(low + 7, low)) : padding[c];  // [7]
      }
    }
    ap_uint<2> first_phase = 0;  // [9] of the piece's first pixel, and that one's column in its phase
    ap_int<18> phase_column = pixel_column;
    if (column_stride == 2) {
      first_phase = pixel_column & 1;
      phase_column = pixel_column >> 1;
    }
    if (column_stride == 4) {
      first_phase = pixel_column & 3;
      phase_column = pixel_column >> 2;
    }
    ap_uint<2> skipped = column_phase - first_phase;  // [9] pixels before the first of this phase
    if (column_stride == 2) skipped[1] = 0;
    ap_uint<12> target = row_at + phase_at + phase_column + (first_phase > column_phase ? 1 : 0);  // [2, 8]
    ap_uint<32> data[4];
#pragma HLS array_partition variable=data type=complete
    bool writes[4];
#pragma HLS array_partition variable=writes type=complete
    for (int b = 0; b < 4; b++) {
#pragma HLS unroll
      data[b] = 0;
      writes[b] = false;  // [9]
      for (int j = b; j < 4; j++) {
#pragma HLS unroll
        bool one = column_stride == 1 && j == b;
        bool two = column_stride == 2 && j / 2 == b && j % 2 == skipped;
        bool four = column_stride == 4 && j / 4 == b && j % 4 == skipped;
        if (one || two || four) {  // [9]
          data[b] = pixels(32 * j + 31, 32 * j);
          writes[b] = kept[j];
        }
      }
    }
    ap_uint<2> target_bank = target % 4;  // [3]
    ap_uint<10> target_line = target / 4;
    for (int i = 0; i < 2; i++) {  // [9]
#pragma HLS unroll
      ap_uint<32> before[4];
#pragma HLS array_partition variable=before type=complete
      for (int b = 0; b < 4; b++) {
#pragma HLS unroll
        before[b] = data[b];
      }
      for (int b = 0; b < 4; b++) {
#pragma HLS unroll
        if (target_bank[i]) data[b] = before[(b + 4 - (1 << i)) % 4];  // [9]
      }
    }

    for (int i = 0; i < 2; i++) {  // [9]
#pragma HLS unroll
      bool before[4];
#pragma HLS array_partition variable=before type=complete
      for (int b = 0; b < 4; b++) {
#pragma HLS unroll
        before[b] = writes[b];
      }
      for (int b = 0; b < 4; b++) {
#pragma HLS unroll
        if (target_bank[i]) writes[b] = before[(b + 4 - (1 << i)) % 4];  // [9]
      }
    }

    bool row_kept = fills && row_phase < row_phases;  // [7]
    for (int b = 0; b < 4; b++) {
#pragma HLS unroll
      ap_uint<10> next_line = target_line + 1;
      ap_uint<11> half_line = b < target_bank ? next_line : target_line;  // [9]
      half_line[10] = front == 0;  // [15]
      for (int p = 0; p < 1; p++) {
#pragma HLS unroll
        if (row_kept && writes[b] && part == p) bank[b][p][half_line] = data[b];  // [3, 7]
      }
    }
    bool last_phase = column_phase == last_column_phase;  // [9]
    bool pixels_over = fills && last_phase;
    if (fills) {
      column_phase = last_phase ? ap_uint<3>(0) : ap_uint<3>(column_phase + 1);
      phase_at = last_phase ? ap_uint<12>(0) : ap_uint<12>(phase_at + plane);  // [8]
      held = !last_phase;
    }

    // Fill: what comes next.
    bool last_in_word = word_part == 0;  // [20]
    bool last_in_row = last_in_word && pixel_column >= last_pixel;  // [6]
    bool last_of_rows = row == last_row;
    bool last_of_phases = row_phase == last_row_phase;
    bool last_of_parts = part == 0;
    bool row_over = pixels_over && last_in_row;  // [6, 20]
    bool block_over = row_over && last_of_rows;
    bool fill_over = block_over && block == last_block;
    ap_uint<2> next_start = start - lead_step;  // [6]
    if (last_of_rows) next_start = first_start;
    ap_int<18> next_column_in = next_start;
    if (next_start != 0) next_column_in = ap_int<8>(next_start) - 4;
    if (!last_in_row) next_column_in = pixel_column + 4;
    ap_uint<12> next_group_at = group_at + (last_of_parts ? step_positions : ap_uint<12>(0));  // [8]
    ap_uint<12> next_rows_at = rows_at + pitch;
    if (last_of_rows) next_rows_at = next_group_at;
    if (pixels_over) word_part = last_in_word ? ap_uint<1>(0) : ap_uint<1>(word_part + 1);
    if (pixels_over) pixel_column = next_column_in;
    if (row_over) {
      start = next_start;
      row = last_of_rows ? ap_uint<16>(0) : ap_uint<16>(row + 1);
      row_phase = last_of_rows || last_of_phases ? ap_uint<3>(0) : ap_uint<3>(row_phase + 1);
      row_at = last_of_rows || last_of_phases ? next_rows_at : ap_uint<12>(row_at + row_plane);  // [8]
    }
    if (row_over && (last_of_rows || last_of_phases)) rows_at = next_rows_at;
    if (block_over) {
      part = last_of_parts ? ap_uint<1>(0) : ap_uint<1>(part + 1);
      group_at = next_group_at;
      block++;
    }
    if (fill_over) filling = false;

    // The next command.
    if (idle && !commands.empty()) {  // [4]
      BufferBCommand command = BufferBCommand::unpack(commands.read());  // [5]
      if (command.tap) {  // [5]
        ap_uint<8> entry = command.subtiles_m;
        tap_offset[entry] = command.tap_offset;
      } else {
        front = front ^ filled;  // [15]
        filled = command.fill_blocks != 0;
        ended = command.end;  // [19]

        filling = command.fill_blocks != 0;  // [6]
        last_block = command.fill_blocks - 1;
        last_row = command.fill_rows - 1;
        last_row_phase = command.row_stride - 1;
        last_column_phase = command.column_phases - 1;
        row_phases = command.row_phases;
        column_stride = command.column_stride;
        columns = command.fill_columns;
        last_pixel = ap_int<18>(columns) - 4;
        row_first = command.row_first;
        row_end = command.row_end;
        column_first = command.column_first;
        column_end = command.column_end;
        first_start = -command.lead;
        start = first_start;
        lead_step = command.lead_step;
        pixel_column = first_start;
        if (first_start != 0) pixel_column = ap_int<8>(first_start) - 4;
        for (int c = 0; c < 4; c++) {
#pragma HLS unroll
          padding[c] = command.padding;  // [7]
        }
        ap_uint<12> new_pitch = command.pitch;
        pitch = new_pitch;
        plane = command.plane;
        row_plane = command.plane;
        if (command.column_phases == 2) row_plane = plane << 1;  // [8]
        if (command.column_phases == 3) row_plane = (plane << 1) + plane;
        if (command.column_phases == 4) row_plane = plane << 2;
        step_positions = command.step_positions;
        block = 0;
        group_at = 0;
        rows_at = 0;
        row_at = 0;

        reading = command.subtiles_m != 0;  // [10]
        last_subtile = command.subtiles_m - 1;
        last_share = command.share_m - 1;
        last_group = command.groups_n - 1;
        last_tap = command.taps - 1;
        last_k = command.k_groups - 1;
        ap_uint<13> new_columns = command.out_columns;
        walking = reading && !(new_pitch == read_pitch && new_columns == out_columns);  // [12]
        walk = 0;
        walk_column = 0;
        walk_place = 0;
        to_row = new_pitch - new_columns + 1;  // [12]
        if (reading) {
          read_pitch = new_pitch;
          out_columns = new_columns;
        }
        subtile = 0;
        share = 0;
        share_at = 0;
        k_at = 0;
      }
    }

    queue_room[turn] = queued <= 16;                         // [16]
    ready_room[turn % 2] = waiting <= 2;                     // [17]
    all_sent[turn] = ended && queued == 0 && waiting == 0;  // [19]
    turn++;
  }
}
