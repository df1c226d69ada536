#include "ap_int.h"
#include "hls_stream.h"

// Knuth-Morris-Pratt search: the failure table is made first, then each step either takes a byte or falls back.
static const int M = 8;

void kmp(hls::stream<ap_uint<8> >& pattern, hls::stream<ap_uint<8> >& text, hls::stream<ap_uint<16> >& out, ap_uint<16> n) {
  ap_uint<8> p[M];
  ap_uint<4> failure[M];
#pragma HLS array_partition variable=p complete
#pragma HLS array_partition variable=failure complete
  LOAD: for (int i = 0; i < M; i++) p[i] = pattern.read();
  failure[0] = 0;
  ap_uint<4> k = 0;
  TABLE: for (int i = 1; i < M; i++) {
    while (k > 0 && p[k] != p[i]) k = failure[k - 1];
    if (p[k] == p[i]) k++;
    failure[i] = k;
  }
  ap_uint<4> q = 0;
  ap_uint<16> i = 0;
  bool have = false;
  ap_uint<8> c = 0;
  SEARCH: while (i < n) {
#pragma HLS pipeline II=1
    if (!have) c = text.read();
    bool equal = p[ap_uint<3>(q)] == c;
    if (equal || q == 0) {
      if (equal) q++;
      have = false;
      if (q == M) {
        out.write(i);
        q = failure[M - 1];
      }
      i++;
    } else {
      q = failure[q - 1];
      have = true;
    }
  }
  out.write(0xffff);
}
