// memcpy, memmove and memset of <string.h>, which become loops of hardware; a C simulation takes the system's.
#ifndef CSYNTH_STRING_H
#define CSYNTH_STRING_H
#pragma clang system_header
#ifdef CSYNTH_SYNTHESIS
#include <stddef.h>
inline __attribute__((always_inline, nodebug)) void* memcpy(void* __d, const void* __s, size_t __n) {
  __builtin_memcpy(__d, __s, __n);
  return __d;
}
inline __attribute__((always_inline, nodebug)) void* memmove(void* __d, const void* __s, size_t __n) {
  __builtin_memmove(__d, __s, __n);
  return __d;
}
inline __attribute__((always_inline, nodebug)) void* memset(void* __d, int __v, size_t __n) {
  __builtin_memset(__d, __v, __n);
  return __d;
}
#else
#include_next <string.h>
#endif
#endif
