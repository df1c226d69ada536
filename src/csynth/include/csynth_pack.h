// A value as one word of bits, as Vitis HLS aggregates a struct with compact=bit (UG1399, "pragma HLS aggregate"): the first member and the
// first element of an array lie in the least significant bits, without padding; structs and arrays nest.
#ifndef CSYNTH_PACK_H
#define CSYNTH_PACK_H
#include "ap_int.h"
#pragma clang system_header

namespace csynth_types {
enum pack_kind { pack_number, pack_enum, pack_array, pack_struct, pack_pointer, pack_float, pack_union, pack_virtual, pack_other };
template <class _T_> struct is_array_type { static const bool value = false; };
template <class _T_, unsigned long _L_> struct is_array_type<_T_[_L_]> { static const bool value = true; };
template <class _T_> constexpr pack_kind kind_of() {
  return operand<_T_>::ok                                   ? pack_number
         : is_array_type<_T_>::value                        ? pack_array
         : __is_enum(_T_)                                   ? pack_enum
         : __is_union(_T_)                                  ? pack_union
         : __is_pointer(_T_) || __is_reference(_T_)         ? pack_pointer
         : __is_floating_point(_T_)                         ? pack_float
         : __is_class(_T_) && __is_polymorphic(_T_)         ? pack_virtual
         : __is_class(_T_)                                  ? pack_struct
                                                            : pack_other;
}

// The parts of `Word` from bit `At` up, one after another.
template <int _At_, class _Word_> CSYNTH_FN void put_members(_Word_&) {}
template <int _At_, class _Word_, class _M_, class... _R_> CSYNTH_FN void put_members(_Word_& __word, _M_& __member, _R_&... __rest) {
  __word = (_Word_)(__word | (_Word_)((_Word_)packing<_M_>::bits(__member) << _At_));
  put_members<_At_ + packing<_M_>::width>(__word, __rest...);
}
template <int _At_, class _Word_> CSYNTH_FN void take_members(_Word_) {}
template <int _At_, class _Word_, class _M_, class... _R_> CSYNTH_FN void take_members(_Word_ __word, _M_& __member, _R_&... __rest) {
  packing<_M_>::take((typename packing<_M_>::type)(__word >> _At_), __member);
  take_members<_At_ + packing<_M_>::width>(__word, __rest...);
}
template <class... _M_> struct members { static const int width = 0; };
template <class _M_, class... _R_> struct members<_M_, _R_...> { static const int width = packing<_M_>::width + members<_R_...>::width; };

template <class _T_, pack_kind _K_> struct packing_of {
  static_assert(_K_ != pack_pointer, "a stream carries values: a pointer or a reference is no value in hardware. Send what it points to");
  static_assert(_K_ != pack_float, "a stream carries bits of known meaning: csynth has no floating point. Use ap_fixed");
  static_assert(_K_ != pack_union, "a stream cannot carry a union: its members share their bits. Use a struct, or an ap_uint and ranges");
  static_assert(_K_ != pack_virtual, "a stream cannot carry a class with virtual functions. Use a struct without them");
  static_assert(_K_ != pack_other, "a stream carries numbers, enums, bool, and structs and arrays of them");
  static const int width = 1;
  static const bool is_signed = false;
  typedef unsigned _BitInt(1) type;
  static type bits(const _T_&) { return 0; }
  static void take(type, _T_&) {}
};
template <class _T_> struct packing_of<_T_, pack_number> {
  static const int width = operand<_T_>::width;
  static const bool is_signed = operand<_T_>::is_signed;
  typedef unsigned _BitInt(width) type;
  static CSYNTH_FN type bits(const _T_& __v) { return (type)operand<_T_>::get(__v); }
  template <int _W_> static CSYNTH_FN void take(type __u, ap_int<_W_>& __v) { __v._V_ = csynth_types::bits<_W_, true>::from(__u); }
  template <int _W_> static CSYNTH_FN void take(type __u, ap_uint<_W_>& __v) { __v._V_ = __u; }
  template <class _C_> static CSYNTH_FN void take(type __u, _C_& __v) { __v = (_C_)__u; }
};
template <class _T_> struct packing_of<_T_, pack_enum> {
  typedef __underlying_type(_T_) Number;
  typedef packing<Number> _P_;
  static const int width = _P_::width;
  static const bool is_signed = _P_::is_signed;
  typedef typename _P_::type type;
  static CSYNTH_FN type bits(const _T_& __v) { return _P_::bits((Number)__v); }
  static CSYNTH_FN void take(type __u, _T_& __v) { __v = (_T_)(Number)__u; }
};
template <class _E_, unsigned long _L_> struct packing_of<_E_[_L_], pack_array> {
  typedef packing<_E_> _P_;
  static const int width = _P_::width * (int)_L_;
  static const bool is_signed = false;
  typedef unsigned _BitInt(width) type;
  template <unsigned long _At_, bool _More_> struct step {
    static CSYNTH_FN void put(type& __r, const _E_ (&__v)[_L_]) {
      __r = (type)(__r | (type)((type)_P_::bits(__v[_At_]) << (_P_::width * (int)_At_)));
      step<_At_ + 1, (_At_ + 1 < _L_)>::put(__r, __v);
    }
    static CSYNTH_FN void take(type __u, _E_ (&__v)[_L_]) {
      _P_::take((typename _P_::type)(__u >> (_P_::width * (int)_At_)), __v[_At_]);
      step<_At_ + 1, (_At_ + 1 < _L_)>::take(__u, __v);
    }
  };
  template <unsigned long _At_> struct step<_At_, false> {
    static CSYNTH_FN void put(type&, const _E_ (&)[_L_]) {}
    static CSYNTH_FN void take(type, _E_ (&)[_L_]) {}
  };
  static CSYNTH_FN type bits(const _E_ (&__v)[_L_]) { type __r = 0; step<0, true>::put(__r, __v); return __r; }
  static CSYNTH_FN void take(type __u, _E_ (&__v)[_L_]) { step<0, true>::take(__u, __v); }
};
template <class _T_> struct packing_of<_T_, pack_struct> {
  static_assert(!__is_empty(_T_), "a stream cannot carry a struct without members");
  // Structured bindings name the members; clang takes a pack of them in C++14 too. A bit field cannot be bound and is refused by clang.
  static auto list(_T_& __v) { auto& [... __m] = __v; return members<decltype(__m)...>(); }
  static const int width = decltype(list(*(_T_*)nullptr))::width;
  static const bool is_signed = false;
  typedef unsigned _BitInt(width) type;
  static CSYNTH_FN type bits(const _T_& __v) {
    _T_ __copy(__v);
    auto& [... __m] = __copy;
    type __r = 0;
    put_members<0>(__r, __m...);
    return __r;
  }
  static CSYNTH_FN void take(type __u, _T_& __v) { auto& [... __m] = __v; take_members<0>(__u, __m...); }
};
template <class _T_> struct packing : packing_of<_T_, kind_of<_T_>()> {};
template <class _T_> struct packing<const _T_> : packing<_T_> {};
}  // namespace csynth_types
#endif
