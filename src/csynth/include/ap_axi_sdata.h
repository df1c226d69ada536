// hls::axis: a word of an AXI4-Stream with its side channels (UG1399, "AXI4-Stream Interfaces with Side-Channels"). A part of width 0 has no port.
#ifndef CSYNTH_AP_AXI_SDATA_H
#define CSYNTH_AP_AXI_SDATA_H
#include "ap_int.h"
#pragma clang system_header
#include "hls_stream.h"

namespace hls {
template <class T, int WUser, int WId, int WDest> struct axis {
  static const int width = csynth_types::operand<T>::width;
  static const int kept = (width + 7) / 8;
  T data;
  ap_uint<kept> keep, strb;
  ap_uint<(WUser ? WUser : 1)> user;
  ap_uint<1> last;
  ap_uint<(WId ? WId : 1)> id;
  ap_uint<(WDest ? WDest : 1)> dest;
};
}  // namespace hls
template <int WData, int WUser, int WId, int WDest> using ap_axiu = hls::axis<ap_uint<WData>, WUser, WId, WDest>;
template <int WData, int WUser, int WId, int WDest> using ap_axis = hls::axis<ap_int<WData>, WUser, WId, WDest>;

#if defined(CSYNTH_SYNTHESIS)
namespace csynth_hw {
template <class T, int U, int I, int D> struct pack<hls::axis<T, U, I, D> > {
  typedef hls::axis<T, U, I, D> word;
  static const int data = word::width, kept = word::kept;
  static const int width = data + 2 * kept + U + 1 + I + D;
  static const bool is_signed = false;
  typedef unsigned _BitInt(width) type;
  template <class V> static CSYNTH_FN type part(const V& v, int at) { return ((type)pack<V>::bits(v)) << at; }
  static CSYNTH_FN type bits(const word& v) {
    type r = part(v.data, 0) | part(v.keep, data) | part(v.strb, data + kept) | part(v.last, data + 2 * kept + U);
    if (U) r |= part(v.user, data + 2 * kept);
    if (I) r |= part(v.id, data + 2 * kept + U + 1);
    if (D) r |= part(v.dest, data + 2 * kept + U + 1 + I);
    return r;
  }
  template <class V> static CSYNTH_FN V cut(type u, int at) { return pack<V>::unpack((typename pack<V>::type)(u >> at)); }
  static CSYNTH_FN word unpack(type u) {
    word v;
    v.data = cut<T>(u, 0);
    v.keep = cut<ap_uint<kept> >(u, data);
    v.strb = cut<ap_uint<kept> >(u, data + kept);
    v.user = U ? cut<ap_uint<(U ? U : 1)> >(u, data + 2 * kept) : ap_uint<(U ? U : 1)>(0);
    v.last = cut<ap_uint<1> >(u, data + 2 * kept + U);
    v.id = I ? cut<ap_uint<(I ? I : 1)> >(u, data + 2 * kept + U + 1) : ap_uint<(I ? I : 1)>(0);
    v.dest = D ? cut<ap_uint<(D ? D : 1)> >(u, data + 2 * kept + U + 1 + I) : ap_uint<(D ? D : 1)>(0);
    return v;
  }
};
template <class T, int U, int I, int D> struct parts<hls::axis<T, U, I, D> > {
  typedef hls::axis<T, U, I, D> word;
  static CSYNTH_FN void tell(int index) {
    const int at = 2000 + 8 * index;
    __csynth_parameter(at, 8, word::width, 0);
    __csynth_parameter(at + 1, 8, word::kept, 0);
    __csynth_parameter(at + 2, 8, word::kept, 0);
    __csynth_parameter(at + 3, 8, U, 0);
    __csynth_parameter(at + 4, 8, 1, 0);
    __csynth_parameter(at + 5, 8, I, 0);
    __csynth_parameter(at + 6, 8, D, 0);
  }
};
}  // namespace csynth_hw
#endif
#endif
