#include "ap_int.h"
#include "hls_stream.h"

// Two-dimensional inverse DCT of 8 x 8 blocks, row pass then column pass through a transposing RAM in eight banks.
static const ap_int<14> COSINE[8][8] = {
    {1448, 2009, 1892, 1703, 1448, 1138, 784, 400},
    {1448, 1703, 784, -400, -1448, -2009, -1892, -1138},
    {1448, 1138, -784, -2009, -1448, 400, 1892, 1703},
    {1448, 400, -1892, -1138, 1448, 1703, -784, -2009},
    {1448, -400, -1892, 1138, 1448, -1703, -784, 2009},
    {1448, -1138, -784, 2009, -1448, -400, 1892, -1703},
    {1448, -1703, 784, 400, -1448, 2009, -1892, 1138},
    {1448, -2009, 1892, -1703, 1448, -1138, 784, -400}};

static ap_int<32> one(const ap_int<16> v[8], int n) {
  ap_int<32> sum = 1024;
  for (int k = 0; k < 8; k++) sum += v[k] * COSINE[n][k];
  return sum >> 11;
}

void idct8(hls::stream<ap_int<16> >& in, hls::stream<ap_int<16> >& out, ap_uint<8> blocks) {
#pragma HLS array_partition variable=COSINE complete dim=2
  for (ap_uint<8> block = 0; block < blocks; block++) {
    ap_int<16> half[8][8], row[8];
#pragma HLS array_partition variable=half complete dim=1
#pragma HLS array_partition variable=row complete
    ROWS: for (int r = 0; r < 8; r++) {
      READ: for (int c = 0; c < 8; c++) row[c] = in.read();
      FIRST: for (int n = 0; n < 8; n++) {
#pragma HLS pipeline II=1
        half[r][n] = one(row, n);
      }
    }
    COLUMNS: for (int c = 0; c < 8; c++)
      SECOND: for (int n = 0; n < 8; n++) {
#pragma HLS pipeline II=1
        ap_int<16> column[8];
#pragma HLS array_partition variable=column complete
        for (int r = 0; r < 8; r++) column[r] = half[r][c];
        out.write(one(column, n));
      }
  }
}
