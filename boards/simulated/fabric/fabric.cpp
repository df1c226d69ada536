// What stands in for the programmable logic and the DDR memory of a board: the design's RTL as Verilator translated it, clocked
// by a small main, with an AXI4-Lite host at its control port and a model of the memory behind each of its AXI4 masters.
//
// The memory is one window of DDR. All masters share its bandwidth; a read answers a fixed latency after its request, a write a fixed
// latency after its last word. There is no refresh, no row miss and nobody else on the bus, so a run takes the same number of cycles every time.
//
// ports.h, written for each design, defines MASTERS(X): X(name, bytes of a word) for each m_axi_<name>.
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <deque>

#include "Vtop.h"
#include "ports.h"
#include "verilated.h"

namespace {

constexpr std::size_t kQueue = 16;          // requests that a port holds
constexpr unsigned kControlLimit = 10'000;  // cycles that an access to a register may take
constexpr uint64_t kUnit = 1u << 16;        // bandwidth is counted in 1/65536 bytes
constexpr std::size_t kWidest = 128;        // bytes of the widest word that AXI4 has

struct Settings {
  uint64_t base, size;                            // the window of DDR [bytes]
  uint64_t read_latency, write_latency;           // [cycles]
  uint64_t units_per_cycle;                       // bandwidth [bytes/65536]
};

struct Counters {
  uint64_t cycles = 0;
  uint64_t bytes_read = 0, bytes_written = 0;
  uint64_t decode_errors = 0;    // words outside the window
  uint64_t protocol_errors = 0;  // bursts that are not INCR, not of whole words, or cross 4 KiB
};

struct Memory {
  uint8_t* bytes = nullptr;
  Settings settings{};
  Counters counters;
  int64_t credit = 0;
  bool corrupts = false;  // a fault on request: the lowest bit of the first byte of every word flips when it is written

  uint8_t* at(uint64_t address, std::size_t length) {
    const uint64_t offset = address - settings.base;
    if (address < settings.base || offset > settings.size || length > settings.size - offset) {
      ++counters.decode_errors;
      return nullptr;
    }
    return bytes + offset;
  }
  void refill() {
    const int64_t most = static_cast<int64_t>(4 * settings.units_per_cycle + kWidest * kUnit);
    credit += static_cast<int64_t>(settings.units_per_cycle);
    if (credit > most) credit = most;
  }
  void take(std::size_t bytes_moved) { credit -= static_cast<int64_t>(bytes_moved * kUnit); }
};

struct Burst {
  uint64_t address;
  unsigned left;
  unsigned id;
  uint64_t due;
  bool failed;
};

// One AXI4 slave: what it drives in the coming cycle, and what it still has to do.
struct Slave {
  explicit Slave(std::size_t width) : word(width) {}
  std::size_t word;
  std::deque<Burst> reads, writes, answers;
  bool r_valid = false, r_last = false, b_valid = false, w_ready = false;
  unsigned r_id = 0, r_resp = 0, b_id = 0, b_resp = 0;
  uint8_t r_data[kWidest] = {};

  void reset() {
    reads.clear();
    writes.clear();
    answers.clear();
    r_valid = r_last = b_valid = w_ready = false;
  }
  bool legal(uint64_t address, unsigned beats, unsigned size, unsigned burst) const {
    return burst == 1 && (std::size_t{1} << size) == word && (address & 0xfff) + beats * word <= 0x1000;
  }
  void request(std::deque<Burst>& queue, Memory& memory, uint64_t address, unsigned length, unsigned size, unsigned burst, unsigned id,
               uint64_t due) {
    if (!legal(address, length + 1, size, burst)) ++memory.counters.protocol_errors;
    queue.push_back({address & ~static_cast<uint64_t>(word - 1), length + 1, id, due, false});
  }
  void write(Memory& memory, const uint8_t* data, uint64_t strobe_low, const uint8_t* strobe) {
    Burst& burst = writes.front();
    if (uint8_t* to = memory.at(burst.address, word)) {
      for (std::size_t index = 0; index < word; ++index)
        if (word <= 8 ? strobe_low >> index & 1 : strobe[index / 8] >> index % 8 & 1) to[index] = data[index] ^ (memory.corrupts && index == 0);
    } else {
      burst.failed = true;
    }
    memory.counters.bytes_written += word;
    memory.take(word);
    burst.address += word;
    if (--burst.left == 0) {
      answers.push_back({0, 0, burst.id, memory.counters.cycles + memory.settings.write_latency, burst.failed});
      writes.pop_front();
    }
  }
  // Decide what is driven in the next cycle.
  void prepare(Memory& memory) {
    const uint64_t next = memory.counters.cycles + 1;
    if (!r_valid && !reads.empty() && reads.front().due <= next && memory.credit >= static_cast<int64_t>(word * kUnit)) {
      Burst& burst = reads.front();
      const uint8_t* from = memory.at(burst.address, word);
      if (from) std::memcpy(r_data, from, word);
      else std::memset(r_data, 0xdd, word);
      r_resp = from ? 0 : 3;
      r_id = burst.id;
      r_last = burst.left == 1;
      r_valid = true;
      memory.counters.bytes_read += word;
      memory.take(word);
      burst.address += word;
      if (--burst.left == 0) reads.pop_front();
    }
    if (!b_valid && !answers.empty() && answers.front().due <= next) {
      b_id = answers.front().id;
      b_resp = answers.front().failed ? 3 : 0;
      b_valid = true;
      answers.pop_front();
    }
    w_ready = !writes.empty() && memory.credit >= static_cast<int64_t>(word * kUnit);
  }
};

}  // namespace

struct Fabric {
  VerilatedContext context;
  Vtop* top;
  Memory memory;
#define X(name, width) Slave name{width};
  MASTERS(X)
#undef X
  unsigned first = 0;

  Fabric() : top((context.randReset(0), new Vtop{&context})) {}
  ~Fabric() {
    delete top;
    if (memory.bytes) munmap(memory.bytes, memory.settings.size);
  }

  // One clock cycle: drive, settle, see what is taken, the edge, then prepare the next.
  void cycle() {
#define X(name, width)                                                   \
  top->m_axi_##name##_ARREADY = name.reads.size() < kQueue;              \
  top->m_axi_##name##_AWREADY = name.writes.size() < kQueue;             \
  top->m_axi_##name##_WREADY = name.w_ready;                             \
  top->m_axi_##name##_RVALID = name.r_valid;                             \
  top->m_axi_##name##_RLAST = name.r_last;                               \
  top->m_axi_##name##_RID = name.r_id;                                   \
  top->m_axi_##name##_RRESP = name.r_resp;                               \
  std::memcpy(&top->m_axi_##name##_RDATA, name.r_data, width);           \
  top->m_axi_##name##_BVALID = name.b_valid;                             \
  top->m_axi_##name##_BID = name.b_id;                                   \
  top->m_axi_##name##_BRESP = name.b_resp;
    MASTERS(X)
#undef X
    top->ap_clk = 0;
    top->eval();
    const uint64_t now = memory.counters.cycles;
#define X(name, width)                                                                                                        \
  if (top->m_axi_##name##_ARVALID && top->m_axi_##name##_ARREADY)                                                             \
    name.request(name.reads, memory, top->m_axi_##name##_ARADDR, top->m_axi_##name##_ARLEN, top->m_axi_##name##_ARSIZE,       \
                 top->m_axi_##name##_ARBURST, top->m_axi_##name##_ARID, now + memory.settings.read_latency);                  \
  if (top->m_axi_##name##_WVALID && top->m_axi_##name##_WREADY) {                                                             \
    uint64_t low = 0;                                                                                                         \
    std::memcpy(&low, &top->m_axi_##name##_WSTRB, sizeof top->m_axi_##name##_WSTRB < 8 ? sizeof top->m_axi_##name##_WSTRB : 8); \
    name.write(memory, reinterpret_cast<const uint8_t*>(&top->m_axi_##name##_WDATA), low,                                     \
               reinterpret_cast<const uint8_t*>(&top->m_axi_##name##_WSTRB));                                                 \
  }                                                                                                                           \
  if (top->m_axi_##name##_AWVALID && top->m_axi_##name##_AWREADY)                                                             \
    name.request(name.writes, memory, top->m_axi_##name##_AWADDR, top->m_axi_##name##_AWLEN, top->m_axi_##name##_AWSIZE,      \
                 top->m_axi_##name##_AWBURST, top->m_axi_##name##_AWID, 0);                                                   \
  if (name.r_valid && top->m_axi_##name##_RREADY) name.r_valid = false;                                                       \
  if (name.b_valid && top->m_axi_##name##_BREADY) name.b_valid = false;
    MASTERS(X)
#undef X
    top->ap_clk = 1;
    top->eval();
    memory.refill();
    // The masters take turns at the bandwidth; who is first changes only when words move, so a run does not depend on when it began.
    Slave* slaves[] = {
#define X(name, width) &name,
        MASTERS(X)
#undef X
    };
    constexpr unsigned count = sizeof slaves / sizeof slaves[0];
    const uint64_t moved = memory.counters.bytes_read;
    for (unsigned index = 0; index < count; ++index) slaves[(first + index) % count]->prepare(memory);
    if (memory.counters.bytes_read != moved) first = (first + 1) % count;
    if (!top->busy) first = 0;
    ++memory.counters.cycles;
  }
};

extern "C" {

Fabric* fabric_open(uint64_t base, uint64_t size) {
  void* bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (bytes == MAP_FAILED) return nullptr;
  auto* fabric = new Fabric;
  fabric->memory.bytes = static_cast<uint8_t*>(bytes);
  fabric->memory.settings = {base, size, 0, 0, 1024 * kUnit};
  return fabric;
}

void fabric_close(Fabric* fabric) { delete fabric; }

// Set the memory's timing, in cycles of the design's clock.
void fabric_timing(Fabric* fabric, uint64_t read_latency, uint64_t write_latency, uint64_t units_per_cycle) {
  Settings& settings = fabric->memory.settings;
  settings.read_latency = read_latency;
  settings.write_latency = write_latency;
  settings.units_per_cycle = units_per_cycle;
}

void fabric_corrupt(Fabric* fabric, int on) { fabric->memory.corrupts = on != 0; }

uint8_t* fabric_memory(Fabric* fabric) { return fabric->memory.bytes; }

void fabric_reset(Fabric* fabric) {
  Vtop* top = fabric->top;
  top->ap_rst_n = 0;
  top->s_axi_control_AWVALID = top->s_axi_control_WVALID = top->s_axi_control_ARVALID = 0;
  top->s_axi_control_BREADY = top->s_axi_control_RREADY = 0;
  for (int index = 0; index < 8; ++index) {
#define X(name, width) fabric->name.reset();
    MASTERS(X)
#undef X
    fabric->cycle();
  }
  top->ap_rst_n = 1;
  for (int index = 0; index < 8; ++index) fabric->cycle();
}

// Write a register; 0, or -1 when the design does not answer.
int fabric_write32(Fabric* fabric, uint32_t address, uint32_t value) {
  Vtop* top = fabric->top;
  top->s_axi_control_AWADDR = address & 0x1fff;
  top->s_axi_control_WDATA = value;
  top->s_axi_control_WSTRB = 0xf;
  top->s_axi_control_AWVALID = top->s_axi_control_WVALID = 1;
  top->s_axi_control_BREADY = 1;
  bool answered = false;
  for (unsigned waited = 0; !answered && waited < kControlLimit; ++waited) {
    // A ready of the shell is a register, so what is seen before the cycle is what the edge takes.
    const bool address_taken = top->s_axi_control_AWVALID && top->s_axi_control_AWREADY;
    const bool data_taken = top->s_axi_control_WVALID && top->s_axi_control_WREADY;
    answered = top->s_axi_control_BVALID;
    fabric->cycle();
    if (address_taken) top->s_axi_control_AWVALID = 0;
    if (data_taken) top->s_axi_control_WVALID = 0;
  }
  top->s_axi_control_AWVALID = top->s_axi_control_WVALID = top->s_axi_control_BREADY = 0;
  return answered ? 0 : -1;
}

// Read a register; 0, or -1 when the design does not answer.
int fabric_read32(Fabric* fabric, uint32_t address, uint32_t* value) {
  Vtop* top = fabric->top;
  top->s_axi_control_ARADDR = address & 0x1fff;
  top->s_axi_control_ARVALID = 1;
  top->s_axi_control_RREADY = 1;
  bool answered = false;
  for (unsigned waited = 0; !answered && waited < kControlLimit; ++waited) {
    const bool taken = top->s_axi_control_ARVALID && top->s_axi_control_ARREADY;
    answered = top->s_axi_control_RVALID;
    if (answered) *value = top->s_axi_control_RDATA;
    fabric->cycle();
    if (taken) top->s_axi_control_ARVALID = 0;
  }
  top->s_axi_control_ARVALID = top->s_axi_control_RREADY = 0;
  return answered ? 0 : -1;
}

int fabric_busy(Fabric* fabric) { return fabric->top->busy; }

// Let the clock run for at most `most` cycles, less when a run ends in them; return how many.
uint64_t fabric_run(Fabric* fabric, uint64_t most) {
  const bool busy = fabric->top->busy;
  uint64_t done = 0;
  while (done < most) {
    fabric->cycle();
    ++done;
    if (busy && !fabric->top->busy) break;
  }
  return done;
}

// Give cycles, bytes read, bytes written, words outside the memory, and bursts against the rules of AXI4.
void fabric_counters(Fabric* fabric, uint64_t* values) {
  const Counters& counters = fabric->memory.counters;
  values[0] = counters.cycles;
  values[1] = counters.bytes_read;
  values[2] = counters.bytes_written;
  values[3] = counters.decode_errors;
  values[4] = counters.protocol_errors;
}

}  // extern "C"
