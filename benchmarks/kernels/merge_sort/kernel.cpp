#include "ap_int.h"
#include "hls_stream.h"

// Merge sort of 32 words between two RAMs, bottom-up; each output word is one iteration.
static const int N = 32;

void merge_sort(hls::stream<ap_uint<16> >& in, hls::stream<ap_uint<16> >& out) {
  ap_uint<16> from[N], to[N];
  LOAD: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
    from[i] = in.read();
  }
  PASS: for (int width = 1; width < N; width *= 2) {
    RUNS: for (int begin = 0; begin < N; begin += 2 * width) {
      int left = begin, right = begin + width;
      const int left_end = begin + width, right_end = begin + 2 * width;
      MERGE: for (int k = begin; k < right_end; k++) {
#pragma HLS pipeline II=2
        ap_uint<16> a = from[left < N ? left : N - 1], b = from[right < N ? right : N - 1];
        bool take_left = left < left_end && (right >= right_end || a <= b);
        to[k] = take_left ? a : b;
        if (take_left) left++;
        else right++;
      }
    }
    COPY: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
      from[i] = to[i];
    }
  }
  STORE: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
    out.write(from[i]);
  }
}
