#include "ap_int.h"  // [10]

// 16 multiplier(s) with A multicast, B multicast and C multicast: 8 x 2 sums of 2 product(s), two products a multiplier.
ap_uint<272> mac(ap_uint<128> a, ap_uint<32> b) {  // [1]
#pragma HLS inline off  // [2]
#pragma HLS pipeline II=1  // [2]
  ap_uint<272> sums = 0;
  for (int m = 0; m < 4; m++) {  // [6]
#pragma HLS unroll  // [9]
    for (int n = 0; n < 2; n++) {  // [6]
#pragma HLS unroll  // [9]
      ap_int<17> lower = 0;  // [7] row m
      ap_int<17> upper = 0;  // [7] row m + 4
      for (int chain = 0; chain < 1; chain++) {  // [8]
#pragma HLS unroll  // [9]
        ap_int<36> both = 0;  // [8]
        for (int k = chain * 2 / 1; k < (chain + 1) * 2 / 1; k++) {  // [8]
#pragma HLS unroll  // [9]
          const int i0 = m * 2 + k;  // [4]
          const int i1 = (m + 4) * 2 + k;  // [4, 8]
          const int ib = k * 2 + n;  // [5]
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
      const int c0 = m * 2 + n;  // [6]
      const int c1 = (m + 4) * 2 + n;  // [6, 8]
      sums(17 * c0 + 16, 17 * c0) = lower;  // [3, 6]
      sums(17 * c1 + 16, 17 * c1) = upper;  // [3, 6]
    }
  }
  return sums;
}
