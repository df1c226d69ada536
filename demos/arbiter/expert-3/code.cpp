#include "aigchip_commands.h"  // [6]
#include "ap_int.h"
#include "hls_stream.h"

// Cuts each 64-bit word of operand A into 8 word(s) of 1 byte(s), lowest bytes first.
void arbiter_a(hls::stream<ap_uint<32> >& commands, hls::stream<ap_uint<64> >& words, hls::stream<ap_uint<8> >& bank_words) {  // [1]
  bool more = true;
  while (more) {  // [2]
    ArbiterCommand command = ArbiterCommand::unpack(commands.read());  // [2]
    more = !command.end;  // [2]
    ap_uint<20> count = command.words;
    count = count * 8;  // [3]
    ap_uint<64> word = 0;
    ap_uint<4> piece = 0;
    for (ap_uint<20> i = 0; i < count; i++) {  // [4]
#pragma HLS pipeline II=1  // [4]
#pragma HLS loop_tripcount min=1 max=8192
      if (piece == 0) {  // [5]
        word = words.read();  // [5]
      } else {
        word = word >> 8;  // [5]
      }
      ap_uint<8> bank_word = word(7, 0);
      bank_words.write(bank_word);  // [3, 4]
      if (piece == 7) {  // [5]
        piece = 0;
      } else {
        piece++;
      }
    }
  }
}
