#include "ap_int.h"

ap_uint<32> mac(ap_uint<32> acc, ap_uint<16> a, ap_uint<16> b, ap_uint<1> clear);

// 4 MAC unit(s), 2 along m, 2 along n, 1 along k, with A multicast and B multicast.
ap_uint<128> pe_lane(ap_uint<128> acc, ap_uint<32> a, ap_uint<32> b, ap_uint<1> clear) {
#pragma HLS inline
  ap_uint<128> next = 0;
  for (int i = 0; i < 2; i++) {
#pragma HLS unroll
    for (int j = 0; j < 2; j++) {
#pragma HLS unroll
      ap_uint<32> old = 0;
      for (int m = 0; m < 1; m++) {
#pragma HLS unroll
        for (int n = 0; n < 1; n++) {
#pragma HLS unroll
          const int from = (i * 1 + m) * 2 + j * 1 + n;
          const int to = m * 1 + n;
          old(32 * to + 31, 32 * to) = acc(32 * from + 31, 32 * from);
        }
      }
      ap_uint<32> block = 0;
      for (int l = 0; l < 1; l++) {
#pragma HLS unroll
        ap_uint<16> left = 0;
        for (int m = 0; m < 1; m++) {
#pragma HLS unroll
          for (int k = 0; k < 2; k++) {
#pragma HLS unroll
            const int from = (i * 1 + m) * 2 + l * 2 + k;
            const int to = m * 2 + k;
            left(8 * to + 7, 8 * to) = a(8 * from + 7, 8 * from);
          }
        }
        ap_uint<16> right = 0;
        for (int k = 0; k < 2; k++) {
#pragma HLS unroll
          for (int n = 0; n < 1; n++) {
#pragma HLS unroll
            const int from = (l * 2 + k) * 2 + j * 1 + n;
            const int to = k * 1 + n;
            right(8 * to + 7, 8 * to) = b(8 * from + 7, 8 * from);
          }
        }
        block = mac(old, left, right, clear);
      }
      for (int m = 0; m < 1; m++) {
#pragma HLS unroll
        for (int n = 0; n < 1; n++) {
#pragma HLS unroll
          const int from = m * 1 + n;
          const int to = (i * 1 + m) * 2 + j * 1 + n;
          next(32 * to + 31, 32 * to) = block(32 * from + 31, 32 * from);
        }
      }
    }
  }
  return next;
}
