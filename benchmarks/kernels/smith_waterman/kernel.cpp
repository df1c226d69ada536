#include "ap_int.h"
#include "hls_stream.h"

// Local alignment score of a query of 8 letters with a text: one column of cells a cycle, each from its neighbours.
static const int QUERY = 8;
typedef ap_int<10> Score;

static Score larger(Score a, Score b) { return a > b ? a : b; }

void smith_waterman(hls::stream<ap_uint<2> >& query, hls::stream<ap_uint<2> >& text, hls::stream<ap_uint<10> >& out, ap_uint<16> n) {
  ap_uint<2> q[QUERY];
  Score column[QUERY];
#pragma HLS array_partition variable=q complete
#pragma HLS array_partition variable=column complete
  for (int k = 0; k < QUERY; k++) {
#pragma HLS unroll
    q[k] = query.read();
    column[k] = 0;
  }
  Score best = 0;
  MAIN: for (ap_uint<16> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<2> letter = text.read();
    Score diagonal = 0, up = 0;
    for (int k = 0; k < QUERY; k++) {
      Score old = column[k];
      Score match = diagonal + (q[k] == letter ? 3 : -2);
      Score gap = larger(old, up) - 2;
      Score v = larger(larger(match, gap), 0);
      column[k] = v;
      best = larger(best, v);
      diagonal = old;
      up = v;
    }
  }
  out.write(best);
}
