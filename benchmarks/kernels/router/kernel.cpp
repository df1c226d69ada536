#include "ap_int.h"
#include "hls_stream.h"

// Route packets (header: destination above length) to three outputs.
void router(hls::stream<ap_uint<16> >& in, hls::stream<ap_uint<16> >& a, hls::stream<ap_uint<16> >& b, hls::stream<ap_uint<16> >& c,
            ap_uint<16> n) {
  ap_uint<8> left = 0;
  ap_uint<2> to = 0;
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<16> word = in.read();
    if (left == 0) {
      to = word(9, 8);
      left = word(7, 0);
    } else {
      left--;
      switch (to) {
        case 0: a.write(word); break;
        case 1: b.write(word); break;
        case 2: c.write(word); break;
        default: break;  // dropped
      }
    }
  }
}
