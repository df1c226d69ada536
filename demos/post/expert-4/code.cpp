#include "aigchip_commands.h"  // [12]
#include "ap_int.h"
#include "hls_stream.h"

// Requantises 8 element(s) a cycle with the parameters of 8 channel(s).
void post(hls::stream<ap_uint<80> >& commands, hls::stream<ap_uint<64> >& param_words, hls::stream<ap_uint<192> >& sums, hls::stream<ap_uint<64> >& outputs) {  // [1]
  ap_uint<56> table[8][128];  // [4] bias, multiplier, shift; the tile that is computed and the next one
#pragma HLS array_partition variable=table type=complete dim=1  // [4]
#pragma HLS bind_storage variable=table type=ram_s2p impl=lutram

  // the command whose parameters are read
  PostCommand next = PostCommand::unpack(0);
  ap_uint<16> fill_left = 0;  // [3] words of parameters after this one
  ap_uint<6> fill_line = 0;
  ap_uint<3> fill_step = 0;
  ap_uint<1> fill_half = 0;  // [4]
  bool filling = false;
  bool last_fill = false;  // [11]
  bool filled = false;

  // the command that is computed
  ap_int<9> offset = 0;  // [8, 9] twice the zero point, and 1 to round
  ap_int<8> low = 0;
  ap_int<8> high = 0;
  ap_uint<16> block_steps = 0;  // [5] words of sums in a block, - 1
  ap_uint<16> steps_left = 0;
  ap_uint<16> blocks_left = 0;  // after this one
  ap_uint<6> group = 0;  // [6] of 8 channel(s), of the block
  ap_uint<1> half = 1;  // [4]
  bool computing = false;
  bool last_step = false;  // [11] of the block
  bool last_block = false;  // [11]

  bool may_take = true;
  bool ended = false;
  bool done = false;
  while (!done) {  // [10]
#pragma HLS pipeline II=1  // [10]
    done = ended && !computing;  // [2]
    bool take = may_take && !commands.empty();  // [2]
    bool fill = filling && !param_words.empty();  // [3]
    bool begin = filled && !computing;
    bool compute = computing && !sums.empty();  // [5]

    if (compute) {
      ap_uint<192> word = sums.read();  // [5]
      ap_uint<6> chosen = group;  // [6]
      ap_uint<7> line = chosen >> 0;
      line[6] = half;  // [4]
      ap_uint<56> entry[8];
#pragma HLS array_partition variable=entry type=complete
      for (int lane = 0; lane < 8; lane++) {  // [6]
#pragma HLS unroll
        ap_uint<56> found = table[lane][line];
        ap_uint<8> shift = found(55, 48);
        if (shift > 49) found(55, 48) = 49;  // [9] the result is 0 from there on
        entry[lane] = found;
      }
      ap_uint<64> output = 0;
      for (int e = 0; e < 8; e++) {
#pragma HLS unroll  // [10]
        ap_int<24> element = word(24 * e + 23, 24 * e);  // [5]
        ap_int<32> bias = entry[e % 8](31, 0);
        ap_uint<16> multiplier = entry[e % 8](47, 32);
        ap_uint<6> shift = entry[e % 8](53, 48);
        ap_int<33> biased = element + bias;  // [7]
        ap_uint<17> lower = biased(16, 0);  // two halves, each the product of one DSP
        ap_int<16> upper = biased(32, 17);
        ap_uint<33> lower_product = lower * multiplier;  // [7]
        ap_int<33> upper_product = upper * multiplier + lower_product(32, 17);  // [7]
        ap_int<50> product = 0;
        product(16, 0) = lower_product(16, 0);
        product(49, 17) = upper_product;
        ap_uint<6> sixteens = 16 * shift(5, 4);
        ap_int<50> coarse = (product << 1) >> sixteens;  // [9]
        ap_int<25> narrow = coarse(24, 0);
        ap_int<26> above = coarse(49, 24);
        if (above != 0 && above != -1) {  // [9]
          narrow = 0xFFFFFF;
          if (above < 0) narrow = -0x1000000;
        }
        ap_uint<4> fours = 4 * shift(3, 2);
        ap_int<25> medium = narrow >> fours;  // [9]
        ap_int<13> short_one = medium(12, 0);
        ap_int<13> rest = medium(24, 12);
        if (rest != 0 && rest != -1) {  // [9]
          short_one = 0xFFF;
          if (rest < 0) short_one = -0x1000;
        }
        ap_int<13> fine = short_one >> shift(1, 0);  // [9]
        ap_int<14> moved = (fine + offset) >> 1;  // [7, 8, 9]
        ap_int<8> limited = moved(7, 0);
        if (moved > high) limited = high;  // [8]
        if (moved < low) limited = low;  // [8]
        output(8 * e + 7, 8 * e) = limited;
      }
      outputs.write(output);  // [5]
    }

    if (begin) {  // [2]
      offset = next.zero_point * 2 + 1;  // [8, 9]
      low = next.low;
      high = next.high;
      block_steps = next.words * 1 - 1;  // [5]
      steps_left = block_steps;
      last_step = block_steps == 0;
      blocks_left = next.blocks - 1;
      last_block = next.blocks == 1;
      group = 0;
      half = fill_half;  // [4]
      fill_half = !fill_half;
      computing = true;
    } else if (compute) {  // [10]
      if (last_step) {
        steps_left = block_steps;
        last_step = block_steps == 0;
        group += 1;  // [6]
        computing = !last_block;
        last_block = blocks_left == 1;
        blocks_left--;
      } else {
        last_step = steps_left == 1;
        steps_left--;
      }
    }

    if (fill) {  // [3]
      ap_uint<64> word = param_words.read();  // [3]
      ap_uint<7> line = fill_line;
      line[6] = fill_half;  // [4]
      for (int c = 0; c < 1; c++) {
#pragma HLS unroll
        ap_uint<56> entry = word(64 * c + 55, 64 * c);
if (fill_step == 0) table[c + 0][line] = entry;  // [4]
if (fill_step == 1) table[c + 1][line] = entry;  // [4]
if (fill_step == 2) table[c + 2][line] = entry;  // [4]
if (fill_step == 3) table[c + 3][line] = entry;  // [4]
if (fill_step == 4) table[c + 4][line] = entry;  // [4]
if (fill_step == 5) table[c + 5][line] = entry;  // [4]
if (fill_step == 6) table[c + 6][line] = entry;  // [4]
if (fill_step == 7) table[c + 7][line] = entry;  // [4]
      }
      if (fill_step == 7) fill_line++;
      fill_step++;
      filling = !last_fill;
      filled = last_fill;
      last_fill = fill_left == 1;
      fill_left--;
    } else if (begin) {
      filled = false;
    }
    if (take) {  // [2]
      next = PostCommand::unpack(commands.read());  // [2]
      ended = next.end;  // [2]
      filling = !next.end;
      ap_uint<16> after_first = next.channels - 1;
      fill_left = after_first >> 0;  // [3]
      last_fill = fill_left == 0;
      fill_line = 0;
      fill_step = 0;
    }
    may_take = !ended && !filling && !filled;
  }
}
