#include "aigchip_commands.h"
#include "ap_int.h"
#include "hls_stream.h"

// Adds the bias of the row and requantises 1 element(s) a cycle.
void post(hls::stream<ap_uint<72> >& commands, hls::stream<ap_uint<64> >& bias_words, hls::stream<ap_uint<32> >& sums, hls::stream<ap_uint<8> >& outputs) {
  ap_int<32> bias[16];

  bool more = true;
  while (more) {
    PostCommand command = PostCommand::unpack(commands.read());
    more = !command.end;

    ap_uint<64> pair = 0;
    for (ap_uint<8> row = 0; row < command.rows; row++) {
#pragma HLS pipeline II=1
#pragma HLS loop_tripcount min=1 max=16
      if (row % 2 == 0) {
        pair = bias_words.read();
      } else {
        pair = pair >> 32;
      }
      ap_int<32> value = pair(31, 0);
      bias[row] = value;
    }

    ap_int<64> half = 0;  // for rounding
    if (command.shift != 0) half = ap_int<64>(1) << (command.shift - 1);
    ap_int<64> lowest = -128;
    if (command.relu) lowest = 0;
    ap_uint<10> row_last = command.row_words * 8 - 1;
    ap_uint<20> count = command.words * 8;
    ap_uint<8> row = 0;
    ap_uint<10> word = 0;
    for (ap_uint<20> i = 0; i < count; i++) {
#pragma HLS pipeline II=1
#pragma HLS loop_tripcount min=1 max=1024
      ap_uint<32> sum = sums.read();
      ap_int<32> row_bias = bias[row];
      ap_uint<8> output = 0;
      for (int e = 0; e < 1; e++) {
#pragma HLS unroll
        ap_int<32> element = sum(32 * e + 31, 32 * e);
        ap_int<33> biased = element + row_bias;
        ap_int<50> product = biased * command.multiplier;
        ap_int<64> scaled = (product + half) >> command.shift;
        if (scaled < lowest) scaled = lowest;
        if (scaled > 127) scaled = 127;
        output(8 * e + 7, 8 * e) = scaled(7, 0);
      }
      outputs.write(output);
      if (word == row_last) {
        word = 0;
        row++;
      } else {
        word++;
      }
    }
  }
}
