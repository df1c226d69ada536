// What a pragma becomes; this alone stands before the text of a source, so that it needs its own #include lines.
#ifndef CSYNTH_MARKERS_H
#define CSYNTH_MARKERS_H
#pragma clang system_header
extern "C" {
void __csynth_scope(int pragma, long a, long b) noexcept;
void __csynth_variable(int pragma, const volatile void* variable, int element_bits, int rank, long d0, long d1, long d2, long d3, long a,
                       long b) noexcept;
}
namespace csynth_hw {
// Defined in csynth_runtime.h, which follows the source.
template <class T> __attribute__((always_inline, nodebug)) inline void mark_variable(int pragma, T& v, long a, long b);
template <class T> __attribute__((always_inline, nodebug)) inline void mark_aggregate(T& v);
template <class T> __attribute__((always_inline, nodebug)) inline void mark_disaggregate(T& v);
}
#endif
