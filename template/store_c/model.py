"""Numpy model of store_c: rows written into a memory image."""

import numpy as np


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    size, ahead = parameters["word_results"], parameters["outstanding_bursts"]

    def run(name, tasks, length, draw=None):
        """Each task: (address, stride, rows, words of a row)."""
        before = rng.integers(0, 2**64, length, dtype=np.uint64)
        after = before.copy()
        commands, outputs = [], []
        for address, stride, rows, row_words in tasks:
            data = rng.integers(0, 256, (rows, row_words * 8)) if draw is None else draw((rows, row_words * 8))
            data = np.ascontiguousarray(data).astype(np.uint8)
            for row in range(rows):
                after[address + row * stride :][:row_words] = data[row].view("<u8")
            outputs += [int.from_bytes(word.tobytes(), "little") for word in data.reshape(-1, size)]
            commands.append(rows << 8 | row_words << 16 | (rows * row_words) << 24 | address << 40 | stride << 72)
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "outputs": outputs},
            "memories_in": {"gmem_c": before.tolist()},
            "memories_out": {"gmem_c": after.tolist()},
        }

    many = 2 * ahead + 3
    return [
        run("end at once", [], 1),
        run("one word", [(0, 1, 1, 1)], 1),
        run("extremes", [(1, 3, 3, 2)], 12, lambda shape: rng.choice([0x80, 0x7F, 0, 0xFF], shape)),
        run("rows ahead", [(2, 9, many, 4)], 2 + 9 * many),
        run("several tiles", [(0, 4, ahead, 1), (1, 4, 9, 2), (70, 0, 1, 8)], 80),
        run("whole tile, to the last word", [(0, 8, 64, 8)], 512),
    ]
