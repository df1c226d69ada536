#include "ap_int.h"
#include "hls_stream.h"

// Second-order IIR section, direct form I, Q14 coefficients: the recurrence through y is the limit.
void iir_biquad(hls::stream<ap_int<16> >& in, hls::stream<ap_int<16> >& out, ap_uint<16> n) {
  const ap_int<16> b0 = 1106, b1 = 2212, b2 = 1106, a1 = -18727, a2 = 6767;
  ap_int<16> x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_int<16> x = in.read();
    ap_int<36> sum = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    ap_int<36> rounded = (sum + 8192) >> 14;
    ap_int<16> y = rounded > 32767 ? ap_int<36>(32767) : rounded < -32768 ? ap_int<36>(-32768) : rounded;
    out.write(y);
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
  }
}
