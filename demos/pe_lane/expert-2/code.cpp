#include "ap_int.h"  // [11]

ap_uint<128> mac(ap_uint<128> acc, ap_uint<16> a, ap_uint<16> b, ap_uint<1> clear);  // [2]

// 2 MAC unit(s), 2 along m, 1 along n, 1 along k, with A unicast and B broadcast.
ap_uint<256> pe_lane(ap_uint<256> acc, ap_uint<32> a, ap_uint<16> b, ap_uint<1> clear) {  // [1]
#pragma HLS inline  // [3]
  ap_uint<256> next = 0;
  for (int i = 0; i < 2; i++) {  // [6, 10]
#pragma HLS unroll  // [10]
    for (int j = 0; j < 1; j++) {  // [6]
#pragma HLS unroll  // [10]
      ap_uint<128> old = 0;
      for (int m = 0; m < 2; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 2; n++) {
#pragma HLS unroll  // [10]
          const int from = (i * 2 + m) * 2 + j * 2 + n;  // [5]
          const int to = m * 2 + n;  // [4]
          old(32 * to + 31, 32 * to) = acc(32 * from + 31, 32 * from);  // [9]
        }
      }
      ap_uint<128> block = 0;
      for (int l = 0; l < 1; l++) {  // [6]
#pragma HLS unroll  // [10]
        ap_uint<16> left = 0;
        for (int m = 0; m < 2; m++) {
#pragma HLS unroll  // [10]
          for (int k = 0; k < 1; k++) {
#pragma HLS unroll  // [10]
            const int from = (i * 2 + m) * 1 + l * 1 + k;  // [5, 7]
            const int to = m * 1 + k;  // [4, 7]
            left(8 * to + 7, 8 * to) = a(8 * from + 7, 8 * from);  // [7]
          }
        }
        ap_uint<16> right = 0;
        for (int k = 0; k < 1; k++) {
#pragma HLS unroll  // [10]
          for (int n = 0; n < 2; n++) {
#pragma HLS unroll  // [10]
            const int from = (l * 1 + k) * 2 + j * 2 + n;  // [5, 8]
            const int to = k * 2 + n;  // [4, 8]
            right(8 * to + 7, 8 * to) = b(8 * from + 7, 8 * from);  // [8]
          }
        }
        block = mac(old, left, right, clear);  // [9, 10]
      }
      for (int m = 0; m < 2; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 2; n++) {
#pragma HLS unroll  // [10]
          const int from = m * 2 + n;  // [4]
          const int to = (i * 2 + m) * 2 + j * 2 + n;  // [5]
          next(32 * to + 31, 32 * to) = block(32 * from + 31, 32 * from);  // [9]
        }
      }
    }
  }
  return next;
}
