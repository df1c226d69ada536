"""The whole accelerator as a native program, sequential or with one thread a process, and GEMMs to run on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from unit.template import native

from aigchip.space.design import Design
from aigchip.template import top
from aigchip.template.module import Port
from aigchip.template.vectors import Vector

SCALARS = ("m", "k", "n", "multiplier", "shift", "relu", "bias_offset")
PORTS = [
    *(Port(name=name, kind="scalar_in", width_bits=32, meaning="") for name in SCALARS),
    *(Port(name=name, kind="maxi", width_bits=64, meaning="") for name in ("gmem_a", "gmem_b", "gmem_c")),
]
BOUNDED_STREAM = """
#define CSYNTH_HLS_STREAM_H
#include <pthread.h>
#include <unistd.h>
template <class F> struct Thread {
  pthread_t id;
  F work;
  static void* run(void* self) { static_cast<Thread*>(self)->work(); return nullptr; }
  explicit Thread(F work) : work(work) { if (pthread_create(&id, nullptr, run, this)) abort(); }
  void join() { pthread_join(id, nullptr); }
};
namespace hls {
template <class T, int DEPTH = 0> class stream {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
  T words[FIFO_DEPTH];
  int first = 0, size = 0;

 public:
  stream(const char* = "") {}
  T read() {
    pthread_mutex_lock(&mutex);
    while (size == 0) pthread_cond_wait(&changed, &mutex);
    T word = words[first];
    first = (first + 1) % FIFO_DEPTH;
    size--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    return word;
  }
  void write(const T& word) {
    pthread_mutex_lock(&mutex);
    while (size == FIFO_DEPTH) pthread_cond_wait(&changed, &mutex);
    words[(first + size) % FIFO_DEPTH] = word;
    size++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
  }
};
}
"""


def run_whole(design: Design, folder: Path, *, threads_with_depth: int | None = None) -> Path:
    """Compile the accelerator; its program takes the stimulus of one GEMM."""
    graph, codes = top.process_graph(design), top.expert_codes(design)
    if threads_with_depth is None:
        return native.compile_native(native.harness(top.whole(design, codes), graph.name, PORTS), folder)
    units = [top.unit(process.instance, codes) for process in graph.processes]
    runs = [f"{process.function}({', '.join(process.arguments)});" for process in graph.processes]
    function = [
        graph.signature + " {",
        "  alarm(60);",
        *(f"  hls::stream<ap_uint<{channel.width_bits}> > {channel.name};" for channel in graph.channels),
        *(
            f"  auto work{index} = [&] {{ {run} }}; Thread<decltype(work{index})> t{index}(work{index});"
            for index, run in enumerate(runs)
        ),
        *(f"  t{index}.join();" for index in range(len(runs))),
        "}",
    ]
    source = native.harness("\n".join([*units, *function]), graph.name, PORTS)
    source = source.replace('#include "hls_stream.h"', BOUNDED_STREAM, 1)
    return native.compile_native(source, folder, defines=[f"FIFO_DEPTH={threads_with_depth}"])


@dataclass(frozen=True, kw_only=True)
class Gemm:
    """One run: its stimulus, and the result as (M, N) lists."""

    vector: Vector
    wanted: list[list[int]]

    def result(self, program: Path) -> list[list[int]] | list[str]:
        """Run it; on failure the last lines of the output."""
        found = native.run(program, native.stimulus(PORTS, [self.vector]))
        if "gmem_c" not in found or found[-1] != "." or any("settled" in line for line in found):
            return found[-5:]
        start, m, n = found.index("gmem_c") + 1, len(self.wanted), len(self.wanted[0])
        words = np.array([int(word, 16) for word in found[start : start + m * -(-n // 8)]], dtype="<u8")
        return words.view(np.int8).reshape(m, -1)[:, :n].tolist()


def gemm(generator: np.random.Generator, m: int, k: int, n: int) -> Gemm:
    """A random int8 GEMM with bias, requantised, in the accelerator's memory layout; padding holds noise."""
    a, b = generator.integers(-128, 128, (m, k)), generator.integers(-128, 128, (k, n))
    bias = generator.integers(-20000, 20000, m)
    multiplier, shift, relu = int(generator.integers(1, 65536)), int(generator.integers(18, 30)), m % 2

    def image(matrix: np.ndarray) -> np.ndarray:
        padded = generator.integers(0, 256, (matrix.shape[0], -(-matrix.shape[1] // 8) * 8)).astype(np.uint8)
        padded[:, : matrix.shape[1]] = matrix.astype(np.uint8)
        return padded.ravel()

    a_image = image(a.T)
    pairs = np.append(bias, 0)[: m + m % 2].astype("<i4").view(np.uint8)
    scaled = ((a @ b + bias[:, None]) * multiplier + (1 << (shift - 1))) >> shift
    vector = Vector(
        name=f"m {m}, k {k}, n {n}",
        scalars_in={
            "m": m,
            "k": k,
            "n": n,
            "multiplier": multiplier,
            "shift": shift,
            "relu": relu,
            "bias_offset": a_image.size // 8,
        },
        memories_in={
            "gmem_a": tuple(np.concatenate([a_image, pairs]).view("<u8").tolist()),
            "gmem_b": tuple(image(b).view("<u8").tolist()),
            "gmem_c": (0,) * (m * -(-n // 8)),
        },
    )
    return Gemm(vector=vector, wanted=np.clip(scaled, 0 if relu else -128, 127).tolist())
