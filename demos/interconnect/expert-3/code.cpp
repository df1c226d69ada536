#include "aigchip_commands.h"  // [11]
#include "ap_int.h"
#include "hls_stream.h"

// A step of 8 x 1 x 8: A arrives rows first, 8 element(s) a word, B columns first, 8 element(s) a word;
// both leave as blocks for a grid of 1 x 1 x 8 lanes.
void interconnect(hls::stream<ap_uint<40> >& commands, hls::stream<ap_uint<64> >& a_pieces, hls::stream<ap_uint<64> >& b_pieces, hls::stream<ap_uint<512> >& a_words, hls::stream<ap_uint<64> >& b_words) {  // [1]
  bool more = true;
  while (more) {  // [2]
    StepCommand command = StepCommand::unpack(commands.read());  // [2]
    more = !command.end;  // [2]
    ap_uint<24> count = command.steps * 8;  // [3]
    ap_uint<512> a_gathered = 0;
    ap_uint<64> b_gathered = 0;
    ap_uint<8> cycle = 0;
    for (ap_uint<24> i = 0; i < count; i++) {  // [3]
#pragma HLS pipeline II=1  // [3]
#pragma HLS loop_tripcount min=1 max=524288
      if (cycle < 8) {  // [4]
        a_gathered = a_gathered >> 64;  // [10]
        a_gathered(511, 448) = a_pieces.read();  // [4, 10]
      }
      if (cycle < 1) {  // [4]
        b_gathered(63, 0) = b_pieces.read();  // [4, 10]
      }
      if (cycle == 7) {  // [3, 7]
        ap_uint<512> a_word = 0;
        for (int m = 0; m < 8; m++) {
#pragma HLS unroll
          for (int k = 0; k < 8; k++) {
#pragma HLS unroll
            const int from = m * 8 + k;  // [5]
            const int block = (m / 8) * 8 + k / 1;  // [8]
            const int to = (block * 8 + m % 8) * 1 + k % 1;  // [8]
            a_word(8 * to + 7, 8 * to) = a_gathered(8 * from + 7, 8 * from);
          }
        }
        ap_uint<64> b_word = 0;
        for (int k = 0; k < 8; k++) {
#pragma HLS unroll
          for (int n = 0; n < 1; n++) {
#pragma HLS unroll
            const int from = n * 8 + k;  // [6]
            const int block = (k / 1) * 1 + n / 1;  // [9]
            const int to = (block * 1 + k % 1) * 1 + n % 1;  // [9]
            b_word(8 * to + 7, 8 * to) = b_gathered(8 * from + 7, 8 * from);
          }
        }
        a_words.write(a_word);  // [7]
        b_words.write(b_word);  // [7]
        cycle = 0;
      } else {
        cycle++;
      }
    }
  }
}
