// The whole C library of the simulation: memory, the way a run ends early, wide arithmetic and the checks that clang inserts. The
// resulting module imports nothing, so code in it can reach nothing but its own memory.
#include "csim_fail.h"
#include <stddef.h>

typedef unsigned char byte;
typedef unsigned long long u64;
typedef unsigned _BitInt(128) u128;
typedef signed _BitInt(128) i128;
#define EXPORT(name) __attribute__((export_name(name)))

namespace {
char message[256];
byte* output = nullptr;
size_t output_count = 0, output_capacity = 0;

size_t append(size_t at, const char* text) {
  while (*text && at + 1 < sizeof(message)) message[at++] = *text++;
  message[at] = 0;
  return at;
}
size_t append_number(size_t at, long long number) {
  char digits[24];
  int n = 0;
  u64 rest = number < 0 ? 0 - (u64)number : (u64)number;
  do digits[n++] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (number < 0) digits[n++] = '-';
  char text[24];
  for (int i = 0; i < n; i++) text[i] = digits[n - 1 - i];
  text[n] = 0;
  return append(at, text);
}

// Blocks of powers of two, each kind in a list of its own when free; the header holds the kind.
struct Block {
  Block* next;
  unsigned kind;
  unsigned unused;
};
Block* free_blocks[32];
byte* heap = nullptr;
byte* heap_end = nullptr;

void* allocate(u64 bytes) {
  unsigned kind = 5;
  while (kind < 31 && ((u64)1 << kind) < bytes + sizeof(Block)) kind++;
  if (kind >= 31) return nullptr;
  if (Block* block = free_blocks[kind]) {
    free_blocks[kind] = block->next;
    return block + 1;
  }
  const u64 size = (u64)1 << kind;
  if (heap == nullptr || (u64)(heap_end - heap) < size) {
    const size_t pages = (size_t)((size + 65535) >> 16);
    const size_t old = __builtin_wasm_memory_grow(0, pages);
    if (old == (size_t)-1) return nullptr;
    if (heap_end != (byte*)(old << 16)) heap = (byte*)(old << 16);
    heap_end = (byte*)((old + pages) << 16);
  }
  Block* block = (Block*)heap;
  heap += size;
  block->kind = kind;
  return block + 1;
}
}  // namespace

extern "C" {
[[noreturn]] void aigchip_csim_fail(const char* what, const char* which) noexcept {
  size_t at = append(0, what);
  if (which && *which) append(append(at, ": "), which);
  __builtin_trap();
}
[[noreturn]] void abort() noexcept { aigchip_csim_fail("abort", ""); }

__attribute__((no_builtin)) void* memcpy(void* to, const void* from, size_t n) {
  for (size_t i = 0; i < n; i++) ((byte*)to)[i] = ((const byte*)from)[i];
  return to;
}
__attribute__((no_builtin)) void* memmove(void* to, const void* from, size_t n) {
  if (to <= from) return memcpy(to, from, n);
  for (size_t i = n; i-- > 0;) ((byte*)to)[i] = ((const byte*)from)[i];
  return to;
}
__attribute__((no_builtin)) void* memset(void* to, int value, size_t n) {
  for (size_t i = 0; i < n; i++) ((byte*)to)[i] = (byte)value;
  return to;
}
__attribute__((no_builtin)) int memcmp(const void* a, const void* b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (((const byte*)a)[i] != ((const byte*)b)[i]) return ((const byte*)a)[i] < ((const byte*)b)[i] ? -1 : 1;
  return 0;
}

void* calloc(size_t count, size_t bytes) noexcept {
  const u64 total = (u64)count * bytes;
  void* memory = allocate(total);
  if (memory) __builtin_memset(memory, 0, (size_t)total);
  return memory;
}
void free(void* memory) noexcept {
  if (!memory) return;
  Block* block = (Block*)memory - 1;
  block->next = free_blocks[block->kind & 31];
  free_blocks[block->kind & 31] = block;
}

// 128-bit arithmetic that wasm has no instruction for; wider _BitInt is lowered to these or expanded in place.
u128 __multi3(u128 a, u128 b) {
  const u64 a0 = (unsigned)a, a1 = (u64)a >> 32, b0 = (unsigned)b, b1 = (u64)b >> 32;
  const u64 low = a0 * b0, mid1 = a1 * b0 + (low >> 32), mid2 = a0 * b1 + (unsigned)mid1;
  const u64 high = a1 * b1 + (mid1 >> 32) + (mid2 >> 32) + (u64)a * (u64)(b >> 64) + (u64)(a >> 64) * (u64)b;
  return (u128)high << 64 | (u128)((mid2 << 32) | (unsigned)low);
}
u128 __ashlti3(u128 a, int n) {
  const u64 low = (u64)a, high = (u64)(a >> 64);
  if (n == 0) return a;
  if (n >= 64) return (u128)(low << (n - 64)) << 64;
  return (u128)(high << n | low >> (64 - n)) << 64 | (low << n);
}
u128 __lshrti3(u128 a, int n) {
  const u64 low = (u64)a, high = (u64)(a >> 64);
  if (n == 0) return a;
  if (n >= 64) return high >> (n - 64);
  return (u128)(high >> n) << 64 | (low >> n | high << (64 - n));
}
i128 __ashrti3(i128 a, int n) {
  const u64 low = (u64)a;
  const long long high = (long long)(a >> 64);
  if (n == 0) return a;
  if (n >= 64) return (i128)(high >> (n - 64));
  return (i128)((u128)(u64)(high >> n) << 64 | (low >> n | (u64)high << (64 - n)));
}
static u128 divide(u128 a, u128 b, u128* rest) {
  if (b == 0) __builtin_trap();
  u128 quotient = 0, part = 0;
  for (int i = 127; i >= 0; i--) {
    const bool carry = (part >> 127) != 0;
    part = part << 1 | ((a >> i) & 1);
    if (carry || part >= b) {
      part -= b;
      quotient |= (u128)1 << i;
    }
  }
  *rest = part;
  return quotient;
}
u128 __udivti3(u128 a, u128 b) { u128 rest; return divide(a, b, &rest); }
u128 __umodti3(u128 a, u128 b) { u128 rest; divide(a, b, &rest); return rest; }
i128 __divti3(i128 a, i128 b) {
  u128 rest;
  const u128 quotient = divide(a < 0 ? 0 - (u128)a : (u128)a, b < 0 ? 0 - (u128)b : (u128)b, &rest);
  return (a < 0) != (b < 0) ? (i128)(0 - quotient) : (i128)quotient;
}
i128 __modti3(i128 a, i128 b) {
  u128 rest;
  divide(a < 0 ? 0 - (u128)a : (u128)a, b < 0 ? 0 - (u128)b : (u128)b, &rest);
  return a < 0 ? (i128)(0 - rest) : (i128)rest;
}

// Checks that clang inserts (-fsanitize=...): data layouts of compiler-rt's ubsan_handlers.h.
struct Place {
  const char* file;
  unsigned line, column;
};
struct Type {
  unsigned short kind, info;
  char name[1];
};
static size_t place(const Place& where) {
  size_t at = append(0, where.file ? where.file : "");
  at = append(at, ":");
  at = append_number(at, where.line);
  at = append(at, ":");
  at = append_number(at, where.column);
  return append(at, ": ");
}
static long long number(const Type& type, size_t value) {
  const unsigned bits = 1u << (type.info >> 1);
  if (type.kind != 0 || bits > 64) return 0;
  if (bits == 64) return *(const long long*)value;
  return (type.info & 1) ? (long long)(int)value : (long long)value;
}
struct OutOfBounds {
  Place where;
  const Type *array, *index;
};
[[noreturn]] void __ubsan_handle_out_of_bounds_abort(OutOfBounds* data, size_t index) {
  size_t at = append(place(data->where), "index ");
  at = append(append_number(at, number(*data->index, index)), " is out of bounds of ");
  append(at, data->array->name);
  __builtin_trap();
}
struct Shift {
  Place where;
  const Type *left, *right;
};
[[noreturn]] void __ubsan_handle_shift_out_of_bounds_abort(Shift* data, size_t, size_t amount) {
  size_t at = append(place(data->where), "shift by ");
  at = append(append_number(at, number(*data->right, amount)), " is out of bounds of ");
  append(at, data->left->name);
  __builtin_trap();
}
struct Division {
  Place where;
  const Type* type;
};
[[noreturn]] void __ubsan_handle_divrem_overflow_abort(Division* data, size_t, size_t) {
  append(place(data->where), "division by zero");
  __builtin_trap();
}
struct Missing {
  Place where;
};
[[noreturn]] void __ubsan_handle_missing_return(Missing* data) {
  append(place(data->where), "the function ends without a return value");
  __builtin_trap();
}

EXPORT("aigchip_csim_message") const char* aigchip_csim_message() { return message; }
EXPORT("aigchip_csim_output") const byte* aigchip_csim_output() { return output; }
EXPORT("aigchip_csim_output_count") size_t aigchip_csim_output_count() { return output_count; }
}

namespace aigchip_csim {
const byte* input = nullptr;
void put(const void* bytes, unsigned count) {
  if (output_count + count > output_capacity) {
    const size_t wanted = 2 * output_capacity + count + 4096;
    byte* wider = (byte*)calloc(1, wanted);
    if (!wider) aigchip_csim_fail("out of memory", "");
    if (output) __builtin_memcpy(wider, output, output_count);
    free(output);
    output = wider;
    output_capacity = wanted;
  }
  __builtin_memcpy(output + output_count, bytes, count);
  output_count += count;
}
}  // namespace aigchip_csim

extern "C" EXPORT("aigchip_csim_input") byte* aigchip_csim_input(size_t bytes) {
  output_count = 0;
  byte* buffer = (byte*)calloc(1, bytes + 1);
  if (!buffer) aigchip_csim_fail("out of memory", "");
  aigchip_csim::input = buffer;
  return buffer;
}
