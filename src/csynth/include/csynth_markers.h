// What a pragma becomes; this alone stands before the text of a source, so that it needs its own #include lines.
#ifndef CSYNTH_MARKERS_H
#define CSYNTH_MARKERS_H
#pragma clang system_header
extern "C" {
void __csynth_scope(int pragma, long __a, long __b) noexcept;
void __csynth_variable(int pragma, const volatile void* variable, int element_bits, int rank, long d0, long d1, long d2, long d3, long __a,
                       long __b) noexcept;
}
namespace csynth_hw {
// Defined in csynth_runtime.h, which follows the source.
template <class _T_> __attribute__((always_inline, nodebug)) inline void mark_variable(int pragma, _T_& __v, long __a, long __b);
template <class _T_> __attribute__((always_inline, nodebug)) inline void mark_aggregate(_T_& __v);
template <class _T_> __attribute__((always_inline, nodebug)) inline void mark_disaggregate(_T_& __v);
}
#endif
