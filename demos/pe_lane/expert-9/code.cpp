#include "ap_int.h"  // [11]

ap_uint<256> mac(ap_uint<8> a, ap_uint<128> b);  // [2]

// 16 MAC unit(s), 16 along m, 1 along n, 1 along k, with A unicast, B broadcast and C unicast.
ap_uint<4096> pe_lane(ap_uint<128> a, ap_uint<128> b) {  // [1]
#pragma HLS inline  // [3]
  ap_uint<4096> sums = 0;
  for (int i = 0; i < 16; i++) {  // [6]
#pragma HLS unroll  // [10]
    for (int j = 0; j < 1; j++) {  // [6]
#pragma HLS unroll  // [10]
      ap_int<16> total[16];
#pragma HLS array_partition variable=total complete
      for (int l = 0; l < 1; l++) {  // [6]
#pragma HLS unroll  // [10]
        ap_uint<8> left = 0;
        for (int m = 0; m < 1; m++) {
#pragma HLS unroll  // [10]
          for (int k = 0; k < 1; k++) {
#pragma HLS unroll  // [10]
            const int from = (i * 1 + m) * 1 + l * 1 + k;  // [5, 7]
            const int to = m * 1 + k;  // [4, 7]
            left(8 * to + 7, 8 * to) = a(8 * from + 7, 8 * from);  // [7]
          }
        }
        ap_uint<128> right = 0;
        for (int k = 0; k < 1; k++) {
#pragma HLS unroll  // [10]
          for (int n = 0; n < 16; n++) {
#pragma HLS unroll  // [10]
            const int from = (l * 1 + k) * 16 + j * 16 + n;  // [5, 8]
            const int to = k * 16 + n;  // [4, 8]
            right(8 * to + 7, 8 * to) = b(8 * from + 7, 8 * from);  // [8]
          }
        }
        ap_uint<256> part = mac(left, right);  // [2, 10]
        for (int e = 0; e < 16; e++) {
#pragma HLS unroll  // [10]
          ap_int<16> term = part(16 * e + 15, 16 * e);  // [4]
          total[e] = l == 0 ? ap_int<16>(term) : ap_int<16>(total[e] + term);  // [9]
        }
      }
      for (int m = 0; m < 1; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 16; n++) {
#pragma HLS unroll  // [10]
          const int to = (i * 1 + m) * 16 + j * 16 + n;  // [5]
          sums(16 * to + 15, 16 * to) = total[m * 16 + n];  // [4, 9]
        }
      }
    }
  }
  return sums;
}
