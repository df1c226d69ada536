#include "ap_int.h"
#include "hls_stream.h"

// Histogram of 64 bins in a RAM; a register forwards the word that was written last, so that equal neighbours do not collide.
void histogram(hls::stream<ap_uint<6> >& in, hls::stream<ap_uint<20> >& out, ap_uint<16> n) {
  ap_uint<20> bins[64];
  CLEAR: for (int k = 0; k < 64; k++) {
#pragma HLS pipeline II=1
    bins[k] = 0;
  }
  ap_uint<6> last = 0;
  ap_uint<20> count = 0;
  COUNT: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
#pragma HLS dependence variable=bins type=inter distance=2 direction=RAW true
    ap_uint<6> v = in.read();
    ap_uint<20> old = bins[v];
    if (i != 0 && v == last) old = count;
    count = old + 1;
    last = v;
    bins[v] = count;
  }
  SHOW: for (int k = 0; k < 64; k++) {
#pragma HLS pipeline II=1
    out.write(bins[k]);
  }
}
