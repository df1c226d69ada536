// What the harness knows of the simulated design: pointers to its ports, made by the text that is generated for each design.
#ifndef FASTSIM_MODEL_H
#define FASTSIM_MODEL_H
#include <cstdint>
#include <vector>

namespace fastsim {

// One AXI4 master of the design. Data and strobes lie as Verilator keeps them, lowest byte first.
struct Master {
  const char* name;
  unsigned bytes;  // of a word
  const uint64_t *araddr, *awaddr;
  const uint8_t *arlen, *arsize, *arburst, *arvalid, *awlen, *awsize, *awburst, *awvalid;
  uint8_t *arready, *awready;
  const void *wdata, *wstrb;
  const uint8_t *wlast, *wvalid;
  uint8_t* wready;
  void* rdata;
  uint8_t *rresp, *rlast, *rvalid;
  const uint8_t* rready;
  uint8_t *bresp, *bvalid;
  const uint8_t* bready;
};

// The AXI4-Lite slave by which a host reaches the registers.
struct Control {
  uint16_t* awaddr;
  uint8_t* awvalid;
  const uint8_t* awready;
  uint32_t* wdata;
  uint8_t *wstrb, *wvalid;
  const uint8_t *wready, *bvalid;
  uint8_t* bready;
  uint16_t* araddr;
  uint8_t* arvalid;
  const uint8_t *arready, *rvalid;
  uint8_t* rready;
  const uint32_t* rdata;
};

struct Model {
  void* self;
  void (*eval)(void*);
  uint8_t *clk, *rst_n;
  Control control;
  std::vector<Master> masters;
  const uint8_t *interrupt, *busy;
  uint8_t* watch;             // count the cycles in which no FIFO moves
  const uint32_t* quiet;      // how many there were
  uint8_t* probe_clk;         // the probes have a clock of their own, so reading them costs no time of the design
  uint16_t* probe_index;
  const uint64_t* probe_value;
  std::vector<const char*> probes;
};
}  // namespace fastsim

// Generated: the design, every register at zero.
fastsim::Model fastsim_make();
#endif
