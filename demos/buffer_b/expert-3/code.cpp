#include "aigchip_commands.h"
#include "ap_int.h"
#include "hls_stream.h"

// Two tiles of B, 128 x 16 int8 each, in 4 bank(s) along k.
void buffer_b(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<8> >& bank_words, hls::stream<ap_uint<32> >& pieces) {
  ap_uint<8> bank[4][1024];
#pragma HLS array_partition variable=bank dim=1 complete

  ap_uint<1> front = 0;
  bool more = true;
  while (more) {
    BufferCommand command = BufferCommand::unpack(commands.read());
    more = !command.end;
    ap_uint<20> fill_count = command.fill_words;
    fill_count = fill_count * 8;
    ap_uint<24> read_count = command.steps;
    read_count = read_count * 4;
    ap_uint<24> count = read_count;
    if (fill_count > read_count) count = fill_count;
    ap_uint<10> row_last = command.row_words * 8 - 1;
    ap_uint<1> back = 1 - front;

    ap_uint<8> fill_k = 0;      // the word that comes next: row k,
    ap_uint<10> fill_word = 0;  // and its place in the row
    ap_uint<8> piece = 0;       // the word that goes next: its place in the step,
    ap_uint<8> step_k = 0;      // the step's place in the sub-tile,
    ap_uint<8> subtile_n = 0;   // and the sub-tile
    ap_uint<8> subtile_m = 0;
    for (ap_uint<24> i = 0; i < count; i++) {
#pragma HLS pipeline II=1
#pragma HLS loop_tripcount min=1 max=32768
#pragma HLS dependence variable=bank inter false
      if (i < read_count) {
        ap_uint<8> n = subtile_n * 4 + piece / 1;
        ap_uint<8> k = step_k * 4 + (piece % 1) * 4;
        ap_uint<16> line = front * 512 + (k / 4) * 16 + n;
        ap_uint<8> chosen = (k % 4) / 4;
        ap_uint<32> word = 0;
        for (int b = 0; b < 4; b++) {
#pragma HLS unroll
          ap_uint<8> element = bank[b][line];
          const int place = b % 4;
          if (chosen == b / 4) word(8 * place + 7, 8 * place) = element;
        }
        pieces.write(word);
        if (piece == 3) {
          piece = 0;
          if (step_k == command.steps_k - 1) {
            step_k = 0;
            if (subtile_n == command.subtiles_n - 1) {
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
      if (i < fill_count) {
        ap_uint<8> word = bank_words.read();
        ap_uint<16> line = back * 512 + (fill_k / 4) * 16 + fill_word;
        for (int b = 0; b < 4; b++) {
#pragma HLS unroll
          if (fill_k % 4 == b) bank[b][line] = word;
        }
        if (fill_word == row_last) {
          fill_word = 0;
          fill_k++;
        } else {
          fill_word++;
        }
      }
    }
    if (command.fill_words != 0) front = back;
  }
}
