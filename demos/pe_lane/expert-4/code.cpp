#include "ap_int.h"  // [11]

ap_uint<128> mac(ap_uint<128> acc, ap_uint<8> a, ap_uint<32> b, ap_uint<1> clear);  // [2]

// 2 MAC unit(s), 1 along m, 2 along n, 1 along k, with A broadcast and B unicast.
ap_uint<256> pe_lane(ap_uint<256> acc, ap_uint<8> a, ap_uint<64> b, ap_uint<1> clear) {  // [1]
#pragma HLS inline  // [3]
  ap_uint<256> next = 0;
  for (int i = 0; i < 1; i++) {  // [6, 10]
#pragma HLS unroll  // [10]
    for (int j = 0; j < 2; j++) {  // [6]
#pragma HLS unroll  // [10]
      ap_uint<128> old = 0;
      for (int m = 0; m < 1; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 4; n++) {
#pragma HLS unroll  // [10]
          const int from = (i * 1 + m) * 8 + j * 4 + n;  // [5]
          const int to = m * 4 + n;  // [4]
          old(32 * to + 31, 32 * to) = acc(32 * from + 31, 32 * from);  // [9]
        }
      }
      ap_uint<128> block = 0;
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
        block = mac(old, left, right, clear);  // [9, 10]
      }
      for (int m = 0; m < 1; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 4; n++) {
#pragma HLS unroll  // [10]
          const int from = m * 4 + n;  // [4]
          const int to = (i * 1 + m) * 8 + j * 4 + n;  // [5]
          next(32 * to + 31, 32 * to) = block(32 * from + 31, 32 * from);  // [9]
        }
      }
    }
  }
  return next;
}
