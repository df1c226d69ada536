// What stands below hls_stream.h and hls_burst_maxi.h: csynth's intrinsics, or in C simulation memory and the way a run ends.
#ifndef CSYNTH_RUNTIME_H
#define CSYNTH_RUNTIME_H
#include "ap_int.h"
#pragma clang system_header

#if defined(CSYNTH_SYNTHESIS)
#include "csynth_markers.h"
#include "csynth_pack.h"
extern "C" {
void __csynth_top(const void* function) noexcept;
void __csynth_parameter(int index, int kind, int width, int is_signed) noexcept;
}
namespace hls {
template <class _T_, int _DEPTH_> class stream;
template <class _T_> class burst_maxi;
}
namespace csynth_hw {
// Never defined: the front end replaces each call.
template <int _W_> void stream_declare(const void* stream, int depth) noexcept;
template <int _W_> void stream_read(const void* stream, unsigned _BitInt(_W_) * to) noexcept;
template <int _W_> void stream_write(const void* stream, const unsigned _BitInt(_W_) * from) noexcept;
template <int _W_> bool stream_read_nb(const void* stream, unsigned _BitInt(_W_) * to) noexcept;
template <int _W_> bool stream_write_nb(const void* stream, const unsigned _BitInt(_W_) * from) noexcept;
template <int _W_> bool stream_empty(const void* stream) noexcept;
template <int _W_> bool stream_full(const void* stream) noexcept;
template <int _W_> void maxi_request(const void* port, int is_write, unsigned long long offset, unsigned length) noexcept;
template <int _W_> void maxi_read(const void* port, unsigned _BitInt(_W_) * to) noexcept;
template <int _W_> void maxi_write(const void* port, const unsigned _BitInt(_W_) * from) noexcept;
void maxi_response(const void* port) noexcept;
void maxi_alias(const void* copy, const void* original) noexcept;

// A value of T as bits.
template <class _T_> struct pack {
  typedef csynth_types::packing<_T_> _P_;
  static const int width = _P_::width;
  static const bool is_signed = _P_::is_signed;
  typedef typename _P_::type type;
  static CSYNTH_FN type bits(const _T_& __v) { return _P_::bits(__v); }
  static CSYNTH_FN _T_ unpack(type __u) {
    _T_ __v;
    _P_::take(__u, __v);
    return __v;
  }
};

// What the markers of pragmas tell about a variable.
template <class _T_> struct shape {
  typedef _T_ type;
  static const int rank = 0;
  static constexpr long extent(int) { return 1; }
};
template <class _T_, unsigned long _N_> struct shape<_T_[_N_]> {
  typedef typename shape<_T_>::type type;
  static const int rank = 1 + shape<_T_>::rank;
  static constexpr long extent(int __d) { return __d == 0 ? (long)_N_ : shape<_T_>::extent(__d - 1); }
};
template <class _T_> struct shape<_T_*> {  // an array parameter: its first extent is unknown
  typedef typename shape<_T_>::type type;
  static const int rank = 1 + shape<_T_>::rank;
  static constexpr long extent(int __d) { return __d == 0 ? -1 : shape<_T_>::extent(__d - 1); }
};
template <class _T_> struct shape<const _T_> : shape<_T_> {};
template <class _T_, unsigned long _N_> struct shape<const _T_[_N_]> : shape<_T_[_N_]> {};
template <class _T_> CSYNTH_FN const volatile void* address(_T_& __v) { return (const volatile void*)&reinterpret_cast<const volatile char&>(__v); }
template <class _T_> CSYNTH_FN const volatile void* address(_T_*& __v) { return (const volatile void*)__v; }
template <class _T_> CSYNTH_FN const volatile void* address(_T_* const& __v) { return (const volatile void*)__v; }
template <class _T_> CSYNTH_FN void mark_variable(int pragma, _T_& __v, long __a, long __b) {
  typedef shape<_T_> _S_;
  __csynth_variable(pragma, address(__v), csynth_types::number<typename _S_::type>::element, _S_::rank, _S_::extent(0), _S_::extent(1), _S_::extent(2), _S_::extent(3), __a, __b);
}

// What aggregate and disaggregate ask for is what csynth does: the word of a stream is packed, a struct elsewhere is split into its members.
template <class _T_> struct is_stream { static const bool value = false; };
template <class _T_, int _D_> struct is_stream<hls::stream<_T_, _D_> > { static const bool value = true; };
template <class _T_, unsigned long _L_> struct is_stream<_T_[_L_]> : is_stream<_T_> {};
template <class _T_> CSYNTH_FN void mark_aggregate(_T_&) {
  static_assert(is_stream<_T_>::value, "pragma HLS aggregate is obeyed for an hls::stream only: csynth keeps the members of a struct apart. Remove it, or pack the struct into an ap_uint");
}
template <class _T_> CSYNTH_FN void mark_disaggregate(_T_&) {
  static_assert(!is_stream<_T_>::value, "pragma HLS disaggregate is not obeyed for an hls::stream: its word holds the whole struct. Use a stream for each member");
}

// Describes the parameters of the top function.
template <class _T_> struct parameter;
template <class _T_> struct c_parameter { static const int kind = 0, width = csynth_types::number<_T_>::width; static const bool is_signed = csynth_types::number<_T_>::is_signed; };
template <class _T_> struct parameter : c_parameter<_T_> { static_assert(csynth_types::number<_T_>::ok, "the type of this parameter of the top function is not supported: use a C integer, ap_int, ap_uint, ap_fixed, ap_ufixed, hls::stream & or hls::burst_maxi"); };
template <class _T_> struct parameter<const _T_> : parameter<_T_> {};
template <class _T_> struct parameter<_T_&> : c_parameter<_T_> { static const int kind = 3; static_assert(csynth_types::number<_T_>::ok, "a reference parameter of the top function must be an hls::stream or a number"); };
template <class _T_> struct parameter<const _T_&> : c_parameter<_T_> { static const int kind = 4; };
template <class _T_> struct pointed { static_assert(csynth_types::number<_T_>::ok, "a pointer parameter of the top function must point to numbers"); static const int width = csynth_types::number<_T_>::width; static const bool is_signed = csynth_types::number<_T_>::is_signed; };
template <class _T_> struct pointed<const _T_> : pointed<_T_> {};
template <class _T_> struct pointed<volatile _T_> : pointed<_T_> {};
template <class _T_> struct pointed<const volatile _T_> : pointed<_T_> {};
template <class _T_, unsigned long _N_> struct pointed<_T_[_N_]> : pointed<_T_> {};
template <class _T_, unsigned long _N_> struct pointed<const _T_[_N_]> : pointed<_T_> {};
template <class _T_> struct parameter<_T_*> : pointed<_T_> { static const int kind = 6; };
template <class _T_, int _D_> struct parameter<hls::stream<_T_, _D_>&> { static const int kind = 1, width = pack<_T_>::width; static const bool is_signed = pack<_T_>::is_signed; };
template <class _T_> struct parameter<hls::burst_maxi<_T_> > { static const int kind = 2, width = pack<_T_>::width; static const bool is_signed = pack<_T_>::is_signed; };
template <class _T_> struct parameter<hls::burst_maxi<_T_>&> : parameter<hls::burst_maxi<_T_> > {};
template <class _R_> struct returned : c_parameter<_R_> { static_assert(csynth_types::number<_R_>::ok, "the top function must return void or a number"); };
template <> struct returned<void> { static const int width = 0; static const bool is_signed = false; };
// How many bits C stores the struct of a stream in, with its padding: only told where it is a struct.
template <class _T_> struct stored { static CSYNTH_FN void tell(int) {} };
template <class _T_, int _D_> struct stored<hls::stream<_T_, _D_>&> {
  static CSYNTH_FN void tell(int index) {
    if (csynth_types::kind_of<_T_>() == csynth_types::pack_struct && csynth_types::number<_T_>::ok == false) __csynth_parameter(8000 + index, 7, 8 * sizeof(_T_), 0);
  }
};
// Tells the parts of an axis word; defined for hls::axis in ap_axi_sdata.h.
template <class _T_> struct parts { static CSYNTH_FN void tell(int) {} };
template <class _T_, int _D_> struct parts<hls::stream<_T_, _D_>&> : parts<_T_> {};
template <class... _A_> struct each_parameter;
template <> struct each_parameter<> { static CSYNTH_FN void tell(int) {} };
template <class _A_, class... _B_> struct each_parameter<_A_, _B_...> {
  static CSYNTH_FN void tell(int index) {
    __csynth_parameter(index, parameter<_A_>::kind, parameter<_A_>::width, parameter<_A_>::is_signed);
    stored<_A_>::tell(index);
    parts<_A_>::tell(index);
    each_parameter<_B_...>::tell(index + 1);
  }
};
template <class _R_, class... _A_> CSYNTH_FN void describe(_R_ (*__f)(_A_...)) {
  __csynth_top((const void*)__f);
  __csynth_parameter(-1, 5, returned<_R_>::width, returned<_R_>::is_signed);
  each_parameter<_A_...>::tell(0);
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
