#include "aigchip_commands.h"  // [14]
#include "ap_int.h"
#include "hls_stream.h"

// Two tiles of B, 64 x 64 int8 each, in 8 bank(s) along k.
void buffer_b(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<8> >& bank_words, hls::stream<ap_uint<64> >& pieces) {  // [1]
  ap_uint<8> bank[8][1024];  // [2]
#pragma HLS array_partition variable=bank dim=1 complete  // [2]

  ap_uint<1> front = 0;  // [11]
  bool more = true;
  while (more) {  // [5]
    BufferCommand command = BufferCommand::unpack(commands.read());  // [5]
    more = !command.end;  // [5]
    ap_uint<20> fill_count = command.fill_words;
    fill_count = fill_count * 8;  // [6]
    ap_uint<24> read_count = command.steps;
    read_count = read_count * 8;  // [7]
    ap_uint<24> count = read_count;
    if (fill_count > read_count) count = fill_count;  // [9]
    ap_uint<10> row_last = command.row_words * 8 - 1;  // [4, 6]
    ap_uint<1> back = 1 - front;  // [6]

    ap_uint<8> fill_k = 0;      // [12] the word that comes next: row k,
    ap_uint<10> fill_word = 0;  // and its place in the row
    ap_uint<8> piece = 0;       // [12] the word that goes next: its place in the step,
    ap_uint<8> step_k = 0;      // the step's place in the sub-tile,
    ap_uint<8> subtile_n = 0;   // and the sub-tile
    ap_uint<8> subtile_m = 0;
    for (ap_uint<24> i = 0; i < count; i++) {  // [9]
#pragma HLS pipeline II=1  // [9]
#pragma HLS loop_tripcount min=1 max=32768
#pragma HLS dependence variable=bank inter false  // [10]
      if (i < read_count) {  // [9]
        ap_uint<8> n = subtile_n * 4 + piece / 2;  // [8]
        ap_uint<8> k = step_k * 16 + (piece % 2) * 8;  // [8]
        ap_uint<16> line = front * 512 + (k / 8) * 64 + n;  // [2, 3]
        ap_uint<8> chosen = (k % 8) / 8;  // [3, 13]
        ap_uint<64> word = 0;
        for (int b = 0; b < 8; b++) {
#pragma HLS unroll
          ap_uint<8> element = bank[b][line];  // [13]
          const int place = b % 8;
          if (chosen == b / 8) word(8 * place + 7, 8 * place) = element;  // [8, 13]
        }
        pieces.write(word);  // [7]
        if (piece == 7) {  // [7, 12]
          piece = 0;
          if (step_k == command.steps_k - 1) {  // [7, 12]
            step_k = 0;
            if (subtile_n == command.subtiles_n - 1) {  // [7, 12]
              subtile_n = 0;
              subtile_m++;
            } else {
              subtile_n++;
            }
          } else {
            step_k++;
          }
        } else {
          piece++;
        }
      }
      if (i < fill_count) {  // [9]
        ap_uint<8> word = bank_words.read();  // [4, 6]
        ap_uint<16> line = back * 512 + (fill_k / 8) * 64 + fill_word;  // [3, 6]
        for (int b = 0; b < 8; b++) {
#pragma HLS unroll
          if (fill_k % 8 == b) bank[b][line] = word;  // [4]
        }
        if (fill_word == row_last) {  // [6, 12]
          fill_word = 0;
          fill_k++;
        } else {
          fill_word++;
        }
      }
    }
    if (command.fill_words != 0) front = back;  // [11]
  }
}
