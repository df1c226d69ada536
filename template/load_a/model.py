"""Numpy model of load_a: runs of words cut out of a memory image."""

import numpy as np


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    size, burst, ahead = parameters["word_bytes"], parameters["burst_words"], parameters["outstanding_bursts"]

    def run(name, tasks, words, draw=None):
        """Each task: (address, words, whether they are parameters)."""
        image = rng.integers(0, 256, (words, size), dtype=np.uint8) if draw is None else draw((words, size))
        memory = [int.from_bytes(word.tobytes(), "little") for word in image.astype(np.uint8)]
        commands, sent = [], {0: [], 1: []}
        for address, count, params in tasks:
            commands.append(params << 1 | count << 2 | address << 34)
            sent[params] += memory[address : address + count]
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1]},
            "memories_in": {"gmem_a": memory},
            "streams_out": {"words": sent[0], "param_words": sent[1]},
            "memories_out": {"gmem_a": memory},
        }

    def extremes(shape):
        return rng.choice(np.array([0x80, 0x7F, 0, 0xFF], dtype=np.uint8), shape)

    lengths = [1, 2, burst - 1, burst, burst + 1, 2 * burst, 3 * burst - 1]
    far, long = 4 * burst, (max(ahead, 16) + 2) * burst + 3
    alternating = [(int(rng.integers(0, far)), length, at % 2) for at, length in enumerate(lengths * 2)]
    return [
        run("end at once", [], 1),
        run("one word", [(0, 1, 0)], 1),
        run("one word of parameters, the last", [(7, 1, 1)], 8),
        run("extremes", [(1, 9, 0), (3, 5, 1)], 12, extremes),
        run("more bursts than may be open", [(5, long, 0)], long + 8),
        run("every kind of last burst, weights and parameters in turn", alternating, 8 * burst),
        run("single words", [(at, 1, int(at % 5 == 0)) for at in range(2 * ahead + 3)], 2 * ahead + 3),
        run("tiles, each with its parameters", [(2 * burst * t, 2 * burst - t, t % 2) for t in range(6)], 12 * burst),
    ]
