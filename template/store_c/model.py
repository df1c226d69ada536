"""Numpy model of store_c: planes of segments written into a memory image."""

import numpy as np


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    size, results = parameters["word_bytes"], parameters["results"]
    burst, ahead = parameters["burst_words"], parameters["outstanding_bursts"]

    def numbers(image):
        return [int.from_bytes(word.tobytes(), "little") for word in image]

    def run(name, tasks, draw=None):
        """Each task: (address, blocks, plane, segments, stride, words)."""
        ends = [a + (b - 1) * plane + (s - 1) * stride + w for a, b, plane, s, stride, w in tasks]
        before = rng.integers(0, 256, (max(ends, default=1), size), dtype=np.uint8)
        after = before.copy()
        commands, outputs = [], []
        for address, blocks, plane, segments, stride, words in tasks:
            shape = (blocks, segments, words, size)
            data = (rng.integers(0, 256, shape) if draw is None else draw(shape)).astype(np.uint8)
            for block in range(blocks):
                for segment in range(segments):
                    after[address + block * plane + segment * stride :][:words] = data[block, segment]
            outputs += numbers(data.reshape(-1, results))
            command = blocks << 1 | segments << 17 | words << 33 | address << 49 | plane << 81 | stride << 113
            commands.append(command)
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "outputs": outputs},
            "memories_in": {"gmem_c": numbers(before)},
            "memories_out": {"gmem_c": numbers(after)},
        }

    def extremes(shape):
        return rng.choice([0x80, 0x7F, 0, 0xFF], shape)

    lengths = [1, 2, burst - 1, burst, burst + 1, 2 * burst]
    return [
        run("end at once", []),
        run("one word", [(0, 1, 1, 1, 1, 1)]),
        run("extremes", [(1, 2, 9, 2, 4, 3)], extremes),
        run("segments of single words, more than bursts may be open", [(2, 2, 3 * ahead + 5, ahead + 3, 2, 1)]),
        run("every kind of last burst", [(at, 1, 0, 1, 0, length) for at, length in enumerate(lengths)]),
        run("planes and segments of several bursts", [(1, 2, 3 * burst + 4, 2, burst + 2, burst + 1)]),
        run("tiles in turn", [(0, 3, 20, 2, 7, 4), (90, 1, 0, 1, 0, 9), (4, 3, 20, 2, 7, 3), (60, 2, 5, 5, 1, 1)]),
        run(
            "more than 256 segments, planes and words",
            [(0, 1, 0, 260, 1, 1), (3, 260, 1, 1, 0, 1), (1, 1, 0, 1, 0, 260)],
        ),
    ]
