// What the HLS headers need of the C library in simulation; see runtime.cpp.
#ifndef AIGCHIP_CSIM_STDLIB_H
#define AIGCHIP_CSIM_STDLIB_H
#include <stddef.h>
extern "C" {
void* calloc(size_t count, size_t bytes) noexcept;
void free(void* memory) noexcept;
[[noreturn]] void abort() noexcept;
}
#endif
