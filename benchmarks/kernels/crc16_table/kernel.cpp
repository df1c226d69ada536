#include "ap_int.h"
#include "hls_stream.h"

// CRC-16/CCITT by a table of 256 words.

void crc16_table(hls::stream<ap_uint<8> >& in, hls::stream<ap_uint<16> >& out, ap_uint<16> n) {
  ap_uint<16> table[256];
  MAKE: for (int k = 0; k < 256; k++) {
#pragma HLS pipeline II=1
    ap_uint<16> v = k << 8;
    for (int b = 0; b < 8; b++) {
      bool high = v[15];
      v <<= 1;
      if (high) v ^= 0x1021;
    }
    table[k] = v;
  }
  ap_uint<16> crc = 0xffff;
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<8> index = crc(15, 8) ^ in.read();
    crc = (crc << 8) ^ table[index];
  }
  out.write(crc);
}
