#include "ap_int.h"
#include "hls_stream.h"

// Run-length encoder: a word holds the length of a run above its byte; runs end at 255.
void rle_encode(hls::stream<ap_uint<8> >& in, hls::stream<ap_uint<16> >& out, ap_uint<16> n) {
  ap_uint<8> value = 0, length = 0;
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<8> v = in.read();
    bool same = length != 0 && v == value && length != 255;
    if (!same && length != 0) out.write((length, value));
    length = same ? ap_uint<8>(length + 1) : ap_uint<8>(1);
    value = v;
  }
  if (length != 0) out.write((length, value));
}
