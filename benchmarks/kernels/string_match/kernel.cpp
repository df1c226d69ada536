#include "ap_int.h"
#include "hls_stream.h"

// Report every position at which an 8-byte pattern ends in a text; a mask of bytes says which must be equal.
void string_match(hls::stream<ap_uint<8> >& text, hls::stream<ap_uint<16> >& out, ap_uint<64> pattern, ap_uint<8> mask, ap_uint<16> n) {
  ap_uint<64> window = 0;
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    window = (window << 8) | text.read();
    bool found = i >= 7;
    for (int k = 0; k < 8; k++) {
#pragma HLS unroll
      if (mask[k] && window(8 * k + 7, 8 * k) != pattern(8 * k + 7, 8 * k)) found = false;
    }
    if (found) out.write(i);
  }
  out.write(0xffff);
}
