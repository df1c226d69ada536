#include "ap_int.h"  // [10]

// 8 multiplier(s) with A broadcast, B unicast and C unicast: 2 x 8 sums of 1 product(s), two products a multiplier.
ap_uint<256> mac(ap_uint<16> a, ap_uint<64> b) {  // [1]
#pragma HLS inline  // [2]
  ap_uint<256> sums = 0;
  for (int m = 0; m < 1; m++) {  // [6]
#pragma HLS unroll  // [9]
    for (int n = 0; n < 8; n++) {  // [6]
#pragma HLS unroll  // [9]
      ap_int<16> lower = 0;  // [7] row m
      ap_int<16> upper = 0;  // [7] row m + 1
      for (int chain = 0; chain < 1; chain++) {  // [8]
#pragma HLS unroll  // [9]
        ap_int<36> both = 0;  // [8]
        for (int k = chain * 1 / 1; k < (chain + 1) * 1 / 1; k++) {  // [8]
#pragma HLS unroll  // [9]
          const int i0 = m * 1 + k;  // [4]
          const int i1 = (m + 1) * 1 + k;  // [4, 8]
          const int ib = k * 8 + n;  // [5]
          ap_int<8> a0 = a(8 * i0 + 7, 8 * i0);  // [3, 4]
          ap_int<8> a1 = a(8 * i1 + 7, 8 * i1);  // [3, 4]
          ap_int<8> right = b(8 * ib + 7, 8 * ib);  // [3, 5]
          ap_int<27> pair = (ap_int<27>(a1) << 18) + a0;  // [8]
          both += pair * right;  // [8]
        }
        ap_int<18> low = both(17, 0);  // [8]
        ap_int<18> high = both(35, 18);  // [8]
        lower += low;  // [7]
        upper += high + ap_uint<1>(both[17]);  // [8] the lower half, where it is negative, has borrowed 1
      }
      const int c0 = m * 8 + n;  // [6]
      const int c1 = (m + 1) * 8 + n;  // [6, 8]
      sums(16 * c0 + 15, 16 * c0) = lower;  // [3, 6]
      sums(16 * c1 + 15, 16 * c1) = upper;  // [3, 6]
    }
  }
  return sums;
}
