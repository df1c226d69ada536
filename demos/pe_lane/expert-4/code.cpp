#include "ap_int.h"  // [11]

ap_uint<72> mac(ap_uint<64> a, ap_uint<64> b);  // [2]

// 16 MAC unit(s), 4 along m, 2 along n, 2 along k, with A multicast, B multicast and C multicast.
ap_uint<608> pe_lane(ap_uint<512> a, ap_uint<256> b) {  // [1]
#pragma HLS inline  // [3]
  ap_uint<608> sums = 0;
  for (int i = 0; i < 4; i++) {  // [6]
#pragma HLS unroll  // [10]
    for (int j = 0; j < 2; j++) {  // [6]
#pragma HLS unroll  // [10]
      ap_int<19> total[4];
#pragma HLS array_partition variable=total complete
      for (int l = 0; l < 2; l++) {  // [6]
#pragma HLS unroll  // [10]
        ap_uint<64> left = 0;
        for (int m = 0; m < 2; m++) {
#pragma HLS unroll  // [10]
          for (int k = 0; k < 4; k++) {
#pragma HLS unroll  // [10]
            const int from = (i * 2 + m) * 8 + l * 4 + k;  // [5, 7]
            const int to = m * 4 + k;  // [4, 7]
            left(8 * to + 7, 8 * to) = a(8 * from + 7, 8 * from);  // [7]
          }
        }
        ap_uint<64> right = 0;
        for (int k = 0; k < 4; k++) {
#pragma HLS unroll  // [10]
          for (int n = 0; n < 2; n++) {
#pragma HLS unroll  // [10]
            const int from = (l * 4 + k) * 4 + j * 2 + n;  // [5, 8]
            const int to = k * 2 + n;  // [4, 8]
            right(8 * to + 7, 8 * to) = b(8 * from + 7, 8 * from);  // [8]
          }
        }
        ap_uint<72> part = mac(left, right);  // [2, 10]
        for (int e = 0; e < 4; e++) {
#pragma HLS unroll  // [10]
          ap_int<18> term = part(18 * e + 17, 18 * e);  // [4]
          total[e] = l == 0 ? ap_int<19>(term) : ap_int<19>(total[e] + term);  // [9]
        }
      }
      for (int m = 0; m < 2; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 2; n++) {
#pragma HLS unroll  // [10]
          const int to = (i * 2 + m) * 4 + j * 2 + n;  // [5]
          sums(19 * to + 18, 19 * to) = total[m * 2 + n];  // [4, 9]
        }
      }
    }
  }
  return sums;
}
