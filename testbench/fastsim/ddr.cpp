#include "ddr.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace fastsim {

namespace {
constexpr uint64_t kPage = 4096;
constexpr size_t kFaultsKept = 20;

std::string hex(uint64_t value) {
  char text[32];
  snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}
}  // namespace

// ---- one master

void Slave::reset() {
  while (!reads_.empty()) reads_.pop();
  while (!writes_.empty()) writes_.pop();
  while (!answers_.empty()) answers_.pop();
  while (!fetches_.empty()) fetches_.pop();
  fetched_ = accepted_ = 0;
  debt_ = 0;
  *m.arready = *m.awready = *m.wready = *m.rvalid = *m.bvalid = 0;
  held_ar_ = held_aw_ = held_w_ = r_taken_ = b_taken_ = false;
  before_w_.assign(m.bytes + (m.bytes + 7) / 8 + 1, 0);
}

bool Slave::requests() {
  *m.arready = *m.arvalid && port->reads_open + port->reads_given < port->reads && !memory_.rests();
  *m.awready = *m.awvalid && port->writes_open + port->writes_given < port->writes && !memory_.rests();
  port->reads_given += *m.arready;
  port->writes_given += *m.awready;
  return *m.arready | *m.awready;
}

void Slave::withdraw() {
  *m.wready = 0;
  if (r_taken_) *m.rvalid = 0;
  if (b_taken_) *m.bvalid = 0;
  r_taken_ = b_taken_ = false;
}

bool Slave::wants_fetch(uint64_t now) const {
  if (fetches_.empty() || fetches_.front().due > now) return false;
  return room() ? fetched_ < room() : !*m.rvalid;
}

bool Slave::wants_drain() const { return room() ? accepted_ > 0 : *m.wvalid && !writes_.empty(); }

void Slave::fetch() {
  Burst& burst = fetches_.front();
  int64_t cost = m.bytes * kUnit;
  if (!burst.begun) cost += static_cast<int64_t>(memory_.open_cost(burst.address) * static_cast<double>(memory_.budget.rate));
  burst.begun = true;
  memory_.budget.credit -= cost;
  if (--burst.left == 0) fetches_.pop();
  fetched_++;
}

void Slave::present_read() {
  if (*m.rvalid || !fetched_ || !port->read.covers(m.bytes)) return;
  Burst& burst = reads_.front();
  const uint8_t* from = memory_.at(burst.address, m.bytes);
  if (from) std::memcpy(m.rdata, from, m.bytes);
  else std::memset(m.rdata, 0xdd, m.bytes);
  *m.rresp = from ? 0 : 3;
  *m.rlast = burst.left == 1;
  *m.rvalid = 1;
  port->read.take(m.bytes);
  counts.read_bytes += m.bytes;
  burst.address += m.bytes;
  burst.left--;
  fetched_--;
}

void Slave::drain() {
  memory_.budget.credit -= static_cast<int64_t>((m.bytes + debt_) * kUnit);
  debt_ = 0;
  accepted_--;
}

void Slave::accept_write() {
  if (room() && (!*m.wvalid || writes_.empty() || accepted_ >= room() || !port->write.covers(m.bytes))) return;
  *m.wready = 1;
  Burst& burst = writes_.front();
  if (!burst.begun) debt_ += memory_.open_cost(burst.address) * static_cast<double>(memory_.budget.rate) / kUnit;
  burst.begun = true;
  accepted_++;
  port->write.take(m.bytes);
}

void Slave::answers(uint64_t now) {
  if (*m.bvalid || answers_.empty() || answers_.front().due > now || memory_.rests()) return;
  *m.bvalid = 1;
  *m.bresp = answers_.front().response;
  answers_.pop();
}

void Slave::request(Ring<Burst>& queue, const char* kind, uint64_t address, unsigned beats, unsigned size, unsigned burst,
                    uint64_t due) {
  const std::string where = std::string(m.name) + ": " + kind + " burst of " + std::to_string(beats) + " words at " + hex(address);
  const bool reads = kind[0] == 'r';
  if (1u << size != m.bytes || burst != 1) memory_.fault(where + " is not INCR with whole words");
  if (address % m.bytes) memory_.fault(where + " is not on a word of " + std::to_string(m.bytes) + " bytes");
  if (address % kPage + beats * m.bytes > kPage) memory_.fault(where + " crosses 4 KiB");
  if (!(reads ? port->read.rate : port->write.rate))
    memory_.fault(where + " is on port " + port->name + ", which cannot " + (reads ? "read" : "write"));
  (reads ? counts.read_bursts : counts.write_bursts)++;
  queue.push({address & ~static_cast<uint64_t>(m.bytes - 1), due, beats, false, 0});
}

void Slave::take_word(uint64_t now) {
  Burst& burst = writes_.front();
  uint8_t* to = memory_.at(burst.address, m.bytes);
  if (!to) {
    burst.response = 3;
  } else if (memory_.refuses(burst.address)) {
    burst.response = 2;
  } else {
    const auto* data = static_cast<const uint8_t*>(m.wdata);
    const auto* strobe = static_cast<const uint8_t*>(m.wstrb);
    for (unsigned k = 0; k < m.bytes; k += 8) {
      const unsigned count = std::min(8u, m.bytes - k);
      const unsigned lanes = strobe[k / 8] & ((1u << count) - 1);
      if (lanes == (1u << count) - 1) std::memcpy(to + k, data + k, count);
      else
        for (unsigned i = 0; i < count; i++)
          if (lanes >> i & 1) to[k + i] = data[k + i];
    }
  }
  counts.write_bytes += m.bytes;
  burst.address += m.bytes;
  burst.left--;
  if (static_cast<bool>(*m.wlast) != (burst.left == 0))
    memory_.fault(std::string(m.name) + ": WLAST is " + std::to_string(*m.wlast) + " with " + std::to_string(burst.left) + " words left");
  if (burst.left == 0) {
    answers_.push({0, now + memory_.timing.write_latency, 0, false, burst.response});
    writes_.pop();
  }
}

void Slave::check_offers() {
  if (held_ar_ && (!*m.arvalid || *m.araddr != before_ar_ || *m.arlen != before_arlen_))
    memory_.fault(std::string(m.name) + ": a read request that was not taken changed");
  if (held_aw_ && (!*m.awvalid || *m.awaddr != before_aw_ || *m.awlen != before_awlen_))
    memory_.fault(std::string(m.name) + ": a write request that was not taken changed");
  const unsigned strobes = (m.bytes + 7) / 8;
  if (held_w_ && (!*m.wvalid || std::memcmp(before_w_.data(), m.wdata, m.bytes) ||
                  std::memcmp(before_w_.data() + m.bytes, m.wstrb, strobes) || before_w_.back() != *m.wlast))
    memory_.fault(std::string(m.name) + ": a written word that was not taken changed");
  held_ar_ = *m.arvalid && !*m.arready;
  held_aw_ = *m.awvalid && !*m.awready;
  held_w_ = *m.wvalid && !*m.wready;
  if (held_ar_) before_ar_ = *m.araddr, before_arlen_ = *m.arlen;
  if (held_aw_) before_aw_ = *m.awaddr, before_awlen_ = *m.awlen;
  if (held_w_) {
    std::memcpy(before_w_.data(), m.wdata, m.bytes);
    std::memcpy(before_w_.data() + m.bytes, m.wstrb, strobes);
    before_w_.back() = *m.wlast;
  }
}

bool Slave::settle(uint64_t now, bool counted) {
  const bool ar = *m.arvalid && *m.arready, aw = *m.awvalid && *m.awready, w = *m.wvalid && *m.wready;
  const bool r = *m.rvalid && *m.rready, b = *m.bvalid && *m.bready;
  if (counted) {
    counts.ar.count(*m.arvalid, *m.arready);
    counts.aw.count(*m.awvalid, *m.awready);
    counts.w.count(*m.wvalid, *m.wready);
    counts.r.count(*m.rvalid, *m.rready);
    counts.b.count(*m.bvalid, *m.bready);
  }
  check_offers();
  port->reads_open += ar;
  port->writes_open += aw;
  if (ar) {
    request(reads_, "read", *m.araddr, *m.arlen + 1u, *m.arsize, *m.arburst, now + memory_.timing.read_latency);
    fetches_.push({*m.araddr, now + memory_.timing.read_latency, *m.arlen + 1u, false, 0});
  }
  if (aw) request(writes_, "write", *m.awaddr, *m.awlen + 1u, *m.awsize, *m.awburst, 0);
  if (w) take_word(now);
  r_taken_ = r, b_taken_ = b;
  if (r && reads_.front().left == 0) reads_.pop(), port->reads_open--;
  if (b) port->writes_open--;
  return ar | aw | w | r | b;
}

std::string Slave::waiting() const {
  std::string text;
  const auto add = [&](const char* channel, bool waits) {
    if (waits) text += (text.empty() ? "" : ",") + std::string("\"") + m.name + "_" + channel + "\"";
  };
  add("AR", *m.arvalid);
  add("AW", *m.awvalid);
  add("W", *m.wvalid);
  add("R", *m.rvalid);
  add("B", *m.bvalid);
  return text;
}

// ---- all of them

Memory::Memory(const std::vector<Master>& masters) {
  for (const Master& master : masters) slaves.emplace_back(master, *this);
}

bool Memory::open(uint64_t base, uint64_t size) {
  void* bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (bytes == MAP_FAILED) return false;
  bytes_ = static_cast<uint8_t*>(bytes), base_ = base, size_ = size;
  return true;
}

PhysicalPort& Memory::port(const std::string& name) {
  for (PhysicalPort& port : ports)
    if (port.name == name) return port;
  fprintf(stderr, "there is no port %s\n", name.c_str());
  exit(2);
}

void Memory::attach(const std::string& master, const std::string& name) {
  for (Slave& slave : slaves)
    if (slave.m.name == master) {
      slave.port = &port(name);
      return;
    }
  fprintf(stderr, "there is no master %s\n", master.c_str());
  exit(2);
}

void Memory::stall(double probability, uint32_t seed) {
  stall_probability = probability;
  random_ = seed * 2654435761u | 1u;
}

void Memory::ready() {
  unsigned widest = 1;
  for (Slave& slave : slaves) {
    if (!slave.port) fprintf(stderr, "the master %s is on no port\n", slave.m.name), exit(2);
    widest = std::max(widest, slave.m.bytes);
  }
  budget.limit(timing.bytes_per_cycle, widest);
  for (PhysicalPort& port : ports) {
    unsigned own = 1;
    for (Slave& slave : slaves)
      if (slave.port == &port) own = std::max(own, slave.m.bytes);
    port.read.limit(port.read_bytes_per_cycle, own);
    port.write.limit(port.write_bytes_per_cycle, own);
  }
  rows_.assign(timing.banks, UINT64_MAX);
}

bool Memory::rests() {
  if (stall_probability == 0) return false;
  random_ ^= random_ << 13, random_ ^= random_ >> 17, random_ ^= random_ << 5;
  return (random_ >> 8) < stall_probability * (1 << 24);
}

double Memory::open_cost(uint64_t address) {
  if (timing.row_change_cost == 0) return timing.burst_cost;
  const uint64_t bank = address / timing.row_bytes % timing.banks, row = address / timing.row_bytes / timing.banks;
  if (rows_[bank] == row) return timing.burst_cost;
  rows_[bank] = row;
  row_changes++;
  return timing.burst_cost + timing.row_change_cost;
}

uint8_t* Memory::at(uint64_t address, uint64_t length) {
  const uint64_t offset = address - base_;
  if (address < base_ || offset > size_ || length > size_ - offset) return decode_errors++, nullptr;
  return bytes_ + offset;
}

void Memory::fault(const std::string& text) {
  if (fault_count++ < kFaultsKept) faults.push_back("cycle " + std::to_string(now) + ": " + text);
}

void Memory::drive() {
  budget.refill();
  for (PhysicalPort& port : ports) {
    port.read.refill(), port.write.refill();
    port.reads_given = port.writes_given = 0;
  }
  const unsigned count = static_cast<unsigned>(slaves.size()), first = turn_;
  wanting_.clear();
  for (unsigned k = 0; k < count; k++) {
    const unsigned index = first + k < count ? first + k : first + k - count;
    Slave& slave = slaves[index];
    if (slave.requests()) turn_ = index + 1 < count ? index + 1 : 0;
    slave.withdraw();
    slave.answers(now);
    if (slave.wants_fetch(now) && !rests()) wanting_.emplace_back(slave.served[0] = std::max(slave.served[0], fair_), 2 * index);
    if (slave.wants_drain() && !rests()) wanting_.emplace_back(slave.served[1] = std::max(slave.served[1], fair_), 2 * index + 1);
  }
  if (wanting_.size() > 1) std::stable_sort(wanting_.begin(), wanting_.end(), [](auto& a, auto& b) { return a.first < b.first; });
  for (const auto& [served, flow] : wanting_) {
    Slave& slave = slaves[flow / 2];
    const bool writes = flow & 1, straight = slave.port->buffer_bytes < slave.m.bytes;
    if (straight && !(writes ? slave.port->write : slave.port->read).covers(slave.m.bytes)) continue;
    if (!budget.covers(slave.m.bytes)) break;  // nobody else goes before it
    fair_ = std::max(fair_, served);
    slave.served[writes] = served + slave.m.bytes;
    if (!writes) {
      slave.fetch();
      if (straight) slave.present_read();
    } else {
      if (straight) slave.accept_write();
      slave.drain();
    }
  }
  for (unsigned k = 0; k < count; k++) {
    Slave& slave = slaves[first + k < count ? first + k : first + k - count];
    if (slave.port->buffer_bytes < slave.m.bytes) continue;
    if (!rests()) slave.present_read();
    if (!rests()) slave.accept_write();
  }
}

bool Memory::settle(bool counted) {
  bool moved = false;
  for (Slave& slave : slaves) moved |= slave.settle(now, counted);
  for (PhysicalPort& port : ports) {
    port.most_reads = std::max(port.most_reads, port.reads_open);
    port.most_writes = std::max(port.most_writes, port.writes_open);
  }
  now++;
  return moved;
}
}  // namespace fastsim
