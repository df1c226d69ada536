#include "aigchip_commands.h"  // [9]
#include "ap_int.h"
#include "hls_stream.h"

// Adds the bias of the row and requantises 2 element(s) a cycle.
void post(hls::stream<ap_uint<72> >& commands, hls::stream<ap_uint<64> >& bias_words, hls::stream<ap_uint<64> >& sums, hls::stream<ap_uint<16> >& outputs) {  // [1]
  ap_int<32> bias[16];  // [4]

  bool more = true;
  while (more) {  // [2]
    PostCommand command = PostCommand::unpack(commands.read());  // [2]
    more = !command.end;  // [2]

    ap_uint<64> pair = 0;
    for (ap_uint<8> row = 0; row < command.rows; row++) {  // [3]
#pragma HLS pipeline II=1  // [3]
#pragma HLS loop_tripcount min=1 max=16
      if (row % 2 == 0) {  // [3]
        pair = bias_words.read();  // [3]
      } else {
        pair = pair >> 32;
      }
      ap_int<32> value = pair(31, 0);
      bias[row] = value;  // [4]
    }

    ap_int<64> half = 0;  // for rounding
    if (command.shift != 0) half = ap_int<64>(1) << (command.shift - 1);  // [6]
    ap_int<64> lowest = -128;
    if (command.relu) lowest = 0;  // [7]
    ap_uint<10> row_last = command.row_words * 4 - 1;
    ap_uint<20> count = command.words * 4;  // [5, 8]
    ap_uint<8> row = 0;
    ap_uint<10> word = 0;
    for (ap_uint<20> i = 0; i < count; i++) {  // [8]
#pragma HLS pipeline II=1  // [8]
#pragma HLS loop_tripcount min=1 max=512
      ap_uint<64> sum = sums.read();  // [5]
      ap_int<32> row_bias = bias[row];
      ap_uint<16> output = 0;
      for (int e = 0; e < 2; e++) {
#pragma HLS unroll  // [8]
        ap_int<32> element = sum(32 * e + 31, 32 * e);  // [5]
        ap_int<33> biased = element + row_bias;  // [6]
        ap_int<50> product = biased * command.multiplier;  // [6]
        ap_int<64> scaled = (product + half) >> command.shift;  // [6]
        if (scaled < lowest) scaled = lowest;  // [7]
        if (scaled > 127) scaled = 127;  // [7]
        output(8 * e + 7, 8 * e) = scaled(7, 0);  // [7]
      }
      outputs.write(output);  // [5]
      if (word == row_last) {  // [8]
        word = 0;
        row++;
      } else {
        word++;
      }
    }
  }
}
