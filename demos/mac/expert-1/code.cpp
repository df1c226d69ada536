#include "ap_int.h"  // [10]

// 4 multiplier(s) with A unicast, B multicast and C multicast: 2 x 1 sums of 2 product(s).
ap_uint<34> mac(ap_uint<32> a, ap_uint<16> b) {  // [1]
#pragma HLS inline off  // [2]
#pragma HLS pipeline II=1  // [2]
  ap_uint<34> sums = 0;
  for (int m = 0; m < 2; m++) {  // [6]
#pragma HLS unroll  // [9]
    for (int n = 0; n < 1; n++) {  // [6]
#pragma HLS unroll  // [9]
      ap_int<17> sum = 0;  // [7]
      for (int k = 0; k < 2; k++) {  // [7]
#pragma HLS unroll  // [9]
        const int ia = m * 2 + k;  // [4]
        const int ib = k * 1 + n;  // [5]
        ap_int<8> left = a(8 * ia + 7, 8 * ia);  // [3, 4]
        ap_int<8> right = b(8 * ib + 7, 8 * ib);  // [3, 5]
        sum += left * right;  // [7, 8]
      }
      const int ic = m * 1 + n;  // [6]
      sums(17 * ic + 16, 17 * ic) = sum;  // [3, 6]
    }
  }
  return sums;
}
