// How the harness carries words between the host's buffer and the ports of the module under test. Every word takes ceil(width / 8)
// bytes, little-endian. The host holds the expected outputs; the sandbox never sees them.
#ifndef AIGCHIP_CSIM_PORT_H
#define AIGCHIP_CSIM_PORT_H
#include "csim_fail.h"
#include "ap_int.h"
#include "hls_stream.h"
#include "hls_burst_maxi.h"

namespace aigchip_csim {
extern const unsigned char* input;  // the next byte of the host's buffer
void put(const void* bytes, unsigned count);

inline unsigned take_count() {
  unsigned count;
  __builtin_memcpy(&count, input, 4);
  input += 4;
  return count;
}
inline void put_count(unsigned count) { put(&count, 4); }

template <int W> ap_uint<W> take() {
  unsigned _BitInt(W) bits = 0;
  __builtin_memcpy(&bits, input, (W + 7) / 8);
  input += (W + 7) / 8;
  ap_uint<W> word;
  word._V_ = bits;
  return word;
}
template <int W> void put_word(const ap_uint<W>& word) {
  const unsigned _BitInt((W + 7) / 8 * 8) bits = word._V_;
  put(&bits, (W + 7) / 8);
}

template <int W> void fill(hls::stream<ap_uint<W> >& stream) {
  const unsigned count = take_count();
  for (unsigned i = 0; i < count; i++) stream.write(take<W>());
}
template <int W> void drain(hls::stream<ap_uint<W> >& stream) {
  const unsigned count = stream.size();
  put_count(count);
  for (unsigned i = 0; i < count; i++) put_word<W>(stream.read());
}
template <int W> struct Memory {
  unsigned count;
  ap_uint<W>* words;
  Memory() : count(take_count()), words((ap_uint<W>*)calloc(count + 1, sizeof(ap_uint<W>))) {
    if (!words) aigchip_csim_fail("out of memory", "");
    for (unsigned i = 0; i < count; i++) words[i] = take<W>();
  }
  ~Memory() { free(words); }
  void drain(bool settled) const {
    put_count(settled);
    put_count(count);
    for (unsigned i = 0; i < count; i++) put_word<W>(words[i]);
  }
};
}  // namespace aigchip_csim
#endif
