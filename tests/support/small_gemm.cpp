#include "ap_int.h"
#include "hls_burst_maxi.h"

// C = A x B, four rows by four columns: word k of gmem_a holds column k of A, word k of gmem_b row k of B, as four int8 each; gmem_c receives the int32
// sums, row by row, two in a word.
typedef ap_uint<64> Word;

void small_gemm(hls::burst_maxi<Word> gmem_a, hls::burst_maxi<Word> gmem_b, hls::burst_maxi<Word> gmem_c, ap_uint<8> depth) {
#pragma HLS interface m_axi port=gmem_a bundle=gmem_a offset=slave
#pragma HLS interface m_axi port=gmem_b bundle=gmem_b offset=slave
#pragma HLS interface m_axi port=gmem_c bundle=gmem_c offset=slave
#pragma HLS interface s_axilite port=gmem_a bundle=control
#pragma HLS interface s_axilite port=gmem_b bundle=control
#pragma HLS interface s_axilite port=gmem_c bundle=control
#pragma HLS interface s_axilite port=depth bundle=control
#pragma HLS interface s_axilite port=return bundle=control
  ap_int<32> sums[4][4];
#pragma HLS array_partition variable=sums complete dim=0
  CLEAR: for (int i = 0; i < 4; i++) {
#pragma HLS unroll
    for (int j = 0; j < 4; j++) {
#pragma HLS unroll
      sums[i][j] = 0;
    }
  }
  gmem_a.read_request(0, depth);
  gmem_b.read_request(0, depth);
  MULTIPLY: for (ap_uint<8> k = 0; k < depth; k++) {
#pragma HLS pipeline II=1
    Word column = gmem_a.read(), row = gmem_b.read();
    for (int i = 0; i < 4; i++) {
#pragma HLS unroll
      for (int j = 0; j < 4; j++) {
#pragma HLS unroll
        ap_int<8> left = column.range(8 * i + 7, 8 * i), right = row.range(8 * j + 7, 8 * j);
        sums[i][j] += left * right;
      }
    }
  }
  gmem_c.write_request(0, 8);
  STORE: for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 4; j += 2) {
#pragma HLS pipeline II=1
      Word two = 0;
      two.range(31, 0) = sums[i][j];
      two.range(63, 32) = sums[i][j + 1];
      gmem_c.write(two);
    }
  }
  gmem_c.write_response();
}
