#include "ap_int.h"  // [11]

ap_uint<40> mac(ap_uint<256> a, ap_uint<128> b);  // [2]

// 1 MAC unit(s), 1 along m, 1 along n, 1 along k, with A unicast, B unicast and C unicast.
ap_uint<40> pe_lane(ap_uint<256> a, ap_uint<128> b) {  // [1]
#pragma HLS inline  // [3]
  ap_uint<40> sums = 0;
  for (int i = 0; i < 1; i++) {  // [6]
#pragma HLS unroll  // [10]
    for (int j = 0; j < 1; j++) {  // [6]
#pragma HLS unroll  // [10]
      ap_int<20> total[2];
#pragma HLS array_partition variable=total complete
      for (int l = 0; l < 1; l++) {  // [6]
#pragma HLS unroll  // [10]
        ap_uint<256> left = 0;
        for (int m = 0; m < 2; m++) {
#pragma HLS unroll  // [10]
          for (int k = 0; k < 16; k++) {
#pragma HLS unroll  // [10]
            const int from = (i * 2 + m) * 16 + l * 16 + k;  // [5, 7]
            const int to = m * 16 + k;  // [4, 7]
            left(8 * to + 7, 8 * to) = a(8 * from + 7, 8 * from);  // [7]
          }
        }
        ap_uint<128> right = 0;
        for (int k = 0; k < 16; k++) {
#pragma HLS unroll  // [10]
          for (int n = 0; n < 1; n++) {
#pragma HLS unroll  // [10]
            const int from = (l * 16 + k) * 1 + j * 1 + n;  // [5, 8]
            const int to = k * 1 + n;  // [4, 8]
            right(8 * to + 7, 8 * to) = b(8 * from + 7, 8 * from);  // [8]
          }
        }
        ap_uint<40> part = mac(left, right);  // [2, 10]
        for (int e = 0; e < 2; e++) {
#pragma HLS unroll  // [10]
          ap_int<20> term = part(20 * e + 19, 20 * e);  // [4]
          total[e] = l == 0 ? ap_int<20>(term) : ap_int<20>(total[e] + term);  // [9]
        }
      }
      for (int m = 0; m < 2; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 1; n++) {
#pragma HLS unroll  // [10]
          const int to = (i * 2 + m) * 1 + j * 1 + n;  // [5]
          sums(20 * to + 19, 20 * to) = total[m * 1 + n];  // [4, 9]
        }
      }
    }
  }
  return sums;
}
