// Included before every other header in simulation: how a run ends early.
#ifndef AIGCHIP_CSIM_FAIL_H
#define AIGCHIP_CSIM_FAIL_H
extern "C" [[noreturn]] void aigchip_csim_fail(const char* what, const char* which) noexcept;
#define CSYNTH_CSIM_FAIL(what, which) aigchip_csim_fail(what, which)
#endif
