// A kernel written by hand for the tests of benches: the accelerator's contract (template/README.md) for a step of 4 x 4 channels and memory
// words of 16 bytes, one product after another. It shares no text with the template, and does no windows. The test puts the declaration in.
#include "ap_int.h"
#include "hls_burst_maxi.h"

namespace {

typedef ap_uint<128> Word;
const unsigned kWord = 16, kStep = 4;

signed char byte_at(hls::burst_maxi<Word>& memory, unsigned at) {
  memory.read_request(at / kWord, 1);
  return (signed char)ap_uint<8>(memory.read() >> (8 * (at % kWord))).to_uint();
}

unsigned bytes_at(hls::burst_maxi<Word>& memory, unsigned at, unsigned count) {
  unsigned value = 0;
  for (unsigned index = 0; index < count; index++) value |= (unsigned)(unsigned char)byte_at(memory, at + index) << (8 * index);
  return value;
}

void put(hls::burst_maxi<Word>& memory, unsigned at, signed char value) {
  memory.read_request(at / kWord, 1);
  Word word = memory.read();
  word.range(8 * (at % kWord) + 7, 8 * (at % kWord)) = (unsigned char)value;
  memory.write_request(at / kWord, 1);
  memory.write(word);
  memory.write_response();
}

long long signed8(ap_uint<32> value) { return (signed char)(value.to_uint() & 0xff); }

}  // namespace

@SIGNATURE@ {
  const unsigned groups = grouped ? share_k.to_uint() : k_groups.to_uint();
  const unsigned k_tiles = grouped ? 1 : (k_groups.to_uint() + tile_k.to_uint() - 1) / tile_k.to_uint();
  for (unsigned m = 0; m < m_subtiles.to_uint() * kStep; m++) {
    const unsigned subtile = m / kStep, tile = subtile / tile_m.to_uint(), within = subtile % tile_m.to_uint();
    const unsigned p_at = (p_address.to_uint() + tile * p_tile_words.to_uint()) * kWord + (m - tile * tile_m.to_uint() * kStep) * 8;
    const long long bias = (int)bytes_at(gmem_a, p_at, 4), factor = bytes_at(gmem_a, p_at + 4, 2), shift = bytes_at(gmem_a, p_at + 6, 1);
    for (unsigned y = 0; y < out_rows.to_uint(); y++) {
      for (unsigned x = 0; x < out_columns.to_uint(); x++) {
        long long sum = bias;
        for (unsigned tap = 0; tap < kernel_rows.to_uint() * kernel_columns.to_uint(); tap++) {
          const long long row = (long long)y * stride.to_uint() + tap / kernel_columns.to_uint() * dilation.to_uint() - pad_top.to_uint();
          const long long column = (long long)x * stride.to_uint() + tap % kernel_columns.to_uint() * dilation.to_uint() - pad_left.to_uint();
          const bool inside = row >= 0 && row < in_rows.to_uint() && column >= 0 && column < in_columns.to_uint();
          for (unsigned g = 0; g < groups; g++) {
            const unsigned tile_of_k = grouped ? 0 : g / tile_k.to_uint();
            const unsigned left = k_groups.to_uint() - tile_of_k * tile_k.to_uint();
            const unsigned deep = grouped ? groups : left < tile_k.to_uint() ? left : tile_k.to_uint();
            const unsigned step = (within * kernel_rows.to_uint() * kernel_columns.to_uint() + tap) * deep + (grouped ? g : g % tile_k.to_uint());
            const unsigned a_at = (a_address.to_uint() + (tile * k_tiles + tile_of_k) * a_tile_words.to_uint()) * kWord + step * kStep * kStep;
            const unsigned group = (grouped ? subtile / share_m.to_uint() * share_k.to_uint() : 0) + g;
            if (group >= k_groups.to_uint()) continue;
            for (unsigned k = 0; k < kStep; k++) {
              const unsigned b_at = (b_address.to_uint() + group * in_plane.to_uint()) * kWord + (unsigned)(row * in_pitch.to_uint() + column) * kStep + k;
              const long long seen = inside ? byte_at(gmem_b, b_at) : signed8(padding);
              sum += byte_at(gmem_a, a_at + m % kStep * kStep + k) * seen;
            }
          }
        }
        long long value = ((sum * factor + (shift ? 1LL << (shift - 1) : 0)) >> shift) + signed8(zero_point);
        if (value < signed8(low)) value = signed8(low);
        if (value > signed8(high)) value = signed8(high);
        const unsigned pixel = y * out_columns.to_uint() + x;
        put(gmem_c, (c_address.to_uint() + m / kStep * out_plane.to_uint()) * kWord + pixel * kStep + m % kStep, (signed char)value);
      }
    }
  }
}
