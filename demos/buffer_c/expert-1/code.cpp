#include "aigchip_commands.h"  // [12]
#include "ap_int.h"
#include "hls_stream.h"

// 4 tile(s) of 16 x 64 int32 accumulators in 8 bank(s) along m.
void buffer_c(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<32> >& results, hls::stream<ap_uint<32> >& sums) {  // [1]
  ap_uint<32> bank[8][512];  // [2]
#pragma HLS array_partition variable=bank dim=1 complete  // [2]

  bool more = true;
  while (more) {  // [4]
    AccumulateCommand command = AccumulateCommand::unpack(commands.read());  // [4]
    more = !command.end;  // [4]
    ap_uint<16> tile = command.slot * 128;  // [2]

    // Fold the array's results into the tile, 1 element(s) a cycle.
    ap_uint<24> fold_count = command.subtiles;
    fold_count = fold_count * 1;  // [8]
    ap_uint<32> result = 0;
    ap_uint<32> kept = 0;  // ones to add to the accumulators, zeros to start anew
    if (!command.first) kept = ~kept;  // [6]
    ap_uint<8> piece = 0;
    ap_uint<8> subtile_n = 0;
    ap_uint<8> subtile_m = 0;
    for (ap_uint<24> i = 0; i < fold_count; i++) {  // [5, 8]
#pragma HLS pipeline II=1  // [8]
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS dependence variable=bank inter false  // [8]
      if (piece == 0) {  // [8]
        result = results.read();  // [5, 8]
      } else {
        result = result >> 32;  // [8]
      }
      ap_uint<8> m = subtile_m * 1 + (piece % 1) * 1;  // [5, 7]
      ap_uint<8> n = subtile_n * 1 + piece / 1;  // [5, 7]
      ap_uint<16> line = tile + (m / 8) * 64 + n;  // [3]
      ap_uint<8> chosen = (m % 8) / 1;  // [3, 11]
      for (int b = 0; b < 8; b++) {
#pragma HLS unroll
        const int place = b % 1;
        ap_uint<32> old = bank[b][line];
        ap_uint<32> sum = (old & kept) + result(32 * place + 31, 32 * place);  // [6]
        if (chosen == b / 1) bank[b][line] = sum;  // [11]
      }
      if (piece == 0) {  // [7, 11]
        piece = 0;
        if (subtile_n == command.subtiles_n - 1) {  // [5, 11]
          subtile_n = 0;
          subtile_m++;
        } else {
          subtile_n++;
        }
      } else {
        piece++;
      }
    }

    // Send the finished tile, 1 element(s) a cycle.
    ap_uint<20> drain_count = 0;
    if (command.drain) drain_count = command.drain_words * 8;  // [9, 10]
    ap_uint<10> row_last = command.row_words * 8 - 1;
    ap_uint<8> row = 0;
    ap_uint<10> word = 0;
    for (ap_uint<20> i = 0; i < drain_count; i++) {  // [10]
#pragma HLS pipeline II=1  // [10]
#pragma HLS loop_tripcount min=1 max=1024
      ap_uint<32> sum = 0;
      ap_uint<16> line = tile + (row / 8) * 64 + word;  // [3]
      for (int b = 0; b < 8; b++) {
#pragma HLS unroll
        ap_uint<32> element = bank[b][line];
        if (row % 8 == b && word < command.columns) sum = element;  // [9, 10]
      }
      sums.write(sum);  // [9]
      if (word == row_last) {  // [9, 11]
        word = 0;
        row++;
      } else {
        word++;
      }
    }
  }
}
