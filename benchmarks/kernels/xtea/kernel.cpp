#include "ap_int.h"
#include "hls_stream.h"

// XTEA encryption: 32 rounds of a block, unrolled into a pipeline that takes a block each cycle.
void xtea(hls::stream<ap_uint<64> >& in, hls::stream<ap_uint<64> >& out, ap_uint<128> key, ap_uint<12> n) {
  MAIN: for (ap_uint<12> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<64> block = in.read();
    ap_uint<32> v0 = block(63, 32), v1 = block(31, 0), sum = 0;
    for (int round = 0; round < 32; round++) {
      ap_uint<2> first = sum(1, 0);
      ap_uint<32> key0 = key >> (96 - 32 * first);
      v0 += ((ap_uint<32>(v1 << 4) ^ (v1 >> 5)) + v1) ^ (sum + key0);
      sum += 0x9E3779B9u;
      ap_uint<2> second = sum(12, 11);
      ap_uint<32> key1 = key >> (96 - 32 * second);
      v1 += ((ap_uint<32>(v0 << 4) ^ (v0 >> 5)) + v0) ^ (sum + key1);
    }
    out.write((v0, v1));
  }
}
