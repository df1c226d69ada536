#include "ap_int.h"
#include "hls_stream.h"

// Symmetric 8-tap FIR that keeps every second output: pre-adders halve the multipliers.
void fir_decimator(hls::stream<ap_int<14> >& in, hls::stream<ap_int<28> >& out, ap_uint<12> pairs) {
  static const ap_int<11> HALF[4] = {-21, 64, -190, 659};
  ap_int<14> d[8];
#pragma HLS array_partition variable=d complete
  for (int k = 0; k < 8; k++) {
#pragma HLS unroll
    d[k] = 0;
  }
  MAIN: for (ap_uint<13> i = 0; i < 2 * pairs; i++) {
#pragma HLS pipeline II=1
    for (int k = 7; k > 0; k--) d[k] = d[k - 1];
    d[0] = in.read();
    ap_int<28> sum = 0;
    for (int k = 0; k < 4; k++) sum += (d[k] + d[7 - k]) * HALF[k];
    if (i[0]) out.write(sum);
  }
}
