#include "ap_int.h"

// 2 multiplier(s) with A unicast and B broadcast: 2 x 1 accumulators, dot products over 1.
ap_uint<64> mac(ap_uint<64> acc, ap_uint<16> a, ap_uint<8> b, ap_uint<1> clear) {
#pragma HLS inline
  ap_uint<64> next = 0;
  for (int m = 0; m < 2; m++) {
#pragma HLS unroll
    for (int n = 0; n < 1; n++) {
#pragma HLS unroll
      ap_int<16> dot = 0;  // exact
      for (int k = 0; k < 1; k++) {
#pragma HLS unroll
        const int ia = m * 1 + k;
        const int ib = k * 1 + n;
        ap_int<8> left = a(8 * ia + 7, 8 * ia);
        ap_int<8> right = b(8 * ib + 7, 8 * ib);
        dot += left * right;
      }
      const int ic = m * 1 + n;
      ap_int<32> old = 0;
      if (clear == 0) old = acc(32 * ic + 31, 32 * ic);
      ap_int<32> sum = old + dot;
      next(32 * ic + 31, 32 * ic) = sum;
    }
  }
  return next;
}
