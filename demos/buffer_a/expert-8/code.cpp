#include "aigchip_commands.h"  // [14]
#include "ap_int.h"
#include "hls_stream.h"

// Two tiles of A, 16384 piece(s) of 4 byte(s) each.
void buffer_a(hls::stream<ap_uint<88> >& commands, hls::stream<ap_uint<32> >& pieces_in, hls::stream<ap_uint<32> >& pieces_out) {  // [1]
  ap_uint<32> memory[32768];  // [2]
#pragma HLS bind_storage variable=memory type=ram_2p impl=uram latency=2  // [2]
  ap_uint<32> queue[32];  // [9]
#pragma HLS bind_storage variable=queue type=ram_2p impl=lutram  // [9]
  ap_uint<32> ready[4];  // [10]
#pragma HLS array_partition variable=ready type=complete  // [10]
  ap_uint<1> queue_room[8];  // [9]
#pragma HLS array_partition variable=queue_room type=complete  // [9]
  ap_uint<1> ready_room[2];  // [10]
#pragma HLS array_partition variable=ready_room type=complete  // [10]
  ap_uint<1> all_sent[8];  // [12]
#pragma HLS array_partition variable=all_sent type=complete  // [12]
  for (int slot = 0; slot < 8; slot++) {
#pragma HLS unroll
    queue_room[slot] = 1;  // [9]
    all_sent[slot] = 0;    // [12]
  }
  for (int slot = 0; slot < 2; slot++) {
#pragma HLS unroll
    ready_room[slot] = 1;  // [10]
  }

  ap_uint<1> front = 0;     // [2, 8]
  ap_uint<1> filled = 0;    // [8] the last command filled a half
  bool idle = true;         // [4]
  bool ended = false;       // [12]
  ap_uint<24> to_fill = 0;  // [5] pieces still to come, and where the next one goes
  ap_uint<15> fill_at = 0;
  bool reading = false;        // [6]
  ap_uint<24> last_piece = 0;  // [6] numbers of the last piece, time and sub-tile,
  ap_uint<16> last_time = 0;
  ap_uint<16> last_subtile = 0;
  ap_uint<24> piece = 0;  // [6] those that come next,
  ap_uint<16> time = 0;
  ap_uint<16> subtile = 0;
  ap_uint<15> start = 0;  // [6] where the sub-tile begins, and where the piece is
  ap_uint<15> read_at = 0;
  ap_uint<5> queue_head = 0;  // [9]
  ap_uint<5> queue_tail = 0;
  ap_uint<6> queued = 0;
  ap_uint<2> ready_head = 0;  // [10]
  ap_uint<2> ready_tail = 0;
  ap_uint<3> waiting = 0;
  ap_uint<3> turn = 0;  // [9, 12] number of the iteration
  bool more = true;
  while (more) {  // [3]
#pragma HLS pipeline II=1  // [3]
#pragma HLS dependence variable=memory type=intra dependent=false  // [8]
#pragma HLS dependence variable=memory type=inter distance=2 dependent=true  // [8]
#pragma HLS dependence variable=queue_room type=inter direction=RAW distance=8 dependent=true  // [9]
#pragma HLS dependence variable=ready_room type=inter direction=RAW distance=2 dependent=true  // [10]
#pragma HLS dependence variable=all_sent type=inter direction=RAW distance=8 dependent=true  // [12]
    bool may_read = queue_room[turn] == 1;  // [9]
    more = all_sent[turn] == 0;             // [12]

    if (waiting != 0 && !pieces_out.full()) {  // [11]
      pieces_out.write(ready[ready_tail]);  // [11]
      ready_tail++;
      waiting--;
    }
    if (queued != 0 && ready_room[turn % 2] == 1) {  // [10]
      ready[ready_head] = queue[queue_tail];  // [10]
      ready_head++;
      waiting++;
      queue_tail++;
      queued--;
    }

    if (idle) {
      if (!commands.empty()) {  // [4]
        BufferACommand command = BufferACommand::unpack(commands.read());  // [4]
        front = front ^ filled;             // [8]
        filled = command.fill_pieces != 0;  // [8]
        ended = command.end;                // [12]
        to_fill = command.fill_pieces;      // [5]
        fill_at = 0;
        fill_at[14] = front == 0; // [2, 5]
        reading = command.subtiles_m != 0;  // [6]
        last_piece = command.pieces - 1;
        last_time = command.groups_n - 1;
        last_subtile = command.subtiles_m - 1;
        start = 0;
        start[14] = front;  // [2, 6]
        read_at = start;
      }
    } else {
      if (reading && may_read) {  // [7, 9]
        queue[queue_head] = memory[read_at];  // [6, 9]
        queue_head++;
        queued++;
        read_at++;
        if (piece == last_piece) {  // [6, 13]
          piece = 0;
          if (time == last_time) {  // [6, 13]
            time = 0;
            start = read_at;
            if (subtile == last_subtile) {  // [6, 13]
              subtile = 0;
              reading = false;
            } else {
              subtile++;
            }
          } else {
            time++;
            read_at = start;
          }
        } else {
          piece++;
        }
      }
      if (to_fill != 0 && !pieces_in.empty()) {  // [7]
        memory[fill_at] = pieces_in.read();  // [5]
        fill_at++;
        to_fill--;
      }
    }
    idle = !reading && to_fill == 0 && !ended;  // [4]

    queue_room[turn] = queued <= 16;                         // [9]
    ready_room[turn % 2] = waiting <= 2;                     // [10]
    all_sent[turn] = ended && queued == 0 && waiting == 0;  // [12]
    turn++;
  }
}
