#include "ap_int.h"
#include "hls_stream.h"

// 16-tap FIR filter in direct form: all products of a cycle in parallel.
static const int TAPS = 16;
static const ap_int<10> COEFFICIENTS[TAPS] = {-3, 7, -12, 20, -33, 61, -120, 480, 480, -120, 61, -33, 20, -12, 7, -3};

void fir(hls::stream<ap_int<12> >& in, hls::stream<ap_int<26> >& out, ap_uint<16> n) {
  ap_int<12> delay[TAPS];
#pragma HLS array_partition variable=delay complete
  CLEAR: for (int k = 0; k < TAPS; k++) {
#pragma HLS unroll
    delay[k] = 0;
  }
  MAIN: for (int i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_int<26> sum = 0;
    for (int k = TAPS - 1; k > 0; k--) delay[k] = delay[k - 1];
    delay[0] = in.read();
    for (int k = 0; k < TAPS; k++) sum += delay[k] * COEFFICIENTS[k];
    out.write(sum);
  }
}
