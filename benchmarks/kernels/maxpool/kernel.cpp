#include "ap_int.h"
#include "hls_stream.h"

// 2 x 2 maximum pooling with stride 2 of a stream of pixels; one row of maxima is kept.
static const int WIDTH = 16;

void maxpool(hls::stream<ap_int<8> >& in, hls::stream<ap_int<8> >& out, ap_uint<8> rows) {
  ap_int<8> above[WIDTH / 2];
  ap_int<8> left = 0;
  for (ap_uint<8> row = 0; row < rows; row++) {
    MAIN: for (int c = 0; c < WIDTH; c++) {
#pragma HLS pipeline II=1
      ap_int<8> v = in.read();
      ap_int<8> pair = v > left ? v : left;
      if (c % 2 == 1) {
        if (row[0]) {
          ap_int<8> up = above[c / 2];
          out.write(up > pair ? up : pair);
        } else {
          above[c / 2] = pair;
        }
      }
      left = v;
    }
  }
}
