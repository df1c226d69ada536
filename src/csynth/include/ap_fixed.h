// Fixed-point numbers with the interface, the result widths and the quantisation and overflow modes of Vitis HLS (UG1399, "Arbitrary Precision
// Fixed-Point Data Types"), on top of ap_int.h. A double is taken only as a constant in synthesis. Usable from C++14 on.
#ifndef CSYNTH_AP_FIXED_H
#define CSYNTH_AP_FIXED_H
#include "ap_int.h"
#pragma clang system_header

enum ap_q_mode { AP_RND, AP_RND_ZERO, AP_RND_MIN_INF, AP_RND_INF, AP_RND_CONV, AP_TRN, AP_TRN_ZERO };
enum ap_o_mode { AP_SAT, AP_SAT_ZERO, AP_SAT_SYM, AP_WRAP, AP_WRAP_SM };

template <int _W_, int _I_, bool _S_, ap_q_mode _Q_ = AP_TRN, ap_o_mode _O_ = AP_WRAP, int _N_ = 0> struct ap_fixed_base;
template <int _W_, int _I_, ap_q_mode _Q_ = AP_TRN, ap_o_mode _O_ = AP_WRAP, int _N_ = 0> struct ap_fixed;
template <int _W_, int _I_, ap_q_mode _Q_ = AP_TRN, ap_o_mode _O_ = AP_WRAP, int _N_ = 0> struct ap_ufixed;

namespace csynth_types {
// What may stand in a fixed-point expression: kind 2 is a fixed-point number, kind 1 an integer (its I is its W).
template <class _T_> struct fixed_operand {
  static const bool ok = operand<_T_>::ok, is_signed = operand<_T_>::is_signed;
  static const int kind = ok, width = operand<_T_>::width, integer = width;
  static CSYNTH_FN constexpr typename bits<width, is_signed>::type get(const _T_& __v) { return operand<_T_>::get(__v); }
};
template <class _T_, int _W_, int _I_, bool _S_> struct fixed_number {
  static const bool ok = true, is_signed = _S_;
  static const int kind = 2, width = _W_, integer = _I_;
  static CSYNTH_FN constexpr typename bits<_W_, _S_>::type get(const _T_& __v) { return __v._V_._V_; }
};
template <int _W_, int _I_, bool _S_, ap_q_mode _Q_, ap_o_mode _O_, int _N_>
struct fixed_operand<ap_fixed_base<_W_, _I_, _S_, _Q_, _O_, _N_> > : fixed_number<ap_fixed_base<_W_, _I_, _S_, _Q_, _O_, _N_>, _W_, _I_, _S_> {};
template <int _W_, int _I_, ap_q_mode _Q_, ap_o_mode _O_, int _N_>
struct fixed_operand<ap_fixed<_W_, _I_, _Q_, _O_, _N_> > : fixed_number<ap_fixed<_W_, _I_, _Q_, _O_, _N_>, _W_, _I_, true> {};
template <int _W_, int _I_, ap_q_mode _Q_, ap_o_mode _O_, int _N_>
struct fixed_operand<ap_ufixed<_W_, _I_, _Q_, _O_, _N_> > : fixed_number<ap_ufixed<_W_, _I_, _Q_, _O_, _N_>, _W_, _I_, false> {};

template <class _A_, class _B_> struct fixed_mixed {
  static const bool value = fixed_operand<_A_>::ok && fixed_operand<_B_>::ok && (fixed_operand<_A_>::kind == 2 || fixed_operand<_B_>::kind == 2);
};

// Widths of results: W bits of which I are integer bits.
template <class _A_, class _B_> struct fixed_result {
  static const int wa = fixed_operand<_A_>::width, wb = fixed_operand<_B_>::width, ia = fixed_operand<_A_>::integer, ib = fixed_operand<_B_>::integer;
  static const bool sa = fixed_operand<_A_>::is_signed, sb = fixed_operand<_B_>::is_signed, any = sa || sb;
  static const int fa = wa - ia, fb = wb - ib, fraction = max_of(fa, fb), raise = max_of(fb, 0);
  static const int logic_i = max_of(ia + (sb && !sa), ib + (sa && !sb)), logic_w = logic_i + fraction;
  static const int plus_i = logic_i + 1, plus_w = logic_w + 1;
  static const int times_i = ia + ib, times_w = wa + wb;
  static const int quotient_i = ia + fb + sb, quotient_w = wa + raise + sb;
  static const int division_w = max_of(max_of(wa + raise + (sb && !sa), wb + (sa && !sb)), 1 + any);
};

template <class _T_> struct is_floating { static const bool value = false; };
template <> struct is_floating<float> { static const bool value = true; };
template <> struct is_floating<double> { static const bool value = true; };
template <> struct is_floating<long double> { static const bool value = true; };
template <class _T_> struct fixed_native {
  template <class _X_> static CSYNTH_FN constexpr _T_ of(const _X_& __x) { return (_T_)__x.to_ap_int_base()._V_; }
};
template <> struct fixed_native<bool> {
  template <class _X_> static CSYNTH_FN constexpr bool of(const _X_& __x) { return __x._V_._V_ != 0; }
};

// v * 2^n: a left shift of a number below 0 is not defined in C++14.
template <int _W_> CSYNTH_FN constexpr signed _BitInt(_W_) raised(signed _BitInt(_W_) __v, int __n) {
  return (signed _BitInt(_W_))((unsigned _BitInt(_W_))__v << __n);
}
template <int _W_> CSYNTH_FN constexpr unsigned _BitInt(_W_) raised(unsigned _BitInt(_W_) __v, int __n) { return __v << __n; }

// Quantises a number of W2 bits and F2 fraction bits to F fraction bits (exact, in one bit more than are left), then fits it into W bits.
template <int _W_, int _I_, bool _S_, ap_q_mode _Q_, ap_o_mode _O_, int _N_, int _W2_, int _I2_, bool _S2_> struct fixed_cast {
  static_assert(_S_ || _O_ != AP_WRAP_SM, "ap_ufixed has no mode AP_WRAP_SM: use AP_WRAP or AP_SAT");
  static_assert(_N_ >= 0 && _N_ <= _W_, "the number of saturated bits of ap_fixed must be 0 to its width");
  static const int fraction = _W_ - _I_, fraction2 = _W2_ - _I2_, drop = fraction2 - fraction, left = max_of(_W2_ - drop, 1);
  static const bool rounds = drop > 0 && _Q_ != AP_TRN && !(_Q_ == AP_TRN_ZERO && !_S2_);
  static const int exact = left + rounds, work = max_of(exact + !_S2_, _W_ + 2);
  typedef typename bits<_W2_, _S2_>::type Source;
  typedef typename bits<_W2_, false>::type Pattern;
  typedef signed _BitInt(work) Work;
  typedef typename bits<_W_, _S_>::type Target;
  typedef typename bits<_W_, false>::type Bits;

  static CSYNTH_FN constexpr Work floor_of(Source __v) {
    return drop <= 0 ? raised((Work)__v, drop < 0 ? -drop : 0) : drop >= _W2_ ? (Work)(__v < 0 ? -1 : 0) : (Work)(__v >> (drop > 0 && drop < _W2_ ? drop : 0));
  }
  static CSYNTH_FN constexpr bool carry_of(Source __v) {
    if (!rounds) return false;
    constexpr int at = drop > 0 ? drop - 1 : 0;
    const bool negative = __v < 0;
    const bool half = at >= _W2_ ? negative : (bool)(unsigned _BitInt(1))((Pattern)__v >> (at < _W2_ ? at : 0));
    const bool rest = at > 0 && (Pattern)((Pattern)__v & ones<_W2_>(at >= _W2_ ? _W2_ : at > 0 ? at : 1)) != 0;
    return _Q_ == AP_RND            ? half
           : _Q_ == AP_RND_ZERO     ? half && (negative || rest)
           : _Q_ == AP_RND_MIN_INF  ? half && rest
           : _Q_ == AP_RND_INF      ? half && (!negative || rest)
           : _Q_ == AP_RND_CONV     ? half && (rest || (bool)(unsigned _BitInt(1))floor_of(__v))
                                    : negative && (half || rest);
  }
  static CSYNTH_FN constexpr Target run(Source __v) {
    const Work down = floor_of(__v);
    const Work value = (Work)(down + carry_of(__v));
    const Bits cut = (Bits)value;
    if (_O_ == AP_WRAP && _N_ == 0) return bits<_W_, _S_>::from(cut);
    const Work one = 1, maximum = (Work)((Work)(one << (_W_ - _S_)) - 1), minimum = _S_ ? (Work)(-maximum - 1) : (Work)0;
    const bool negative = value < 0, high = value > maximum;
    const bool symmetric = _O_ == AP_SAT_SYM && _S_ && _S2_ && _I_ - 1 < _I2_ - 1 + 1;
    const bool low = value < minimum || (symmetric && value == minimum);
    if (!high && !low) return bits<_W_, _S_>::from(cut);
    if (_O_ == AP_SAT_ZERO) return (Target)0;
    if (_O_ == AP_SAT || _O_ == AP_SAT_SYM)
      return bits<_W_, _S_>::from(high ? (Bits)maximum : _O_ == AP_SAT_SYM && _S_ ? (Bits)((Bits)minimum | 1) : (Bits)minimum);
    const Bits top = (Bits)((Bits)1 << (_W_ - 1));
    // The saturated bits below the sign: all ones above zero, all zeros below.
    const Bits kept = _N_ > (int)_S_ ? (Bits)(ones<_W_>(_N_ - _S_ > 0 ? _N_ - _S_ : 1) << (_W_ - _N_)) : (Bits)0;
    if (!_S_) return bits<_W_, _S_>::from((Bits)(cut | kept));
    const Bits sign = negative ? top : (Bits)0;
    Bits __r = cut;
    if (_O_ == AP_WRAP_SM) {
      const bool was = (bool)(unsigned _BitInt(1))(cut >> (_W_ - 1));
      if (_N_ == 0) {
        const bool lost = (bool)(unsigned _BitInt(1))(down >> _W_);
        if (lost == was) return bits<_W_, _S_>::from(cut);
        return bits<_W_, _S_>::from((Bits)(((Bits)~cut & (Bits)~top) | (lost ? top : (Bits)0)));
      }
      const bool flip = _N_ == 1 ? negative != was : negative == (bool)(unsigned _BitInt(1))(cut >> (_W_ - (_N_ > 0 ? _N_ : 1)));
      if (flip) __r = (Bits)~cut;
    }
    __r = (Bits)((__r & (Bits)~top) | sign);
    return bits<_W_, _S_>::from(negative ? (Bits)(__r & (Bits)~kept) : (Bits)(__r | kept));
  }
};

// A double as a whole number of 53 bits and a power of two; for a target with F fraction bits, a number with F + 56 fraction bits that
// quantises, overflows and compares as the double does.
template <int _W_, int _F_> struct fixed_double {
  static const int width = _W_ + 120, integer = width - _F_ - 56;
  typedef signed _BitInt(width) type;
  static CSYNTH_FN constexpr type get(double __d) {
    const unsigned long long pattern = __builtin_bit_cast(unsigned long long, __d);
    const int power = (int)(pattern >> 52 & 2047);
    const unsigned long long fraction = pattern & 0xfffffffffffffull;
    if (power == 2047 && fraction) return (type)0;  // not a number
    const type mantissa = (type)(power ? fraction | 0x10000000000000ull : fraction);
    const int wanted = (power ? power : 1) - 1075 + _F_ + 56;
    const int shift = wanted < 0 ? 0 : wanted > _W_ + 58 ? _W_ + 58 : wanted;
    const type __r = (type)(mantissa << shift);
    return pattern >> 63 ? (type)-__r : __r;
  }
};
}  // namespace csynth_types

// A number of W bits, of which the upper I (also below 0 or above W) stand before the point. ap_fixed and ap_ufixed are its names.
template <int _W_, int _I_, bool _S_, ap_q_mode _Q_, ap_o_mode _O_, int _N_> struct ap_fixed_base {
  static const int width = _W_, iwidth = _I_;
  static const bool sign_flag = _S_;
  static const ap_q_mode qmode = _Q_;
  static const ap_o_mode omode = _O_;
  typedef ap_int_base<_W_, _S_> Number;
  typedef typename csynth_types::bits<_W_, false>::type Bits;
  Number _V_;

#if defined(CSYNTH_SYNTHESIS)
  ap_fixed_base() = default;
#else
  CSYNTH_FN constexpr ap_fixed_base() : _V_() {}
#endif
  CSYNTH_FN constexpr ap_fixed_base(const ap_fixed_base& __o) : _V_(__o._V_) {}
  template <class _T_, class = typename csynth_types::enable_if<csynth_types::fixed_operand<_T_>::ok, int>::type>
  CSYNTH_FN constexpr ap_fixed_base(const _T_& __v) : _V_(0) {
    typedef csynth_types::fixed_operand<_T_> From;
    _V_._V_ = csynth_types::fixed_cast<_W_, _I_, _S_, _Q_, _O_, _N_, From::width, From::integer, From::is_signed>::run(From::get(__v));
  }
  CSYNTH_FN constexpr ap_fixed_base(double __d) : _V_(0) {
    typedef csynth_types::fixed_double<_W_, _W_ - _I_> From;
    _V_._V_ = csynth_types::fixed_cast<_W_, _I_, _S_, _Q_, _O_, _N_, From::width, From::integer, true>::run(From::get(__d));
  }
  CSYNTH_FN constexpr ap_fixed_base(float __d) : ap_fixed_base((double)__d) {}
  CSYNTH_FN constexpr ap_fixed_base& operator=(const ap_fixed_base& __o) { _V_._V_ = __o._V_._V_; return *this; }
  static CSYNTH_FN constexpr ap_fixed_base from_bits(Bits __u) { ap_fixed_base __r(false); __r._V_._V_ = csynth_types::bits<_W_, _S_>::from(__u); return __r; }
  CSYNTH_FN constexpr ap_fixed_base& setBits(unsigned long long __u) { _V_._V_ = csynth_types::bits<_W_, _S_>::from(__u); return *this; }
  static CSYNTH_FN constexpr ap_fixed_base bitsToFixed(unsigned long long __u) { return from_bits((Bits)__u); }
  CSYNTH_FN constexpr unsigned long long bits_to_uint64() const { return (unsigned long long)(Bits)_V_._V_; }

  // The integer part, cut towards zero as C does.
  CSYNTH_FN constexpr ap_int_base<csynth_types::max_of(_I_, 1), _S_> to_ap_int_base() const {
    typedef ap_int_base<csynth_types::max_of(_I_, 1), _S_> Out;
    Out __r(0);
    __r._V_ = csynth_types::fixed_cast<csynth_types::max_of(_I_, 1), csynth_types::max_of(_I_, 1), _S_, AP_TRN_ZERO, AP_WRAP, 0, _W_, _I_, _S_>::run(_V_._V_);
    return __r;
  }
  CSYNTH_FN constexpr int to_int() const { return to_ap_int_base().to_int(); }
  CSYNTH_FN constexpr unsigned to_uint() const { return to_ap_int_base().to_uint(); }
  CSYNTH_FN constexpr long to_long() const { return to_ap_int_base().to_long(); }
  CSYNTH_FN constexpr unsigned long to_ulong() const { return to_ap_int_base().to_ulong(); }
  CSYNTH_FN constexpr long long to_int64() const { return to_ap_int_base().to_int64(); }
  CSYNTH_FN constexpr unsigned long long to_uint64() const { return to_ap_int_base().to_uint64(); }
  template <class _T_, class = typename csynth_types::enable_if<csynth_types::is_c<_T_>::value, int>::type>
  CSYNTH_FN constexpr explicit operator _T_() const { return csynth_types::fixed_native<_T_>::of(*this); }
  template <int _W2_, bool _S2_> CSYNTH_FN constexpr operator ap_int_base<_W2_, _S2_>() const { return ap_int_base<_W2_, _S2_>(to_ap_int_base()); }
  template <int _W2_> CSYNTH_FN constexpr operator ap_int<_W2_>() const { return ap_int<_W2_>(to_ap_int_base()); }
  template <int _W2_> CSYNTH_FN constexpr operator ap_uint<_W2_>() const { return ap_uint<_W2_>(to_ap_int_base()); }
  // The nearest double (ties to even), for simulation.
  template <class _T_ = double> CSYNTH_FN constexpr _T_ to_double() const {
#if defined(CSYNTH_SYNTHESIS)
    static_assert(sizeof(_T_) == 0, "to_double, to_float and conversions to a floating point type are for simulation only: keep the value in ap_fixed");
    return 0;
#else
    constexpr int wide = csynth_types::max_of(_W_, 60) + 2;
    typedef unsigned _BitInt(wide) Wide;
    const bool negative = _V_._V_ < 0;
    Wide __m = negative ? (Wide)((Wide)0 - (Wide)(signed _BitInt(wide))_V_._V_) : (Wide)_V_._V_;
    bool rest = false;
    int power = _I_ - _W_;
    while (__m >> 56) {
      rest |= (bool)(__m & 1);
      __m >>= 1;
      power++;
    }
    double __r = (double)(unsigned long long)(__m | (Wide)(rest ? 1 : 0));
    for (; power > 0; power--) __r *= 2;
    for (; power < 0; power++) __r *= 0.5;
    return negative ? -__r : __r;
#endif
  }
  CSYNTH_FN constexpr float to_float() const { return (float)to_double(); }
  template <class _T_, class = void, class = typename csynth_types::enable_if<csynth_types::is_floating<_T_>::value, int>::type>
  CSYNTH_FN constexpr explicit operator _T_() const { return (_T_)to_double(); }

  CSYNTH_FN ap_bit_ref<_W_, _S_> operator[](int __i) { return _V_[__i]; }
  CSYNTH_FN constexpr bool operator[](int __i) const { return _V_.test(__i); }
  CSYNTH_FN ap_bit_ref<_W_, _S_> bit(int __i) { return _V_[__i]; }
  CSYNTH_FN constexpr bool bit(int __i) const { return _V_.test(__i); }
  CSYNTH_FN ap_bit_ref<_W_, _S_> get_bit(int __i) { return _V_[__i]; }
  CSYNTH_FN constexpr bool get_bit(int __i) const { return _V_.test(__i); }
  CSYNTH_FN constexpr bool test(int __i) const { return _V_.test(__i); }
  CSYNTH_FN ap_range_ref<_W_, _S_> range(int __h, int __l) { return _V_.range(__h, __l); }
  CSYNTH_FN ap_range_ref<_W_, _S_> range() { return _V_.range(); }
  CSYNTH_FN ap_range_ref<_W_, _S_> operator()(int __h, int __l) { return _V_.range(__h, __l); }
  CSYNTH_FN constexpr ap_int_base<_W_, false> range(int __h, int __l) const { return _V_.range(__h, __l); }
  CSYNTH_FN constexpr ap_int_base<_W_, false> range() const { return _V_.range(); }
  CSYNTH_FN constexpr ap_int_base<_W_, false> operator()(int __h, int __l) const { return _V_.range(__h, __l); }
  CSYNTH_FN constexpr int length() const { return _W_; }
  CSYNTH_FN constexpr int wl() const { return _W_; }
  CSYNTH_FN constexpr int iwl() const { return _I_; }
  CSYNTH_FN constexpr ap_q_mode q_mode() const { return _Q_; }
  CSYNTH_FN constexpr ap_o_mode o_mode() const { return _O_; }
  CSYNTH_FN constexpr int n_bits() const { return _N_; }
  CSYNTH_FN constexpr bool is_neg() const { return _V_._V_ < 0; }
  CSYNTH_FN constexpr bool sign() const { return _V_._V_ < 0; }
  CSYNTH_FN constexpr bool is_zero() const { return _V_._V_ == 0; }

  CSYNTH_FN constexpr bool operator!() const { return _V_._V_ == 0; }
  CSYNTH_FN constexpr ap_fixed_base operator+() const { return *this; }
  CSYNTH_FN constexpr ap_fixed_base<_W_ + 1, _I_ + 1, true> operator-() const {
    return ap_fixed_base<_W_ + 1, _I_ + 1, true>::from_bits((typename csynth_types::bits<_W_ + 1, false>::type)(-_V_)._V_);
  }
  CSYNTH_FN constexpr ap_fixed_base<_W_, _I_, _S_> operator~() const { return ap_fixed_base<_W_, _I_, _S_>::from_bits((Bits) ~(Bits)_V_._V_); }
  CSYNTH_FN constexpr ap_fixed_base& operator++() { *this = ap_fixed_base(*this + ap_uint<1>(1)); return *this; }
  CSYNTH_FN constexpr ap_fixed_base& operator--() { *this = ap_fixed_base(*this - ap_uint<1>(1)); return *this; }
  CSYNTH_FN constexpr ap_fixed_base operator++(int) { ap_fixed_base __r(*this); ++*this; return __r; }
  CSYNTH_FN constexpr ap_fixed_base operator--(int) { ap_fixed_base __r(*this); --*this; return __r; }
  // A shift moves the bits: it neither quantises nor overflows.
  template <class _T_> CSYNTH_FN constexpr typename csynth_types::enable_if<csynth_types::operand<_T_>::ok, ap_fixed_base>::type operator<<(const _T_& __n) const {
    return from_bits((Bits)(_V_ << __n)._V_);
  }
  template <class _T_> CSYNTH_FN constexpr typename csynth_types::enable_if<csynth_types::operand<_T_>::ok, ap_fixed_base>::type operator>>(const _T_& __n) const {
    return from_bits((Bits)(_V_ >> __n)._V_);
  }

#define CSYNTH_COMPOUND(op)                                                                                                            \
  template <class _T_>                                                                                                                 \
  CSYNTH_FN constexpr typename csynth_types::enable_if<csynth_types::fixed_operand<_T_>::ok, ap_fixed_base&>::type operator op##=(     \
      const _T_& __v) {                                                                                                                \
    *this = ap_fixed_base(*this op __v);                                                                                               \
    return *this;                                                                                                                      \
  }
  CSYNTH_COMPOUND(+) CSYNTH_COMPOUND(-) CSYNTH_COMPOUND(*) CSYNTH_COMPOUND(/) CSYNTH_COMPOUND(&) CSYNTH_COMPOUND(|) CSYNTH_COMPOUND(^)
  CSYNTH_COMPOUND(<<) CSYNTH_COMPOUND(>>)
#undef CSYNTH_COMPOUND
};

#define CSYNTH_NAMED(name, is_signed)                                                                                            \
  template <int _W_, int _I_, ap_q_mode _Q_, ap_o_mode _O_, int _N_> struct name : ap_fixed_base<_W_, _I_, is_signed, _Q_, _O_, _N_> { \
    typedef ap_fixed_base<_W_, _I_, is_signed, _Q_, _O_, _N_> Base;                                                              \
    name() = default;                                                                                                            \
    CSYNTH_FN constexpr name(const name& __o) : Base(static_cast<const Base&>(__o)) {}                                           \
    CSYNTH_FN constexpr name(const Base& __o) : Base(__o) {}                                                                     \
    template <class _T_, class = typename csynth_types::enable_if<csynth_types::fixed_operand<_T_>::ok, int>::type>              \
    CSYNTH_FN constexpr name(const _T_& __v) : Base(__v) {}                                                                      \
    CSYNTH_FN constexpr name(double __d) : Base(__d) {}                                                                          \
    CSYNTH_FN constexpr name(float __d) : Base(__d) {}                                                                           \
    CSYNTH_FN constexpr name& operator=(const name& __o) { this->_V_._V_ = __o._V_._V_; return *this; }                              \
  };
CSYNTH_NAMED(ap_fixed, true)
CSYNTH_NAMED(ap_ufixed, false)
#undef CSYNTH_NAMED

namespace csynth_types {
template <class _T_, int _W_, bool _S_> struct fixed_packing {
  static const int width = _W_;
  static const bool is_signed = _S_;
  typedef unsigned _BitInt(_W_) type;
  static CSYNTH_FN type bits(const _T_& __v) { return (type)__v._V_._V_; }
  static CSYNTH_FN void take(type __u, _T_& __v) { __v._V_._V_ = csynth_types::bits<_W_, _S_>::from(__u); }
};
template <int _W_, int _I_, ap_q_mode _Q_, ap_o_mode _O_, int _N_>
struct packing<ap_fixed<_W_, _I_, _Q_, _O_, _N_> > : fixed_packing<ap_fixed<_W_, _I_, _Q_, _O_, _N_>, _W_, true> {};
template <int _W_, int _I_, ap_q_mode _Q_, ap_o_mode _O_, int _N_>
struct packing<ap_ufixed<_W_, _I_, _Q_, _O_, _N_> > : fixed_packing<ap_ufixed<_W_, _I_, _Q_, _O_, _N_>, _W_, false> {};
template <int _W_, bool _S_> struct fixed_parameter { static const bool ok = true, is_signed = _S_; static const int width = _W_, element = _W_; };
template <int _W_, int _I_, ap_q_mode _Q_, ap_o_mode _O_, int _N_> struct number<ap_fixed<_W_, _I_, _Q_, _O_, _N_> > : fixed_parameter<_W_, true> {};
template <int _W_, int _I_, ap_q_mode _Q_, ap_o_mode _O_, int _N_> struct number<ap_ufixed<_W_, _I_, _Q_, _O_, _N_> > : fixed_parameter<_W_, false> {};
}  // namespace csynth_types

// Both operands are brought to the place of the point of the result, without loss, and the operator works on the bits.
#define CSYNTH_RES csynth_types::fixed_result<_A_, _B_>
#define CSYNTH_ALIGNED(_T_, _F_)                                                                                             \
  csynth_types::raised((_T_)csynth_types::fixed_operand<_A_>::get(__a), (_F_) - CSYNTH_RES::fa),                             \
      csynth_types::raised((_T_)csynth_types::fixed_operand<_B_>::get(__b), (_F_) - CSYNTH_RES::fb)
#define CSYNTH_BINARY(op, kind, result_sign)                                                                                             \
  template <class _A_, class _B_> CSYNTH_FN constexpr typename csynth_types::enable_if<                                                  \
      csynth_types::fixed_mixed<_A_, _B_>::value, ap_fixed_base<CSYNTH_RES::kind##_w, CSYNTH_RES::kind##_i, result_sign> >::type         \
  operator op(const _A_& __a, const _B_& __b) {                                                                                          \
    typedef ap_fixed_base<CSYNTH_RES::kind##_w, CSYNTH_RES::kind##_i, result_sign> Out;                                                  \
    typedef typename csynth_types::bits<CSYNTH_RES::kind##_w + 1, true>::type Work;                                                      \
    const Work operands[2] = {CSYNTH_ALIGNED(Work, CSYNTH_RES::fraction)};                                                               \
    return Out::from_bits((typename Out::Bits)(Work)(operands[0] op operands[1]));                                                       \
  }
CSYNTH_BINARY(+, plus, CSYNTH_RES::any)
CSYNTH_BINARY(-, plus, true)
CSYNTH_BINARY(&, logic, CSYNTH_RES::any)
CSYNTH_BINARY(|, logic, CSYNTH_RES::any)
CSYNTH_BINARY(^, logic, CSYNTH_RES::any)
#undef CSYNTH_BINARY
template <class _A_, class _B_> CSYNTH_FN constexpr typename csynth_types::enable_if<
    csynth_types::fixed_mixed<_A_, _B_>::value, ap_fixed_base<CSYNTH_RES::times_w, CSYNTH_RES::times_i, CSYNTH_RES::any> >::type
operator*(const _A_& __a, const _B_& __b) {
  typedef ap_fixed_base<CSYNTH_RES::times_w, CSYNTH_RES::times_i, CSYNTH_RES::any> Out;
  typedef typename csynth_types::bits<csynth_types::max_of(CSYNTH_RES::times_w, 2), CSYNTH_RES::any>::type Work;
  return Out::from_bits((typename Out::Bits)(Work)((Work)csynth_types::fixed_operand<_A_>::get(__a) * (Work)csynth_types::fixed_operand<_B_>::get(__b)));
}
template <class _A_, class _B_> CSYNTH_FN constexpr typename csynth_types::enable_if<
    csynth_types::fixed_mixed<_A_, _B_>::value, ap_fixed_base<CSYNTH_RES::quotient_w, CSYNTH_RES::quotient_i, CSYNTH_RES::any> >::type
operator/(const _A_& __a, const _B_& __b) {
  typedef ap_fixed_base<CSYNTH_RES::quotient_w, CSYNTH_RES::quotient_i, CSYNTH_RES::any> Out;
  typedef typename csynth_types::bits<csynth_types::max_of(CSYNTH_RES::division_w, CSYNTH_RES::quotient_w), CSYNTH_RES::any>::type Work;
  return Out::from_bits((typename Out::Bits)(Work)(csynth_types::raised((Work)csynth_types::fixed_operand<_A_>::get(__a), CSYNTH_RES::raise) / (Work)csynth_types::fixed_operand<_B_>::get(__b)));
}
#define CSYNTH_COMPARE(op)                                                                                                               \
  template <class _A_, class _B_> CSYNTH_FN constexpr typename csynth_types::enable_if<csynth_types::fixed_mixed<_A_, _B_>::value, bool>::type \
  operator op(const _A_& __a, const _B_& __b) {                                                                                          \
    typedef typename csynth_types::bits<csynth_types::max_of(CSYNTH_RES::logic_w + 1, 2), true>::type Work;                              \
    const Work operands[2] = {CSYNTH_ALIGNED(Work, CSYNTH_RES::fraction)};                                                               \
    return operands[0] op operands[1];                                                                                                   \
  }                                                                                                                                      \
  template <int _W_, int _I_, bool _S_, ap_q_mode _Q_, ap_o_mode _O_, int _N_>                                                           \
  CSYNTH_FN constexpr bool operator op(const ap_fixed_base<_W_, _I_, _S_, _Q_, _O_, _N_>& __a, double __d) {                             \
    typedef csynth_types::fixed_double<_W_, _W_ - _I_> From;                                                                             \
    return csynth_types::raised((typename From::type)__a._V_._V_, 56) op From::get(__d);                                                \
  }                                                                                                                                      \
  template <int _W_, int _I_, bool _S_, ap_q_mode _Q_, ap_o_mode _O_, int _N_>                                                           \
  CSYNTH_FN constexpr bool operator op(double __d, const ap_fixed_base<_W_, _I_, _S_, _Q_, _O_, _N_>& __a) {                             \
    typedef csynth_types::fixed_double<_W_, _W_ - _I_> From;                                                                             \
    return From::get(__d) op csynth_types::raised((typename From::type)__a._V_._V_, 56);                                                \
  }
CSYNTH_COMPARE(==) CSYNTH_COMPARE(!=) CSYNTH_COMPARE(<) CSYNTH_COMPARE(<=) CSYNTH_COMPARE(>) CSYNTH_COMPARE(>=)
#undef CSYNTH_COMPARE
#undef CSYNTH_ALIGNED
#undef CSYNTH_RES
#endif
