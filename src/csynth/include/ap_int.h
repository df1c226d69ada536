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

template <int W, bool S> struct ap_int_base;
template <int W> struct ap_int;
template <int W> struct ap_uint;
template <int W, bool S> struct ap_bit_ref;
template <int W, bool S> struct ap_range_ref;
template <class A, class B> struct ap_concat_ref;

namespace csynth_types {
template <class T> struct packing;  // a value as one word: csynth_pack.h, and ap_fixed.h for its numbers
constexpr int max_of(int a, int b) { return a > b ? a : b; }
constexpr int min_of(int a, int b) { return a < b ? a : b; }

template <bool Condition, class T> struct enable_if {};
template <class T> struct enable_if<true, T> { typedef T type; };

// The storage of a number of W bits. A signed _BitInt has at least two bits, so a signed bit lives in two.
template <int W, bool S> struct bits;
template <int W> struct bits<W, true> {
  typedef signed _BitInt(W) type;
  template <class X> static CSYNTH_FN constexpr type from(X x) { return (type)x; }
};
template <int W> struct bits<W, false> {
  typedef unsigned _BitInt(W) type;
  template <class X> static CSYNTH_FN constexpr type from(X x) { return (type)x; }
};
template <> struct bits<1, true> {
  typedef signed _BitInt(2) type;
  template <class X> static CSYNTH_FN constexpr type from(X x) { return ((unsigned _BitInt(1))x) ? (type)-1 : (type)0; }
};

// The C integer that a number converts to without a cast; wider numbers are cut to 64 bits.
template <int Bytes, bool S> struct native { typedef long long type; };
template <> struct native<1, true> { typedef signed char type; };
template <> struct native<1, false> { typedef unsigned char type; };
template <> struct native<2, true> { typedef short type; };
template <> struct native<2, false> { typedef unsigned short type; };
template <> struct native<4, true> { typedef int type; };
template <> struct native<4, false> { typedef unsigned type; };
template <> struct native<8, false> { typedef unsigned long long type; };
constexpr int native_bytes(int w) { return w <= 8 ? 1 : w <= 16 ? 2 : w <= 32 ? 4 : 8; }

// What may stand in an expression: its width, its sign, its value as a _BitInt, and whether it is one of our types (kind > 0) or an lvalue
// part of one (kind 2).
template <class T> struct operand { static const bool ok = false; static const int kind = 0, width = 1; static const bool is_signed = false; };
template <class T, int W, bool S> struct c_operand {
  static const bool ok = true; static const int kind = 0, width = W; static const bool is_signed = S;
  static CSYNTH_FN constexpr typename bits<W, S>::type get(T v) { return bits<W, S>::from(v); }
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
template <class T, int W, bool S> struct ap_operand {
  static const bool ok = true; static const int kind = 1, width = W; static const bool is_signed = S;
  static CSYNTH_FN constexpr typename bits<W, S>::type get(const T& v) { return v.V; }
};
template <int W, bool S> struct operand<ap_int_base<W, S> > : ap_operand<ap_int_base<W, S>, W, S> {};
template <int W> struct operand<ap_int<W> > : ap_operand<ap_int<W>, W, true> {};
template <int W> struct operand<ap_uint<W> > : ap_operand<ap_uint<W>, W, false> {};
template <class T, int W> struct ref_operand {
  static const bool ok = true; static const int kind = 2, width = W; static const bool is_signed = false;
  static CSYNTH_FN typename bits<W, false>::type get(const T& v) { return v.value(); }
};
template <int W, bool S> struct operand<ap_bit_ref<W, S> > : ref_operand<ap_bit_ref<W, S>, 1> {};
template <int W, bool S> struct operand<ap_range_ref<W, S> > : ref_operand<ap_range_ref<W, S>, W> {};
template <class A, class B> struct operand<ap_concat_ref<A, B> >
    : ref_operand<ap_concat_ref<A, B>, operand<A>::width + operand<B>::width> {};

// A number that may be a parameter of the top function; ap_fixed.h adds its own.
template <class T> struct number {
  static const bool ok = operand<T>::ok, is_signed = operand<T>::is_signed;
  static const int width = operand<T>::width, element = operand<T>::kind == 1 ? operand<T>::width : 8 * sizeof(T);
};

template <class T> struct is_c { static const bool value = operand<T>::ok && operand<T>::kind == 0; };
template <class A, class B> struct mixed { static const bool value = operand<A>::ok && operand<B>::ok && (operand<A>::kind > 0 || operand<B>::kind > 0); };

// Widths of results (UG1399, "Arithmetic operators"; the same as in the reference ap_types).
template <class A, class B> struct result {
  static const int wa = operand<A>::width, wb = operand<B>::width;
  static const bool sa = operand<A>::is_signed, sb = operand<B>::is_signed, any = sa || sb;
  static const int logic = max_of(wa + (sb && !sa), wb + (sa && !sb));
  static const int plus = logic + 1, times = wa + wb, quotient = wa + sb, remainder = min_of(wa, wb + (!sb && sa));
};

// A shift by the width or more gives 0, or the sign: never undefined. A shift by an amount below 0 goes the other way, as in Vitis HLS.
template <int W, bool S, class N> CSYNTH_FN constexpr typename bits<W, S>::type shift_up(typename bits<W, S>::type v, N n) {
  typedef typename bits<W, false>::type U;
  return n >= W ? (typename bits<W, S>::type)0 : bits<W, S>::from((U)((U)v << (unsigned)n));
}
template <int W, bool S, class N> CSYNTH_FN constexpr typename bits<W, S>::type shift_down(typename bits<W, S>::type v, N n) {
  return n >= W ? (typename bits<W, S>::type)(v < 0 ? -1 : 0) : (typename bits<W, S>::type)(v >> (unsigned)n);
}
template <int W, bool S, int WN, bool SN> CSYNTH_FN constexpr typename bits<W, S>::type shift_left(typename bits<W, S>::type v, typename bits<WN, SN>::type n) {
  typedef signed _BitInt(max_of(WN, 31) + 2) N;
  return SN && n < 0 ? shift_down<W, S>(v, (N)-(N)n) : shift_up<W, S>(v, (N)n);
}
template <int W, bool S, int WN, bool SN> CSYNTH_FN constexpr typename bits<W, S>::type shift_right(typename bits<W, S>::type v, typename bits<WN, SN>::type n) {
  typedef signed _BitInt(max_of(WN, 31) + 2) N;
  return SN && n < 0 ? shift_up<W, S>(v, (N)-(N)n) : shift_down<W, S>(v, (N)n);
}
template <int W> CSYNTH_FN constexpr typename bits<W, false>::type ones(int n) {
  return (typename bits<W, false>::type)((typename bits<W, false>::type)~(typename bits<W, false>::type)0 >> (W - n));
}
}  // namespace csynth_types

// One bit of a number, assignable.
template <int W, bool S> struct ap_bit_ref {
  ap_int_base<W, S>& of;
  int index;
  CSYNTH_FN ap_bit_ref(ap_int_base<W, S>& of_, int index_) : of(of_), index(index_) {}
  CSYNTH_FN ap_bit_ref(const ap_bit_ref& other) : of(other.of), index(other.index) {}
  CSYNTH_FN unsigned _BitInt(1) value() const { return (unsigned _BitInt(1))((typename csynth_types::bits<W, false>::type)of.V >> index); }
  CSYNTH_FN operator bool() const { return value(); }
  CSYNTH_FN bool to_bool() const { return value(); }
  CSYNTH_FN void put(unsigned _BitInt(1) b) const {
    typedef typename csynth_types::bits<W, false>::type U;
    of.V = csynth_types::bits<W, S>::from((U)(((U)of.V & (U) ~(U)((U)1 << index)) | (U)((U)b << index)));
  }
  template <class T> CSYNTH_FN typename csynth_types::enable_if<csynth_types::operand<T>::ok, const ap_bit_ref&>::type operator=(const T& v) const {
    put(csynth_types::operand<T>::get(v) != 0);
    return *this;
  }
  CSYNTH_FN const ap_bit_ref& operator=(const ap_bit_ref& v) const { put(v.value()); return *this; }
  CSYNTH_FN const ap_bit_ref& operator=(const ap_bit_ref& v) { put(v.value()); return *this; }
  CSYNTH_FN int length() const { return 1; }
};

// Bits hi..lo of a number, assignable. In a concatenation it counts with the width of the whole number, as in Vitis HLS.
template <int W, bool S> struct ap_range_ref {
  typedef typename csynth_types::bits<W, false>::type U;
  ap_int_base<W, S>& of;
  int hi, lo;
  CSYNTH_FN ap_range_ref(ap_int_base<W, S>& of_, int hi_, int lo_) : of(of_), hi(hi_), lo(lo_) {}
  CSYNTH_FN ap_range_ref(const ap_range_ref& other) : of(other.of), hi(other.hi), lo(other.lo) {}
  CSYNTH_FN U value() const { return (U)((U)((U)of.V >> lo) & csynth_types::ones<W>(hi - lo + 1)); }
  CSYNTH_FN void put(U v) const {
    U mask = csynth_types::ones<W>(hi - lo + 1);
    of.V = csynth_types::bits<W, S>::from((U)(((U)of.V & (U) ~(U)(mask << lo)) | (U)((U)(v & mask) << lo)));
  }
  template <class T> CSYNTH_FN typename csynth_types::enable_if<csynth_types::operand<T>::ok, const ap_range_ref&>::type operator=(const T& v) const {
    put((U)csynth_types::operand<T>::get(v));
    return *this;
  }
  CSYNTH_FN const ap_range_ref& operator=(const ap_range_ref& v) const { put(v.value()); return *this; }
  CSYNTH_FN const ap_range_ref& operator=(const ap_range_ref& v) { put(v.value()); return *this; }
  CSYNTH_FN operator typename csynth_types::native<csynth_types::native_bytes(W), false>::type() const {
    return (typename csynth_types::native<csynth_types::native_bytes(W), false>::type)value();
  }
  CSYNTH_FN ap_int_base<W, false> get() const { return ap_int_base<W, false>(*this); }
  CSYNTH_FN int to_int() const { return (int)value(); }
  CSYNTH_FN unsigned to_uint() const { return (unsigned)value(); }
  CSYNTH_FN long long to_int64() const { return (long long)value(); }
  CSYNTH_FN unsigned long long to_uint64() const { return (unsigned long long)value(); }
  CSYNTH_FN bool or_reduce() const { return value() != 0; }
  CSYNTH_FN int length() const { return hi - lo + 1; }
};

namespace csynth_types {
template <class T, int Kind> struct held { typedef T& type; };      // a number is held by reference,
template <class T> struct held<T, 2> { typedef const T type; };     // a part of one by value
}  // namespace csynth_types

// Two numbers side by side, assignable: (a, b) = x.
template <class A, class B> struct ap_concat_ref {
  static const int wa = csynth_types::operand<A>::width, wb = csynth_types::operand<B>::width;
  typedef typename csynth_types::bits<wa + wb, false>::type U;
  typename csynth_types::held<A, csynth_types::operand<A>::kind>::type a;
  typename csynth_types::held<B, csynth_types::operand<B>::kind>::type b;
  template <class X, class Y> CSYNTH_FN ap_concat_ref(X& a_, Y& b_) : a(a_), b(b_) {}
  CSYNTH_FN ap_concat_ref(const ap_concat_ref& other) : a(other.a), b(other.b) {}
  CSYNTH_FN U value() const {
    typedef typename csynth_types::bits<wa, false>::type UA;
    typedef typename csynth_types::bits<wb, false>::type UB;
    return (U)((U)((U)(UA)csynth_types::operand<A>::get(a) << wb) | (U)(UB)csynth_types::operand<B>::get(b));
  }
  CSYNTH_FN void put(U v) const {
    a = ap_int_base<wa, false>::from_bits((typename csynth_types::bits<wa, false>::type)(v >> wb));
    b = ap_int_base<wb, false>::from_bits((typename csynth_types::bits<wb, false>::type)v);
  }
  template <class T> CSYNTH_FN typename csynth_types::enable_if<csynth_types::operand<T>::ok, const ap_concat_ref&>::type operator=(const T& v) const {
    put((U)csynth_types::operand<T>::get(v));
    return *this;
  }
  CSYNTH_FN const ap_concat_ref& operator=(const ap_concat_ref& v) const { put(v.value()); return *this; }
  CSYNTH_FN operator typename csynth_types::native<csynth_types::native_bytes(wa + wb), false>::type() const {
    return (typename csynth_types::native<csynth_types::native_bytes(wa + wb), false>::type)value();
  }
  CSYNTH_FN ap_int_base<wa + wb, false> get() const { return ap_int_base<wa + wb, false>::from_bits(value()); }
};

// A number of W bits, signed when S. ap_int<W> and ap_uint<W> are its names.
template <int W, bool S> struct ap_int_base {
  static_assert(W >= 1 && W <= 4096, "the width of ap_int and ap_uint must be 1 to 4096 bits");
  typedef csynth_types::bits<W, S> B;
  typedef typename B::type type;
  typedef typename csynth_types::bits<W, false>::type U;
  static const int width = W;
  static const bool sign_flag = S;
  type V;

#if defined(CSYNTH_SYNTHESIS)
  ap_int_base() = default;
#else
  CSYNTH_FN constexpr ap_int_base() : V(0) {}  // so that C simulation repeats
#endif
  // The copy constructors are not trivial on purpose: numbers then reach functions by address, whatever their width.
  CSYNTH_FN constexpr ap_int_base(const ap_int_base& other) : V(other.V) {}
  template <class T, class = typename csynth_types::enable_if<csynth_types::operand<T>::ok, int>::type>
  CSYNTH_FN constexpr ap_int_base(const T& v) : V(B::from(csynth_types::operand<T>::get(v))) {}
  CSYNTH_FN constexpr ap_int_base& operator=(const ap_int_base& other) { V = other.V; return *this; }
  static CSYNTH_FN constexpr ap_int_base from_bits(U u) { ap_int_base r(0); r.V = B::from(u); return r; }

  CSYNTH_FN constexpr operator typename csynth_types::native<csynth_types::native_bytes(W), S>::type() const {
    return (typename csynth_types::native<csynth_types::native_bytes(W), S>::type)V;
  }
  CSYNTH_FN constexpr int to_int() const { return (int)V; }
  CSYNTH_FN constexpr unsigned to_uint() const { return (unsigned)V; }
  CSYNTH_FN constexpr long to_long() const { return (long)V; }
  CSYNTH_FN constexpr unsigned long to_ulong() const { return (unsigned long)V; }
  CSYNTH_FN constexpr long long to_int64() const { return (long long)V; }
  CSYNTH_FN constexpr unsigned long long to_uint64() const { return (unsigned long long)V; }
  CSYNTH_FN constexpr bool to_bool() const { return V != 0; }
  CSYNTH_FN constexpr int length() const { return W; }

  CSYNTH_FN ap_bit_ref<W, S> operator[](int i) { return ap_bit_ref<W, S>(*this, i); }
  CSYNTH_FN constexpr bool operator[](int i) const { return (bool)(unsigned _BitInt(1))((U)V >> i); }
  CSYNTH_FN ap_bit_ref<W, S> bit(int i) { return ap_bit_ref<W, S>(*this, i); }
  CSYNTH_FN constexpr bool bit(int i) const { return (*this)[i]; }
  CSYNTH_FN constexpr bool test(int i) const { return (bool)(unsigned _BitInt(1))((U)V >> i); }
  CSYNTH_FN constexpr bool get_bit(int i) const { return test(i); }
  CSYNTH_FN void set_bit(int i, bool b) { ap_bit_ref<W, S>(*this, i) = b; }
  CSYNTH_FN void set(int i, bool b) { set_bit(i, b); }
  CSYNTH_FN void set(int i) { set_bit(i, true); }
  CSYNTH_FN void clear(int i) { set_bit(i, false); }
  CSYNTH_FN ap_range_ref<W, S> range(int hi, int lo) { return ap_range_ref<W, S>(*this, hi, lo); }
  CSYNTH_FN ap_range_ref<W, S> range() { return ap_range_ref<W, S>(*this, W - 1, 0); }
  CSYNTH_FN ap_range_ref<W, S> operator()(int hi, int lo) { return ap_range_ref<W, S>(*this, hi, lo); }
  CSYNTH_FN constexpr ap_int_base<W, false> range(int hi, int lo) const {
    return ap_int_base<W, false>::from_bits((U)((U)((U)V >> lo) & csynth_types::ones<W>(hi - lo + 1)));
  }
  CSYNTH_FN constexpr ap_int_base<W, false> range() const { return ap_int_base<W, false>::from_bits((U)V); }
  CSYNTH_FN constexpr ap_int_base<W, false> operator()(int hi, int lo) const { return range(hi, lo); }
  template <int W2, bool S2> CSYNTH_FN ap_concat_ref<ap_int_base, ap_int_base<W2, S2> > concat(ap_int_base<W2, S2>& low) {
    return ap_concat_ref<ap_int_base, ap_int_base<W2, S2> >(*this, low);
  }
  template <int W2, bool S2> CSYNTH_FN constexpr ap_int_base<W + W2, false> concat(const ap_int_base<W2, S2>& low) const {
    typedef typename csynth_types::bits<W + W2, false>::type R;
    return ap_int_base<W + W2, false>::from_bits((R)((R)((R)(U)V << W2) | (R)(typename csynth_types::bits<W2, false>::type)low.V));
  }
  CSYNTH_FN constexpr bool and_reduce() const { return (U)V == (U) ~(U)0; }
  CSYNTH_FN constexpr bool or_reduce() const { return V != 0; }
  CSYNTH_FN constexpr bool nand_reduce() const { return !and_reduce(); }
  CSYNTH_FN constexpr bool nor_reduce() const { return !or_reduce(); }
  CSYNTH_FN constexpr bool xor_reduce() const {
    bool r = false;
    for (int i = 0; i < W; i++) r ^= test(i);
    return r;
  }
  CSYNTH_FN constexpr bool xnor_reduce() const { return !xor_reduce(); }
  CSYNTH_FN constexpr bool sign() const { return V < 0; }
  CSYNTH_FN void set() { V = B::from((U) ~(U)0); }
  CSYNTH_FN void clear() { V = (type)0; }
  CSYNTH_FN void reverse() {
    U r = 0;
    for (int i = 0; i < W; i++) r = (U)((U)(r << (W > 1)) | (U)test(i));
    V = B::from(r);
  }
  CSYNTH_FN void b_not() { invert(); }
  CSYNTH_FN void lrotate(int n) { V = B::from((U)((U)((U)V << n) | (U)((U)V >> (W - n) % W))); }
  CSYNTH_FN void rrotate(int n) { V = B::from((U)((U)((U)V >> n) | (U)((U)V << (W - n) % W))); }
  CSYNTH_FN constexpr int countLeadingZeros() const {
    int n = W;
    for (int i = 0; i < W; i++) n = test(i) ? W - 1 - i : n;
    return n;
  }
  CSYNTH_FN constexpr bool is_neg() const { return V < 0; }
  CSYNTH_FN constexpr bool is_zero() const { return V == 0; }
  CSYNTH_FN void invert() { V = (type)~V; }
  CSYNTH_FN void invert(int i) { set_bit(i, !test(i)); }

  CSYNTH_FN constexpr bool operator!() const { return V == 0; }
  CSYNTH_FN constexpr ap_int_base operator~() const { return from_bits((U) ~(U)V); }
  CSYNTH_FN constexpr ap_int_base operator+() const { return *this; }
  CSYNTH_FN constexpr ap_int_base<W + 1, true> operator-() const {
    typedef typename csynth_types::bits<W + 1, true>::type R;
    ap_int_base<W + 1, true> r(0);
    r.V = (R)((R)0 - (R)V);
    return r;
  }
  CSYNTH_FN constexpr ap_int_base& operator++() { *this = ap_int_base(*this + 1); return *this; }
  CSYNTH_FN constexpr ap_int_base& operator--() { *this = ap_int_base(*this - 1); return *this; }
  CSYNTH_FN constexpr ap_int_base operator++(int) { ap_int_base old(*this); ++*this; return old; }
  CSYNTH_FN constexpr ap_int_base operator--(int) { ap_int_base old(*this); --*this; return old; }

#define CSYNTH_COMPOUND(op)                                                                                                                \
  template <class T> CSYNTH_FN constexpr typename csynth_types::enable_if<csynth_types::operand<T>::ok, ap_int_base&>::type operator op##=( \
      const T& v) {                                                                                                                        \
    *this = ap_int_base(*this op v);                                                                                                       \
    return *this;                                                                                                                          \
  }
  CSYNTH_COMPOUND(+) CSYNTH_COMPOUND(-) CSYNTH_COMPOUND(*) CSYNTH_COMPOUND(/) CSYNTH_COMPOUND(%)
  CSYNTH_COMPOUND(&) CSYNTH_COMPOUND(|) CSYNTH_COMPOUND(^) CSYNTH_COMPOUND(<<) CSYNTH_COMPOUND(>>)
#undef CSYNTH_COMPOUND
};

#define CSYNTH_NAMED(name, is_signed)                                                                                        \
  template <int W> struct name : ap_int_base<W, is_signed> {                                                                 \
    typedef ap_int_base<W, is_signed> Base;                                                                                  \
    name() = default;                                                                                                        \
    CSYNTH_FN constexpr name(const name& other) : Base(static_cast<const Base&>(other)) {}                                   \
    template <class T, class = typename csynth_types::enable_if<csynth_types::operand<T>::ok, int>::type>                    \
    CSYNTH_FN constexpr name(const T& v) : Base(v) {}                                                                        \
    CSYNTH_FN constexpr name& operator=(const name& other) { this->V = other.V; return *this; }                              \
  };
CSYNTH_NAMED(ap_int, true)
CSYNTH_NAMED(ap_uint, false)
#undef CSYNTH_NAMED

#define CSYNTH_BINARY(op, result_width, result_sign, work_width, work_sign)                                                                \
  template <class A, class B> CSYNTH_FN constexpr typename csynth_types::enable_if<                                                        \
      csynth_types::mixed<A, B>::value, ap_int_base<csynth_types::result<A, B>::result_width, result_sign> >::type                         \
  operator op(const A& a, const B& b) {                                                                                                    \
    typedef csynth_types::result<A, B> R;                                                                                                  \
    typedef typename csynth_types::bits<work_width, work_sign>::type T;                                                                    \
    typedef ap_int_base<R::result_width, result_sign> Out;                                                                                 \
    return Out::from_bits((typename Out::U)(T)((T)csynth_types::operand<A>::get(a) op (T)csynth_types::operand<B>::get(b)));               \
  }
#define CSYNTH_RES csynth_types::result<A, B>
CSYNTH_BINARY(+, plus, CSYNTH_RES::any, R::plus, CSYNTH_RES::any)
CSYNTH_BINARY(-, plus, true, R::plus, true)
CSYNTH_BINARY(*, times, CSYNTH_RES::any, csynth_types::max_of(R::times, 2), CSYNTH_RES::any)
CSYNTH_BINARY(&, logic, CSYNTH_RES::any, csynth_types::max_of(R::logic, 1 + R::any), CSYNTH_RES::any)
CSYNTH_BINARY(|, logic, CSYNTH_RES::any, csynth_types::max_of(R::logic, 1 + R::any), CSYNTH_RES::any)
CSYNTH_BINARY(^, logic, CSYNTH_RES::any, csynth_types::max_of(R::logic, 1 + R::any), CSYNTH_RES::any)
CSYNTH_BINARY(/, quotient, CSYNTH_RES::any, csynth_types::max_of(csynth_types::max_of(R::logic, R::quotient), 1 + R::any), CSYNTH_RES::any)
CSYNTH_BINARY(%, remainder, CSYNTH_RES::sa, csynth_types::max_of(R::logic, 1 + R::any), CSYNTH_RES::any)
#undef CSYNTH_BINARY

#define CSYNTH_COMPARE(op)                                                                                                                 \
  template <class A, class B> CSYNTH_FN constexpr typename csynth_types::enable_if<csynth_types::mixed<A, B>::value, bool>::type           \
  operator op(const A& a, const B& b) {                                                                                                    \
    typedef csynth_types::result<A, B> R;                                                                                                  \
    typedef typename csynth_types::bits<csynth_types::max_of(R::logic, 1 + R::any), R::any>::type T;                                       \
    return (T)csynth_types::operand<A>::get(a) op (T)csynth_types::operand<B>::get(b);                                                     \
  }
CSYNTH_COMPARE(==) CSYNTH_COMPARE(!=) CSYNTH_COMPARE(<) CSYNTH_COMPARE(<=) CSYNTH_COMPARE(>) CSYNTH_COMPARE(>=)
#undef CSYNTH_COMPARE

// A shift keeps the left operand's width; an amount below 0 shifts the other way.
#define CSYNTH_SHIFT(op, function)                                                                                                         \
  template <class A, class B> CSYNTH_FN constexpr typename csynth_types::enable_if<                                                        \
      csynth_types::mixed<A, B>::value, ap_int_base<CSYNTH_RES::wa, CSYNTH_RES::sa> >::type                                                \
  operator op(const A& a, const B& b) {                                                                                                    \
    typedef ap_int_base<CSYNTH_RES::wa, CSYNTH_RES::sa> Out;                                                                               \
    return Out::from_bits((typename Out::U)csynth_types::function<Out::width, Out::sign_flag, CSYNTH_RES::wb, CSYNTH_RES::sb>(            \
        csynth_types::operand<A>::get(a), csynth_types::operand<B>::get(b)));                                                              \
  }
CSYNTH_SHIFT(<<, shift_left) CSYNTH_SHIFT(>>, shift_right)
#undef CSYNTH_SHIFT
#undef CSYNTH_RES

// (a, b): a is the more significant part. Lvalues give an assignable pair, anything else a number.
namespace csynth_types {
template <class A, class B> struct pair_value {
  static const bool value = mixed<A, B>::value && operand<A>::kind > 0 && operand<B>::kind > 0 && !(operand<A>::kind == 2 && operand<B>::kind == 2);
};
template <class A, int KA, class B, int KB> struct pair_of { static const bool value = operand<A>::kind == KA && operand<B>::kind == KB; };
}  // namespace csynth_types
template <class A, class B> CSYNTH_FN constexpr typename csynth_types::enable_if<
    csynth_types::pair_value<A, B>::value, ap_int_base<csynth_types::operand<A>::width + csynth_types::operand<B>::width, false> >::type
operator,(const A& a, const B& b) {
  typedef ap_int_base<csynth_types::operand<A>::width + csynth_types::operand<B>::width, false> Out;
  typedef typename Out::U U;
  typedef typename csynth_types::bits<csynth_types::operand<A>::width, false>::type UA;
  typedef typename csynth_types::bits<csynth_types::operand<B>::width, false>::type UB;
  return Out::from_bits((U)((U)((U)(UA)csynth_types::operand<A>::get(a) << csynth_types::operand<B>::width) | (U)(UB)csynth_types::operand<B>::get(b)));
}
template <class A, class B> CSYNTH_FN typename csynth_types::enable_if<csynth_types::pair_of<A, 1, B, 1>::value, ap_concat_ref<A, B> >::type
operator,(A& a, B& b) { return ap_concat_ref<A, B>(a, b); }
template <class A, class B> CSYNTH_FN typename csynth_types::enable_if<csynth_types::pair_of<A, 2, B, 1>::value, ap_concat_ref<A, B> >::type
operator,(const A& a, B& b) { return ap_concat_ref<A, B>(a, b); }
template <class A, class B> CSYNTH_FN typename csynth_types::enable_if<csynth_types::pair_of<A, 1, B, 2>::value, ap_concat_ref<A, B> >::type
operator,(A& a, const B& b) { return ap_concat_ref<A, B>(a, b); }
template <class A, class B> CSYNTH_FN typename csynth_types::enable_if<csynth_types::pair_of<A, 2, B, 2>::value, ap_concat_ref<A, B> >::type
operator,(const A& a, const B& b) { return ap_concat_ref<A, B>(a, b); }

#endif
