#include "aigchip_commands.h"  // [14]
#include "ap_int.h"
#include "hls_stream.h"

ap_uint<128> pe_lane(ap_uint<128> acc, ap_uint<32> a, ap_uint<32> b, ap_uint<1> clear);  // [2]

// 4 lane(s), 1 along m, 4 along n, 1 along k, with A broadcast and B unicast: 2 x 8 x 2 products a cycle.
void pe_array(hls::stream<ap_uint<40> >& commands, hls::stream<ap_uint<32> >& a_words, hls::stream<ap_uint<128> >& b_words, hls::stream<ap_uint<512> >& results) {  // [1]
  ap_uint<128> acc[4];  // [9]
#pragma HLS array_partition variable=acc dim=1 complete  // [9]
  for (int lane = 0; lane < 4; lane++) {
#pragma HLS unroll  // [13]
    acc[lane] = 0;
  }

  bool more = true;
  while (more) {  // [3]
    StepCommand command = StepCommand::unpack(commands.read());  // [3]
    more = !command.end;  // [3]
    ap_uint<8> step_k = 0;  // [10]
    for (ap_uint<24> step = 0; step < command.steps; step++) {  // [4]
#pragma HLS pipeline II=1  // [4]
#pragma HLS loop_tripcount min=1 max=524288
      ap_uint<32> a_word = a_words.read();  // [5]
      ap_uint<128> b_word = b_words.read();  // [5]
      ap_uint<1> first = step_k == 0;  // [10]
      bool last = step_k == command.steps_k - 1;  // [11]
      ap_uint<512> result = 0;
      for (int i = 0; i < 1; i++) {  // [6]
#pragma HLS unroll  // [13]
        for (int j = 0; j < 4; j++) {  // [6]
#pragma HLS unroll  // [13]
          for (int l = 0; l < 1; l++) {
#pragma HLS unroll  // [13]
            const int lane = (i * 4 + j) * 1 + l;  // [6]
            const int a_block = i * 1 + l;  // [7]
            const int b_block = l * 4 + j;  // [8]
            ap_uint<32> a = a_word(32 * a_block + 31, 32 * a_block);
            ap_uint<32> b = b_word(32 * b_block + 31, 32 * b_block);
            acc[lane] = pe_lane(acc[lane], a, b, first);  // [2, 9, 10]
          }
          for (int m = 0; m < 2; m++) {
#pragma HLS unroll  // [13]
            for (int n = 0; n < 2; n++) {
#pragma HLS unroll  // [13]
              const int from = m * 2 + n;
              const int to = (i * 2 + m) * 8 + j * 2 + n;  // [11]
              ap_int<32> sum = 0;
              for (int l = 0; l < 1; l++) {
#pragma HLS unroll  // [13]
                ap_int<32> part = acc[(i * 4 + j) * 1 + l](32 * from + 31, 32 * from);  // [12]
                sum += part;  // [12]
              }
              result(32 * to + 31, 32 * to) = sum;  // [11]
            }
          }
        }
      }
      if (last) {  // [11]
        results.write(result);  // [11]
        step_k = 0;  // [10]
      } else {
        step_k++;  // [10]
      }
    }
  }
}
