#include "ap_int.h"  // [11]

ap_uint<19> mac(ap_uint<64> a, ap_uint<64> b);  // [2]

// 32 MAC unit(s), 8 along m, 4 along n, 1 along k, with A multicast, B multicast and C unicast.
ap_uint<608> pe_lane(ap_uint<512> a, ap_uint<256> b) {  // [1]
#pragma HLS inline  // [3]
  ap_uint<608> sums = 0;
  for (int i = 0; i < 8; i++) {  // [6]
#pragma HLS unroll  // [10]
    for (int j = 0; j < 4; j++) {  // [6]
#pragma HLS unroll  // [10]
      ap_int<19> total[1];
#pragma HLS array_partition variable=total complete
      for (int l = 0; l < 1; l++) {  // [6]
#pragma HLS unroll  // [10]
        ap_uint<64> left = 0;
        for (int m = 0; m < 1; m++) {
#pragma HLS unroll  // [10]
          for (int k = 0; k < 8; k++) {
#pragma HLS unroll  // [10]
            const int from = (i * 1 + m) * 8 + l * 8 + k;  // [5, 7]
            const int to = m * 8 + k;  // [4, 7]
            left(8 * to + 7, 8 * to) = a(8 * from + 7, 8 * from);  // [7]
          }
        }
        ap_uint<64> right = 0;
        for (int k = 0; k < 8; k++) {
#pragma HLS unroll  // [10]
          for (int n = 0; n < 1; n++) {
#pragma HLS unroll  // [10]
            const int from = (l * 8 + k) * 4 + j * 1 + n;  // [5, 8]
            const int to = k * 1 + n;  // [4, 8]
            right(8 * to + 7, 8 * to) = b(8 * from + 7, 8 * from);  // [8]
          }
        }
        ap_uint<19> part = mac(left, right);  // [2, 10]
        for (int e = 0; e < 1; e++) {
#pragma HLS unroll  // [10]
          ap_int<19> term = part(19 * e + 18, 19 * e);  // [4]
          total[e] = l == 0 ? ap_int<19>(term) : ap_int<19>(total[e] + term);  // [9]
        }
      }
      for (int m = 0; m < 1; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 1; n++) {
#pragma HLS unroll  // [10]
          const int to = (i * 1 + m) * 4 + j * 1 + n;  // [5]
          sums(19 * to + 18, 19 * to) = total[m * 1 + n];  // [4, 9]
        }
      }
    }
  }
  return sums;
}
