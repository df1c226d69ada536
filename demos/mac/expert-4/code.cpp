#include "ap_int.h"

// 1 multiplier(s) with A unicast and B unicast: 1 x 1 accumulators, dot products over 1.
ap_uint<32> mac(ap_uint<32> acc, ap_uint<8> a, ap_uint<8> b, ap_uint<1> clear) {
#pragma HLS inline
  ap_uint<32> next = 0;
  for (int m = 0; m < 1; m++) {
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
