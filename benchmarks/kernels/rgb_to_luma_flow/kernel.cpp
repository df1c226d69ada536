#include "ap_int.h"
#include "hls_stream.h"

// Four processes in a row: luma of a pixel, horizontal difference, threshold, run counter.
static void luma(hls::stream<ap_uint<24> >& in, hls::stream<ap_uint<8> >& out, ap_uint<16> n) {
  LUMA: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<24> p = in.read();
    ap_uint<8> r = p(23, 16), g = p(15, 8), b = p(7, 0);
    out.write((r * 77 + g * 150 + b * 29 + 128) >> 8);
  }
}

static void slope(hls::stream<ap_uint<8> >& in, hls::stream<ap_int<9> >& out, ap_uint<16> n) {
  ap_uint<8> last = 0;
  SLOPE: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<8> v = in.read();
    out.write(v - last);
    last = v;
  }
}

static void edges(hls::stream<ap_int<9> >& in, hls::stream<ap_uint<1> >& out, ap_uint<8> threshold, ap_uint<16> n) {
  EDGES: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_int<9> v = in.read();
    out.write(v > threshold || -v > threshold);
  }
}

static void positions(hls::stream<ap_uint<1> >& in, hls::stream<ap_uint<16> >& out, ap_uint<16> n) {
  POSITIONS: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    if (in.read() == 1) out.write(i);
  }
  out.write(n);
}

void rgb_to_luma_flow(hls::stream<ap_uint<24> >& in, hls::stream<ap_uint<16> >& out, ap_uint<8> threshold, ap_uint<16> n) {
#pragma HLS dataflow
  hls::stream<ap_uint<8>, 4> y;
  hls::stream<ap_int<9>, 4> d;
  hls::stream<ap_uint<1>, 4> e;
  luma(in, y, n);
  slope(y, d, n);
  edges(d, e, threshold, n);
  positions(e, out, n);
}
