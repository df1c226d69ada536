#include "aigchip_commands.h"  // [6]
#include "ap_int.h"
#include "hls_stream.h"

// Passes the words of operand B on.
void arbiter_b(hls::stream<ap_uint<40> >& commands, hls::stream<ap_uint<128> >& words, hls::stream<ap_uint<128> >& pieces) {  // [1]
  bool more = true;
  while (more) {  // [2]
    ArbiterCommand command = ArbiterCommand::unpack(commands.read());  // [2]
    more = !command.end;  // [2]
    for (ap_uint<32> i = 0; i < command.words; i++) {  // [3]
#pragma HLS pipeline II=1  // [3]
#pragma HLS loop_tripcount min=1 max=1024
      pieces.write(words.read());  // [4, 5]
    }
  }
}
