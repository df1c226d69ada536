#include "aigchip_commands.h"
#include "ap_int.h"
#include "hls_stream.h"

// 1 tile(s) of 32 x 16 int32 accumulators in 2 bank(s) along n.
void buffer_c(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<256> >& results, hls::stream<ap_uint<64> >& sums) {
  ap_uint<32> bank[2][256];
#pragma HLS array_partition variable=bank dim=1 complete

  bool more = true;
  while (more) {
    AccumulateCommand command = AccumulateCommand::unpack(commands.read());
    more = !command.end;
    ap_uint<16> tile = command.slot * 256;

    // Fold the array's results into the tile, 2 element(s) a cycle.
    ap_uint<24> fold_count = command.subtiles;
    fold_count = fold_count * 4;
    ap_uint<256> result = 0;
    ap_uint<32> kept = 0;  // ones to add to the accumulators, zeros to start anew
    if (!command.first) kept = ~kept;
    ap_uint<8> piece = 0;
    ap_uint<8> subtile_n = 0;
    ap_uint<8> subtile_m = 0;
    for (ap_uint<24> i = 0; i < fold_count; i++) {
#pragma HLS pipeline II=1
#pragma HLS loop_tripcount min=1 max=256
#pragma HLS dependence variable=bank inter false
      if (piece == 0) {
        result = results.read();
      } else {
        result = result >> 64;
      }
      ap_uint<8> m = subtile_m * 2 + piece / 2;
      ap_uint<8> n = subtile_n * 4 + (piece % 2) * 2;
      ap_uint<16> line = tile + m * 8 + n / 2;
      ap_uint<8> chosen = (n % 2) / 2;
      for (int b = 0; b < 2; b++) {
#pragma HLS unroll
        const int place = b % 2;
        ap_uint<32> old = bank[b][line];
        ap_uint<32> sum = (old & kept) + result(32 * place + 31, 32 * place);
        if (chosen == b / 2) bank[b][line] = sum;
      }
      if (piece == 3) {
        piece = 0;
        if (subtile_n == command.subtiles_n - 1) {
          subtile_n = 0;
          subtile_m++;
        } else {
          subtile_n++;
        }
      } else {
        piece++;
      }
    }

    // Send the finished tile, 2 element(s) a cycle.
    ap_uint<20> drain_count = 0;
    if (command.drain) drain_count = command.drain_words * 4;
    ap_uint<10> row_last = command.row_words * 4 - 1;
    ap_uint<8> row = 0;
    ap_uint<10> word = 0;
    for (ap_uint<20> i = 0; i < drain_count; i++) {
#pragma HLS pipeline II=1
#pragma HLS loop_tripcount min=1 max=256
      ap_uint<64> sum = 0;
      ap_uint<16> line = tile + row * 8 + word;
      for (int b = 0; b < 2; b++) {
#pragma HLS unroll
        ap_uint<32> element = bank[b][line];
        if (word * 2 + b < command.columns) sum(32 * b + 31, 32 * b) = element;
      }
      sums.write(sum);
      if (word == row_last) {
        word = 0;
        row++;
      } else {
        word++;
      }
    }
  }
}
