#include "aigchip_commands.h"  // [9]
#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"

// Stores rows of outputs, 4 byte(s) a cycle, with up to 8 burst(s) unanswered.
void store_c(hls::stream<ap_uint<112> >& commands, hls::stream<ap_uint<32> >& outputs, hls::burst_maxi<ap_uint<64> > gmem_c) {  // [1]
  bool more = true;
  while (more) {  // [2]
    StoreCommand command = StoreCommand::unpack(commands.read());  // [2]
    more = !command.end;  // [2]
    ap_uint<20> count = command.words * 2;  // [4]
    ap_uint<32> next_address = command.address;
    ap_uint<8> row = 0;
    ap_uint<8> word = 0;
    ap_uint<4> piece = 0;
    ap_uint<64> packed = 0;
    for (ap_uint<20> i = 0; i < count; i++) {  // [4]
#pragma HLS pipeline II=1  // [4]
#pragma HLS loop_tripcount min=1 max=1024
      bool row_begins = word == 0 && piece == 0;  // [5]
      if (row_begins && row >= 8) gmem_c.write_response();  // [6]
      if (row_begins) {
        gmem_c.write_request(next_address, command.row_words);  // [5]
        next_address = next_address + command.stride;  // [3, 8]
      }
      packed = packed >> 32;
      packed(63, 32) = outputs.read();  // [3, 4]
      if (piece == 1) {
        gmem_c.write(packed);  // [4]
        piece = 0;
        if (word == command.row_words - 1) {  // [8]
          word = 0;
          row++;
        } else {
          word++;
        }
      } else {
        piece++;
      }
    }
    ap_uint<8> unanswered = 8;
    if (command.rows < 8) unanswered = command.rows;  // [7]
    for (ap_uint<8> i = 0; i < unanswered; i++) {  // [7]
#pragma HLS pipeline II=1  // [7]
#pragma HLS loop_tripcount min=1 max=8
      gmem_c.write_response();  // [7]
    }
  }
}
