#include "aigchip_commands.h"
#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"

// Fetches tiles of operand B with up to 4 burst(s) under way.
void load_b(hls::stream<ap_uint<104> >& commands, hls::burst_maxi<ap_uint<64> > gmem_b, hls::stream<ap_uint<64> >& words) {
  bool more = true;
  while (more) {
    LoadCommand command = LoadCommand::unpack(commands.read());
    more = !command.end;
    ap_uint<8> lead = 4;  // iterations that only request
    if (command.rows_valid < 4) lead = command.rows_valid;
    ap_uint<16> total = command.rows * command.words;
    ap_uint<16> count = total + lead;
    ap_uint<32> next_address = command.address;
    ap_uint<8> requested = 0;
    ap_uint<8> row = 0;
    ap_uint<8> word = 0;
    for (ap_uint<16> i = 0; i < count; i++) {
#pragma HLS pipeline II=1
#pragma HLS loop_tripcount min=2 max=1028
      bool sending = i >= lead;
      bool row_ends = word == command.words - 1;
      if (sending) {
        ap_uint<64> value = 0;
        if (row < command.rows_valid && word < command.words_valid) value = gmem_b.read();
        words.write(value);
        if (row_ends) {
          word = 0;
          row++;
        } else {
          word++;
        }
      }
      if ((!sending || row_ends) && requested < command.rows_valid) {
        gmem_b.read_request(next_address, command.words_valid);
        next_address = next_address + command.stride;
        requested++;
      }
    }
  }
}
