#include "ap_int.h"
#include "hls_stream.h"

// CRC-32 (IEEE 802.3), eight bits a cycle by unrolled shifts.
void crc32(hls::stream<ap_uint<9> >& in, hls::stream<ap_uint<32> >& out, ap_uint<16> n) {
  ap_uint<32> crc = 0xffffffffu;
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<9> word = in.read();
    crc ^= ap_uint<8>(word(7, 0));
    for (int b = 0; b < 8; b++) {
      bool low = crc[0];
      crc >>= 1;
      if (low) crc ^= 0xedb88320u;
    }
    if (word[8]) {
      out.write(~crc);
      crc = 0xffffffffu;
    }
  }
}
