#include "aigchip_commands.h"  // [13]
#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"

// Streams windows of maps with 4 pixel(s) in a word, up to 32 bursts under way.
void load_b(hls::stream<ap_uint<248> >& commands, hls::burst_maxi<ap_uint<128> > gmem_b, hls::stream<ap_uint<128> >& words) {  // [1]
  // the command whose rows are requested
  LoadBCommand asked = LoadBCommand::unpack(0);
  ap_uint<16> asked_row = 1;  // number of the row after the one that is next
  ap_uint<16> asked_blocks = 0;  // blocks after this one
  ap_int<32> first = 0;  // [6] pixel of the row's first column inside the map
  ap_int<32> first_of_plane = 0;  // [6] the same of row 0
  ap_uint<16> span = 0;  // [6] columns inside the map - 1
  ap_uint<32> plane = 0;  // [6] word where the plane begins
  bool any_inside = false;  // a pixel of the window is inside
  bool asked_inside = false;  // [12] the row has pixels inside
  bool asked_last = false;  // [12] the last row of the plane
  bool requesting = false;  // rows are left
  bool announced = false;  // [10] its rows are not yet followed for sending

  // the command whose rows are sent; its next row
  LoadBCommand sent = LoadBCommand::unpack(0);
  ap_uint<16> sent_row = 1;
  ap_uint<16> sent_blocks = 0;
  ap_uint<2> lead = 0;  // [4]
  bool sent_any_inside = false;
  bool sent_inside = false;  // [12]
  bool sent_last = false;  // [12]
  bool following = false;

  // the row that follows, in words
  ap_uint<16> next_last = 0;  // [4] its last word
  ap_uint<16> next_from = 0;  // [5] its first and last word inside the map
  ap_uint<16> next_to = 0;
  bool next_inside = false;
  bool next_begins_inside = false;
  bool next_there = false;

  // the row that is sent; `word` is the number of the word after the one that is next
  ap_uint<16> word = 1;
  ap_uint<16> row_last = 0;
  ap_uint<16> row_from = 0;
  ap_uint<16> row_to = 0;
  bool row_inside = false;
  bool row_there = false;
  bool word_inside = false;  // [12] the word has pixels inside
  bool word_outside = false;  // [12] a word is to be sent as 0
  bool word_ends_burst = false;  // [12]
  bool word_ends_row = false;  // [12]

  ap_uint<6> open = 0;  // bursts requested and not completely read
  bool any_open = false;  // [12]
  bool room = true;  // [7, 12]
  bool flowing = false;  // [11] words of memory have begun to pass
  bool start = false;  // [11, 12] they may begin
  bool may_take = true;  // [9, 12]
  bool ended = false;
  bool done = false;
  while (!done) {  // [8]
#pragma HLS pipeline II=1  // [8]
    done = ended && !following && !announced && !next_there && !row_there;  // [2, 12]
    bool idle = may_take && commands.empty();  // [9, 11]
    bool take = may_take && !idle;  // [9]
    bool step = requesting && (room || !asked_inside);  // [7]
    bool request = step && asked_inside;  // [6]
    bool read = any_open && word_inside && (start || idle);  // [11]
    bool pass = read || word_outside;  // [5, 11]
    bool burst_ends = read && word_ends_burst;
    bool row_ends = pass && word_ends_row;
    bool begin = next_there && (!row_there || row_ends);
    bool follow = following && (!next_there || begin);  // [10]
    bool hand_over = announced && !following;  // [10]

    if (pass) {
      ap_uint<128> value = 0;  // [5]
      if (read) value = gmem_b.read();  // [6]
      words.write(value);  // [3]
    }
    // [12] the word after this one, in the row or in the row that follows
    bool then_inside = word_inside;
    if (word == row_from) then_inside = row_inside;  // [5]
    if (word_ends_burst) then_inside = false;
    if (word_ends_row) then_inside = next_there && next_begins_inside;
    bool then_outside = !then_inside && (next_there || !word_ends_row);
    if (pass) {
      word_inside = then_inside;
      word_outside = then_outside;
    } else if (begin) {
      word_inside = next_begins_inside;
      word_outside = !next_begins_inside;
    }
    if (begin) {  // [10] the row that follows becomes the one that is sent
      row_last = next_last;
      row_from = next_from;
      row_to = next_to;
      row_inside = next_inside;
      row_there = true;
      word = 1;
      word_ends_burst = next_to == 0;  // [12]
      word_ends_row = next_last == 0;  // [12]
    } else if (row_ends) {
      row_there = false;
    } else if (pass) {
      word_ends_burst = word == row_to;  // [12]
      word_ends_row = word == row_last;  // [12]
      word++;
    }

    if (follow) {  // [10] the row after it
      next_last = (lead + sent.columns - 1) >> 2;  // [4]
      next_from = (lead + sent.column_first) >> 2;  // [5]
      next_to = (lead + sent.column_end - 1) >> 2;  // [5]
      lead += sent.row_pixels(1, 0);  // [4]
      next_inside = sent_inside;  // [5]
      next_begins_inside = sent_inside && next_from == 0;  // [12]
      next_there = true;
      if (sent_last) {  // [3]
        following = sent_blocks != 0;
        sent_blocks--;
        sent_row = 1;
        sent_inside = sent_any_inside && sent.row_first == 0;  // [5, 12]
        sent_last = sent.rows == 1;  // [12]
        lead = sent.index(1, 0);  // [4]
      } else {
        if (sent_row == sent.row_end) {
          sent_inside = false;
        } else if (sent_row == sent.row_first) {
          sent_inside = sent_any_inside;  // [5, 12]
        }
        sent_row++;
        sent_last = sent_row == sent.rows;  // [12]
      }
    } else if (begin) {
      next_there = false;
    }
    if (hand_over) {  // [10]
      sent = asked;
      sent_row = 1;
      sent_blocks = asked.blocks - 1;
      sent_any_inside = any_inside;
      sent_inside = any_inside && asked.row_first == 0;  // [5, 12]
      sent_last = asked.rows == 1;  // [12]
      lead = asked.index(1, 0);  // [4]
      following = true;
      announced = false;
    }

    if (take) {  // [9]
      asked = LoadBCommand::unpack(commands.read());  // [2]
      ended = asked.end;  // [2]
      requesting = !asked.end;
      announced = !asked.end;
      asked_row = 1;
      asked_blocks = asked.blocks - 1;
      plane = asked.address;  // [6]
      first_of_plane = asked.index + asked.column_first;  // [6]
      first = first_of_plane;
      span = asked.column_end - asked.column_first - 1;  // [6]
      any_inside = asked.row_first < asked.row_end && asked.column_first < asked.column_end;  // [5]
      asked_inside = any_inside && asked.row_first == 0;  // [12]
      asked_last = asked.rows == 1;  // [12]
    } else if (step) {  // [7]
      if (request) {  // [6]
        ap_uint<2> place = first(1, 0);
        ap_uint<16> more_words = (place + span) >> 2;  // [6]
        ap_uint<32> address = plane + (first >> 2);  // [6]
        gmem_b.read_request(address, ap_uint<17>(more_words + 1));  // [6]
      }
      if (asked_last) {
        requesting = asked_blocks != 0;
        asked_blocks--;
        asked_row = 1;
        plane += asked.plane;  // [6]
        first = first_of_plane;
        asked_inside = any_inside && asked.row_first == 0;  // [12]
        asked_last = asked.rows == 1;  // [12]
      } else {
        if (asked_row == asked.row_end) {
          asked_inside = false;
        } else if (asked_row == asked.row_first) {
          asked_inside = any_inside;  // [12]
        }
        asked_row++;
        first += asked.row_pixels;  // [6]
        asked_last = asked_row == asked.rows;  // [12]
      }
    }

    if (request && !burst_ends) {
      open++;
    } else if (burst_ends && !request) {
      open--;
    }
    may_take = !requesting && !ended && !announced;  // [9, 12]
    any_open = open != 0;  // [12]
    room = open != 32;  // [7, 12]
    flowing = any_open && (flowing || read);  // [11]
    start = flowing || !room || !(requesting || may_take);  // [11, 12]
  }
}
