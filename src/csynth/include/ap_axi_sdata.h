// hls::axis: a word of an AXI4-Stream with its side channels (UG1399, "AXI4-Stream Interfaces with Side-Channels"). A part of width 0 has no port.
#ifndef CSYNTH_AP_AXI_SDATA_H
#define CSYNTH_AP_AXI_SDATA_H
#include "ap_int.h"
#pragma clang system_header
#include "hls_stream.h"

namespace hls {
template <class _T_, int _WUser_, int _WId_, int _WDest_> struct axis {
  static const int width = csynth_types::number<_T_>::width;
  static const int kept = (width + 7) / 8;
  _T_ data;
  ap_uint<kept> keep, strb;
  ap_uint<(_WUser_ ? _WUser_ : 1)> user;
  ap_uint<1> last;
  ap_uint<(_WId_ ? _WId_ : 1)> id;
  ap_uint<(_WDest_ ? _WDest_ : 1)> dest;
};
}  // namespace hls
template <int _WData_, int _WUser_, int _WId_, int _WDest_> using ap_axiu = hls::axis<ap_uint<_WData_>, _WUser_, _WId_, _WDest_>;
template <int _WData_, int _WUser_, int _WId_, int _WDest_> using ap_axis = hls::axis<ap_int<_WData_>, _WUser_, _WId_, _WDest_>;

#if defined(CSYNTH_SYNTHESIS)
namespace csynth_hw {
template <class _T_, int _U_, int _I_, int _D_> struct pack<hls::axis<_T_, _U_, _I_, _D_> > {
  typedef hls::axis<_T_, _U_, _I_, _D_> word;
  static const int data = word::width, kept = word::kept;
  static const int width = data + 2 * kept + _U_ + 1 + _I_ + _D_;
  static const bool is_signed = false;
  typedef unsigned _BitInt(width) type;
  template <class _V_> static CSYNTH_FN type part(const _V_& __v, int __at) { return ((type)pack<_V_>::bits(__v)) << __at; }
  static CSYNTH_FN type bits(const word& __v) {
    type __r = part(__v.data, 0) | part(__v.keep, data) | part(__v.strb, data + kept) | part(__v.last, data + 2 * kept + _U_);
    if (_U_) __r |= part(__v.user, data + 2 * kept);
    if (_I_) __r |= part(__v.id, data + 2 * kept + _U_ + 1);
    if (_D_) __r |= part(__v.dest, data + 2 * kept + _U_ + 1 + _I_);
    return __r;
  }
  template <class _V_> static CSYNTH_FN _V_ cut(type __u, int __at) { return pack<_V_>::unpack((typename pack<_V_>::type)(__u >> __at)); }
  static CSYNTH_FN word unpack(type __u) {
    word __v;
    __v.data = cut<_T_>(__u, 0);
    __v.keep = cut<ap_uint<kept> >(__u, data);
    __v.strb = cut<ap_uint<kept> >(__u, data + kept);
    __v.user = _U_ ? cut<ap_uint<(_U_ ? _U_ : 1)> >(__u, data + 2 * kept) : ap_uint<(_U_ ? _U_ : 1)>(0);
    __v.last = cut<ap_uint<1> >(__u, data + 2 * kept + _U_);
    __v.id = _I_ ? cut<ap_uint<(_I_ ? _I_ : 1)> >(__u, data + 2 * kept + _U_ + 1) : ap_uint<(_I_ ? _I_ : 1)>(0);
    __v.dest = _D_ ? cut<ap_uint<(_D_ ? _D_ : 1)> >(__u, data + 2 * kept + _U_ + 1 + _I_) : ap_uint<(_D_ ? _D_ : 1)>(0);
    return __v;
  }
};
template <class _T_, int _U_, int _I_, int _D_> struct parts<hls::axis<_T_, _U_, _I_, _D_> > {
  typedef hls::axis<_T_, _U_, _I_, _D_> word;
  static CSYNTH_FN void tell(int index) {
    const int __at = 2000 + 8 * index;
    __csynth_parameter(__at, 8, word::width, 0);
    __csynth_parameter(__at + 1, 8, word::kept, 0);
    __csynth_parameter(__at + 2, 8, word::kept, 0);
    __csynth_parameter(__at + 3, 8, _U_, 0);
    __csynth_parameter(__at + 4, 8, 1, 0);
    __csynth_parameter(__at + 5, 8, _I_, 0);
    __csynth_parameter(__at + 6, 8, _D_, 0);
  }
};
}  // namespace csynth_hw
#endif
#endif
