#include "ap_int.h"  // [10]

// 1 multiplier(s) with A unicast, B unicast and C unicast: 1 x 1 sums of 1 product(s).
ap_uint<16> mac(ap_uint<8> a, ap_uint<8> b) {  // [1]
#pragma HLS inline  // [2]
  ap_uint<16> sums = 0;
  for (int m = 0; m < 1; m++) {  // [6]
#pragma HLS unroll  // [9]
    for (int n = 0; n < 1; n++) {  // [6]
#pragma HLS unroll  // [9]
      ap_int<16> sum = 0;  // [7]
      for (int k = 0; k < 1; k++) {  // [7]
#pragma HLS unroll  // [9]
        const int ia = m * 1 + k;  // [4]
        const int ib = k * 1 + n;  // [5]
        ap_int<8> left = a(8 * ia + 7, 8 * ia);  // [3, 4]
        ap_int<8> right = b(8 * ib + 7, 8 * ib);  // [3, 5]
        sum += left * right;  // [7, 8]
      }
      const int ic = m * 1 + n;  // [6]
      sums(16 * ic + 15, 16 * ic) = sum;  // [3, 6]
    }
  }
  return sums;
}
