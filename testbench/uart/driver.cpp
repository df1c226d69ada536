// Clocks a board's logic and talks to it over its UART, bit by bit, as a shared library. Each bit of the line, in either direction, may
// be inverted at random; everything repeats with its seed.
#include <cstdint>
#include <deque>

#include "Vtop.h"
#include "verilated.h"

namespace {

struct Board {
  VerilatedContext context;
  Vtop top;
  int clocks_per_bit;
  double flip = 0.0;            // probability that a bit is inverted
  uint64_t random;
  uint64_t cycles = 0;
  // towards the board
  std::deque<uint8_t> outgoing;
  int out_left = 0, out_wait = 0;  // bits of the byte that are still to be sent, cycles of the present one
  unsigned out_shift = 0;
  bool line_in = true;
  // from the board
  std::deque<uint8_t> incoming;
  int in_left = 0, in_wait = 0;
  unsigned in_shift = 0;
  bool in_before = true;

  Board(int clocks, uint64_t seed) : top(&context), clocks_per_bit(clocks), random(seed * 2 + 1) {}

  bool flips() {
    if (flip <= 0.0) return false;
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return (random >> 11) * 0x1.0p-53 < flip;
  }

  void drive() {
    if (out_left == 0 && !outgoing.empty()) {
      out_shift = 0x200u | static_cast<unsigned>(outgoing.front()) << 1;
      outgoing.pop_front();
      out_left = 10;
      out_wait = 0;
    }
    if (out_left == 0) {
      line_in = true;
      return;
    }
    if (out_wait == 0) {
      line_in = ((out_shift & 1) != 0) != flips();
      out_shift >>= 1;
      out_wait = clocks_per_bit;
    }
    if (--out_wait == 0) --out_left;
  }

  void listen() {
    const bool line = top.tx != 0;
    if (in_left == 0) {
      if (in_before && !line) {
        in_left = 10;
        in_wait = clocks_per_bit / 2;
      }
    } else if (--in_wait <= 0) {
      in_wait = clocks_per_bit;
      const bool bit = line != flips();
      --in_left;
      if (in_left == 9) {
        if (bit) in_left = 0;
      } else if (in_left > 0) {
        in_shift = in_shift >> 1 | (bit ? 0x80u : 0u);
      } else if (bit) {
        incoming.push_back(static_cast<uint8_t>(in_shift));
      }
    }
    in_before = line;
  }

  void cycle() {
    drive();
    top.rx = line_in;
    top.clk = 1;
    top.eval();
    top.clk = 0;
    top.eval();
    listen();
    ++cycles;
  }
};

}  // namespace

extern "C" {

// A board that was just switched on; `seed` is of its noise.
Board *board_new(int clocks_per_bit, uint64_t seed) {
  auto *board = new Board(clocks_per_bit, seed);
  board->top.rx = 1;
  board->top.clk = 0;
  board->top.rst_n = 0;
  board->top.eval();
  for (int i = 0; i < 16; ++i) board->cycle();
  board->top.rst_n = 1;
  return board;
}

void board_delete(Board *board) { delete board; }

void board_noise(Board *board, double flip) { board->flip = flip; }

uint64_t board_cycles(const Board *board) { return board->cycles; }

// Put bytes on the line behind those that still wait.
void board_send(Board *board, const uint8_t *data, int length) { board->outgoing.insert(board->outgoing.end(), data, data + length); }

// Drop what waits and cut what is being sent in its middle, as a pulled cable does.
void board_cut(Board *board) {
  board->outgoing.clear();
  board->out_left = 0;
  board->incoming.clear();
}

// Run until a byte came and the line is quiet for a byte's time, or for `cycles`; return how many bytes came, at most `capacity`.
int board_run(Board *board, uint64_t cycles, uint8_t *data, int capacity) {
  const uint64_t quiet = static_cast<uint64_t>(board->clocks_per_bit) * 12;
  uint64_t rest = 0;
  for (uint64_t i = 0; i < cycles && rest < quiet; ++i) {
    board->cycle();
    const bool idle = board->in_left == 0 && board->out_left == 0 && board->outgoing.empty();
    rest = idle && !board->incoming.empty() ? rest + 1 : 0;
  }
  int count = 0;
  while (count < capacity && !board->incoming.empty()) {
    data[count++] = board->incoming.front();
    board->incoming.pop_front();
  }
  return count;
}

}  // extern "C"
