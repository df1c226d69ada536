#include "ap_int.h"
#include "hls_stream.h"

// SHA-256 of messages that are already padded to blocks of 16 words; the message schedule is a shift register of 16 words.
static const ap_uint<32> K[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u};

static ap_uint<32> rotate(ap_uint<32> v, int n) { return (v >> n) | (v << (32 - n)); }

void sha256(hls::stream<ap_uint<32> >& in, hls::stream<ap_uint<32> >& out, ap_uint<16> blocks) {
  ap_uint<32> h[8];
#pragma HLS array_partition variable=h complete
  const ap_uint<32> initial[8] = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};
  for (int k = 0; k < 8; k++) {
#pragma HLS unroll
    h[k] = initial[k];
  }
  BLOCKS: for (ap_uint<16> i = 0; i < blocks; i++) {
    ap_uint<32> w[16];
#pragma HLS array_partition variable=w complete
    for (int k = 0; k < 16; k++) {
#pragma HLS unroll
      w[k] = 0;
    }
    ap_uint<32> a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], hh = h[7];
    ROUNDS: for (int t = 0; t < 64; t++) {
#pragma HLS pipeline II=1
      ap_uint<32> word;
      if (t < 16) {
        word = in.read();
      } else {
        ap_uint<32> s0 = rotate(w[1], 7) ^ rotate(w[1], 18) ^ (w[1] >> 3);
        ap_uint<32> s1 = rotate(w[14], 17) ^ rotate(w[14], 19) ^ (w[14] >> 10);
        word = w[0] + s0 + w[9] + s1;
      }
      for (int k = 0; k < 15; k++) w[k] = w[k + 1];
      w[15] = word;
      ap_uint<32> sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      ap_uint<32> choice = (e & f) ^ (~e & g);
      ap_uint<32> t1 = hh + sum1 + choice + K[t] + word;
      ap_uint<32> sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      ap_uint<32> majority = (a & b) ^ (a & c) ^ (b & c);
      hh = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + sum0 + majority;
    }
    h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += hh;
  }
  WRITE: for (int k = 0; k < 8; k++) {
#pragma HLS pipeline II=1
    out.write(h[k]);
  }
}
