#include "ap_int.h"
#include "hls_stream.h"

// The four largest of a stream with their places: a small sorted register file, updated each cycle.
void top_k(hls::stream<ap_int<16> >& in, hls::stream<ap_uint<32> >& out, ap_uint<16> n) {
  ap_int<17> best[4];
  ap_uint<16> place[4];
#pragma HLS array_partition variable=best complete
#pragma HLS array_partition variable=place complete
  for (int k = 0; k < 4; k++) {
#pragma HLS unroll
    best[k] = -65536;
    place[k] = 0;
  }
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_int<17> v = in.read();
    for (int k = 3; k >= 0; k--) {
      bool above = k > 0 && v > best[k > 0 ? k - 1 : 0];
      if (above) {
        best[k] = best[k > 0 ? k - 1 : 0];
        place[k] = place[k > 0 ? k - 1 : 0];
      } else if (v > best[k]) {
        best[k] = v;
        place[k] = i;
      }
    }
  }
  SHOW: for (int k = 0; k < 4; k++) {
#pragma HLS pipeline II=1
    out.write((place[k], ap_uint<16>(best[k])));
  }
}
