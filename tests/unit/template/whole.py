"""Whole accelerators as native programs, sequential or with one thread a process, and layers to run on them.

The code is the expert's, so it is trusted and runs outside the sandbox. A program takes layers from its input, as `stimulus`
writes them, and gives their output maps with the guard words around them; `failures` holds those against numpy.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from unit.template import native

from aigchip.mapping import Geometry, LayerRun, trial
from aigchip.mapping.convolution import Convolution
from aigchip.mapping.run import Values
from aigchip.mapping.tiling import MappingError, Traffic, estimate, place
from aigchip.space.design import Design
from aigchip.template import top

#: Memory words before and after the output map, which must not change.
GUARD_WORDS = 8
#: Cycles that a layer of `layers_for` may take, as tiling estimates them.
MOST_CYCLES = 4000
_UNTOUCHED = 0xA5
_DEADLOCK_SECONDS = 60
#: hls::stream of FIFO_DEPTH words for processes that are threads: `read` and `write` wait.
_BOUNDED_STREAM = """
#define CSYNTH_HLS_STREAM_H
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
template <class F> struct Thread {
  pthread_t id;
  F work;
  static void* run(void* self) { static_cast<Thread*>(self)->work(); return nullptr; }
  explicit Thread(F work) : work(work) { if (pthread_create(&id, nullptr, run, this)) abort(); }
  void join() { pthread_join(id, nullptr); }
};
struct Fifo { const char* name; const int* size; };
static Fifo fifos[100];
static int fifo_count = 0;
static void tell_fifos(int) {
  fprintf(stderr, "deadlock, or too slow; words in FIFOs:");
  for (int i = 0; i < fifo_count; i++)
    if (*fifos[i].size) fprintf(stderr, " %s %d", fifos[i].name, *fifos[i].size);
  _exit(1);
}
namespace hls {
template <class T, int DEPTH = 0> class stream {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
  T words[FIFO_DEPTH];
  int first = 0, size = 0;

 public:
  stream(const char* name = "") { fifos[fifo_count++] = {name, &size}; }
  bool empty() {
    pthread_mutex_lock(&mutex);
    bool found = size == 0;
    pthread_mutex_unlock(&mutex);
    if (found) sched_yield();
    return found;
  }
  bool full() {
    pthread_mutex_lock(&mutex);
    bool found = size == FIFO_DEPTH;
    pthread_mutex_unlock(&mutex);
    if (found) sched_yield();
    return found;
  }
  bool read_nb(T& word) {
    if (empty()) return false;
    word = read();
    return true;
  }
  bool write_nb(const T& word) {
    if (full()) return false;
    write(word);
    return true;
  }
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
_MAIN = """
template <class T> static void take(T* to, int count) {
  if (fread(to, sizeof(T), count, stdin) != (size_t)count) abort();
}
int main() {
  int runs;
  take(&runs, 1);
  while (runs--) {
    unsigned scalars[%(scalars)d];
    take(scalars, %(scalars)d);
%(memories)s
    %(call)s;
%(results)s
  }
  return 0;
}
"""


class OddRequantisation(LayerRun):
    """A layer whose parameters of post are rare ones: extremes of the bias, any shift, multipliers of 0, 1 and most."""

    def values(self) -> Values:
        """Return the data."""
        values, outputs = LayerRun.values(self), self.layer.outputs
        rng = np.random.default_rng([self.seed, outputs])
        usual = rng.random(outputs) < 0.5
        bias = rng.choice([-(1 << 31), (1 << 31) - 1, 0, 255], outputs)
        return replace(
            values,
            bias=np.where(usual, values.bias, bias).astype(np.int32),
            multiplier=np.where(usual, values.multiplier, rng.choice([0, 1, 3, 65535], outputs)),
            shift=np.where(usual, values.shift, rng.integers(0, 48, outputs)),
            low=-101,
            high=99,
        )


def source(design: Design, *, threads_with_depth: int | None = None) -> str:
    """Return the accelerator as one program.

    Args:
        design: a valid design.
        threads_with_depth: every process is a thread of its own, and every FIFO holds so many words; a run that takes
            too long ends the program. With None the processes run one after another, and no FIFO is ever full.
    """
    graph, codes = top.process_graph(design), top.expert_codes(design)
    code = top.whole(design, codes)
    if threads_with_depth is not None:
        units = [top.unit(process.instance, codes) for process in graph.processes]
        calls = [f"{process.function}({', '.join(process.arguments)});" for process in graph.processes]
        code = "\n".join(
            [
                *units,
                graph.signature + " {",
                f"  signal(SIGALRM, tell_fifos), fifo_count = 0, alarm({_DEADLOCK_SECONDS});",
                *(
                    f'  hls::stream<ap_uint<{channel.width_bits}> > {channel.name}("{channel.name}");'
                    for channel in graph.channels
                ),
                *(
                    f"  auto work{index} = [&] {{ {call} }}; Thread<decltype(work{index})> t{index}(work{index});"
                    for index, call in enumerate(calls)
                ),
                *(f"  t{index}.join();" for index in range(len(calls))),
                "}",
            ]
        )
    memories, results = [], []
    for memory in graph.memories:
        name, word = memory.name, f"ap_uint<{memory.width_bits}>"
        memories += [
            f"    int size_{name};",
            f"    take(&size_{name}, 1);",
            f"    {word}* data_{name} = ({word}*)calloc(size_{name} + 1, sizeof({word}));",
            f"    take(data_{name}, size_{name});",
            f"    hls::burst_maxi<{word} > {name}(data_{name}, size_{name});",
        ]
        results.append(f'    if (!{name}.settled()) {{ fprintf(stderr, "{name} is not settled\\n"); return 1; }}')
        if name == "gmem_c":
            results.append(f"    fwrite(data_{name}, sizeof({word}), size_{name}, stdout);")
        results.append(f"    free(data_{name});")
    arguments = [f"scalars[{index}]" for index in range(len(graph.scalars))] + [m.name for m in graph.memories]
    main = _MAIN % {
        "scalars": len(graph.scalars),
        "memories": "\n".join(memories),
        "call": f"{graph.name}({', '.join(arguments)})",
        "results": "\n".join(results),
    }
    text = "\n".join([native.PRELUDE, code, main])
    if threads_with_depth is None:
        return text
    return text.replace('#include "hls_stream.h"', f"#define FIFO_DEPTH {threads_with_depth}{_BOUNDED_STREAM}", 1)


def compile_whole(design: Design, folder: Path, *, threads_with_depth: int | None = None) -> Path:
    """Compile the accelerator as `source` writes it."""
    text = source(design, threads_with_depth=threads_with_depth)
    return native.compile_native(text, folder, options=native.QUICK)


def stimulus(design: Design, runs: Sequence[LayerRun]) -> bytes:
    """Return what a compiled accelerator reads: for each layer its scalars, and each memory with its size in words."""
    geometry, graph = Geometry.of(design), top.process_graph(design)
    guard = bytes([_UNTOUCHED]) * (GUARD_WORDS * geometry.word_bytes)
    parts = [struct.pack("<i", len(runs))]
    for run in runs:
        data = run.operands(geometry)
        values = data.job.to_dict() | {"c_address": GUARD_WORDS}
        parts += [struct.pack("<I", values[s.name] & ((1 << s.width_bits) - 1)) for s in graph.scalars]
        images = {
            "gmem_a": data.image_a,
            "gmem_b": data.image_b,
            "gmem_c": guard + bytes([_UNTOUCHED]) * data.bytes_c + guard,
        }
        for memory in graph.memories:
            image = images[memory.name]
            assert len(image) % geometry.word_bytes == 0, memory.name
            parts += [struct.pack("<i", len(image) // geometry.word_bytes), image]
    return b"".join(parts)


def failures(design: Design, program: Path, runs: Sequence[LayerRun]) -> list[str]:
    """Run layers on a compiled accelerator one after another; return what is wrong with each that is not exact."""
    geometry = Geometry.of(design)
    done = subprocess.run([program], input=stimulus(design, runs), capture_output=True, timeout=600, check=False)
    guard = bytes([_UNTOUCHED]) * (GUARD_WORDS * geometry.word_bytes)
    wrong, at = [], 0
    for run in runs:
        data = run.operands(geometry)
        part = done.stdout[at : at + data.bytes_c + 2 * len(guard)]
        at += len(part)
        if len(part) < data.bytes_c + 2 * len(guard):
            wrong.append(f"{run.name}: ended with {done.returncode}: {done.stderr.decode()[-300:].strip()}")
            break
        if part[: len(guard)] != guard or part[-len(guard) :] != guard:
            wrong.append(f"{run.name}: wrote beside the output map")
        outputs, wanted = run.found(geometry, data.job, part[len(guard) : -len(guard)]), run.reference()
        if not np.array_equal(outputs, wanted):
            places = np.argwhere(outputs != wanted)
            first = tuple(int(axis) for axis in places[0])
            wrong.append(
                f"{run.name}: {len(places)} of {wanted.size} are wrong, {first} is {outputs[first]} "
                f"instead of {wanted[first]}"
            )
    return wrong


def layers_for(design: Design, most_cycles: int = MOST_CYCLES) -> list[LayerRun]:
    """Return small layers that try a design out.

    They are a product twice, the second time with odd parameters of post, a product of short turns, padded, strided,
    depthwise and steady convolutions as far as they fit the design; clamps, padding and zero points differ.
    """
    geometry = Geometry.of(design)
    product = trial.odd_product(geometry, most_cycles)
    makes = (trial.padded, trial.strided, trial.depthwise, _diagonal, _short_turns, trial.steady)
    found = [product, *(layer for make in makes if (layer := make(geometry, most_cycles)) is not None)]
    runs = [
        LayerRun(layer=layer, seed=seed, relu=seed % 2 == 1, padding=(0, 5, -7)[seed % 3], zero_point=(0, -9)[seed % 2])
        for seed, layer in enumerate(found)
    ]
    return [*runs, OddRequantisation(layer=product, seed=len(found), zero_point=-128)]


def _diagonal(geometry: Geometry, most_cycles: int) -> Convolution | None:
    """Return a small 3 x 3 depthwise convolution for a design without windows; None where it does not fit the design."""
    count = geometry.channel_unit
    layer = Convolution(
        channels=count, rows=4, columns=5, outputs=count, kernel=(3, 3), padding=(1, 1, 1, 1), groups=count
    )
    return None if geometry.window else _within(layer, geometry, most_cycles)


def _short_turns(geometry: Geometry, most_cycles: int) -> Convolution | None:
    """Return a product of sub-tiles of one step each: with a small buffer C turns are shorter than the array is deep."""
    step = geometry.step
    return _within(Convolution.of_product(4 * step.m, step.k, 8 * step.n), geometry, most_cycles)


def _within(layer: Convolution, geometry: Geometry, most_cycles: int) -> Convolution | None:
    """Return the layer, or None where the design cannot do it in so many cycles."""
    try:
        job = place(layer, geometry)
    except MappingError:
        return None
    return layer if estimate(job, geometry, Traffic()) <= most_cycles else None


def check(design: Design, *, threads_with_depth: int | None = None) -> list[str]:
    """Compile a design's expert code and run `layers_for` on it; return what is wrong.

    Nothing is kept. It takes what clang takes, about 2 s of one core's time.
    """
    folder = Path(tempfile.mkdtemp(prefix="whole-"))
    try:
        program = compile_whole(design, folder, threads_with_depth=threads_with_depth)
        return failures(design, program, layers_for(design))
    finally:
        shutil.rmtree(folder)
