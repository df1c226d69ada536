#include "ap_int.h"
#include "hls_stream.h"

// Softmax of rows of 16 signed Q3.4 logits in fixed point: maximum, table of exponentials (Q16), sum, one division a word.
static const int N = 16;
static const ap_uint<17> EXPONENTIAL[128] = {
    65536, 61565, 57835, 54331, 51039, 47947, 45042, 42313, 39750, 37341, 35079, 32954,
    30957, 29081, 27319, 25664, 24109, 22649, 21276, 19987, 18776, 17639, 16570, 15566,
    14623, 13737, 12905, 12123, 11388, 10698, 10050, 9441, 8869, 8332, 7827, 7353,
    6907, 6489, 6096, 5726, 5380, 5054, 4747, 4460, 4190, 3936, 3697, 3473,
    3263, 3065, 2879, 2705, 2541, 2387, 2243, 2107, 1979, 1859, 1746, 1641,
    1541, 1448, 1360, 1278, 1200, 1128, 1059, 995, 935, 878, 825, 775,
    728, 684, 642, 604, 567, 533, 500, 470, 442, 415, 390, 366,
    344, 323, 303, 285, 268, 252, 236, 222, 209, 196, 184, 173,
    162, 153, 143, 135, 127, 119, 112, 105, 99, 93, 87, 82,
    77, 72, 68, 64, 60, 56, 53, 50, 47, 44, 41, 39,
    36, 34, 32, 30, 28, 27, 25, 23};

void softmax(hls::stream<ap_int<8> >& in, hls::stream<ap_uint<8> >& out, ap_uint<8> rows) {
  for (ap_uint<8> row = 0; row < rows; row++) {
    ap_int<8> x[N];
    ap_uint<17> e[N];
    ap_int<8> largest = -128;
    MAXIMUM: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
      ap_int<8> v = in.read();
      x[i] = v;
      if (v > largest) largest = v;
    }
    ap_uint<22> sum = 0;
    SUM: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
      ap_uint<9> below = largest - x[i];
      ap_uint<17> v = below > 127 ? ap_uint<17>(0) : EXPONENTIAL[ap_uint<7>(below)];
      e[i] = v;
      sum += v;
    }
    DIVIDE: for (int i = 0; i < N; i++) {
#pragma HLS pipeline II=1
      ap_uint<25> scaled = ap_uint<25>(e[i]) * 255;
      out.write(scaled / sum);
    }
  }
}
