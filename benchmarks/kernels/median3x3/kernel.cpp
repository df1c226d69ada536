#include "ap_int.h"
#include "hls_stream.h"

// Median of each 3 x 3 window of an image: line buffers and a network of 19 compare-exchanges.
static const int WIDTH = 16;
typedef ap_uint<8> Pixel;

static void order(Pixel& low, Pixel& high) {
  Pixel a = low, b = high;
  low = a < b ? a : b;
  high = a < b ? b : a;
}

void median3x3(hls::stream<Pixel>& in, hls::stream<Pixel>& out, ap_uint<10> rows) {
  Pixel line1[WIDTH], line2[WIDTH];
  Pixel w[9];
#pragma HLS array_partition variable=w complete
  for (int k = 0; k < 9; k++) {
#pragma HLS unroll
    w[k] = 0;
  }
  ap_uint<4> column = 0;
  ap_uint<10> row = 0;
  MAIN: for (int i = 0; i < rows * WIDTH; i++) {
#pragma HLS pipeline II=1
#pragma HLS dependence variable=line1 type=inter false
#pragma HLS dependence variable=line2 type=inter false
    Pixel p = in.read();
    for (int k = 0; k < 6; k++) w[k] = w[k + 3];
    w[6] = line2[column];
    w[7] = line1[column];
    w[8] = p;
    line2[column] = w[7];
    line1[column] = p;
    Pixel v[9];
#pragma HLS array_partition variable=v complete
    for (int k = 0; k < 9; k++) v[k] = w[k];
    order(v[1], v[2]); order(v[4], v[5]); order(v[7], v[8]);
    order(v[0], v[1]); order(v[3], v[4]); order(v[6], v[7]);
    order(v[1], v[2]); order(v[4], v[5]); order(v[7], v[8]);
    order(v[0], v[3]); order(v[5], v[8]); order(v[4], v[7]);
    order(v[3], v[6]); order(v[1], v[4]); order(v[2], v[5]);
    order(v[4], v[7]); order(v[4], v[2]); order(v[6], v[4]);
    order(v[4], v[2]);
    if (row >= 2 && column >= 2) out.write(v[4]);
    column++;
    if (column == 0) row++;
  }
}
