#include "ap_int.h"
#include "hls_stream.h"

// Hamming(12,8) decoder: corrects one wrong bit of each word and counts how many it mended.
int hamming(hls::stream<ap_uint<12> >& in, hls::stream<ap_uint<8> >& out, ap_uint<12> n) {
  int mended = 0;
  MAIN: for (ap_uint<12> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<12> code = in.read();
    ap_uint<4> syndrome = 0;
    for (int b = 0; b < 12; b++) {
#pragma HLS unroll
      if (code[b]) syndrome ^= b + 1;
    }
    if (syndrome != 0 && syndrome <= 12) {
      code ^= ap_uint<12>(1) << (syndrome - 1);
      mended++;
    }
    ap_uint<8> data = (ap_uint<4>(code(11, 8)), ap_uint<3>(code(6, 4)), ap_uint<1>(code[2]));
    out.write(data);
  }
  return mended;
}
