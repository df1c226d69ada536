#include "aigchip_commands.h"  // [15]
#include "ap_int.h"
#include "hls_stream.h"

// 4 tiles of accumulators in 16 bank(s) along n: folds 32 results and sends 16 in a cycle.
void buffer_c(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<768> >& results, hls::stream<ap_uint<384> >& sums) {  // [1]
  ap_uint<768> bank[2][16];  // [2, 3]
#pragma HLS array_partition variable=bank type=complete dim=1  // [2]
#pragma HLS bind_storage variable=bank type=ram_s2p impl=lutram  // [2]
  ap_uint<3> row_lines[4];  // [6]
#pragma HLS array_partition variable=row_lines type=complete
  ap_uint<2> outcome[4];  // [12] of the last four iterations: 1 refused, 2 the last word is sent
#pragma HLS array_partition variable=outcome type=complete
  // [12] the counters of sending in the last four iterations
  ap_uint<3> kept_line[4];
  ap_uint<3> kept_base[4];
  ap_uint<18> kept_steps[4];
  ap_uint<16> kept_blocks[4];
  ap_uint<1> kept_part[4];
  ap_uint<1> kept_place[4];
  ap_uint<3> kept_number[4];
  ap_uint<2> kept_last[4];
#pragma HLS array_partition variable=kept_line type=complete
#pragma HLS array_partition variable=kept_base type=complete
#pragma HLS array_partition variable=kept_steps type=complete
#pragma HLS array_partition variable=kept_blocks type=complete
#pragma HLS array_partition variable=kept_part type=complete
#pragma HLS array_partition variable=kept_place type=complete
#pragma HLS array_partition variable=kept_number type=complete
#pragma HLS array_partition variable=kept_last type=complete
  outcome[0] = 0;  // [12]
  outcome[1] = 0;
  outcome[2] = 0;
  outcome[3] = 0;
  ap_uint<2> turn = 0;

  bool more = true;
  while (more) {  // [4]
    AccumulateCommand command = AccumulateCommand::unpack(commands.read());  // [4]
    more = !command.end;  // [4]

    // folding
    ap_uint<1> fold_half = command.fold_slot[0];  // [2]
    if (command.drain_blocks != 0) fold_half = !command.drain_slot[0];
    ap_uint<24> row_pieces = command.fold_n * 1;  // [5]
    ap_uint<24> pieces_left = row_pieces;
    ap_uint<16> rows_left = command.fold_m;
    bool last_piece = row_pieces == 1;  // [14] of a row of sub-tiles
    bool last_row = rows_left == 1;  // [14]
    bool folding = command.fold_m != 0;
    ap_uint<3> fold_line = 0;
    if (folding) row_lines[command.fold_slot] = row_pieces;  // [6]
    ap_uint<768> old_0 = 0;  // [7] ones where accumulators of a half are added to
    ap_uint<768> old_1 = 0;
    ap_uint<768> whole_0 = 0;  // ones where the first half is sent
    if (!command.first && fold_half == 0) old_0 = ~old_0;  // [7]
    if (!command.first && fold_half == 1) old_1 = ~old_1;  // [7]
    if (fold_half == 1) whole_0 = ~whole_0;

    // sending: the counters of the next word to be read
    ap_uint<3> row = row_lines[command.drain_slot];  // [6]
    ap_uint<18> block_steps = command.drain_words * 4 - 1;  // [9] words of sums in a block, - 1
    ap_uint<3> line = 0;
    ap_uint<3> base = 0;  // first line of the row of sub-tiles
    ap_uint<18> steps = block_steps;
    ap_uint<16> blocks = command.drain_blocks - 1;  // after this one
    ap_uint<1> part = 0;  // block of the sub-tile
    ap_uint<1> place = 0;  // [10] within a line, or lines of a pixel
    ap_uint<3> number = 0;  // [12]
    bool last_step = block_steps == 0;  // [14] of the block
    bool last_block = blocks == 0;  // [14]
    bool issuing = command.drain_blocks != 0;
    bool draining = issuing;  // [12] the last word is not known to be sent
    ap_uint<3> awaited = 0;  // [12] number of the word that is sent next

    bool done = false;
    while (!done) {  // [8]
#pragma HLS pipeline II=1  // [8]
#pragma HLS dependence variable=bank type=inter dependent=false  // [8]
#pragma HLS dependence variable=outcome type=inter direction=raw distance=4 dependent=true  // [12]
#pragma HLS dependence variable=kept_line type=inter direction=raw distance=4 dependent=true  // [12]
#pragma HLS dependence variable=kept_base type=inter direction=raw distance=4 dependent=true  // [12]
#pragma HLS dependence variable=kept_steps type=inter direction=raw distance=4 dependent=true  // [12]
#pragma HLS dependence variable=kept_blocks type=inter direction=raw distance=4 dependent=true  // [12]
#pragma HLS dependence variable=kept_part type=inter direction=raw distance=4 dependent=true  // [12]
#pragma HLS dependence variable=kept_place type=inter direction=raw distance=4 dependent=true  // [12]
#pragma HLS dependence variable=kept_number type=inter direction=raw distance=4 dependent=true  // [12]
#pragma HLS dependence variable=kept_last type=inter direction=raw distance=4 dependent=true  // [12]
      // What became of the word that was read four iterations ago.
      ap_uint<2> before = outcome[turn];  // [12]
      if (before == 2) draining = false;  // [12]
      if (before == 1) {  // [12] refused: again from there
        line = kept_line[turn];
        base = kept_base[turn];
        steps = kept_steps[turn];
        blocks = kept_blocks[turn];
        part = kept_part[turn];
        place = kept_place[turn];
        number = kept_number[turn];
        last_step = kept_last[turn][0];
        last_block = kept_last[turn][1];
        issuing = true;
      }
      kept_line[turn] = line;  // [12]
      kept_base[turn] = base;
      kept_steps[turn] = steps;
      kept_blocks[turn] = blocks;
      kept_part[turn] = part;
      kept_place[turn] = place;
      kept_number[turn] = number;
      ap_uint<2> last = 0;
      last[0] = last_step;
      last[1] = last_block;
      kept_last[turn] = last;

      // A line of each half: the old accumulators, and the ones to send.
      bool fold = folding && !results.empty();  // [8]
      ap_uint<4> fold_address = fold_line;
      ap_uint<4> drain_address = line;
      fold_address(3, 3) = command.fold_slot(1, 1);  // [2]
      drain_address(3, 3) = command.drain_slot(1, 1);  // [2]
      ap_uint<4> address_0 = drain_address;
      ap_uint<4> address_1 = fold_address;
      if (fold_half == 0) {
        address_0 = fold_address;
        address_1 = drain_address;
      }
      ap_uint<768> word_0 = bank[0][address_0];
      ap_uint<768> word_1 = bank[1][address_1];
      ap_uint<768> old = (word_0 & old_0) | (word_1 & old_1);  // [7, 13]
      ap_uint<768> whole = (word_0 & whole_0) | (word_1 & ~whole_0);  // [13]

      if (fold) {  // [5]
        ap_uint<768> piece = results.read();  // [5]
        ap_uint<768> sum = 0;
        for (int e = 0; e < 32; e++) {  // [7]
#pragma HLS unroll
          ap_uint<24> accumulator = old(24 * e + 23, 24 * e);
          ap_uint<24> result = piece(24 * e + 23, 24 * e);
          ap_uint<24> total = accumulator + result;  // [7]
          sum(24 * e + 23, 24 * e) = total;
        }
        if (fold_half == 0) {
          bank[0][fold_address] = sum;
        } else {
          bank[1][fold_address] = sum;
        }
        fold_line++;  // [3]
        if (last_piece) {
          pieces_left = row_pieces;
          last_piece = row_pieces == 1;
          folding = !last_row;
          last_row = rows_left == 2;
          rows_left--;
        } else {
          last_piece = pieces_left == 2;
          pieces_left--;
        }
      }

      // Send it, unless it follows a refused one or there is no room.
      ap_uint<384> chosen = 0;  // [9, 10]
      ap_uint<1024> wide = 0;  // 32 bits an accumulator, so that a shift by accumulators is cheap
      for (int e = 0; e < 32; e++) {
#pragma HLS unroll
        wide(32 * e + 23, 32 * e) = whole(24 * e + 23, 24 * e);
      }
      ap_uint<5> first = part * 1;  // [10]
      ap_uint<10> bits = 0;
      bits(9, 5) = first;
      wide = wide >> bits;
      for (int e = 0; e < 16; e++) {  // [10]
#pragma HLS unroll
        const int from = e / 1 * 2 + e % 1;
        chosen(24 * e + 23, 24 * e) = wide(32 * from + 23, 32 * from);
      }
      bool offered = issuing && number == awaited;  // [12]
      bool send = offered && !sums.full();  // [8, 11]
      ap_uint<2> became = 0;
      if (offered && !send) became = 1;  // [12]
      if (send) {
        sums.write(chosen);  // [11]
        awaited++;  // [12]
        if (last_step && last_block) became = 2;  // [12]
      }
      outcome[turn] = became;  // [12]
      turn++;

      // The next word to be read.
      if (issuing) {
        number++;  // [12]
        if (last_step) {  // [9, 10]
          if (last_block) issuing = false;
          steps = block_steps;
          last_step = block_steps == 0;
          last_block = blocks == 1;
          blocks--;
          if (part == 1) base += row;  // [3, 6]
          part++;
          line = base;
          place = 0;
        } else {
          last_step = steps == 1;
          steps--;
          line += 1;  // [10]
        }
      }
      done = !folding && !draining;  // [8]
    }
  }
}
