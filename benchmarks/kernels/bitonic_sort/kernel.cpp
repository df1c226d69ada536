#include "ap_int.h"
#include "hls_stream.h"

// Bitonic network: eight words in one wide word are sorted each cycle.
typedef ap_uint<12> Key;

void bitonic_sort(hls::stream<ap_uint<96> >& in, hls::stream<ap_uint<96> >& out, ap_uint<12> n) {
  MAIN: for (ap_uint<12> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<96> word = in.read();
    Key v[8];
#pragma HLS array_partition variable=v complete
    for (int k = 0; k < 8; k++) v[k] = word(12 * k + 11, 12 * k);
    for (int size = 2; size <= 8; size *= 2) {
#pragma HLS unroll
      for (int step = size / 2; step > 0; step /= 2) {
#pragma HLS unroll
        for (int k = 0; k < 8; k++) {
#pragma HLS unroll
          int other = k ^ step;
          if (other > k) {
            bool ascending = (k & size) == 0;
            Key a = v[k], b = v[other];
            bool swap = ascending ? a > b : a < b;
            v[k] = swap ? b : a;
            v[other] = swap ? a : b;
          }
        }
      }
    }
    ap_uint<96> sorted = 0;
    for (int k = 0; k < 8; k++) sorted(12 * k + 11, 12 * k) = v[k];
    out.write(sorted);
  }
}
