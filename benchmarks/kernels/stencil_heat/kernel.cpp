#include "ap_int.h"
#include "hls_stream.h"

// Steps of the one-dimensional heat equation in an array; the two ends are fixed.
static const int N = 64;

void stencil_heat(hls::stream<ap_int<16> >& in, hls::stream<ap_int<16> >& out, ap_uint<6> steps) {
  ap_int<16> now[N], next[N];
  LOAD: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
    ap_int<16> v = in.read();
    now[i] = v;
    next[i] = v;
  }
  for (ap_uint<6> s = 0; s < steps; s++) {
    ap_int<16> left = now[0], middle = now[1];
    STEP: for (int i = 1; i < N - 1; i++) {
#pragma HLS pipeline II=1
      ap_int<16> right = now[i + 1];
      next[i] = middle + ((left - 2 * middle + right) >> 2);
      left = middle;
      middle = right;
    }
    COPY: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
      now[i] = next[i];
    }
  }
  STORE: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
    out.write(now[i]);
  }
}
