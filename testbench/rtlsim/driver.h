// What the driver knows of a simulated module: pointers to its ports, made by the text that is generated for each module.
#ifndef RTLSIM_DRIVER_H
#define RTLSIM_DRIVER_H
#include <cstdint>
#include <vector>

namespace rtlsim {
enum Kind { SCALAR_IN, SCALAR_OUT, STREAM_IN, STREAM_OUT };

// Numbers lie as Verilator keeps them: 8, 16, 32 or 64 bits, and 32-bit words, lowest first, above that.
struct Port {
  const char* name;
  Kind kind;
  int width_bits;
  void* data;
  uint8_t* valid;        // of a stream; of a scalar output its _ap_vld, null for ap_return
  const uint8_t* taken;  // TREADY of a stream input
  uint8_t* ready;        // TREADY of a stream output
};

struct Model {
  const char* name;
  std::vector<Port> ports;
  std::vector<const char*> memories;  // names of five streams <name>_AR, _R, _AW, _W, _B
  uint8_t *clk, *rst, *start;
  const uint8_t* done;
  void* self;
  void (*eval)(void*);
};
}  // namespace rtlsim

// Generated: the models of this program, each with random initial values by `seed`.
rtlsim::Model rtlsim_make(unsigned index, uint32_t seed);
#endif
