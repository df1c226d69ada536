#include "ap_int.h"
#include "hls_stream.h"

// Sparse matrix times vector in CSR: the vector lies in a RAM; one non-zero an iteration, rows end by their lengths.
static const int COLUMNS = 64;

void spmv(hls::stream<ap_int<8> >& vector, hls::stream<ap_uint<6> >& lengths, hls::stream<ap_uint<6> >& columns,
          hls::stream<ap_int<8> >& values, hls::stream<ap_int<24> >& out, ap_uint<10> rows) {
  ap_int<8> x[COLUMNS];
  LOAD: for (int i = 0; i < COLUMNS; i++) {
#pragma HLS pipeline II=1
    x[i] = vector.read();
  }
  ROWS: for (ap_uint<10> r = 0; r < rows; r++) {
    ap_uint<6> count = lengths.read();
    ap_int<24> sum = 0;
    MAIN: for (ap_uint<6> k = 0; k < count; k++) {
#pragma HLS pipeline II=1
      sum += values.read() * x[columns.read()];
    }
    out.write(sum);
  }
}
