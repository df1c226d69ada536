#include "aigchip_commands.h"  // [8]
#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"

// Fetches tiles of operand B with up to 4 burst(s) under way.
void load_b(hls::stream<ap_uint<104> >& commands, hls::burst_maxi<ap_uint<64> > gmem_b, hls::stream<ap_uint<64> >& words) {  // [1]
  bool more = true;
  while (more) {  // [2]
    LoadCommand command = LoadCommand::unpack(commands.read());  // [2]
    more = !command.end;  // [2]
    ap_uint<8> lead = 4;  // [5] iterations that only request
    if (command.rows_valid < 4) lead = command.rows_valid;  // [5]
    ap_uint<16> total = command.rows * command.words;  // [3]
    ap_uint<16> count = total + lead;  // [6]
    ap_uint<32> next_address = command.address;
    ap_uint<8> requested = 0;
    ap_uint<8> row = 0;
    ap_uint<8> word = 0;
    for (ap_uint<16> i = 0; i < count; i++) {  // [6]
#pragma HLS pipeline II=1  // [6]
#pragma HLS loop_tripcount min=2 max=1028
      bool sending = i >= lead;
      bool row_ends = word == command.words - 1;
      if (sending) {  // [5]
        ap_uint<64> value = 0;
        if (row < command.rows_valid && word < command.words_valid) value = gmem_b.read();  // [3]
        words.write(value);  // [7]
        if (row_ends) {  // [6]
          word = 0;
          row++;
        } else {
          word++;
        }
      }
      if ((!sending || row_ends) && requested < command.rows_valid) {  // [5]
        gmem_b.read_request(next_address, command.words_valid);  // [4]
        next_address = next_address + command.stride;  // [4, 6]
        requested++;
      }
    }
  }
}
