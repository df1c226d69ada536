#include "ap_int.h"
#include "hls_stream.h"

// Base64 of whole groups of three bytes, one letter a cycle.
static ap_uint<8> letter(ap_uint<6> v) {
  if (v < 26) return 'A' + v;
  if (v < 52) return 'a' + (v - 26);
  if (v < 62) return '0' + (v - 52);
  return v == 62 ? '+' : '/';
}

void base64(hls::stream<ap_uint<8> >& in, hls::stream<ap_uint<8> >& out, ap_uint<12> groups) {
  ap_uint<2> phase = 0;
  ap_uint<8> held = 0;
  MAIN: for (ap_uint<14> i = 0; i < 4 * groups; i++) {
#pragma HLS pipeline II=1
    ap_uint<8> v = 0;
    if (phase != 3) v = in.read();
    ap_uint<6> six = 0;
    switch (phase) {
      case 0: six = v >> 2; break;
      case 1: six = (ap_uint<2>(held), ap_uint<4>(v >> 4)); break;
      case 2: six = (ap_uint<4>(held), ap_uint<2>(v >> 6)); break;
      default: six = held; break;
    }
    out.write(letter(six));
    held = v;
    phase++;
  }
}
