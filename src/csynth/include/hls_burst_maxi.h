// hls::burst_maxi: memory reached by bursts that the code asks for itself (UG1399, "Using Manual Burst"; Vitis HLS 2021.2 and later).
// In C simulation it stands on a plain array; a request out of its bounds (when the size was given), a read or write without a request and a
// response before the burst is complete end the run with the message of `csynth_csim::fail`.
#ifndef CSYNTH_HLS_BURST_MAXI_H
#define CSYNTH_HLS_BURST_MAXI_H
#include "ap_int.h"
#pragma clang system_header
#include "csynth_runtime.h"

namespace hls {
#if defined(CSYNTH_SYNTHESIS)
template <class _T_> class burst_maxi {
  typedef csynth_hw::pack<_T_> _P_;
  char identity;

 public:
  CSYNTH_FN burst_maxi(const burst_maxi& other) { csynth_hw::maxi_alias(this, &other); }
  CSYNTH_FN void read_request(unsigned long long offset, unsigned long long length) {
    csynth_hw::maxi_request<_P_::width>(this, 0, offset, (unsigned)length);
  }
  CSYNTH_FN _T_ read() {
    typename _P_::type __u;
    csynth_hw::maxi_read<_P_::width>(this, &__u);
    return _P_::unpack(__u);
  }
  CSYNTH_FN void write_request(unsigned long long offset, unsigned long long length) {
    csynth_hw::maxi_request<_P_::width>(this, 1, offset, (unsigned)length);
  }
  CSYNTH_FN void write(const _T_& __v) {
    typename _P_::type __u = _P_::bits(__v);
    csynth_hw::maxi_write<_P_::width>(this, &__u);
  }
  CSYNTH_FN void write_response() { csynth_hw::maxi_response(this); }
};
#else
template <class _T_> class burst_maxi {
  typedef csynth_csim::size size;
  struct Burst {
    size next, left;
    Burst* after;
  };
  struct Queue {
    Burst *first, *last;
  };
  struct State {
    _T_* data;
    size length;  // 0 = unknown
    Queue reads, writes;
    size unanswered;
  };
  State* state;
  bool owner;

  void push(Queue& queue, size offset, size length, const char* what) {
    if (length == 0) csynth_csim::fail("burst of length 0", what);
    if (state->length && (offset > state->length || length > state->length - offset)) csynth_csim::fail("burst outside the memory", what);
    Burst* burst = (Burst*)csynth_csim::allocate(sizeof(Burst));
    burst->next = offset;
    burst->left = length;
    burst->after = nullptr;
    if (queue.last) queue.last->after = burst;
    else queue.first = burst;
    queue.last = burst;
  }
  void pop(Queue& queue) {
    Burst* burst = queue.first;
    queue.first = burst->after;
    if (!queue.first) queue.last = nullptr;
    csynth_csim::release(burst);
  }

 public:
  burst_maxi(_T_* data, size length = 0) : state((State*)csynth_csim::allocate(sizeof(State))), owner(true) {
    state->data = data;
    state->length = length;
    state->reads.first = state->reads.last = state->writes.first = state->writes.last = nullptr;
    state->unanswered = 0;
  }
  burst_maxi(const burst_maxi& other) : state(other.state), owner(false) {}
  burst_maxi& operator=(const burst_maxi&) = delete;
  ~burst_maxi() {
    if (!owner) return;
    while (state->reads.first) pop(state->reads);
    while (state->writes.first) pop(state->writes);
    csynth_csim::release(state);
  }
  void read_request(size offset, size length) { push(state->reads, offset, length, "read_request"); }
  _T_ read() {
    Burst* burst = state->reads.first;
    if (!burst) csynth_csim::fail("burst_maxi read without a request", "");
    _T_ __v = state->data[burst->next++];
    if (--burst->left == 0) pop(state->reads);
    return __v;
  }
  void write_request(size offset, size length) {
    push(state->writes, offset, length, "write_request");
    state->unanswered++;
  }
  void write(const _T_& __v) {
    Burst* burst = state->writes.first;
    if (!burst) csynth_csim::fail("burst_maxi write without a request", "");
    state->data[burst->next++] = __v;
    if (--burst->left == 0) pop(state->writes);
  }
  void write_response() {
    size open = 0;
    for (Burst* burst = state->writes.first; burst; burst = burst->after) open++;
    if (state->unanswered <= open) csynth_csim::fail("write_response before the burst is written", "");
    state->unanswered--;
  }
  // For harnesses: whether every requested word was read and written and every write response taken.
  bool settled() const { return !state->reads.first && !state->writes.first && state->unanswered == 0; }
};
#endif
}  // namespace hls
#endif
