// Arbitrary-width integers with the interface and the widening rules of Vitis HLS (UG1399, "Arbitrary Precision Integer Types"), built on
// clang's _BitInt. The same file serves C simulation and, with -DCSYNTH_SYNTHESIS, synthesis. Usable from C++14 on.
#ifndef CSYNTH_AP_INT_H
#define CSYNTH_AP_INT_H
#if !defined(__clang__)
#error "ap_int.h needs clang: it is built on _BitInt. Compile with clang or zig c++."
#endif
#pragma clang system_header

#if defined(CSYNTH_SYNTHESIS)
#define CSYNTH_FN __attribute__((always_inline, nodebug)) inline
#else
#define CSYNTH_FN __attribute__((always_inline)) inline
#endif

template <int _W_, bool _S_> struct ap_int_base;
template <int _W_> struct ap_int;
template <int _W_> struct ap_uint;
template <int _W_, bool _S_> struct ap_bit_ref;
template <int _W_, bool _S_> struct ap_range_ref;
template <class _A_, class _B_> struct ap_concat_ref;

namespace csynth_types {
template <class _T_> struct packing;  // a value as one word: csynth_pack.h, and ap_fixed.h for its numbers
constexpr int max_of(int __a, int __b) { return __a > __b ? __a : __b; }
constexpr int min_of(int __a, int __b) { return __a < __b ? __a : __b; }

template <bool Condition, class _T_> struct enable_if {};
template <class _T_> struct enable_if<true, _T_> { typedef _T_ type; };

// The storage of a number of W bits. A signed _BitInt has at least two bits, so a signed bit lives in two.
template <int _W_, bool _S_> struct bits;
template <int _W_> struct bits<_W_, true> {
  typedef signed _BitInt(_W_) type;
  template <class _X_> static CSYNTH_FN constexpr type from(_X_ __x) { return (type)__x; }
};
template <int _W_> struct bits<_W_, false> {
  typedef unsigned _BitInt(_W_) type;
  template <class _X_> static CSYNTH_FN constexpr type from(_X_ __x) { return (type)__x; }
};
template <> struct bits<1, true> {
  typedef signed _BitInt(2) type;
  template <class _X_> static CSYNTH_FN constexpr type from(_X_ __x) { return ((unsigned _BitInt(1))__x) ? (type)-1 : (type)0; }
};

// The C integer that a number converts to without a cast; wider numbers are cut to 64 bits.
template <int Bytes, bool _S_> struct native { typedef long long type; };
template <> struct native<1, true> { typedef signed char type; };
template <> struct native<1, false> { typedef unsigned char type; };
template <> struct native<2, true> { typedef short type; };
template <> struct native<2, false> { typedef unsigned short type; };
template <> struct native<4, true> { typedef int type; };
template <> struct native<4, false> { typedef unsigned type; };
template <> struct native<8, false> { typedef unsigned long long type; };
constexpr int native_bytes(int __w) { return __w <= 8 ? 1 : __w <= 16 ? 2 : __w <= 32 ? 4 : 8; }

// What may stand in an expression: its width, its sign, its value as a _BitInt, and whether it is one of our types (kind > 0) or an lvalue
// part of one (kind 2).
template <class _T_> struct operand { static const bool ok = false; static const int kind = 0, width = 1; static const bool is_signed = false; };
template <class _T_, int _W_, bool _S_> struct c_operand {
  static const bool ok = true; static const int kind = 0, width = _W_; static const bool is_signed = _S_;
  static CSYNTH_FN constexpr typename bits<_W_, _S_>::type get(_T_ __v) { return bits<_W_, _S_>::from(__v); }
};
template <> struct operand<bool> : c_operand<bool, 1, false> {};
template <> struct operand<char> : c_operand<char, 8, ((char)-1 < 0)> {};
template <> struct operand<signed char> : c_operand<signed char, 8, true> {};
template <> struct operand<unsigned char> : c_operand<unsigned char, 8, false> {};
template <> struct operand<short> : c_operand<short, 16, true> {};
template <> struct operand<unsigned short> : c_operand<unsigned short, 16, false> {};
template <> struct operand<int> : c_operand<int, 32, true> {};
template <> struct operand<unsigned> : c_operand<unsigned, 32, false> {};
template <> struct operand<long> : c_operand<long, 8 * sizeof(long), true> {};
template <> struct operand<unsigned long> : c_operand<unsigned long, 8 * sizeof(long), false> {};
template <> struct operand<long long> : c_operand<long long, 64, true> {};
template <> struct operand<unsigned long long> : c_operand<unsigned long long, 64, false> {};
template <class _T_, int _W_, bool _S_> struct ap_operand {
  static const bool ok = true; static const int kind = 1, width = _W_; static const bool is_signed = _S_;
  static CSYNTH_FN constexpr typename bits<_W_, _S_>::type get(const _T_& __v) { return __v._V_; }
};
template <int _W_, bool _S_> struct operand<ap_int_base<_W_, _S_> > : ap_operand<ap_int_base<_W_, _S_>, _W_, _S_> {};
template <int _W_> struct operand<ap_int<_W_> > : ap_operand<ap_int<_W_>, _W_, true> {};
template <int _W_> struct operand<ap_uint<_W_> > : ap_operand<ap_uint<_W_>, _W_, false> {};
template <class _T_, int _W_> struct ref_operand {
  static const bool ok = true; static const int kind = 2, width = _W_; static const bool is_signed = false;
  static CSYNTH_FN typename bits<_W_, false>::type get(const _T_& __v) { return __v.value(); }
};
template <int _W_, bool _S_> struct operand<ap_bit_ref<_W_, _S_> > : ref_operand<ap_bit_ref<_W_, _S_>, 1> {};
template <int _W_, bool _S_> struct operand<ap_range_ref<_W_, _S_> > : ref_operand<ap_range_ref<_W_, _S_>, _W_> {};
template <class _A_, class _B_> struct operand<ap_concat_ref<_A_, _B_> >
    : ref_operand<ap_concat_ref<_A_, _B_>, operand<_A_>::width + operand<_B_>::width> {};

// A number that may be a parameter of the top function; ap_fixed.h adds its own.
template <class _T_> struct number {
  static const bool ok = operand<_T_>::ok, is_signed = operand<_T_>::is_signed;
  static const int width = operand<_T_>::width, element = operand<_T_>::kind == 1 ? operand<_T_>::width : 8 * sizeof(_T_);
};

template <class _T_> struct is_c { static const bool value = operand<_T_>::ok && operand<_T_>::kind == 0; };
template <class _A_, class _B_> struct mixed { static const bool value = operand<_A_>::ok && operand<_B_>::ok && (operand<_A_>::kind > 0 || operand<_B_>::kind > 0); };

// A processor stops at the remainder of the lowest number by -1 unless it has a bit to spare; hardware needs none.
#if defined(CSYNTH_SYNTHESIS)
#define CSYNTH_SPARE 0
#else
#define CSYNTH_SPARE 1
#endif
// Widths of results (UG1399, "Arithmetic operators"; the same as in the reference ap_types).
template <class _A_, class _B_> struct result {
  static const int wa = operand<_A_>::width, wb = operand<_B_>::width;
  static const bool sa = operand<_A_>::is_signed, sb = operand<_B_>::is_signed, any = sa || sb;
  static const int logic = max_of(wa + (sb && !sa), wb + (sa && !sb));
  static const int plus = logic + 1, times = wa + wb, quotient = wa + sb, remainder = min_of(wa, wb + (!sb && sa));
  // Operands of mixed sign follow the conversions of the reference: a division is unsigned when the wider operand is, a remainder also when the
  // left one is, and an order when the unsigned operand is not the narrower one and 32 bits or more are there. A negative number then counts as
  // its bits, extended to `common` bits.
  static const int common = max_of(wa, wb) + any;
  static const bool wider_sign = wa > wb ? sa : wb > wa ? sb : any, modulo_sign = sa && wider_sign, is_mixed = sa != sb;
  static const bool order_sign = any && (!is_mixed || (wa < 32 && wb < 32) || (sa ? wa > wb : wb > wa));
  static const int divide_width = wider_sign ? max_of(max_of(logic, quotient), 2) : common;
  static const int modulo_width = modulo_sign ? max_of(logic + CSYNTH_SPARE, 2) : common;
  static const int order_width = max_of(is_mixed ? common : logic, 1 + any), same_width = is_mixed ? (wa == wb ? max_of(wa, 64) : max_of(max_of(wa, wb), 32)) : order_width;
};
#undef CSYNTH_SPARE

// A shift by the width or more gives 0, or the sign: never undefined. A shift by an amount below 0 goes the other way, as in Vitis HLS.
template <int _W_, bool _S_, class _N_> CSYNTH_FN constexpr typename bits<_W_, _S_>::type shift_up(typename bits<_W_, _S_>::type __v, _N_ __n) {
  typedef typename bits<_W_, false>::type _U_;
  return __n >= _W_ ? (typename bits<_W_, _S_>::type)0 : bits<_W_, _S_>::from((_U_)((_U_)__v << (unsigned)__n));
}
template <int _W_, bool _S_, class _N_> CSYNTH_FN constexpr typename bits<_W_, _S_>::type shift_down(typename bits<_W_, _S_>::type __v, _N_ __n) {
  return __n >= _W_ ? (typename bits<_W_, _S_>::type)(__v < 0 ? -1 : 0) : (typename bits<_W_, _S_>::type)(__v >> (unsigned)__n);
}
template <int _W_, bool _S_, int _WN_, bool _SN_> CSYNTH_FN constexpr typename bits<_W_, _S_>::type shift_left(typename bits<_W_, _S_>::type __v, typename bits<_WN_, _SN_>::type __n) {
  typedef signed _BitInt(max_of(_WN_, 31) + 2) _N_;
  return _SN_ && __n < 0 ? shift_down<_W_, _S_>(__v, (_N_)-(_N_)__n) : shift_up<_W_, _S_>(__v, (_N_)__n);
}
template <int _W_, bool _S_, int _WN_, bool _SN_> CSYNTH_FN constexpr typename bits<_W_, _S_>::type shift_right(typename bits<_W_, _S_>::type __v, typename bits<_WN_, _SN_>::type __n) {
  typedef signed _BitInt(max_of(_WN_, 31) + 2) _N_;
  return _SN_ && __n < 0 ? shift_up<_W_, _S_>(__v, (_N_)-(_N_)__n) : shift_down<_W_, _S_>(__v, (_N_)__n);
}
template <int _W_> CSYNTH_FN constexpr typename bits<_W_, false>::type ones(int __n) {
  return (typename bits<_W_, false>::type)((typename bits<_W_, false>::type)~(typename bits<_W_, false>::type)0 >> (_W_ - __n));
}
}  // namespace csynth_types

// One bit of a number, assignable.
template <int _W_, bool _S_> struct ap_bit_ref {
  ap_int_base<_W_, _S_>& of;
  int index;
  CSYNTH_FN ap_bit_ref(ap_int_base<_W_, _S_>& of_, int index_) : of(of_), index(index_) {}
  CSYNTH_FN ap_bit_ref(const ap_bit_ref& other) : of(other.of), index(other.index) {}
  CSYNTH_FN unsigned _BitInt(1) value() const { return (unsigned _BitInt(1))((typename csynth_types::bits<_W_, false>::type)of._V_ >> index); }
  CSYNTH_FN operator bool() const { return value(); }
  CSYNTH_FN bool to_bool() const { return value(); }
  CSYNTH_FN void put(unsigned _BitInt(1) __b) const {
    typedef typename csynth_types::bits<_W_, false>::type _U_;
    of._V_ = csynth_types::bits<_W_, _S_>::from((_U_)(((_U_)of._V_ & (_U_) ~(_U_)((_U_)1 << index)) | (_U_)((_U_)__b << index)));
  }
  template <class _T_> CSYNTH_FN typename csynth_types::enable_if<csynth_types::operand<_T_>::ok, const ap_bit_ref&>::type operator=(const _T_& __v) const {
    put(csynth_types::operand<_T_>::get(__v) != 0);
    return *this;
  }
  CSYNTH_FN const ap_bit_ref& operator=(const ap_bit_ref& __v) const { put(__v.value()); return *this; }
  CSYNTH_FN const ap_bit_ref& operator=(const ap_bit_ref& __v) { put(__v.value()); return *this; }
  CSYNTH_FN int length() const { return 1; }
};

// Bits hi..lo of a number, assignable. In a concatenation it counts with the width of the whole number, as in Vitis HLS.
template <int _W_, bool _S_> struct ap_range_ref {
  typedef typename csynth_types::bits<_W_, false>::type _U_;
  ap_int_base<_W_, _S_>& of;
  int hi, lo;
  CSYNTH_FN ap_range_ref(ap_int_base<_W_, _S_>& of_, int hi_, int lo_) : of(of_), hi(hi_), lo(lo_) {}
  CSYNTH_FN ap_range_ref(const ap_range_ref& other) : of(other.of), hi(other.hi), lo(other.lo) {}
  CSYNTH_FN _U_ value() const { return (_U_)((_U_)((_U_)of._V_ >> lo) & csynth_types::ones<_W_>(hi - lo + 1)); }
  CSYNTH_FN void put(_U_ __v) const {
    _U_ mask = csynth_types::ones<_W_>(hi - lo + 1);
    of._V_ = csynth_types::bits<_W_, _S_>::from((_U_)(((_U_)of._V_ & (_U_) ~(_U_)(mask << lo)) | (_U_)((_U_)(__v & mask) << lo)));
  }
  template <class _T_> CSYNTH_FN typename csynth_types::enable_if<csynth_types::operand<_T_>::ok, const ap_range_ref&>::type operator=(const _T_& __v) const {
    put((_U_)csynth_types::operand<_T_>::get(__v));
    return *this;
  }
  CSYNTH_FN const ap_range_ref& operator=(const ap_range_ref& __v) const { put(__v.value()); return *this; }
  CSYNTH_FN const ap_range_ref& operator=(const ap_range_ref& __v) { put(__v.value()); return *this; }
  CSYNTH_FN operator typename csynth_types::native<csynth_types::native_bytes(_W_), false>::type() const {
    return (typename csynth_types::native<csynth_types::native_bytes(_W_), false>::type)value();
  }
  CSYNTH_FN ap_int_base<_W_, false> get() const { return ap_int_base<_W_, false>(*this); }
  CSYNTH_FN int to_int() const { return (int)value(); }
  CSYNTH_FN unsigned to_uint() const { return (unsigned)value(); }
  CSYNTH_FN long long to_int64() const { return (long long)value(); }
  CSYNTH_FN unsigned long long to_uint64() const { return (unsigned long long)value(); }
  CSYNTH_FN bool or_reduce() const { return value() != 0; }
  CSYNTH_FN int length() const { return hi - lo + 1; }
};

namespace csynth_types {
template <class _T_, int Kind> struct held { typedef _T_& type; };      // a number is held by reference,
template <class _T_> struct held<_T_, 2> { typedef const _T_ type; };     // a part of one by value
}  // namespace csynth_types

// Two numbers side by side, assignable: (a, b) = x.
template <class _A_, class _B_> struct ap_concat_ref {
  static const int wa = csynth_types::operand<_A_>::width, wb = csynth_types::operand<_B_>::width;
  typedef typename csynth_types::bits<wa + wb, false>::type _U_;
  typename csynth_types::held<_A_, csynth_types::operand<_A_>::kind>::type __a;
  typename csynth_types::held<_B_, csynth_types::operand<_B_>::kind>::type __b;
  template <class _X_, class _Y_> CSYNTH_FN ap_concat_ref(_X_& a_, _Y_& b_) : __a(a_), __b(b_) {}
  CSYNTH_FN ap_concat_ref(const ap_concat_ref& other) : __a(other.__a), __b(other.__b) {}
  CSYNTH_FN _U_ value() const {
    typedef typename csynth_types::bits<wa, false>::type _UA_;
    typedef typename csynth_types::bits<wb, false>::type _UB_;
    return (_U_)((_U_)((_U_)(_UA_)csynth_types::operand<_A_>::get(__a) << wb) | (_U_)(_UB_)csynth_types::operand<_B_>::get(__b));
  }
  CSYNTH_FN void put(_U_ __v) const {
    __a = ap_int_base<wa, false>::from_bits((typename csynth_types::bits<wa, false>::type)(__v >> wb));
    __b = ap_int_base<wb, false>::from_bits((typename csynth_types::bits<wb, false>::type)__v);
  }
  template <class _T_> CSYNTH_FN typename csynth_types::enable_if<csynth_types::operand<_T_>::ok, const ap_concat_ref&>::type operator=(const _T_& __v) const {
    put((_U_)csynth_types::operand<_T_>::get(__v));
    return *this;
  }
  CSYNTH_FN const ap_concat_ref& operator=(const ap_concat_ref& __v) const { put(__v.value()); return *this; }
  CSYNTH_FN operator typename csynth_types::native<csynth_types::native_bytes(wa + wb), false>::type() const {
    return (typename csynth_types::native<csynth_types::native_bytes(wa + wb), false>::type)value();
  }
  CSYNTH_FN int to_int() const { return (int)value(); }
  CSYNTH_FN unsigned to_uint() const { return (unsigned)value(); }
  CSYNTH_FN long long to_int64() const { return (long long)value(); }
  CSYNTH_FN unsigned long long to_uint64() const { return (unsigned long long)value(); }
  CSYNTH_FN int length() const { return wa + wb; }
  CSYNTH_FN ap_int_base<wa + wb, false> get() const { return ap_int_base<wa + wb, false>::from_bits(value()); }
};

// A number of W bits, signed when S. ap_int<W> and ap_uint<W> are its names.
template <int _W_, bool _S_> struct ap_int_base {
  static_assert(_W_ >= 1 && _W_ <= 4096, "the width of ap_int and ap_uint must be 1 to 4096 bits");
  typedef csynth_types::bits<_W_, _S_> _B_;
  typedef typename _B_::type type;
  typedef typename csynth_types::bits<_W_, false>::type _U_;
  static const int width = _W_;
  static const bool sign_flag = _S_;
  type _V_;

#if defined(CSYNTH_SYNTHESIS)
  ap_int_base() = default;
#else
  CSYNTH_FN constexpr ap_int_base() : _V_(0) {}  // so that C simulation repeats
#endif
  // The copy constructors are not trivial on purpose: numbers then reach functions by address, whatever their width.
  CSYNTH_FN constexpr ap_int_base(const ap_int_base& other) : _V_(other._V_) {}
  template <class _T_, class = typename csynth_types::enable_if<csynth_types::operand<_T_>::ok, int>::type>
  CSYNTH_FN constexpr ap_int_base(const _T_& __v) : _V_(_B_::from(csynth_types::operand<_T_>::get(__v))) {}
  CSYNTH_FN constexpr ap_int_base& operator=(const ap_int_base& other) { _V_ = other._V_; return *this; }
  static CSYNTH_FN constexpr ap_int_base from_bits(_U_ __u) { ap_int_base __r(0); __r._V_ = _B_::from(__u); return __r; }

  CSYNTH_FN constexpr operator typename csynth_types::native<csynth_types::native_bytes(_W_), _S_>::type() const {
    return (typename csynth_types::native<csynth_types::native_bytes(_W_), _S_>::type)_V_;
  }
  CSYNTH_FN constexpr int to_int() const { return (int)_V_; }
  CSYNTH_FN constexpr unsigned to_uint() const { return (unsigned)_V_; }
  CSYNTH_FN constexpr long to_long() const { return (long)_V_; }
  CSYNTH_FN constexpr unsigned long to_ulong() const { return (unsigned long)_V_; }
  CSYNTH_FN constexpr long long to_int64() const { return (long long)_V_; }
  CSYNTH_FN constexpr unsigned long long to_uint64() const { return (unsigned long long)_V_; }
  CSYNTH_FN constexpr bool to_bool() const { return _V_ != 0; }
  CSYNTH_FN constexpr int length() const { return _W_; }

  CSYNTH_FN ap_bit_ref<_W_, _S_> operator[](int __i) { return ap_bit_ref<_W_, _S_>(*this, __i); }
  CSYNTH_FN constexpr bool operator[](int __i) const { return (bool)(unsigned _BitInt(1))((_U_)_V_ >> __i); }
  CSYNTH_FN ap_bit_ref<_W_, _S_> bit(int __i) { return ap_bit_ref<_W_, _S_>(*this, __i); }
  CSYNTH_FN constexpr bool bit(int __i) const { return (*this)[__i]; }
  CSYNTH_FN constexpr bool test(int __i) const { return (bool)(unsigned _BitInt(1))((_U_)_V_ >> __i); }
  CSYNTH_FN constexpr bool get_bit(int __i) const { return test(__i); }
  CSYNTH_FN void set_bit(int __i, bool __b) { ap_bit_ref<_W_, _S_>(*this, __i) = __b; }
  CSYNTH_FN void set(int __i, bool __b) { set_bit(__i, __b); }
  CSYNTH_FN void set(int __i) { set_bit(__i, true); }
  CSYNTH_FN void clear(int __i) { set_bit(__i, false); }
  CSYNTH_FN ap_range_ref<_W_, _S_> range(int hi, int lo) { return ap_range_ref<_W_, _S_>(*this, hi, lo); }
  CSYNTH_FN ap_range_ref<_W_, _S_> range() { return ap_range_ref<_W_, _S_>(*this, _W_ - 1, 0); }
  CSYNTH_FN ap_range_ref<_W_, _S_> operator()(int hi, int lo) { return ap_range_ref<_W_, _S_>(*this, hi, lo); }
  CSYNTH_FN constexpr ap_int_base<_W_, false> range(int hi, int lo) const {
    return ap_int_base<_W_, false>::from_bits((_U_)((_U_)((_U_)_V_ >> lo) & csynth_types::ones<_W_>(hi - lo + 1)));
  }
  CSYNTH_FN constexpr ap_int_base<_W_, false> range() const { return ap_int_base<_W_, false>::from_bits((_U_)_V_); }
  CSYNTH_FN constexpr ap_int_base<_W_, false> operator()(int hi, int lo) const { return range(hi, lo); }
  template <int _W2_, bool _S2_> CSYNTH_FN ap_concat_ref<ap_int_base, ap_int_base<_W2_, _S2_> > concat(ap_int_base<_W2_, _S2_>& low) {
    return ap_concat_ref<ap_int_base, ap_int_base<_W2_, _S2_> >(*this, low);
  }
  template <int _W2_, bool _S2_> CSYNTH_FN constexpr ap_int_base<_W_ + _W2_, false> concat(const ap_int_base<_W2_, _S2_>& low) const {
    typedef typename csynth_types::bits<_W_ + _W2_, false>::type _R_;
    return ap_int_base<_W_ + _W2_, false>::from_bits((_R_)((_R_)((_R_)(_U_)_V_ << _W2_) | (_R_)(typename csynth_types::bits<_W2_, false>::type)low._V_));
  }
  CSYNTH_FN constexpr bool and_reduce() const { return (_U_)_V_ == (_U_) ~(_U_)0; }
  CSYNTH_FN constexpr bool or_reduce() const { return _V_ != 0; }
  CSYNTH_FN constexpr bool nand_reduce() const { return !and_reduce(); }
  CSYNTH_FN constexpr bool nor_reduce() const { return !or_reduce(); }
  CSYNTH_FN constexpr bool xor_reduce() const {
    bool __r = false;
    for (int __i = 0; __i < _W_; __i++) __r ^= test(__i);
    return __r;
  }
  CSYNTH_FN constexpr bool xnor_reduce() const { return !xor_reduce(); }
  CSYNTH_FN constexpr bool sign() const { return _V_ < 0; }
  CSYNTH_FN void set() { _V_ = _B_::from((_U_) ~(_U_)0); }
  CSYNTH_FN void clear() { _V_ = (type)0; }
  CSYNTH_FN void reverse() {
    _U_ __r = 0;
    for (int __i = 0; __i < _W_; __i++) __r = (_U_)((_U_)(__r << (_W_ > 1)) | (_U_)test(__i));
    _V_ = _B_::from(__r);
  }
  CSYNTH_FN void b_not() { invert(); }
  CSYNTH_FN void lrotate(int __n) { _V_ = _B_::from((_U_)((_U_)((_U_)_V_ << __n) | (_U_)((_U_)_V_ >> (_W_ - __n) % _W_))); }
  CSYNTH_FN void rrotate(int __n) { _V_ = _B_::from((_U_)((_U_)((_U_)_V_ >> __n) | (_U_)((_U_)_V_ << (_W_ - __n) % _W_))); }
  CSYNTH_FN constexpr int countLeadingZeros() const {
    int __n = _W_;
    for (int __i = 0; __i < _W_; __i++) __n = test(__i) ? _W_ - 1 - __i : __n;
    return __n;
  }
  CSYNTH_FN constexpr bool is_neg() const { return _V_ < 0; }
  CSYNTH_FN constexpr bool is_zero() const { return _V_ == 0; }
  CSYNTH_FN void invert() { _V_ = (type)~_V_; }
  CSYNTH_FN void invert(int __i) { set_bit(__i, !test(__i)); }

  CSYNTH_FN constexpr bool operator!() const { return _V_ == 0; }
  CSYNTH_FN constexpr ap_int_base operator~() const { return from_bits((_U_) ~(_U_)_V_); }
  CSYNTH_FN constexpr ap_int_base operator+() const { return *this; }
  // 0 - *this with a 0 of one bit: a signed bit gives three bits.
  CSYNTH_FN constexpr ap_int_base<csynth_types::max_of(_W_, 1 + _S_) + 1, true> operator-() const {
    typedef typename csynth_types::bits<csynth_types::max_of(_W_, 1 + _S_) + 1, true>::type _R_;
    ap_int_base<csynth_types::max_of(_W_, 1 + _S_) + 1, true> __r(0);
    __r._V_ = (_R_)((_R_)0 - (_R_)_V_);
    return __r;
  }
  CSYNTH_FN constexpr ap_int_base& operator++() { *this = ap_int_base(*this + 1); return *this; }
  CSYNTH_FN constexpr ap_int_base& operator--() { *this = ap_int_base(*this - 1); return *this; }
  CSYNTH_FN constexpr ap_int_base operator++(int) { ap_int_base old(*this); ++*this; return old; }
  CSYNTH_FN constexpr ap_int_base operator--(int) { ap_int_base old(*this); --*this; return old; }

#define CSYNTH_COMPOUND(op)                                                                                                                \
  template <class _T_> CSYNTH_FN constexpr typename csynth_types::enable_if<csynth_types::operand<_T_>::ok, ap_int_base&>::type operator op##=( \
      const _T_& __v) {                                                                                                                        \
    *this = ap_int_base(*this op __v);                                                                                                       \
    return *this;                                                                                                                          \
  }
  CSYNTH_COMPOUND(+) CSYNTH_COMPOUND(-) CSYNTH_COMPOUND(*) CSYNTH_COMPOUND(/) CSYNTH_COMPOUND(%)
  CSYNTH_COMPOUND(&) CSYNTH_COMPOUND(|) CSYNTH_COMPOUND(^) CSYNTH_COMPOUND(<<) CSYNTH_COMPOUND(>>)
#undef CSYNTH_COMPOUND
};

#define CSYNTH_NAMED(name, is_signed)                                                                                        \
  template <int _W_> struct name : ap_int_base<_W_, is_signed> {                                                                 \
    typedef ap_int_base<_W_, is_signed> Base;                                                                                  \
    name() = default;                                                                                                        \
    CSYNTH_FN constexpr name(const name& other) : Base(static_cast<const Base&>(other)) {}                                   \
    template <class _T_, class = typename csynth_types::enable_if<csynth_types::operand<_T_>::ok, int>::type>                    \
    CSYNTH_FN constexpr name(const _T_& __v) : Base(__v) {}                                                                        \
    CSYNTH_FN constexpr name& operator=(const name& other) { this->_V_ = other._V_; return *this; }                              \
  };
CSYNTH_NAMED(ap_int, true)
CSYNTH_NAMED(ap_uint, false)
#undef CSYNTH_NAMED

#define CSYNTH_BINARY(op, result_width, result_sign, work_width, work_sign)                                                                \
  template <class _A_, class _B_> CSYNTH_FN constexpr typename csynth_types::enable_if<                                                        \
      csynth_types::mixed<_A_, _B_>::value, ap_int_base<csynth_types::result<_A_, _B_>::result_width, result_sign> >::type                         \
  operator op(const _A_& __a, const _B_& __b) {                                                                                                    \
    typedef csynth_types::result<_A_, _B_> _R_;                                                                                                  \
    typedef typename csynth_types::bits<work_width, work_sign>::type _T_;                                                                    \
    typedef ap_int_base<_R_::result_width, result_sign> Out;                                                                                 \
    return Out::from_bits((typename Out::_U_)(_T_)((_T_)csynth_types::operand<_A_>::get(__a) op (_T_)csynth_types::operand<_B_>::get(__b)));               \
  }
#define CSYNTH_RES csynth_types::result<_A_, _B_>
CSYNTH_BINARY(+, plus, CSYNTH_RES::any, _R_::plus, CSYNTH_RES::any)
CSYNTH_BINARY(-, plus, true, _R_::plus, true)
CSYNTH_BINARY(*, times, CSYNTH_RES::any, csynth_types::max_of(_R_::times, 2), CSYNTH_RES::any)
CSYNTH_BINARY(&, logic, CSYNTH_RES::any, csynth_types::max_of(_R_::logic, 1 + _R_::any), CSYNTH_RES::any)
CSYNTH_BINARY(|, logic, CSYNTH_RES::any, csynth_types::max_of(_R_::logic, 1 + _R_::any), CSYNTH_RES::any)
CSYNTH_BINARY(^, logic, CSYNTH_RES::any, csynth_types::max_of(_R_::logic, 1 + _R_::any), CSYNTH_RES::any)
CSYNTH_BINARY(/, quotient, CSYNTH_RES::any, CSYNTH_RES::divide_width, CSYNTH_RES::wider_sign)
CSYNTH_BINARY(%, remainder, CSYNTH_RES::sa, CSYNTH_RES::modulo_width, CSYNTH_RES::modulo_sign)
#undef CSYNTH_BINARY

#define CSYNTH_COMPARE(op, work_width, work_sign)                                                                                          \
  template <class _A_, class _B_> CSYNTH_FN constexpr typename csynth_types::enable_if<csynth_types::mixed<_A_, _B_>::value, bool>::type   \
  operator op(const _A_& __a, const _B_& __b) {                                                                                            \
    typedef csynth_types::result<_A_, _B_> _R_;                                                                                            \
    typedef typename csynth_types::bits<work_width, work_sign>::type _T_;                                                                  \
    return (_T_)csynth_types::operand<_A_>::get(__a) op (_T_)csynth_types::operand<_B_>::get(__b);                                         \
  }
CSYNTH_COMPARE(==, _R_::same_width, _R_::any && !_R_::is_mixed) CSYNTH_COMPARE(!=, _R_::same_width, _R_::any && !_R_::is_mixed)
CSYNTH_COMPARE(<, _R_::order_width, _R_::order_sign) CSYNTH_COMPARE(<=, _R_::order_width, _R_::order_sign)
CSYNTH_COMPARE(>, _R_::order_width, _R_::order_sign) CSYNTH_COMPARE(>=, _R_::order_width, _R_::order_sign)
#undef CSYNTH_COMPARE

// A shift keeps the left operand's width; an amount below 0 shifts the other way.
#define CSYNTH_SHIFT(op, function)                                                                                                         \
  template <class _A_, class _B_> CSYNTH_FN constexpr typename csynth_types::enable_if<                                                        \
      csynth_types::mixed<_A_, _B_>::value, ap_int_base<CSYNTH_RES::wa, CSYNTH_RES::sa> >::type                                                \
  operator op(const _A_& __a, const _B_& __b) {                                                                                                    \
    typedef ap_int_base<CSYNTH_RES::wa, CSYNTH_RES::sa> Out;                                                                               \
    return Out::from_bits((typename Out::_U_)csynth_types::function<Out::width, Out::sign_flag, CSYNTH_RES::wb, CSYNTH_RES::sb>(            \
        csynth_types::operand<_A_>::get(__a), csynth_types::operand<_B_>::get(__b)));                                                              \
  }
CSYNTH_SHIFT(<<, shift_left) CSYNTH_SHIFT(>>, shift_right)
#undef CSYNTH_SHIFT
#undef CSYNTH_RES

// (a, b): a is the more significant part. Lvalues give an assignable pair, anything else a number.
namespace csynth_types {
template <class _A_, class _B_> struct pair_value {
  static const bool value = mixed<_A_, _B_>::value && operand<_A_>::kind > 0 && operand<_B_>::kind > 0 && !(operand<_A_>::kind == 2 && operand<_B_>::kind == 2);
};
template <class _A_, int _KA_, class _B_, int _KB_> struct pair_of { static const bool value = operand<_A_>::kind == _KA_ && operand<_B_>::kind == _KB_; };
}  // namespace csynth_types
template <class _A_, class _B_> CSYNTH_FN constexpr typename csynth_types::enable_if<
    csynth_types::pair_value<_A_, _B_>::value, ap_int_base<csynth_types::operand<_A_>::width + csynth_types::operand<_B_>::width, false> >::type
operator,(const _A_& __a, const _B_& __b) {
  typedef ap_int_base<csynth_types::operand<_A_>::width + csynth_types::operand<_B_>::width, false> Out;
  typedef typename Out::_U_ _U_;
  typedef typename csynth_types::bits<csynth_types::operand<_A_>::width, false>::type _UA_;
  typedef typename csynth_types::bits<csynth_types::operand<_B_>::width, false>::type _UB_;
  return Out::from_bits((_U_)((_U_)((_U_)(_UA_)csynth_types::operand<_A_>::get(__a) << csynth_types::operand<_B_>::width) | (_U_)(_UB_)csynth_types::operand<_B_>::get(__b)));
}
template <class _A_, class _B_> CSYNTH_FN typename csynth_types::enable_if<csynth_types::pair_of<_A_, 1, _B_, 1>::value, ap_concat_ref<_A_, _B_> >::type
operator,(_A_& __a, _B_& __b) { return ap_concat_ref<_A_, _B_>(__a, __b); }
template <class _A_, class _B_> CSYNTH_FN typename csynth_types::enable_if<csynth_types::pair_of<_A_, 2, _B_, 1>::value, ap_concat_ref<_A_, _B_> >::type
operator,(const _A_& __a, _B_& __b) { return ap_concat_ref<_A_, _B_>(__a, __b); }
template <class _A_, class _B_> CSYNTH_FN typename csynth_types::enable_if<csynth_types::pair_of<_A_, 1, _B_, 2>::value, ap_concat_ref<_A_, _B_> >::type
operator,(_A_& __a, const _B_& __b) { return ap_concat_ref<_A_, _B_>(__a, __b); }
template <class _A_, class _B_> CSYNTH_FN typename csynth_types::enable_if<csynth_types::pair_of<_A_, 2, _B_, 2>::value, ap_concat_ref<_A_, _B_> >::type
operator,(const _A_& __a, const _B_& __b) { return ap_concat_ref<_A_, _B_>(__a, __b); }

#endif
