#include "ap_int.h"
#include "hls_stream.h"

// Integer square root of 32-bit words, two bits a step, unrolled into a pipeline.
void square_root(hls::stream<ap_uint<32> >& in, hls::stream<ap_uint<16> >& out, ap_uint<12> n) {
  MAIN: for (ap_uint<12> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<32> v = in.read();
    ap_uint<18> rest = 0;
    ap_uint<16> root = 0;
    for (int k = 15; k >= 0; k--) {
      ap_uint<2> pair = v >> (2 * k);
      rest = (rest << 2) | pair;
      ap_uint<18> trial = (ap_uint<18>(root) << 2) | 1;
      bool fits = rest >= trial;
      if (fits) rest -= trial;
      root = (root << 1) | fits;
    }
    out.write(root);
  }
}
