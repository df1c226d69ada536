#include "aigchip_commands.h"  // [11]
#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"

// Stores segments of words, 4 byte(s) a cycle, with up to 16 bursts of 32 words unanswered.
void store_c(hls::stream<ap_uint<152> >& commands, hls::stream<ap_uint<32> >& outputs, hls::burst_maxi<ap_uint<128> > gmem_c) {  // [1]
  ap_uint<32> plane = 0;  // [3] words from a plane to the next
  ap_uint<32> stride = 0;  // [3] words from a segment to the next
  ap_uint<32> plane_address = 0;  // [10] first word of the plane
  ap_uint<32> segment_address = 0;  // [10] first word of the segment
  ap_uint<32> address = 0;  // [10] first word of the burst
  ap_uint<16> segments = 0;  // [10] of a plane, - 1
  ap_uint<16> more_planes = 0;  // [10] after this one
  ap_uint<16> more_segments = 0;  // [10] after this one
  ap_uint<11> bursts = 0;  // [5] of a segment, - 1
  ap_uint<11> more_bursts = 0;  // [10] after this one
  ap_uint<5> last_length = 0;  // [5] of the last burst of a segment, - 1
  ap_uint<5> length = 0;  // [5] of this burst, - 1
  ap_uint<5> more_words = 0;  // [10] of this burst after this one
  bool burst_begins = false;  // [9] the piece is the first of a burst
  bool last_word = false;  // [9] of the burst
  bool last_burst = false;  // [9] of the segment
  bool last_segment = false;  // [9] of the plane
  bool last_plane = false;  // [9]
  ap_uint<2> piece = 0;  // [4]
  ap_uint<128> packed = 0;  // [4]
  ap_uint<5> open = 0;  // bursts requested and not answered
  bool any_open = false;  // [9]
  bool room = true;  // [6, 9]
  bool fetch = true;  // [8] a command is read next
  bool ended = false;
  bool done = false;
  while (!done) {  // [8]
#pragma HLS pipeline II=1  // [8]
    bool storing = !fetch && !ended;  // [8]
    bool request = storing && burst_begins;  // [5]
    bool respond = (request && !room) || (ended && any_open);  // [6, 7]
    if (respond) gmem_c.write_response();  // [6, 7]
    if (fetch) {  // [2]
      StoreCommand command = StoreCommand::unpack(commands.read());  // [2]
      ended = command.end;  // [2]
      fetch = false;
      plane = command.plane;
      stride = command.stride;
      plane_address = command.address;
      segment_address = command.address;
      address = command.address;
      ap_uint<16> after_first = command.words - 1;
      bursts = after_first >> 5;  // [5]
      last_length = after_first(4, 0);  // [5]
      segments = command.segments - 1;
      more_planes = command.blocks - 1;
      more_segments = segments;
      more_bursts = bursts;
      last_burst = bursts == 0;  // [9]
      last_segment = segments == 0;  // [9]
      last_plane = more_planes == 0;  // [9]
      length = 31;
      if (last_burst) length = last_length;  // [5]
      burst_begins = true;
    } else if (storing) {
      if (request) {  // [5]
        gmem_c.write_request(address, ap_uint<6>(length + 1));  // [5]
        more_words = length;
        last_word = length == 0;
      }
      burst_begins = false;
      packed = packed >> 32;  // [4]
      packed(127, 96) = outputs.read();  // [4]
      bool word_ends = piece == 3;  // [4]
      piece++;
      if (word_ends) gmem_c.write(packed);  // [4]
      if (word_ends) {  // [10]
        if (!last_word) {
          last_word = more_words == 1;
          more_words--;
        } else {
          burst_begins = true;
          if (!last_burst) {  // [3, 5]
            address += 32;
            last_burst = more_bursts == 1;
            more_bursts--;
          } else {
            last_burst = bursts == 0;
            more_bursts = bursts;
            if (!last_segment) {  // [3]
              segment_address += stride;
              last_segment = more_segments == 1;
              more_segments--;
            } else {
              plane_address += plane;  // [3]
              segment_address = plane_address;
              last_segment = segments == 0;
              more_segments = segments;
              fetch = last_plane;  // [2]
              last_plane = more_planes == 1;
              more_planes--;
            }
            address = segment_address;
          }
          length = 31;
          if (last_burst) length = last_length;  // [5]
        }
      }
    }
    if (request && !respond) {
      open++;
    } else if (respond && !request) {
      open--;
    }
    any_open = open != 0;  // [9]
    room = open != 16;  // [6, 9]
    done = ended && open == 0;  // [7]
  }
}
