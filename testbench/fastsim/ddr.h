// A DDR memory behind the AXI4 masters of a design: latencies, one bandwidth for all, and a narrower one for each physical port.
//
// Bandwidth is counted in 1/65536 bytes. Every cycle adds its share; a word is moved when its bytes are there. What nobody takes in a cycle is
// lost, but for less than a word. Who moved fewest bytes goes first, reads and writes alike; who was idle gets no advantage of it.
#ifndef FASTSIM_DDR_H
#define FASTSIM_DDR_H
#include <cstdint>
#include <string>
#include <vector>

#include "model.h"

namespace fastsim {

constexpr int64_t kUnit = 1 << 16;

struct Budget {
  int64_t rate = 0, most = 0, credit = 0;  // [bytes/65536]
  void limit(double bytes_per_cycle, unsigned widest) {
    rate = static_cast<int64_t>(bytes_per_cycle * kUnit + 0.5);
    most = rate + static_cast<int64_t>(widest) * kUnit;
  }
  void refill() { credit = credit + rate < most ? credit + rate : most; }
  bool covers(unsigned bytes) const { return credit >= static_cast<int64_t>(bytes) * kUnit; }
  void take(int64_t bytes) { credit -= bytes * kUnit; }
};

// A port of the memory's side: the masters on it share its two directions.
struct PhysicalPort {
  std::string name;
  double read_bytes_per_cycle = 0, write_bytes_per_cycle = 0;  // 0: it has no such direction
  unsigned reads = 0, writes = 0;                              // bursts under way at most
  unsigned buffer_bytes = 0;  // between memory and port, for each master and direction; 0: a word goes straight through
  Budget read, write;
  unsigned reads_open = 0, writes_open = 0, most_reads = 0, most_writes = 0;
  unsigned reads_given = 0, writes_given = 0;  // places promised in this cycle
};

struct Timing {
  uint64_t read_latency = 1;   // from the cycle that takes a request to the first word [cycles]
  uint64_t write_latency = 1;  // from the last word to the answer [cycles]
  double bytes_per_cycle = 1024;
  double burst_cost = 0, row_change_cost = 0;  // bandwidth lost at the first word of a burst, and when it opens a row [cycles]
  uint64_t row_bytes = 8192, banks = 16;
};

// One channel of an AXI bus, cycle by cycle.
struct ChannelCounts {
  uint64_t moved = 0, blocked = 0, starved = 0;  // VALID and READY; VALID alone; READY alone
  void count(bool valid, bool ready) {
    moved += valid & ready;
    blocked += valid & !ready;
    starved += ready & !valid;
  }
};

struct MasterCounts {
  ChannelCounts ar, r, aw, w, b;
  uint64_t read_bytes = 0, write_bytes = 0, read_bursts = 0, write_bursts = 0;
};

class Memory;

// A queue in one piece of memory; no allocation once it has its size.
template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  unsigned size() const { return size_; }
  T& front() { return items_[head_]; }
  const T& front() const { return items_[head_]; }
  void push(const T& item) {
    if (size_ == items_.size()) {
      std::vector<T> more(items_.empty() ? 16 : 2 * items_.size());
      for (unsigned k = 0; k < size_; k++) more[k] = items_[(head_ + k) & (items_.size() - 1)];
      items_.swap(more);
      head_ = 0;
    }
    items_[(head_ + size_++) & (items_.size() - 1)] = item;
  }
  void pop() { head_ = (head_ + 1) & (items_.size() - 1), size_--; }

 private:
  std::vector<T> items_;
  unsigned head_ = 0, size_ = 0;
};

struct Burst {
  uint64_t address, due;
  unsigned left;
  bool begun;
  uint8_t response;  // of a write
};

// The memory's end of one master: what it drives in this cycle, and what it still has to do.
class Slave {
 public:
  Slave(const Master& master, Memory& memory) : m(master), memory_(memory) {}
  void reset();
  bool requests();  // give AR and AW their ready; true when one of them gets it
  void withdraw();  // what the last edge took
  bool wants_fetch(uint64_t now) const;  // a word from the memory
  bool wants_drain() const;              // a word to the memory
  void fetch();
  void drain();
  void present_read();  // a word that was fetched, as far as the port's rate lets it
  void accept_write();  // a word that is to be drained
  void answers(uint64_t now);
  bool settle(uint64_t now, bool counted);  // after the design has seen it: which channels moved
  bool idle() const {  // the master waits for nothing; what the last edge took is gone
    return reads_.empty() && writes_.empty() && answers_.empty() && (!*m.rvalid || r_taken_) && (!*m.bvalid || b_taken_);
  }
  std::string waiting() const;

  const Master& m;
  PhysicalPort* port = nullptr;
  MasterCounts counts;
  uint64_t served[2] = {0, 0};  // bytes by the fair clock: read, write

 private:
  void check_offers();
  void request(Ring<Burst>& queue, const char* kind, uint64_t address, unsigned beats, unsigned size, unsigned burst, uint64_t due);
  void take_word(uint64_t now);

  Memory& memory_;
  unsigned room() const { return port->buffer_bytes / m.bytes; }  // [words]

  Ring<Burst> reads_, writes_, answers_;
  Ring<Burst> fetches_;                    // the part of reads_ that has not come from the memory
  unsigned fetched_ = 0, accepted_ = 0;    // words between memory and port
  double debt_ = 0;                        // cost of begun bursts among the accepted words [bytes]
  bool r_taken_ = false, b_taken_ = false;  // at the coming edge
  // offers that were not taken: they must stay as they are
  bool held_ar_ = false, held_aw_ = false, held_w_ = false;
  uint64_t before_ar_ = 0, before_aw_ = 0;
  unsigned before_arlen_ = 0, before_awlen_ = 0;
  std::vector<uint8_t> before_w_;
};

class Memory {
 public:
  explicit Memory(const std::vector<Master>& masters);
  bool open(uint64_t base, uint64_t size);  // the window; false when the system refuses
  PhysicalPort& port(const std::string& name);
  void attach(const std::string& master, const std::string& port);
  void stall(double probability, uint32_t seed);
  void protect(uint64_t address, uint64_t bytes) { protected_.emplace_back(address, bytes); }
  bool refuses(uint64_t address) const {
    for (const auto& [from, bytes] : protected_)
      if (address - from < bytes) return true;
    return false;
  }
  void ready();  // after all settings

  void drive();                // before the design settles
  bool settle(bool counted);   // after it; true when a channel moved
  uint8_t* at(uint64_t address, uint64_t length);
  void fault(const std::string& text);
  double open_cost(uint64_t address);  // [cycles]
  bool rests();

  Timing timing;
  std::vector<PhysicalPort> ports;
  std::vector<Slave> slaves;
  std::vector<std::string> faults;
  uint64_t fault_count = 0, decode_errors = 0, row_changes = 0;
  uint64_t now = 0;
  double stall_probability = 0;
  Budget budget;

 private:
  std::vector<std::pair<uint64_t, uint64_t>> protected_;  // address, bytes
  std::vector<uint64_t> rows_;
  std::vector<std::pair<uint64_t, unsigned>> wanting_;
  uint8_t* bytes_ = nullptr;
  uint64_t base_ = 0, size_ = 0, fair_ = 0;
  uint32_t random_ = 1;
  unsigned turn_ = 0;  // whose request goes first
};
}  // namespace fastsim
#endif
