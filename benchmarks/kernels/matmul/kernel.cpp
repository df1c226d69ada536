#include "ap_int.h"
#include "hls_stream.h"

// 8 x 8 matrices: eight products of a row and a column each cycle.
static const int N = 8;

void matmul(hls::stream<ap_int<8> >& as, hls::stream<ap_int<8> >& bs, hls::stream<ap_int<20> >& cs) {
  ap_int<8> a[N][N], b[N][N];
#pragma HLS array_partition variable=a complete dim=2
#pragma HLS array_partition variable=b complete dim=1
  LOAD: for (int i = 0; i < N * N; i++) {
#pragma HLS pipeline II=1
    a[i / N][i % N] = as.read();
    b[i / N][i % N] = bs.read();
  }
  MAIN: for (int i = 0; i < N * N; i++) {
#pragma HLS pipeline II=1
    ap_int<20> sum = 0;
    for (int k = 0; k < N; k++) sum += a[i / N][k] * b[k][i % N];
    cs.write(sum);
  }
}
