#include "ap_int.h"
#include "hls_stream.h"

// Magnitude of the Sobel gradient of an image, by two line buffers and a 3 x 3 window; the border is not written.
static const int WIDTH = 20;

void sobel(hls::stream<ap_uint<8> >& in, hls::stream<ap_uint<11> >& out, ap_uint<10> rows) {
  ap_uint<8> above[WIDTH], top[WIDTH];
  ap_uint<8> w[3][3];
#pragma HLS array_partition variable=w complete dim=0
  for (int r = 0; r < 3; r++) {
#pragma HLS unroll
    for (int c = 0; c < 3; c++) w[r][c] = 0;
  }
  ap_uint<10> row = 0;
  ap_uint<5> column = 0;
  MAIN: for (int i = 0; i < rows * WIDTH; i++) {
#pragma HLS pipeline II=1
#pragma HLS dependence variable=above type=inter false
#pragma HLS dependence variable=top type=inter false
    ap_uint<8> pixel = in.read();
    for (int r = 0; r < 3; r++)
      for (int c = 0; c < 2; c++) w[r][c] = w[r][c + 1];
    ap_uint<8> a = above[column];
    w[0][2] = top[column];
    w[1][2] = a;
    w[2][2] = pixel;
    top[column] = a;
    above[column] = pixel;
    ap_int<12> gx = (w[0][2] + 2 * w[1][2] + w[2][2]) - (w[0][0] + 2 * w[1][0] + w[2][0]);
    ap_int<12> gy = (w[2][0] + 2 * w[2][1] + w[2][2]) - (w[0][0] + 2 * w[0][1] + w[0][2]);
    ap_uint<12> sum = (gx < 0 ? ap_int<13>(-gx) : ap_int<13>(gx)) + (gy < 0 ? ap_int<13>(-gy) : ap_int<13>(gy));
    if (row >= 2 && column >= 2) out.write(sum);
    if (column == WIDTH - 1) {
      column = 0;
      row++;
    } else {
      column++;
    }
  }
}
