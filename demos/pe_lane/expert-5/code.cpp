#include "ap_int.h"  // [11]

ap_uint<512> mac(ap_uint<64> a, ap_uint<32> b);  // [2]

// 2 MAC unit(s), 1 along m, 2 along n, 1 along k, with A broadcast, B unicast and C unicast.
ap_uint<1024> pe_lane(ap_uint<64> a, ap_uint<64> b) {  // [1]
#pragma HLS inline  // [3]
  ap_uint<1024> sums = 0;
  for (int i = 0; i < 1; i++) {  // [6]
#pragma HLS unroll  // [10]
    for (int j = 0; j < 2; j++) {  // [6]
#pragma HLS unroll  // [10]
      ap_int<16> total[32];
#pragma HLS array_partition variable=total complete
      for (int l = 0; l < 1; l++) {  // [6]
#pragma HLS unroll  // [10]
        ap_uint<64> left = 0;
        for (int m = 0; m < 8; m++) {
#pragma HLS unroll  // [10]
          for (int k = 0; k < 1; k++) {
#pragma HLS unroll  // [10]
            const int from = (i * 8 + m) * 1 + l * 1 + k;  // [5, 7]
            const int to = m * 1 + k;  // [4, 7]
            left(8 * to + 7, 8 * to) = a(8 * from + 7, 8 * from);  // [7]
          }
        }
        ap_uint<32> right = 0;
        for (int k = 0; k < 1; k++) {
#pragma HLS unroll  // [10]
          for (int n = 0; n < 4; n++) {
#pragma HLS unroll  // [10]
            const int from = (l * 1 + k) * 8 + j * 4 + n;  // [5, 8]
            const int to = k * 4 + n;  // [4, 8]
            right(8 * to + 7, 8 * to) = b(8 * from + 7, 8 * from);  // [8]
          }
        }
        ap_uint<512> part = mac(left, right);  // [2, 10]
        for (int e = 0; e < 32; e++) {
#pragma HLS unroll  // [10]
          ap_int<16> term = part(16 * e + 15, 16 * e);  // [4]
          total[e] = l == 0 ? ap_int<16>(term) : ap_int<16>(total[e] + term);  // [9]
        }
      }
      for (int m = 0; m < 8; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 4; n++) {
#pragma HLS unroll  // [10]
          const int to = (i * 8 + m) * 8 + j * 4 + n;  // [5]
          sums(16 * to + 15, 16 * to) = total[m * 4 + n];  // [4, 9]
        }
      }
    }
  }
  return sums;
}
