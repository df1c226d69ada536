// assert, which hardware does not check; a C simulation takes the system's.
#pragma clang system_header
#ifdef CSYNTH_SYNTHESIS
#undef assert
#define assert(condition) ((void)0)
#else
#include_next <assert.h>
#endif
