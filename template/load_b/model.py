"""Numpy model of load_b: windows of a feature map, word by word, from the pixels that each word holds."""

import numpy as np

FIELDS = (  # lowest bit and width of each field of the command
    *(("blocks", 1, 16), ("rows", 17, 16), ("columns", 33, 16), ("row_first", 49, 16), ("row_end", 65, 16)),
    *(("column_first", 81, 16), ("column_end", 97, 16), ("address", 113, 32), ("plane", 145, 32), ("index", 177, 32)),
    ("row_pixels", 209, 32),
)


def pack(command):
    """Give the command's bits."""
    return sum((command[name] & ((1 << width) - 1)) << low for name, low, width in FIELDS)


def sent(command, memory, pixels_word):
    """Give the words of a window: for each, the pixels that it holds say whether it is read."""
    found = []
    for block in range(command["blocks"]):
        for row in range(command["rows"]):
            begin = command["index"] + row * command["row_pixels"]
            inside = {
                begin + column
                for column in range(command["column_first"], command["column_end"])
                if command["row_first"] <= row < command["row_end"]
            }
            words = sorted({pixel // pixels_word for pixel in range(begin, begin + command["columns"])})
            for word in words:
                holds = inside & set(range(word * pixels_word, (word + 1) * pixels_word))
                found.append(memory[command["address"] + block * command["plane"] + word] if holds else 0)
    return found


def window(*, height, width, pitch, top, left, rows, columns, blocks, pixels_word, address=0):
    """Give the command for a window whose corner may lie outside of a map of height x width pixels."""
    return {
        "blocks": blocks,
        "rows": rows,
        "columns": columns,
        "row_first": min(rows, max(0, -top)),
        "row_end": max(0, min(rows, height - top)),
        "column_first": min(columns, max(0, -left)),
        "column_end": max(0, min(columns, width - left)),
        "address": address,
        "plane": -(-height * pitch // pixels_word),
        "index": top * pitch + left,
        "row_pixels": pitch,
    }


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    size, pw, ahead = parameters["word_bytes"], parameters["pixels_word"], parameters["outstanding_bursts"]

    def run(name, tasks, draw=None):
        """Each task: a window without its pixels_word."""
        commands = [window(**task, pixels_word=pw) for task in tasks]
        words = max((c["address"] + c["blocks"] * c["plane"] for c in commands), default=1)
        image = rng.integers(0, 256, (words, size), dtype=np.uint8) if draw is None else draw((words, size))
        memory = [int.from_bytes(word.tobytes(), "little") for word in image.astype(np.uint8)]
        return {
            "name": name,
            "streams_in": {"commands": [*map(pack, commands), 1]},
            "memories_in": {"gmem_b": memory},
            "streams_out": {"words": [word for command in commands for word in sent(command, memory, pw)]},
            "memories_out": {"gmem_b": memory},
        }

    def extremes(shape):
        return rng.choice(np.array([0x80, 0x7F, 0, 0xFF], dtype=np.uint8), shape)

    def task(height, width, pitch, top, left, rows, columns, blocks, address=0):
        return {
            **{"height": height, "width": width, "pitch": pitch, "top": top, "left": left},
            **{"rows": rows, "columns": columns, "blocks": blocks, "address": address},
        }

    long = 3 * pw + 1
    many = 2 * ahead + 3
    around = [
        task(5, long, long + lead, top, left, 4, long + 1, 2, lead)
        for lead, (top, left) in enumerate([(-1, -1), (2, -1), (-2, 0), (3, long - 2), (-1, -pw - 1), (0, 1)])
    ]
    random = []
    for _ in range(8):
        height, width = (int(value) for value in rng.integers(1, 9, 2))
        rows, columns = (int(value) for value in rng.integers(1, 9, 2))
        top, left = int(rng.integers(-rows, height + 1)), int(rng.integers(-columns - pw, width + pw))
        pitch = width + int(rng.integers(0, 2 * pw + 1))
        random.append(task(height, width, pitch, top, left, rows, columns, int(rng.integers(1, 4)), 3))
    counts = [
        task(2, 1, 1, -1, 0, 260, 1, 1),
        task(1, 260 * pw, 260 * pw, 0, 0, 1, 260 * pw, 1),
        task(1, 1, 1, 0, 1, 1, 1, 260),
    ]
    return [
        run("end at once", []),
        run("one pixel", [task(1, 1, 1, 0, 0, 1, 1, 1)]),
        run("one pixel outside", [task(1, 1, 1, -1, 0, 1, 1, 1)]),
        run("extremes", [task(3, 2 * pw, 2 * pw, 0, 0, 3, 2 * pw, 2)], extremes),
        run("more rows than bursts may be open", [task(many, pw, pw, 0, 0, many, pw, 1, 2)]),
        run(
            "rows of one word with leads that change", [task(ahead + 2, 2 * pw, 2 * pw + 1, 0, pw - 1, ahead + 2, 1, 2)]
        ),
        run("windows around the map, each alone", around[:1]),
        run("windows around the map", around),
        run(
            "nothing inside, then all",
            [task(4, 4, 4, 4, 0, 5, 4, 2), task(4, 4, 4, 0, 4, 4, 3, 1), task(4, 4, 4, 0, 0, 4, 4, 2)],
        ),
        run("random windows", random),
        run("more than 256 rows, words, planes", counts),
    ]
