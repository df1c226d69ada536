#include "ap_int.h"
#include "hls_stream.h"

// Running sum over 5 pixels of a row, divided by 5 through a multiplication.
void box_blur(hls::stream<ap_uint<8> >& in, hls::stream<ap_uint<8> >& out, ap_uint<12> n) {
  ap_uint<8> last[5];
#pragma HLS array_partition variable=last complete
  for (int k = 0; k < 5; k++) {
#pragma HLS unroll
    last[k] = 0;
  }
  ap_uint<11> sum = 0;
  MAIN: for (ap_uint<12> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<8> v = in.read();
    sum += v - last[4];
    for (int k = 4; k > 0; k--) last[k] = last[k - 1];
    last[0] = v;
    out.write((sum * 6554u) >> 15);
  }
}
