#include "ap_int.h"
#include "hls_stream.h"

// Global average of 8 channels that come interleaved: eight sums in registers, rounded division by the number of pixels.
static const int CHANNELS = 8;

void average_pool(hls::stream<ap_int<8> >& in, hls::stream<ap_int<8> >& out, ap_uint<12> pixels) {
  ap_int<20> sums[CHANNELS];
  CLEAR: for (int c = 0; c < CHANNELS; c++) {
#pragma HLS pipeline II=1
    sums[c] = 0;
  }
  for (ap_uint<12> p = 0; p < pixels; p++)
    MAIN: for (int c = 0; c < CHANNELS; c++) {
#pragma HLS pipeline II=1
#pragma HLS dependence variable=sums type=inter false
      sums[c] += in.read();
    }
  DIVIDE: for (int c = 0; c < CHANNELS; c++) {
#pragma HLS pipeline II=1
    ap_int<20> sum = sums[c];
    out.write((sum + ap_int<20>(pixels >> 1)) / pixels);
  }
}
