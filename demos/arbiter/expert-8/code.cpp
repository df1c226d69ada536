#include "aigchip_commands.h"  // [6]
#include "ap_int.h"
#include "hls_stream.h"

// Gathers 8 words of operand A in a piece of 128 bytes, the first in the lowest bytes.
void arbiter_a(hls::stream<ap_uint<40> >& commands, hls::stream<ap_uint<128> >& words, hls::stream<ap_uint<1024> >& pieces) {  // [1]
  ap_uint<128> kept[7];  // [5]
#pragma HLS array_partition variable=kept type=complete  // [5]
  ap_uint<4> place = 0;  // [5] what comes next: word of the piece
  ap_uint<32> left = 0;  // words that the command still asks for
  bool idle = true;      // [2]
  bool more = true;
  while (more) {  // [2]
#pragma HLS pipeline II=1  // [2]
    if (idle) {  // [2]
      ArbiterCommand command = ArbiterCommand::unpack(commands.read());  // [3]
      more = !command.end;  // [3]
      left = command.words;
      idle = left == 0;  // [3]
    } else {
      ap_uint<128> word = 0;  // [4]
      if (left != 0) {  // [4]
        word = words.read();  // [4]
        left--;
      }
      ap_uint<1024> piece = 0;
      for (int p = 0; p < 7; p++) {
#pragma HLS unroll
        piece(128 * p + 127, 128 * p) = kept[p];  // [4, 5]
        if (place == p) kept[p] = word;  // [5]
      }
      piece(1023, 896) = word;  // [4, 5]
      if (place == 7) {  // [5]
        pieces.write(piece);  // [5]
        place = 0;
        idle = left == 0;
      } else {
        place++;
      }
    }
  }
}
