#include "ap_int.h"  // [11]

ap_uint<32> mac(ap_uint<32> acc, ap_uint<8> a, ap_uint<8> b, ap_uint<1> clear);  // [2]

// 8 MAC unit(s), 4 along m, 1 along n, 2 along k, with A unicast and B multicast.
ap_uint<128> pe_lane(ap_uint<128> acc, ap_uint<64> a, ap_uint<16> b, ap_uint<1> clear) {  // [1]
#pragma HLS inline  // [3]
  ap_uint<128> next = 0;
  for (int i = 0; i < 4; i++) {  // [6, 10]
#pragma HLS unroll  // [10]
    for (int j = 0; j < 1; j++) {  // [6]
#pragma HLS unroll  // [10]
      ap_uint<32> old = 0;
      for (int m = 0; m < 1; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 1; n++) {
#pragma HLS unroll  // [10]
          const int from = (i * 1 + m) * 1 + j * 1 + n;  // [5]
          const int to = m * 1 + n;  // [4]
          old(32 * to + 31, 32 * to) = acc(32 * from + 31, 32 * from);  // [9]
        }
      }
      ap_uint<32> block = 0;
      ap_uint<17> dots = 0;  // exact sums of 2 products each
      for (int l = 0; l < 2; l++) {  // [6]
#pragma HLS unroll  // [10]
        ap_uint<8> left = 0;
        for (int m = 0; m < 1; m++) {
#pragma HLS unroll  // [10]
          for (int k = 0; k < 1; k++) {
#pragma HLS unroll  // [10]
            const int from = (i * 1 + m) * 2 + l * 1 + k;  // [5, 7]
            const int to = m * 1 + k;  // [4, 7]
            left(8 * to + 7, 8 * to) = a(8 * from + 7, 8 * from);  // [7]
          }
        }
        ap_uint<8> right = 0;
        for (int k = 0; k < 1; k++) {
#pragma HLS unroll  // [10]
          for (int n = 0; n < 1; n++) {
#pragma HLS unroll  // [10]
            const int from = (l * 1 + k) * 1 + j * 1 + n;  // [5, 8]
            const int to = k * 1 + n;  // [4, 8]
            right(8 * to + 7, 8 * to) = b(8 * from + 7, 8 * from);  // [8]
          }
        }
        ap_uint<32> part = mac(0, left, right, 1);  // [9, 10]
        for (int e = 0; e < 1; e++) {
#pragma HLS unroll  // [10]
          ap_int<17> sum = dots(17 * e + 16, 17 * e);
          ap_int<17> term = part(32 * e + 16, 32 * e);
          sum += term;  // [9]
          dots(17 * e + 16, 17 * e) = sum;
        }
      }
      for (int e = 0; e < 1; e++) {  // [9] the accumulator last: one addition from cycle to cycle
#pragma HLS unroll  // [10]
        ap_int<32> start = 0;
        if (clear == 0) start = old(32 * e + 31, 32 * e);
        ap_int<17> dot = dots(17 * e + 16, 17 * e);
        ap_int<32> sum = start + dot;  // [9]
        block(32 * e + 31, 32 * e) = sum;
      }
      for (int m = 0; m < 1; m++) {
#pragma HLS unroll  // [10]
        for (int n = 0; n < 1; n++) {
#pragma HLS unroll  // [10]
          const int from = m * 1 + n;  // [4]
          const int to = (i * 1 + m) * 1 + j * 1 + n;  // [5]
          next(32 * to + 31, 32 * to) = block(32 * from + 31, 32 * from);  // [9]
        }
      }
    }
  }
  return next;
}
