#include "ap_int.h"
#include "hls_stream.h"

// 3 x 3 convolution of one channel into four, by line buffers; weights are read first. Four sums an output word.
static const int WIDTH = 12, OUTPUTS = 4;

void conv2d(hls::stream<ap_int<8> >& weights, hls::stream<ap_int<8> >& in, hls::stream<ap_uint<80> >& out, ap_uint<8> rows) {
  ap_int<8> k[OUTPUTS][9];
#pragma HLS array_partition variable=k complete dim=0
  LOAD: for (int o = 0; o < OUTPUTS; o++)
    for (int i = 0; i < 9; i++) k[o][i] = weights.read();
  ap_int<8> line[2][WIDTH], w[9];
#pragma HLS array_partition variable=line complete dim=1
#pragma HLS array_partition variable=w complete
  for (int i = 0; i < 9; i++) {
#pragma HLS unroll
    w[i] = 0;
  }
  ap_uint<4> column = 0;
  ap_uint<8> row = 0;
  MAIN: for (int i = 0; i < rows * WIDTH; i++) {
#pragma HLS pipeline II=1
#pragma HLS dependence variable=line type=inter false
    ap_int<8> v = in.read();
    for (int r = 0; r < 3; r++)
      for (int c = 0; c < 2; c++) w[3 * r + c] = w[3 * r + c + 1];
    w[2] = line[1][column];
    w[5] = line[0][column];
    w[8] = v;
    line[1][column] = w[5];
    line[0][column] = v;
    ap_uint<80> word = 0;
    for (int o = 0; o < OUTPUTS; o++) {
      ap_int<20> sum = 0;
      for (int t = 0; t < 9; t++) sum += w[t] * k[o][t];
      word(20 * o + 19, 20 * o) = sum;
    }
    if (row >= 2 && column >= 2) out.write(word);
    bool last = column == WIDTH - 1;
    column = last ? ap_uint<4>(0) : ap_uint<4>(column + 1);
    if (last) row++;
  }
}
