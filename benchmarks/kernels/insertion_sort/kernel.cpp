#include "ap_int.h"
#include "hls_stream.h"

// Sort 16 words as they come: every cell keeps the smaller word or moves on, all in one cycle.
static const int N = 16;
typedef ap_int<16> Word;

void insertion_sort(hls::stream<Word>& in, hls::stream<Word>& out) {
  Word cells[N];
#pragma HLS array_partition variable=cells complete
  for (int k = 0; k < N; k++) {
#pragma HLS unroll
    cells[k] = 32767;
  }
  INSERT: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
    Word v = in.read();
    for (int k = N - 1; k > 0; k--) {
      if (v < cells[k - 1]) cells[k] = cells[k - 1];
      else if (v < cells[k]) cells[k] = v;
    }
    if (v < cells[0]) cells[0] = v;
  }
  SHIFT: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
    out.write(cells[0]);
    for (int k = 0; k < N - 1; k++) cells[k] = cells[k + 1];
  }
}
