// What stands below hls_stream.h and hls_burst_maxi.h: csynth's intrinsics, or in C simulation memory and the way a run ends.
#ifndef CSYNTH_RUNTIME_H
#define CSYNTH_RUNTIME_H
#include "ap_int.h"
#pragma clang system_header

#if defined(CSYNTH_SYNTHESIS)
namespace csynth_hw {
// Never defined: the front end replaces each call.
template <int W> void stream_declare(const void* stream, int depth) noexcept;
template <int W> void stream_read(const void* stream, unsigned _BitInt(W) * to) noexcept;
template <int W> void stream_write(const void* stream, const unsigned _BitInt(W) * from) noexcept;
template <int W> bool stream_read_nb(const void* stream, unsigned _BitInt(W) * to) noexcept;
template <int W> bool stream_write_nb(const void* stream, const unsigned _BitInt(W) * from) noexcept;
template <int W> bool stream_empty(const void* stream) noexcept;
template <int W> bool stream_full(const void* stream) noexcept;
template <int W> void maxi_request(const void* port, int is_write, unsigned long long offset, unsigned length) noexcept;
template <int W> void maxi_read(const void* port, unsigned _BitInt(W) * to) noexcept;
template <int W> void maxi_write(const void* port, const unsigned _BitInt(W) * from) noexcept;
void maxi_response(const void* port) noexcept;
void maxi_alias(const void* copy, const void* original) noexcept;

// A value of T as bits.
template <class T> struct pack {
  static_assert(csynth_types::operand<T>::ok, "csynth streams carry ap_int, ap_uint and C integers: pack a struct into an ap_uint");
  static const int width = csynth_types::operand<T>::width;
  static const bool is_signed = csynth_types::operand<T>::is_signed;
  typedef unsigned _BitInt(width) type;
  static CSYNTH_FN type bits(const T& v) { return (type)csynth_types::operand<T>::get(v); }
  static CSYNTH_FN T unpack(type u) { return unpack_as(u, (T*)0); }
  template <int W> static CSYNTH_FN ap_int<W> unpack_as(type u, ap_int<W>*) { ap_int<W> r; r.V = csynth_types::bits<W, true>::from(u); return r; }
  template <int W> static CSYNTH_FN ap_uint<W> unpack_as(type u, ap_uint<W>*) { ap_uint<W> r; r.V = u; return r; }
  template <class C> static CSYNTH_FN C unpack_as(type u, C*) { return (C)u; }
};
}  // namespace csynth_hw
#else
#include <stdio.h>
#include <stdlib.h>
namespace csynth_csim {
typedef __SIZE_TYPE__ size;
// Ends the run. A harness may define CSYNTH_CSIM_FAIL(what, which) as a call of its own before it includes these headers; it must not return.
[[noreturn]] inline void fail(const char* what, const char* which) {
#if defined(CSYNTH_CSIM_FAIL)
  CSYNTH_CSIM_FAIL(what, which);
#else
  fprintf(stderr, "csynth-csim: %s%s%s\n", what, which[0] ? ": " : "", which);
  fflush(stderr);
#endif
  abort();
}
inline void* allocate(size bytes) {
  void* memory = calloc(1, bytes);
  if (!memory) fail("out of memory", "");
  return memory;
}
inline void release(void* memory) { free(memory); }
}  // namespace csynth_csim
#endif
#endif
