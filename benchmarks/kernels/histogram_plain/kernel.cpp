#include "ap_int.h"
#include "hls_stream.h"

// Histogram as one writes it first: read, add and write of a word whose address repeats.
void histogram_plain(hls::stream<ap_uint<5> >& in, hls::stream<ap_uint<16> >& out, ap_uint<16> n) {
  ap_uint<16> bins[32];
  CLEAR: for (int k = 0; k < 32; k++) {
#pragma HLS pipeline II=1
    bins[k] = 0;
  }
  COUNT: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    bins[in.read()]++;
  }
  SHOW: for (int k = 0; k < 32; k++) {
#pragma HLS pipeline II=1
    out.write(bins[k]);
  }
}
