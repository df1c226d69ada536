// Run a design by a list of commands, one a line, and write what came of it as JSON.
//
//   program <commands> <images> <dumps> <result>
//
// images holds the bytes that `load` puts into memory; what `dump` asks for is appended to the file dumps.
//   window <base> <bytes>                                     the memory
//   ddr <read latency> <write latency> <bytes per cycle> <burst cost> <row change cost> <row bytes> <banks>
//   port <name> <read bytes per cycle> <write bytes per cycle> <reads> <writes> <bytes of a buffer>
//   attach <master> <port>
//   stall <probability> <seed>                                channels rest at random
//   limits <watchdog> <cycles of a run>
//   reset                                                     after the settings
//   load <address> <offset in images> <bytes>
//   write <register> <value>
//   read <register>
//   protect <address> <bytes>                                 writes there are answered with SLVERR
//   start <register> <value>                                  write; a run begins
//   wait                                                      for its interrupt
//   idle <cycles>
//   dump <address> <bytes>
// A run that gets stuck ends the list. Exit code 2: the list is malformed.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "ddr.h"

namespace fastsim {
namespace {

constexpr unsigned kControlLimit = 10'000;  // cycles that an access to a register may take
constexpr unsigned kQuiet = 64;             // cycles without the bus moving, from which the FIFOs are watched

[[noreturn]] void malformed(const std::string& line) {
  fprintf(stderr, "the command is malformed: %s\n", line.c_str());
  exit(2);
}

class Harness {
 public:
  Harness(FILE* images, FILE* dumps, FILE* out) : model_(fastsim_make()), memory_(model_.masters), images_(images), dumps_(dumps), out_(out) {}

  // Carry out a command; false when nothing can follow.
  bool command(const std::string& line) {
    std::istringstream in(line);
    std::string name;
    in >> name;
    const auto number = [&] {
      std::string text;
      if (!(in >> text)) malformed(line);
      return std::stoull(text, nullptr, 0);
    };
    const auto real = [&] {
      double value = 0;
      if (!(in >> value)) malformed(line);
      return value;
    };
    const auto word = [&] {
      std::string text;
      if (!(in >> text)) malformed(line);
      return text;
    };
    if (name == "window") {
      const uint64_t base = number();
      if (!memory_.open(base, number())) fprintf(stderr, "the system gives no such memory\n"), exit(2);
    } else if (name == "ddr") {
      Timing& timing = memory_.timing;
      timing.read_latency = number(), timing.write_latency = number(), timing.bytes_per_cycle = real();
      timing.burst_cost = real(), timing.row_change_cost = real(), timing.row_bytes = number(), timing.banks = number();
    } else if (name == "port") {
      PhysicalPort port;
      port.name = word(), port.read_bytes_per_cycle = real(), port.write_bytes_per_cycle = real();
      port.reads = number(), port.writes = number(), port.buffer_bytes = number();
      memory_.ports.push_back(port);
    } else if (name == "attach") {
      const std::string master = word();
      memory_.attach(master, word());
    } else if (name == "stall") {
      const double probability = real();
      memory_.stall(probability, number());
    } else if (name == "limits") {
      watchdog_ = number(), limit_ = number();
    } else if (name == "reset") {
      reset();
    } else if (name == "load") {
      const uint64_t address = number(), offset = number();
      load(address, offset, number());
    } else if (name == "dump") {
      const uint64_t address = number();
      dump(address, number());
    } else if (name == "write") {
      const uint32_t address = number();
      return write(address, number());
    } else if (name == "read") {
      uint32_t value = 0;
      if (!read(number(), value)) return false;
      reads_ += (reads_.empty() ? "" : ",") + std::to_string(value);
    } else if (name == "protect") {
      const uint64_t address = number();
      memory_.protect(address, number());
    } else if (name == "start") {
      const uint32_t address = number();
      start_ = memory_.now, jobs_.clear();
      return write(address, number());
    } else if (name == "wait") {
      return wait();
    } else if (name == "idle") {
      for (uint64_t left = number(); left; left--) cycle();
    } else {
      malformed(line);
    }
    return true;
  }

  void finish() {
    fprintf(out_, "{\"runs\":[%s],\"reads\":[%s],\"cycles\":%llu,\"run_cycles\":%llu,\"seconds\":%.6f,\"cpu_seconds\":%.6f,", runs_.c_str(), reads_.c_str(),
            ull(memory_.now), ull(run_cycles_), seconds_, cpu_seconds_);
    fprintf(out_, "\"fault_count\":%llu,\"faults\":[", ull(memory_.fault_count));
    for (size_t k = 0; k < memory_.faults.size(); k++) fprintf(out_, "%s\"%s\"", k ? "," : "", memory_.faults[k].c_str());
    fprintf(out_, "],\"decode_errors\":%llu,\"row_changes\":%llu,\"ports\":{", ull(memory_.decode_errors), ull(memory_.row_changes));
    for (size_t k = 0; k < memory_.ports.size(); k++)
      fprintf(out_, "%s\"%s\":{\"most_reads\":%u,\"most_writes\":%u}", k ? "," : "", memory_.ports[k].name.c_str(),
              memory_.ports[k].most_reads, memory_.ports[k].most_writes);
    fprintf(out_, "},\"control_stuck\":%s,\"stuck\":%s}\n", control_stuck_ ? "true" : "false", stuck_.empty() ? "null" : stuck_.c_str());
  }

 private:
  static unsigned long long ull(uint64_t value) { return value; }

  void cycle() {
    memory_.drive();
    *model_.clk = 0;
    model_.eval(model_.self);
    const bool moved = memory_.settle(*model_.busy);
    *model_.clk = 1;
    model_.eval(model_.self);
    bus_quiet_ = moved ? 0 : bus_quiet_ + 1;
    if (*model_.busy != busy_) turned();
  }

  // The kernel began or ended: note the run.
  void turned() {
    busy_ = *model_.busy;
    if (busy_) {
      began_ = memory_.now;
      return;
    }
    char text[128];
    snprintf(text, sizeof text, "%s{\"start\":%llu,\"end\":%llu,", jobs_.empty() ? "" : ",", ull(began_ - start_), ull(memory_.now - start_));
    jobs_ += text + counts() + "}";
  }

  void reset() {
    memory_.ready();
    *model_.clk = 1, *model_.rst_n = 0, *model_.watch = 0, *model_.probe_clk = 0;
    for (Slave& slave : memory_.slaves) slave.reset();
    Control& c = model_.control;
    *c.awvalid = *c.wvalid = *c.bready = *c.arvalid = *c.rready = 0;
    for (int k = 0; k < 16; k++) {
      if (k == 8) *model_.rst_n = 1;
      cycle();
    }
  }

  bool write(uint32_t address, uint32_t value) {
    Control& c = model_.control;
    *c.awaddr = address & 0x1fff, *c.wdata = value, *c.wstrb = 0xf;
    *c.awvalid = *c.wvalid = *c.bready = 1;
    bool answered = false;
    for (unsigned waited = 0; !answered && waited < kControlLimit; ++waited) {
      // A ready of the shell is a register, so what is seen before the cycle is what the edge takes.
      const bool address_taken = *c.awvalid && *c.awready, data_taken = *c.wvalid && *c.wready;
      answered = *c.bvalid;
      cycle();
      if (address_taken) *c.awvalid = 0;
      if (data_taken) *c.wvalid = 0;
    }
    *c.awvalid = *c.wvalid = *c.bready = 0;
    control_stuck_ |= !answered;
    return answered;
  }

  bool read(uint32_t address, uint32_t& value) {
    Control& c = model_.control;
    *c.araddr = address & 0x1fff, *c.arvalid = *c.rready = 1;
    bool answered = false;
    for (unsigned waited = 0; !answered && waited < kControlLimit; ++waited) {
      const bool taken = *c.arvalid && *c.arready;
      answered = *c.rvalid;
      value = *c.rdata;
      cycle();
      if (taken) *c.arvalid = 0;
    }
    *c.arvalid = *c.rready = 0;
    control_stuck_ |= !answered;
    return answered;
  }

  void load(uint64_t address, uint64_t offset, uint64_t bytes) {
    uint8_t* to = memory_.at(address, bytes);
    if (!to || fseeko(images_, static_cast<off_t>(offset), SEEK_SET) || fread(to, 1, bytes, images_) != bytes)
      malformed("load " + std::to_string(address) + " " + std::to_string(offset) + " " + std::to_string(bytes));
  }

  void dump(uint64_t address, uint64_t bytes) {
    const uint8_t* from = memory_.at(address, bytes);
    if (!from || fwrite(from, 1, bytes, dumps_) != bytes) malformed("dump " + std::to_string(address) + " " + std::to_string(bytes));
  }

  bool wait() {
    const auto clock = std::chrono::steady_clock::now();
    const auto cpu = std::clock();
    const uint64_t began = memory_.now;
    const char* stuck = nullptr;
    bus_quiet_ = 0;
    while (!*model_.interrupt) {
      *model_.watch = bus_quiet_ >= kQuiet;
      cycle();
      if (*model_.watch && *model_.quiet >= watchdog_) stuck = "quiet";
      else if (memory_.now - start_ >= limit_) stuck = "limit";
      if (stuck) break;
    }
    *model_.watch = 0;
    run_cycles_ += memory_.now - began;
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
    cpu_seconds_ += static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    for (const Slave& slave : memory_.slaves)
      if (!stuck && !slave.idle()) memory_.fault(std::string(slave.m.name) + ": the run ended before its reads and writes did");
    if (stuck) {
      std::string waits;
      for (const Slave& slave : memory_.slaves) {
        const std::string text = slave.waiting();
        if (!text.empty()) waits += (waits.empty() ? "" : ",") + text;
      }
      stuck_ = std::string("{\"why\":\"") + stuck + "\",\"axi_waits\":[" + waits + "]," + counts() + "}";
    }
    runs_ += (runs_.empty() ? "" : ",") + std::string("{\"cycles\":") + std::to_string(memory_.now - start_) + ",\"jobs\":[" + jobs_ + "]}";
    return !stuck;
  }

  // What the bus and the probes have counted until now, as members of a JSON object.
  std::string counts() {
    std::string text = "\"masters\":{";
    char part[640];
    for (const Slave& slave : memory_.slaves) {
      const MasterCounts& n = slave.counts;
      const auto channel = [&](const char* name, const ChannelCounts& c) {
        snprintf(part, sizeof part, "\"%s\":[%llu,%llu,%llu],", name, ull(c.moved), ull(c.blocked), ull(c.starved));
        text += part;
      };
      if (text.back() != '{') text += ",";
      text += "\"" + std::string(slave.m.name) + "\":{";
      channel("AR", n.ar), channel("R", n.r), channel("AW", n.aw), channel("W", n.w), channel("B", n.b);
      snprintf(part, sizeof part, "\"bytes\":[%llu,%llu],\"bursts\":[%llu,%llu]}", ull(n.read_bytes), ull(n.write_bytes),
               ull(n.read_bursts), ull(n.write_bursts));
      text += part;
    }
    text += "},\"probes\":{";
    for (size_t k = 0; k < model_.probes.size(); k++) {
      *model_.probe_index = static_cast<uint16_t>(k);
      *model_.probe_clk = 1, model_.eval(model_.self);
      *model_.probe_clk = 0, model_.eval(model_.self);
      text += (k ? ",\"" : "\"") + std::string(model_.probes[k]) + "\":" + std::to_string(*model_.probe_value);
    }
    return text + "}";
  }

  Model model_;
  Memory memory_;
  FILE *images_, *dumps_, *out_;
  uint64_t watchdog_ = 20'000, limit_ = UINT64_MAX, bus_quiet_ = 0;
  uint64_t start_ = 0, began_ = 0;  // of the run by the host, of the kernel's
  uint64_t run_cycles_ = 0;         // in which a run was waited for
  std::string runs_, jobs_, reads_, stuck_;
  bool control_stuck_ = false, busy_ = false;
  double seconds_ = 0, cpu_seconds_ = 0;
};
}  // namespace
}  // namespace fastsim

int main(int count, char** arguments) {
  if (count != 5) return fprintf(stderr, "program <commands> <images> <dumps> <result>\n"), 2;
  std::ifstream commands(arguments[1]);
  FILE* images = fopen(arguments[2], "rb");
  FILE* dumps = fopen(arguments[3], "wb");
  FILE* out = fopen(arguments[4], "w");
  if (!commands || !images || !dumps || !out) return perror("fastsim"), 2;
  fastsim::Harness harness(images, dumps, out);
  for (std::string line; std::getline(commands, line);)
    if (!line.empty() && !harness.command(line)) break;
  harness.finish();
  return fclose(dumps) || fclose(out) ? 2 : 0;
}
