// What stands below hls_stream.h and hls_burst_maxi.h: csynth's intrinsics, or in C simulation memory and the way a run ends.
#ifndef CSYNTH_RUNTIME_H
#define CSYNTH_RUNTIME_H
#include "ap_int.h"
#pragma clang system_header

#if defined(CSYNTH_SYNTHESIS)
#include "csynth_markers.h"
extern "C" {
void __csynth_top(const void* function) noexcept;
void __csynth_parameter(int index, int kind, int width, int is_signed) noexcept;
}
namespace hls {
template <class T, int DEPTH> class stream;
template <class T> class burst_maxi;
}
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

// What the markers of pragmas tell about a variable.
template <class T> struct element { static const int width = 8 * sizeof(T); static const bool is_signed = false; };
template <int W> struct element<ap_int<W> > { static const int width = W; static const bool is_signed = true; };
template <int W> struct element<ap_uint<W> > { static const int width = W; static const bool is_signed = false; };
template <class T> struct shape {
  typedef T type;
  static const int rank = 0;
  static constexpr long extent(int) { return 1; }
};
template <class T, unsigned long N> struct shape<T[N]> {
  typedef typename shape<T>::type type;
  static const int rank = 1 + shape<T>::rank;
  static constexpr long extent(int d) { return d == 0 ? (long)N : shape<T>::extent(d - 1); }
};
template <class T> struct shape<T*> {  // an array parameter: its first extent is unknown
  typedef typename shape<T>::type type;
  static const int rank = 1 + shape<T>::rank;
  static constexpr long extent(int d) { return d == 0 ? -1 : shape<T>::extent(d - 1); }
};
template <class T> struct shape<const T> : shape<T> {};
template <class T, unsigned long N> struct shape<const T[N]> : shape<T[N]> {};
template <class T> CSYNTH_FN const volatile void* address(T& v) { return (const volatile void*)&reinterpret_cast<const volatile char&>(v); }
template <class T> CSYNTH_FN const volatile void* address(T*& v) { return (const volatile void*)v; }
template <class T> CSYNTH_FN const volatile void* address(T* const& v) { return (const volatile void*)v; }
template <class T> CSYNTH_FN void mark_variable(int pragma, T& v, long a, long b) {
  typedef shape<T> S;
  __csynth_variable(pragma, address(v), element<typename S::type>::width, S::rank, S::extent(0), S::extent(1), S::extent(2), S::extent(3), a, b);
}

// Describes the parameters of the top function.
template <class T> struct parameter;
template <class T> struct c_parameter { static const int kind = 0, width = csynth_types::operand<T>::width; static const bool is_signed = csynth_types::operand<T>::is_signed; };
template <class T> struct parameter : c_parameter<T> { static_assert(csynth_types::operand<T>::ok, "the type of this parameter of the top function is not supported: use a C integer, ap_int, ap_uint, hls::stream & or hls::burst_maxi"); };
template <class T> struct parameter<const T> : parameter<T> {};
template <class T> struct parameter<T&> : c_parameter<T> { static const int kind = 3; static_assert(csynth_types::operand<T>::ok, "a reference parameter of the top function must be an hls::stream or a number"); };
template <class T> struct parameter<const T&> : c_parameter<T> { static const int kind = 4; };
template <class T, int D> struct parameter<hls::stream<T, D>&> { static const int kind = 1, width = pack<T>::width; static const bool is_signed = pack<T>::is_signed; };
template <class T> struct parameter<hls::burst_maxi<T> > { static const int kind = 2, width = pack<T>::width; static const bool is_signed = pack<T>::is_signed; };
template <class T> struct parameter<hls::burst_maxi<T>&> : parameter<hls::burst_maxi<T> > {};
template <class R> struct returned : c_parameter<R> { static_assert(csynth_types::operand<R>::ok, "the top function must return void or a number"); };
template <> struct returned<void> { static const int width = 0; static const bool is_signed = false; };
template <class... A> struct each_parameter;
template <> struct each_parameter<> { static CSYNTH_FN void tell(int) {} };
template <class A, class... B> struct each_parameter<A, B...> {
  static CSYNTH_FN void tell(int index) {
    __csynth_parameter(index, parameter<A>::kind, parameter<A>::width, parameter<A>::is_signed);
    each_parameter<B...>::tell(index + 1);
  }
};
template <class R, class... A> CSYNTH_FN void describe(R (*f)(A...)) {
  __csynth_top((const void*)f);
  __csynth_parameter(-1, 5, returned<R>::width, returned<R>::is_signed);
  each_parameter<A...>::tell(0);
}
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
