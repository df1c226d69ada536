#include "aigchip_commands.h"  // [6]
#include "ap_int.h"
#include "hls_stream.h"

// Cuts each word of operand B into 32 pieces of 2 byte(s), lowest bytes first.
void arbiter_b(hls::stream<ap_uint<40> >& commands, hls::stream<ap_uint<512> >& words, hls::stream<ap_uint<16> >& pieces) {  // [1]
  ap_uint<512> word = 0;
  ap_uint<6> part = 0;  // [5] what comes next: part of the word
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
      if (part == 0) {  // [5]
        word = words.read();  // [5]
        left--;
      } else {
        word = word >> 16;  // [5]
      }
      ap_uint<16> piece = word(15, 0);
      pieces.write(piece);  // [4]
      if (part == 31) {  // [5]
        part = 0;
        idle = left == 0;
      } else {
        part++;
      }
    }
  }
}
