#include "ap_int.h"
#include "hls_stream.h"

// Inclusive prefix sum; a flag starts a new segment.
void prefix_sum(hls::stream<ap_int<17> >& in, hls::stream<ap_int<32> >& out, ap_uint<16> n) {
  ap_int<32> sum = 0;
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_int<17> word = in.read();
    bool first = word[16];
    ap_int<16> v = word(15, 0);
    sum = first ? ap_int<32>(v) : ap_int<32>(sum + v);
    out.write(sum);
  }
}
