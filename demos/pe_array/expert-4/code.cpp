#include "aigchip_commands.h"  // [17]
#include "ap_int.h"
#include "hls_stream.h"

ap_uint<512> pe_lane(ap_uint<64> a, ap_uint<32> b);  // [2]

// 2 lane(s), 1 along m, 1 along n, 2 along k, with A unicast, B unicast and C broadcast: 8 x 4 x 2 products a cycle.
void pe_array(hls::stream<ap_uint<48> >& commands, hls::stream<ap_uint<128> >& a_words, hls::stream<ap_uint<64> >& b_words, hls::stream<ap_uint<768> >& results) {  // [1]
  ap_int<24> acc[8][4];  // [10]
#pragma HLS array_partition variable=acc dim=0 complete  // [10]
  ap_uint<64> a_at[2][1];  // [7, 9] blocks of A, by how many iterations ago they came
#pragma HLS array_partition variable=a_at dim=0 complete
  ap_uint<32> b_at[2][1];  // [8, 9] blocks of B
#pragma HLS array_partition variable=b_at dim=0 complete
  bool clear[1];  // [9, 11]
#pragma HLS array_partition variable=clear dim=0 complete
  bool last[1];  // [9, 12]
#pragma HLS array_partition variable=last dim=0 complete
  ap_int<24> out[1][32];  // [14] pieces on their way out, the next one first
#pragma HLS array_partition variable=out dim=0 complete
  ap_uint<1> waiting = 0;  // [14] pieces of out that have not left

  ap_uint<16> last_step = 0, last_cycle = 0, cycle = 0;  // [4] counted from 0 in a sub-tile
  ap_uint<24> subtiles = 0;  // [4] sub-tiles left, this one included
  ap_uint<1> tail = 0;  // [15] iterations after the last command
  bool fetch = true;  // [3] a command is to be taken
  bool step = false;  // [4] it takes a step,
  bool finish = false;  // [4] the last of a sub-tile
  bool over = false;  // [12] it is the last one
  bool end = false;  // [3] the last command has been taken
  bool more = true;  // [15]
  while (more) {  // [3]
#pragma HLS pipeline II=1  // [3]
#pragma HLS loop_tripcount min=1 max=524288
    bool take = fetch && !commands.empty();  // [3]
    bool fed = step && !a_words.empty() && !b_words.empty();  // [5]
    bool idle = step && !fed;  // [5] the cycle waits for its words
    ap_uint<128> a_word = 0;  // [5]
    ap_uint<64> b_word = 0;  // [5]
    if (fed) {  // [5]
      a_word = a_words.read();  // [5]
      b_word = b_words.read();  // [5]
    }
    for (int block = 0; block < 2; block++) {  // [7]
#pragma HLS unroll  // [16]
      a_at[block][0] = a_word(64 * block + 63, 64 * block);  // [7]
    }
    for (int block = 0; block < 2; block++) {  // [8]
#pragma HLS unroll  // [16]
      b_at[block][0] = b_word(32 * block + 31, 32 * block);  // [8]
    }
    clear[0] = fetch || (over && !idle);  // [11]
    last[0] = over && !idle;  // [12]

    if (waiting != 0) {  // [14]
      ap_uint<768> piece = 0;
      for (int e = 0; e < 32; e++) {
#pragma HLS unroll  // [16]
        piece(24 * e + 23, 24 * e) = out[0][e];  // [14]
      }
      results.write(piece);  // [14]
      waiting--;
    }
    if (last[0]) waiting = 1;  // [12, 14]

    for (int i = 0; i < 1; i++) {  // [6]
#pragma HLS unroll  // [16]
      for (int j = 0; j < 1; j++) {  // [6]
#pragma HLS unroll  // [16]
        const int d = 0;  // [9]
        ap_int<17> sums[32];
#pragma HLS array_partition variable=sums dim=0 complete
        for (int l = 0; l < 2; l++) {  // [6]
#pragma HLS unroll  // [16]
          ap_uint<512> part = pe_lane(a_at[i * 2 + l][d], b_at[l * 1 + j][d]);  // [2, 7, 8, 9]
          for (int e = 0; e < 32; e++) {
#pragma HLS unroll  // [16]
            ap_int<16> term = part(16 * e + 15, 16 * e);  // [2]
            sums[e] = l == 0 ? ap_int<17>(term) : ap_int<17>(sums[e] + term);  // [10]
          }
        }
        for (int e = 0; e < 32; e++) {
#pragma HLS unroll  // [16]
          const int m = i * 8 + e / 4;  // [6]
          const int n = j * 4 + e % 4;  // [6]
          ap_int<24> result = acc[m][n] + sums[e];  // [10, 12]
          acc[m][n] = clear[d] ? ap_int<24>(0) : result;  // [10, 11]
          const int p = n / 4;  // [14]
          const int at = n % 4 * 8 + m;  // [14]
          if (last[0]) out[p][at] = result;  // [13, 14]
        }
      }
    }

    if (take) {  // [3]
      StepCommand command = StepCommand::unpack(commands.read());  // [3]
      end = command.end;  // [3]
      last_step = command.steps_k - 1;  // [4]
      last_cycle = (command.steps_k > 1 ? command.steps_k : ap_uint<16>(1)) - 1;  // [4]
      subtiles = command.subtiles;  // [4]
      cycle = 0;  // [4]
      step = !end;  // [4]
      finish = step && last_step == 0;  // [4]
      over = step && last_cycle == 0;  // [12]
      fetch = false;  // [3]
    } else if (!end && !fetch && !idle) {  // [4]
      fetch = over && subtiles == 1;  // [3]
      step = over ? !fetch : step && !finish;  // [4]
      if (over) {
        cycle = 0;  // [4]
        subtiles--;  // [4]
      } else {
        cycle++;  // [4]
      }
      finish = step && cycle == last_step;  // [4]
      over = !fetch && cycle == last_cycle;  // [12]
    }
    more = !end || tail != 0;  // [15]
    if (end) tail--;  // [15]
  }
}
