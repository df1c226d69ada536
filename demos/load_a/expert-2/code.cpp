#include "aigchip_commands.h"  // [11]
#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"

// Streams words from memory, with up to 16 bursts of 32 words under way.
void load_a(hls::stream<ap_uint<72> >& commands, hls::burst_maxi<ap_uint<128> > gmem_a, hls::stream<ap_uint<128> >& words, hls::stream<ap_uint<128> >& param_words) {  // [1]
  ap_uint<5> ring_length[16];  // [8] length - 1 of bursts that are requested and not begun
#pragma HLS array_partition variable=ring_length type=complete
  ap_uint<1> ring_params[16];  // [8]
#pragma HLS array_partition variable=ring_params type=complete
  ap_uint<4> ring_in = 0;
  ap_uint<4> ring_out = 0;
  ap_uint<5> waiting = 0;  // bursts in the ring
  ap_uint<5> open = 0;  // bursts requested and not completely read
  bool any_waiting = false;  // [10]
  bool room = true;  // [5, 10]

  ap_uint<32> address = 0;
  ap_uint<27> more_bursts = 0;  // after the one that is next
  ap_uint<5> last_length = 0;  // - 1
  ap_uint<1> params = 0;
  bool requesting = false;  // a burst of the command is left
  bool last_burst = false;  // [10]

  ap_uint<5> more_words = 0;  // after the one that is next
  ap_uint<1> to_params = 0;
  bool reading = false;  // a burst has left the ring
  bool last_word = false;  // [10]
  bool flowing = false;  // [9] words have begun to pass

  bool ended = false;
  bool done = false;
  while (!done) {  // [6]
#pragma HLS pipeline II=1  // [6]
    bool idle = !requesting && (ended || commands.empty());  // [9]
    bool take = !requesting && !idle;  // [7]
    bool request = requesting && room;  // [5, 8]
    bool pass = reading && (flowing || !room || idle);  // [9]
    bool burst_ends = pass && last_word;
    bool begin = any_waiting && (!reading || burst_ends);  // [9]

    if (pass) {  // [9]
      ap_uint<128> word = gmem_a.read();  // [4]
      if (to_params) {  // [3]
        param_words.write(word);
      } else {
        words.write(word);  // [3]
      }
      last_word = more_words == 1;  // [10]
      more_words--;
    }
    if (begin) {  // [9]
      more_words = ring_length[ring_out];
      to_params = ring_params[ring_out];
      last_word = more_words == 0;  // [10]
      ring_out++;
      reading = true;
    } else if (burst_ends) {
      reading = false;
    }

    if (take) {  // [7]
      LoadACommand command = LoadACommand::unpack(commands.read());  // [2]
      ended = command.end;  // [2]
      address = command.address;
      params = command.params;
      ap_uint<32> after_first = command.words - 1;
      more_bursts = after_first >> 5;  // [7]
      last_length = after_first(4, 0);  // [4, 7]
      requesting = command.words != 0;
      last_burst = more_bursts == 0;  // [10]
    } else if (request) {  // [8]
      ap_uint<5> length = 31;
      if (last_burst) length = last_length;  // [4]
      gmem_a.read_request(address, ap_uint<6>(length + 1));  // [4]
      ring_length[ring_in] = length;  // [8]
      ring_params[ring_in] = params;  // [8]
      ring_in++;
      address += 32;
      requesting = !last_burst;
      last_burst = more_bursts == 1;  // [10]
      more_bursts--;
    }

    if (request && !begin) {
      waiting++;
    } else if (begin && !request) {
      waiting--;
    }
    if (request && !burst_ends) {
      open++;
    } else if (burst_ends && !request) {
      open--;
    }
    any_waiting = waiting != 0;  // [10]
    room = open != 16;  // [5, 10]
    flowing = open != 0 && (flowing || pass);  // [9]
    done = ended && !requesting && open == 0;  // [2, 10]
  }
}
