// Clocks pairs of cells, the general and the lean one, with the same random numbers; `wrong` keeps a bit for each pair that differed.
#include <cstdint>

#include "Vtop.h"
#include "verilated.h"

namespace {
uint64_t state = 1;
uint64_t next() {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state * 2685821657736338717ull;
}
// Any number, one of few bits, or one at an end of its range.
uint64_t number(int bits) {
  const uint64_t mask = (1ull << bits) - 1;
  switch (next() >> 61) {
    case 0: return mask;
    case 1: return 1ull << (bits - 1);
    case 2: return (1ull << (bits - 1)) - 1;
    case 3: return next() >> 60;
    default: return next() >> 8 & mask;
  }
}
}  // namespace

extern "C" int compare(uint64_t seed, uint64_t cycles, uint32_t* wrong, int words) {
  state = seed;
  VerilatedContext context;
  Vtop top(&context);
  for (uint64_t cycle = 0; cycle < cycles; ++cycle) {
    const bool settling = cycle < 8;  // every register gets a value
    top.a = number(27), top.d = number(27), top.b = number(18), top.c = number(48), top.pcin = number(48);
    top.ce_in = settling || next() >> 62, top.ce_m = settling || next() >> 62, top.ce_p = settling || next() >> 62;
    top.reset = cycle < 2 || !(next() >> 58), top.load = !(next() >> 60), top.first = !(next() >> 61);
    top.comparing = cycle >= 8;
    top.clk = 0, top.eval();
    top.clk = 1, top.eval();
  }
  for (int word = 0; word < words; ++word) wrong[word] = top.wrong[word];
  return 0;
}
