#include "ap_int.h"
#include "hls_stream.h"

// Pack a stream of 24-bit words into 64-bit words; the last one is filled with zeros.
void width_converter(hls::stream<ap_uint<24> >& in, hls::stream<ap_uint<64> >& out, ap_uint<16> n) {
  ap_uint<88> held = 0;
  ap_uint<7> bits = 0;
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    held |= ap_uint<88>(in.read()) << bits;
    bits += 24;
    if (bits >= 64) {
      out.write(held(63, 0));
      held >>= 64;
      bits -= 64;
    }
  }
  if (bits != 0) out.write(held(63, 0));
}
