#include "ap_int.h"  // [10]

// 1 multiplier(s) with A unicast and B unicast: 1 x 1 accumulators, dot products over 1.
ap_uint<32> mac(ap_uint<32> acc, ap_uint<8> a, ap_uint<8> b, ap_uint<1> clear) {  // [1]
#pragma HLS inline  // [2]
  ap_uint<32> next = 0;
  for (int m = 0; m < 1; m++) {  // [6]
#pragma HLS unroll  // [9]
    for (int n = 0; n < 1; n++) {  // [6]
#pragma HLS unroll  // [9]
      ap_int<16> dot = 0;  // [8] exact
      for (int k = 0; k < 1; k++) {  // [7]
#pragma HLS unroll  // [9]
        const int ia = m * 1 + k;  // [4]
        const int ib = k * 1 + n;  // [5]
        ap_int<8> left = a(8 * ia + 7, 8 * ia);  // [3, 4, 9]
        ap_int<8> right = b(8 * ib + 7, 8 * ib);  // [3, 5, 9]
        dot += left * right;  // [7, 8]
      }
      const int ic = m * 1 + n;  // [6]
      ap_int<32> old = 0;
      if (clear == 0) old = acc(32 * ic + 31, 32 * ic);  // [7]
      ap_int<32> sum = old + dot;  // [7, 8]
      next(32 * ic + 31, 32 * ic) = sum;  // [3, 6]
    }
  }
  return next;
}
