#include "aigchip_commands.h"  // [12]
#include "ap_int.h"
#include "hls_stream.h"

// A step of 4 x 4 x 16: A arrives in 4 piece(s) of 16 element(s), B in 4 of 16;
// both leave as blocks for a grid of 2 x 2 x 1 lanes.
void interconnect(hls::stream<ap_uint<48> >& commands, hls::stream<ap_uint<128> >& a_pieces, hls::stream<ap_uint<128> >& b_pieces, hls::stream<ap_uint<512> >& a_words, hls::stream<ap_uint<512> >& b_words) {  // [1]
  ap_uint<384> a_gathered;  // [10] the pieces before this one
  ap_uint<384> b_gathered;  // [10]
  ap_uint<16> last_step = 0, step = 0;  // [4] counted from 0 in a sub-tile
  ap_uint<24> subtiles = 0;  // [4] sub-tiles left, this one included
  ap_uint<3> cycle = 0;  // [3] counted from 0 in a step
  bool fetch = true;  // [2] this iteration takes a command
  bool take_a = false, take_b = false;  // [5] it takes a piece
  bool complete = false;  // [3] it is the last one of a step
  bool end = false;  // [2]
  while (!end) {  // [2]
#pragma HLS pipeline II=1  // [2]
#pragma HLS loop_tripcount min=1 max=524288
    ap_uint<128> a_piece = 0;
    ap_uint<128> b_piece = 0;
    if (take_a) a_piece = a_pieces.read();  // [5]
    if (take_b) b_piece = b_pieces.read();  // [5]
    ap_uint<512> a_step = 0;
    a_step(511, 384) = a_piece;  // [10]
    a_step(383, 0) = a_gathered;  // [10]
    a_gathered = a_step >> 128;  // [10]
    ap_uint<512> b_step = 0;
    b_step(511, 384) = b_piece;  // [10]
    b_step(383, 0) = b_gathered;  // [10]
    b_gathered = b_step >> 128;  // [10]
    if (complete) {  // [3]
      ap_uint<512> a_word = 0;
      for (int m = 0; m < 4; m++) {
#pragma HLS unroll  // [11]
        for (int k = 0; k < 16; k++) {
#pragma HLS unroll  // [11]
          const int from = m * 16 + k;  // [6]
          const int block = (m / 2) * 1 + k / 16;  // [8]
          const int to = (block * 2 + m % 2) * 16 + k % 16;  // [8]
          a_word(8 * to + 7, 8 * to) = a_step(8 * from + 7, 8 * from);
        }
      }
      ap_uint<512> b_word = 0;
      for (int k = 0; k < 16; k++) {
#pragma HLS unroll  // [11]
        for (int n = 0; n < 4; n++) {
#pragma HLS unroll  // [11]
          const int from = n * 16 + k;  // [7]
          const int block = (k / 16) * 2 + n / 2;  // [9]
          const int to = (block * 16 + k % 16) * 2 + n % 2;  // [9]
          b_word(8 * to + 7, 8 * to) = b_step(8 * from + 7, 8 * from);
        }
      }
      a_words.write(a_word);  // [3]
      b_words.write(b_word);  // [3]
    }

    if (fetch) {  // [2]
      StepCommand command = StepCommand::unpack(commands.read());  // [2]
      end = command.end;  // [2]
      last_step = command.steps_k - 1;  // [4]
      subtiles = command.subtiles;  // [4]
      fetch = false;  // [2]
    } else {
      bool last = complete && step == last_step;  // [4]
      fetch = last && subtiles == 1;  // [2, 4]
      cycle = complete ? ap_uint<3>(0) : ap_uint<3>(cycle + 1);  // [3]
      if (complete) step = last ? ap_uint<16>(0) : ap_uint<16>(step + 1);  // [4]
      if (last) subtiles--;  // [4]
    }
    bool busy = !fetch && !end;
    take_a = busy;  // [5]
    take_b = busy;  // [5]
    complete = busy && cycle == 3;  // [3]
  }
}
