// Drive modules with the interface that csynth emits (ap_clk, ap_rst, ap_start/done, scalars, ready/valid streams, burst memories), at
// full rate or with random stalls on every port, from a binary request; one line of JSON for each call. The caller decides what is right.
//
// Request, little-endian 32-bit words: magic, jobs; a job: model, seed, stall of inputs and of outputs [1/65536], watchdog [cycles],
// response delay of memories [cycles], calls; a call: each scalar input, then each stream input that no memory serves as count and
// words, then each memory as count and words. A number of W bits takes ceil(W / 32) words, lowest first.
#include "driver.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>

double sc_time_stamp() { return 0; }

namespace rtlsim {
typedef std::vector<uint32_t> Word;
const int IDLE_CYCLES = 4;  // observed after each call, so that a word too many is seen

int words_of(int width_bits) { return (width_bits + 31) / 32; }

Word get(const Port& p) {
  if (p.width_bits <= 8) return {*(uint8_t*)p.data};
  if (p.width_bits <= 16) return {*(uint16_t*)p.data};
  if (p.width_bits <= 32) return {*(uint32_t*)p.data};
  if (p.width_bits <= 64) return {(uint32_t) * (uint64_t*)p.data, (uint32_t)(*(uint64_t*)p.data >> 32)};
  const uint32_t* v = (const uint32_t*)p.data;
  return Word(v, v + words_of(p.width_bits));
}

void put(const Port& p, const uint32_t* v) {
  if (p.width_bits <= 8) *(uint8_t*)p.data = (uint8_t)v[0];
  else if (p.width_bits <= 16) *(uint16_t*)p.data = (uint16_t)v[0];
  else if (p.width_bits <= 32) *(uint32_t*)p.data = v[0];
  else if (p.width_bits <= 64) *(uint64_t*)p.data = v[0] | (uint64_t)v[1] << 32;
  else memcpy(p.data, v, 4 * words_of(p.width_bits));
}

// The same 32-bit generator is in bench.v.j2, so that both simulators see the same stalls.
struct Random {
  uint32_t state;
  Random(uint32_t seed, uint32_t stream) : state((seed * 2654435761u) ^ (stream * 0x9E3779B9u + 0x7F4A7C15u)) {
    if (!state) state = 1;
    for (int i = 0; i < 4; i++) next();
  }
  uint32_t next() {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
  }
};

// Mean stall, varied by port and call from half to one and a half.
uint32_t rate(uint32_t stall, Random& random) {
  uint32_t varied = (stall * (128 + (random.next() >> 24))) >> 8;
  return varied < 58982 ? varied : 58982;
}

void random_value(const Port& p, Random& random) {
  Word v(words_of(p.width_bits));
  for (auto& w : v) w = random.next();
  if (p.width_bits % 32) v.back() &= (1u << p.width_bits % 32) - 1;
  put(p, v.data());
}

struct Source {  // offers words; a word once offered stays until it is taken
  Port port;
  Random random, noise;
  uint32_t stall;
  std::deque<Word> words;
  bool offered = false;
  Source(const Port& p, uint32_t seed, uint32_t stream) : port(p), random(seed, stream), noise(seed, stream + 1000), stall(0) {}
  void begin(uint32_t mean) { stall = rate(mean, random); words.clear(); offered = false; }
  void drive() {
    bool go = (random.next() >> 16) >= stall;
    if (!offered && go && !words.empty()) offered = true, put(port, words[0].data());
    else if (!offered) random_value(port, noise);  // what is not valid must not matter
    *port.valid = offered;
  }
  bool sample() {
    bool taken = offered && *port.taken;
    if (taken) words.pop_front(), offered = false;
    return taken;
  }
  void blocked(std::vector<std::string>& reasons) const {
    if (offered && !*port.taken)
      reasons.push_back(std::string(port.name) + ": a word is offered and not taken (" + std::to_string(words.size()) + " left)");
    if (words.empty())
      reasons.push_back(std::string(port.name) + (*port.taken ? ": the module waits for a word and there is none" : ": all words were taken"));
  }
};

struct Sink {
  Port port;
  Random random;
  uint32_t stall;
  std::deque<Word> words;
  Sink(const Port& p, uint32_t seed, uint32_t stream) : port(p), random(seed, stream), stall(0) {}
  void begin(uint32_t mean) { stall = rate(mean, random); words.clear(); }
  void drive() { *port.ready = (random.next() >> 16) >= stall; }
  bool sample() {
    bool taken = *port.ready && *port.valid;
    if (taken) words.push_back(get(port));
    return taken;
  }
};

struct Memory {  // answers the five streams of a burst_maxi argument
  std::string name;
  Sink *ar = nullptr, *aw = nullptr, *w = nullptr;
  Source *r = nullptr, *b = nullptr;
  std::vector<Word> contents;
  struct Due { uint64_t cycle; Word word; };
  struct Burst { uint64_t next; uint32_t left; };
  std::deque<Due> reads, responses;
  std::deque<Burst> bursts;
  std::vector<std::string> faults;
  uint64_t now = 0;
  uint32_t delay = 0;

  void begin() { reads.clear(); responses.clear(); bursts.clear(); faults.clear(); }
  bool inside(uint64_t offset, uint32_t length, const char* what) {
    if (length && offset + length <= contents.size()) return true;
    faults.push_back(name + ": " + what + " of " + std::to_string(length) + " words from " + std::to_string(offset) + "; the memory has " +
                     std::to_string(contents.size()));
    return false;
  }
  void step() {
    now++;
    for (; ar && !ar->words.empty(); ar->words.pop_front()) {
      const Word& q = ar->words[0];
      uint64_t offset = q[0] | (uint64_t)q[1] << 32;
      bool ok = inside(offset, q[2], "read");
      for (uint32_t i = 0; i < q[2] && i < 1u << 16; i++)
        reads.push_back({now + delay, ok ? contents[offset + i] : Word(words_of(r->port.width_bits))});
    }
    for (; aw && !aw->words.empty(); aw->words.pop_front()) {
      const Word& q = aw->words[0];
      uint64_t offset = q[0] | (uint64_t)q[1] << 32;
      if (inside(offset, q[2], "write")) bursts.push_back({offset, q[2]});
    }
    for (; w && !w->words.empty() && !bursts.empty(); w->words.pop_front()) {  // a word may come before its request is taken
      contents[bursts[0].next++] = w->words[0];
      if (--bursts[0].left == 0) bursts.pop_front(), responses.push_back({now + delay, Word(1)});
    }
    for (; r && !reads.empty() && reads[0].cycle <= now; reads.pop_front()) r->words.push_back(reads[0].word);
    for (; b && !responses.empty() && responses[0].cycle <= now; responses.pop_front()) b->words.push_back(responses[0].word);
  }
  void rest() {
    if (!reads.empty() || (r && !r->words.empty())) faults.push_back(name + ": words that were read are left over");
    if (!bursts.empty()) faults.push_back(name + ": " + std::to_string(bursts[0].left) + " words of a write are missing");
    if (w && !w->words.empty()) faults.push_back(name + ": " + std::to_string(w->words.size()) + " words were written without a request");
    if (!responses.empty() || (b && !b->words.empty())) faults.push_back(name + ": a write response was not taken");
  }
};

struct Reader {
  FILE* file;
  uint32_t u32() {
    uint32_t v;
    if (fread(&v, 4, 1, file) != 1) fprintf(stderr, "the request is too short\n"), exit(2);
    return v;
  }
  Word word(int width_bits) {
    Word v(words_of(width_bits));
    for (auto& w : v) w = u32();
    return v;
  }
};

void print_words(const std::deque<Word>& words) {
  putchar('"');
  for (size_t k = 0; k < words.size(); k++) {
    if (k) putchar(' ');
    for (size_t i = words[k].size(); i-- > 0;) printf(i + 1 == words[k].size() ? "%x" : "%08x", words[k][i]);
  }
  putchar('"');
}

void print_texts(const std::vector<std::string>& texts) {
  putchar('[');
  for (size_t k = 0; k < texts.size(); k++) printf("%s\"%s\"", k ? "," : "", texts[k].c_str());
  putchar(']');
}

void job(Reader& in, unsigned number) {
  uint32_t index = in.u32(), seed = in.u32(), stall_in = in.u32(), stall_out = in.u32(), watchdog = in.u32(), delay = in.u32();
  uint32_t calls = in.u32();
  Model m = rtlsim_make(index, seed);
  std::vector<std::unique_ptr<Source>> sources;
  std::vector<std::unique_ptr<Sink>> sinks;
  std::vector<Port> scalars_in, scalars_out;
  std::deque<Memory> memories;
  for (auto name : m.memories) memories.emplace_back().name = name, memories.back().delay = delay;
  auto memory_of = [&](const char* port) -> Memory* {
    for (auto& memory : memories)
      if (!strncmp(memory.name.c_str(), port, memory.name.size()) && port[memory.name.size()] == '_') {
        const char* role = port + memory.name.size() + 1;
        for (auto known : {"AR", "R", "AW", "W", "B"})
          if (!strcmp(role, known)) return &memory;
      }
    return nullptr;
  };
  for (size_t k = 0; k < m.ports.size(); k++) {
    const Port& p = m.ports[k];
    Memory* memory = memory_of(p.name);
    const char* role = memory ? p.name + memory->name.size() + 1 : "";
    if (p.kind == SCALAR_IN) scalars_in.push_back(p);
    if (p.kind == SCALAR_OUT) scalars_out.push_back(p);
    if (p.kind == STREAM_IN) {
      sources.emplace_back(new Source(p, seed, k));
      if (memory) (*role == 'R' ? memory->r : memory->b) = sources.back().get();
    }
    if (p.kind == STREAM_OUT) {
      sinks.emplace_back(new Sink(p, seed, k));
      if (memory) (!strcmp(role, "AR") ? memory->ar : !strcmp(role, "AW") ? memory->aw : memory->w) = sinks.back().get();
    }
  }
  Random noise(seed, 5000);
  uint64_t total = 0;
  auto clock = std::chrono::steady_clock::now();
  *m.clk = 0, *m.rst = 1, *m.start = 0;
  for (auto& s : sources) *s->port.valid = 0;
  for (auto& s : sinks) *s->port.ready = 0;
  for (int i = 0; i < 6; i++) {
    if (i == 4) *m.rst = 0;
    *m.clk = 0, m.eval(m.self);
    *m.clk = 1, m.eval(m.self);
  }
  bool dead = false;
  for (uint32_t call = 0; call < calls; call++) {
    for (auto& s : sources) s->begin(stall_in);
    for (auto& s : sinks) s->begin(stall_out);
    for (auto& p : scalars_in) put(p, in.word(p.width_bits).data());
    for (auto& s : sources)
      if (!memory_of(s->port.name))
        for (uint32_t count = in.u32(); count--;) s->words.push_back(in.word(s->port.width_bits));
    for (auto& memory : memories) {
      memory.begin();
      int width = memory.r ? memory.r->port.width_bits : memory.w->port.width_bits;
      memory.contents.clear();
      for (uint32_t count = in.u32(); count--;) memory.contents.push_back(in.word(width));
    }
    if (dead) continue;
    std::vector<std::deque<Word>> set(scalars_out.size());
    std::vector<std::string> waiting;
    uint64_t cycles = 0, quiet = 0;
    int idle = 0;  // cycles after done
    *m.start = 1;
    while (idle <= IDLE_CYCLES) {
      for (auto& s : sources) s->drive();
      for (auto& s : sinks) s->drive();
      *m.clk = 0, m.eval(m.self);
      bool done = *m.done, moved = false;
      if (!idle) cycles++;
      for (size_t k = 0; k < scalars_out.size(); k++)
        if (scalars_out[k].valid ? *scalars_out[k].valid : done && !idle) set[k] = {get(scalars_out[k])};
      if (!idle && quiet > watchdog)
        for (auto& s : sources) s->blocked(waiting);
      for (auto& s : sources) moved |= s->sample();
      for (auto& s : sinks) moved |= s->sample();
      for (auto& memory : memories) memory.step();
      quiet = moved ? 0 : quiet + 1;
      *m.clk = 1, m.eval(m.self);
      total++;
      if (!idle && !done && quiet > watchdog + 1) { dead = true; break; }
      if (idle || done) {
        idle++;
        *m.start = 0;
      }
    }
    *m.start = 0;
    for (auto& p : scalars_in) random_value(p, noise);  // a scalar is only promised to be stable while the module runs
    std::vector<std::string> faults;
    for (auto& memory : memories) {
      memory.rest();
      faults.insert(faults.end(), memory.faults.begin(), memory.faults.end());
    }
    printf("{\"job\":%u,\"call\":%u,\"cycles\":%llu,\"waiting\":", number, call, (unsigned long long)cycles);
    if (dead) print_texts(waiting);
    else printf("null");
    printf(",\"faults\":");
    print_texts(faults);
    const char* comma = "";
    printf(",\"streams\":{");
    for (auto& s : sinks)
      if (!memory_of(s->port.name)) printf("%s\"%s\":", comma, s->port.name), print_words(s->words), comma = ",";
    printf("},\"left\":{"), comma = "";
    for (auto& s : sources)
      if (!memory_of(s->port.name)) printf("%s\"%s\":%zu", comma, s->port.name, s->words.size()), comma = ",";
    printf("},\"scalars\":{"), comma = "";
    for (size_t k = 0; k < set.size(); k++)
      if (!set[k].empty()) printf("%s\"%s\":", comma, scalars_out[k].name), print_words(set[k]), comma = ",";
    printf("},\"memories\":{"), comma = "";
    for (auto& memory : memories)
      printf("%s\"%s\":", comma, memory.name.c_str()),
          print_words(std::deque<Word>(memory.contents.begin(), memory.contents.end())), comma = ",";
    printf("}}\n");
  }
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
  printf("{\"job\":%u,\"simulated_cycles\":%llu,\"seconds\":%.6f}\n", number, (unsigned long long)total, seconds);
}
}  // namespace rtlsim

int main(int, char** arguments) {
  rtlsim::Reader in{fopen(arguments[1], "rb")};
  if (!in.file || in.u32() != 0x4d495352) return fprintf(stderr, "no request\n"), 2;
  uint32_t jobs = in.u32();
  for (uint32_t number = 0; number < jobs; number++) rtlsim::job(in, number);
  return 0;
}
