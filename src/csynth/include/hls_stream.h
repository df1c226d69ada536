// hls::stream: a FIFO between functions (UG1399, "HLS Stream Library"). In C simulation an unbounded queue: reading an empty one ends the run
// with the message of `csynth_csim::fail`. With -DCSYNTH_SYNTHESIS every access is an intrinsic that csynth knows.
#ifndef CSYNTH_HLS_STREAM_H
#define CSYNTH_HLS_STREAM_H
#include "ap_int.h"
#pragma clang system_header
#include "csynth_runtime.h"

namespace hls {
template <class _T_, int _DEPTH_ = 0> class stream;

#if defined(CSYNTH_SYNTHESIS)
template <class _T_> class stream<_T_, 0> {
  typedef csynth_hw::pack<_T_> _P_;
  char identity;

 public:
  CSYNTH_FN stream() { csynth_hw::stream_declare<_P_::width>(this, 0); }
  CSYNTH_FN stream(const char*) { csynth_hw::stream_declare<_P_::width>(this, 0); }
  CSYNTH_FN stream(const char*, int depth) { csynth_hw::stream_declare<_P_::width>(this, depth); }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  CSYNTH_FN _T_ read() {
    typename _P_::type __u;
    csynth_hw::stream_read<_P_::width>(this, &__u);
    return _P_::unpack(__u);
  }
  CSYNTH_FN void read(_T_& __v) { __v = read(); }
  CSYNTH_FN void write(const _T_& __v) {
    typename _P_::type __u = _P_::bits(__v);
    csynth_hw::stream_write<_P_::width>(this, &__u);
  }
  CSYNTH_FN bool read_nb(_T_& __v) {
    typename _P_::type __u;
    bool valid = csynth_hw::stream_read_nb<_P_::width>(this, &__u);
    if (valid) __v = _P_::unpack(__u);
    return valid;
  }
  CSYNTH_FN bool write_nb(const _T_& __v) {
    typename _P_::type __u = _P_::bits(__v);
    return csynth_hw::stream_write_nb<_P_::width>(this, &__u);
  }
  CSYNTH_FN bool empty() const { return csynth_hw::stream_empty<_P_::width>(this); }
  CSYNTH_FN bool full() const { return csynth_hw::stream_full<_P_::width>(this); }
  CSYNTH_FN void operator>>(_T_& __v) { read(__v); }
  CSYNTH_FN void operator<<(const _T_& __v) { write(__v); }

 protected:
  CSYNTH_FN explicit stream(int depth) { csynth_hw::stream_declare<_P_::width>(this, depth); }
};
template <class _T_, int _DEPTH_> class stream : public stream<_T_, 0> {
 public:
  CSYNTH_FN stream() : stream<_T_, 0>((int)_DEPTH_) {}
  CSYNTH_FN stream(const char*) : stream<_T_, 0>((int)_DEPTH_) {}
};
#else
template <class _T_> class stream<_T_, 0> {
  _T_* data;
  csynth_csim::size begin, count, capacity;
  const char* label;

  void grow() {
    csynth_csim::size wanted = capacity ? 2 * capacity : 64;
    _T_* wider = (_T_*)csynth_csim::allocate(wanted * sizeof(_T_));
    for (csynth_csim::size __i = 0; __i < count; __i++) wider[__i] = data[(begin + __i) % capacity];
    csynth_csim::release(data);
    data = wider;
    begin = 0;
    capacity = wanted;
  }

 public:
  stream() : data(nullptr), begin(0), count(0), capacity(0), label("") {}
  stream(const char* name) : data(nullptr), begin(0), count(0), capacity(0), label(name) {}
  stream(const char* name, int) : data(nullptr), begin(0), count(0), capacity(0), label(name) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() { csynth_csim::release(data); }
  _T_ read() {
    if (count == 0) csynth_csim::fail("read from an empty stream", label);
    _T_ __v = data[begin];
    begin = (begin + 1) % capacity;
    count--;
    return __v;
  }
  void read(_T_& __v) { __v = read(); }
  void write(const _T_& __v) {
    _T_ copy(__v);
    if (count == capacity) grow();
    data[(begin + count) % capacity] = copy;
    count++;
  }
  bool read_nb(_T_& __v) {
    if (count == 0) return false;
    __v = read();
    return true;
  }
  bool write_nb(const _T_& __v) {
    write(__v);
    return true;
  }
  bool empty() const { return count == 0; }
  bool full() const { return false; }
  unsigned size() const { return (unsigned)count; }
  void set_name(const char* name) { label = name; }
  void operator>>(_T_& __v) { __v = read(); }
  void operator<<(const _T_& __v) { write(__v); }
};
template <class _T_, int _DEPTH_> class stream : public stream<_T_, 0> {
 public:
  stream() {}
  stream(const char* name) : stream<_T_, 0>(name) {}
};
#endif
}  // namespace hls
#endif
