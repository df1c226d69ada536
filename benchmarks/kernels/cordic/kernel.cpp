#include "ap_int.h"
#include "hls_stream.h"

// Sine and cosine by 14 CORDIC rotations, unrolled: a result each cycle. Angles are Q13 radians in [-pi/2, pi/2].
void cordic(hls::stream<ap_int<16> >& in, hls::stream<ap_uint<32> >& out, ap_uint<12> n) {
  static const ap_int<16> ANGLE[14] = {6434, 3798, 2007, 1019, 511, 256, 128, 64, 32, 16, 8, 4, 2, 1};
  MAIN: for (ap_uint<12> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_int<18> x = 9949, y = 0, z = in.read();
    for (int k = 0; k < 14; k++) {
      ap_int<18> dx = y >> k, dy = x >> k;
      bool negative = z < 0;
      x = negative ? ap_int<18>(x + dx) : ap_int<18>(x - dx);
      y = negative ? ap_int<18>(y - dy) : ap_int<18>(y + dy);
      z = negative ? ap_int<18>(z + ANGLE[k]) : ap_int<18>(z - ANGLE[k]);
    }
    out.write((ap_uint<16>(y), ap_uint<16>(x)));
  }
}
