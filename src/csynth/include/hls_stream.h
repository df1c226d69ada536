// hls::stream: a FIFO between functions (UG1399, "HLS Stream Library"). In C simulation an unbounded queue: reading an empty one ends the run
// with the message of `csynth_csim::fail`. With -DCSYNTH_SYNTHESIS every access is an intrinsic that csynth knows.
#ifndef CSYNTH_HLS_STREAM_H
#define CSYNTH_HLS_STREAM_H
#include "ap_int.h"
#pragma clang system_header
#include "csynth_runtime.h"

namespace hls {
template <class T, int DEPTH = 0> class stream;

#if defined(CSYNTH_SYNTHESIS)
template <class T> class stream<T, 0> {
  typedef csynth_hw::pack<T> P;
  char identity;

 public:
  CSYNTH_FN stream() { csynth_hw::stream_declare<P::width>(this, 0); }
  CSYNTH_FN stream(const char*) { csynth_hw::stream_declare<P::width>(this, 0); }
  CSYNTH_FN stream(const char*, int depth) { csynth_hw::stream_declare<P::width>(this, depth); }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  CSYNTH_FN T read() {
    typename P::type u;
    csynth_hw::stream_read<P::width>(this, &u);
    return P::unpack(u);
  }
  CSYNTH_FN void read(T& v) { v = read(); }
  CSYNTH_FN void write(const T& v) {
    typename P::type u = P::bits(v);
    csynth_hw::stream_write<P::width>(this, &u);
  }
  CSYNTH_FN bool read_nb(T& v) {
    typename P::type u;
    bool valid = csynth_hw::stream_read_nb<P::width>(this, &u);
    if (valid) v = P::unpack(u);
    return valid;
  }
  CSYNTH_FN bool write_nb(const T& v) {
    typename P::type u = P::bits(v);
    return csynth_hw::stream_write_nb<P::width>(this, &u);
  }
  CSYNTH_FN bool empty() const { return csynth_hw::stream_empty<P::width>(this); }
  CSYNTH_FN bool full() const { return csynth_hw::stream_full<P::width>(this); }
  CSYNTH_FN void operator>>(T& v) { read(v); }
  CSYNTH_FN void operator<<(const T& v) { write(v); }

 protected:
  CSYNTH_FN explicit stream(int depth) { csynth_hw::stream_declare<P::width>(this, depth); }
};
template <class T, int DEPTH> class stream : public stream<T, 0> {
 public:
  CSYNTH_FN stream() : stream<T, 0>((int)DEPTH) {}
  CSYNTH_FN stream(const char*) : stream<T, 0>((int)DEPTH) {}
};
#else
template <class T> class stream<T, 0> {
  T* data;
  csynth_csim::size begin, count, capacity;
  const char* label;

  void grow() {
    csynth_csim::size wanted = capacity ? 2 * capacity : 64;
    T* wider = (T*)csynth_csim::allocate(wanted * sizeof(T));
    for (csynth_csim::size i = 0; i < count; i++) wider[i] = data[(begin + i) % capacity];
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
  T read() {
    if (count == 0) csynth_csim::fail("read from an empty stream", label);
    T v = data[begin];
    begin = (begin + 1) % capacity;
    count--;
    return v;
  }
  void read(T& v) { v = read(); }
  void write(const T& v) {
    T copy(v);
    if (count == capacity) grow();
    data[(begin + count) % capacity] = copy;
    count++;
  }
  bool read_nb(T& v) {
    if (count == 0) return false;
    v = read();
    return true;
  }
  bool write_nb(const T& v) {
    write(v);
    return true;
  }
  bool empty() const { return count == 0; }
  bool full() const { return false; }
  unsigned size() const { return (unsigned)count; }
  void set_name(const char* name) { label = name; }
  void operator>>(T& v) { v = read(); }
  void operator<<(const T& v) { write(v); }
};
template <class T, int DEPTH> class stream : public stream<T, 0> {
 public:
  stream() {}
  stream(const char* name) : stream<T, 0>(name) {}
};
#endif
}  // namespace hls
#endif
