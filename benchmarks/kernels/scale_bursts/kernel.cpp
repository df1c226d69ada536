#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"

// Scale and add two vectors in memory by bursts of up to 32 words; a process for each direction.
typedef ap_int<32> Word;

static void load(hls::burst_maxi<Word> x, hls::stream<Word>& words, ap_uint<16> n) {
  for (ap_uint<16> at = 0; at < n; at += 32) {
    ap_uint<16> rest = n - at;
    ap_uint<6> length = rest < 32 ? ap_uint<6>(rest) : ap_uint<6>(32);
    x.read_request(at, length);
    READ: for (ap_uint<6> i = 0; i < length; i++) {
#pragma HLS pipeline II=1
      words.write(x.read());
    }
  }
}

static void combine(hls::stream<Word>& x, hls::stream<Word>& y, hls::stream<Word>& z, ap_int<16> factor, ap_uint<16> n) {
  COMBINE: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    z.write(x.read() * factor + y.read());
  }
}

static void store(hls::burst_maxi<Word> out, hls::stream<Word>& z, ap_uint<16> n) {
  out.write_request(0, n);
  WRITE: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    out.write(z.read());
  }
  out.write_response();
}

void scale_bursts(hls::burst_maxi<Word> left, hls::burst_maxi<Word> right, hls::burst_maxi<Word> out, ap_int<16> factor, ap_uint<16> n) {
#pragma HLS dataflow
  hls::stream<Word, 64> x, y;
  hls::stream<Word, 8> z;
  load(left, x, n);
  load(right, y, n);
  combine(x, y, z, factor, n);
  store(out, z, n);
}
