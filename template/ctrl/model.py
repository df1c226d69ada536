"""Model of ctrl: the list of turns, written as plain loops over tiles, and the commands that follow from each."""

LAYOUTS = {
    "load_a": "params:1 words:32 address:32",
    "arbiter_a": "words:32",
    "load_b": "blocks:16 rows:16 columns:16 row_first:16 row_end:16 column_first:16 column_end:16 address:32 plane:32 "
    "index:32 row_pixels:32",
    "arbiter_b": "words:32",
    "buffer_a": "fill_pieces:24 subtiles_m:16 groups_n:16 pieces:24",
    "buffer_b": "tap:1 fill_blocks:16 fill_rows:16 fill_columns:16 row_first:16 row_end:16 column_first:16 "
    "column_end:16 lead:8 lead_step:8 row_phases:3 column_phases:3 row_stride:3 column_stride:3 pitch:16 plane:24 "
    "step_positions:24 subtiles_m:16 groups_n:16 out_columns:16 taps:16 k_groups:16 share_m:16 tap_offset:24 padding:8",
    "interconnect": "window:1 steps_k:16 subtiles:24",
    "pe_array": "window:1 steps_k:16 subtiles:24",
    "buffer_c": "first:1 fold_slot:8 fold_m:16 fold_n:16 drain_slot:8 drain_blocks:16 drain_words:16",
    "post": "zero_point:8 low:8 high:8 channels:16 blocks:16 words:16",
    "store_c": "blocks:16 segments:16 words:16 address:32 plane:32 stride:32",
}


def ceil(value, unit):
    """Return how many units cover the value."""
    return -(-value // unit)


def pack(stream, **fields):
    """Pack a command; fields that are not named are 0."""
    word, low = 0, 1
    for field in LAYOUTS[stream].split():
        name, width = field.split(":")
        word |= (int(fields.pop(name, 0)) & ((1 << int(width)) - 1)) << low
        low += int(width)
    assert not fields, fields
    return word


def turns_of(p, j):
    """Return every turn as (m tile, y tile, x tile, k tile, slot), in the order of the reuse pattern."""
    m_tiles, k_tiles = ceil(j["m_subtiles"], j["tile_m"]), 1 if j["grouped"] else ceil(j["k_groups"], j["tile_k"])
    y_tiles, x_tiles = ceil(j["out_rows"], j["tile_rows"]), ceil(j["out_columns"], j["tile_columns"])
    all_m, all_n = list(range(m_tiles)), [(y, x) for y in range(y_tiles) for x in range(x_tiles)]
    outer, inner = (all_n, all_m) if p["reuse"] == "second" else (all_m, all_n)
    group = 1 if p["reuse"] == "output" else j["group"]
    found, tiles = [], 0
    for out in outer:
        for start in range(0, len(inner), group):
            members = inner[start : start + group]
            for k in range(k_tiles):
                for place, member in enumerate(members):
                    m, (y, x) = (member, out) if p["reuse"] == "second" else (out, member)
                    found.append((m, y, x, k, tiles % 2 if group == 1 else place))
            tiles += 1
    return found


def tap_offsets(j):
    """Return the positions of the taps, row by row."""
    found = []
    for row in range(j["kernel_rows"]):
        y = row * j["dilation"]
        for column in range(j["kernel_columns"]):
            x = column * j["dilation"]
            phase, inside = (column, 0) if j["window"] else (x % j["stride"], x // j["stride"])
            plane = y % j["row_stride"] * j["column_phases"] + phase
            found.append(plane * j["plane"] + y // j["row_stride"] * j["pitch"] + inside)
    return found


def window_of(p, j, m, y, x, k):
    """Return the window of a tile: fields of load_b, memory words, and fields of buffer_b."""
    pw = p["pixels_word"]
    k0 = (m if j["grouped"] else k) * j["tile_k"]
    blocks = min(j["tile_k"], j["k_groups"] - k0) * p["group_blocks"]
    rows = (min(j["tile_rows"], j["out_rows"] - y * j["tile_rows"]) - 1) * j["row_stride"] + j["span_rows"]
    columns = (min(j["tile_columns"], j["out_columns"] - x * j["tile_columns"]) - 1) * j["stride"] + j["span_columns"]
    top = y * j["tile_rows"] * j["stride"] - j["pad_top"]
    left = x * j["tile_columns"] * j["stride"] - j["pad_left"]
    inside = {
        "row_first": max(0, -top),
        "row_end": min(rows, ceil(j["in_rows"] - top, j["row_step"])),
        "column_first": max(0, -left),
        "column_end": min(columns, j["in_columns"] - left),
    }
    index, row_pixels = top * j["in_pitch"] + left, j["row_step"] * j["in_pitch"]
    words = sum(ceil((index + r * row_pixels) % pw + columns, pw) for r in range(rows)) * blocks
    load = {
        **inside,
        "blocks": blocks,
        "rows": rows,
        "columns": columns,
        "address": j["b_address"] + k0 * p["group_blocks"] * j["in_plane"],
        "plane": j["in_plane"],
        "index": index,
        "row_pixels": row_pixels,
    }
    fill = {**inside, "fill_blocks": blocks, "fill_rows": rows, "fill_columns": columns}
    return load, words, {**fill, "lead": index % pw, "lead_step": row_pixels % pw}


def commands_of(p, j):
    """Return every command of every stream for one job."""
    out = {name: [] for name in LAYOUTS}

    def say(stream, **fields):
        out[stream].append(pack(stream, **fields))

    for number, offset in enumerate(tap_offsets(j)):
        say("buffer_b", tap=1, subtiles_m=number, tap_offset=offset)
    taps = j["kernel_rows"] * j["kernel_columns"]
    k_tiles = 1 if j["grouped"] else ceil(j["k_groups"], j["tile_k"])
    walk = ("row_phases", "column_phases", "row_stride", "pitch", "plane", "step_positions", "share_m", "padding")
    geometry = {**{name: j[name] for name in walk}, "column_stride": j["stride"], "taps": taps}
    word, sm, sk = p["word_bytes"], p["step_m"], p["step_k"]

    def size(turn):
        m, y, x, k, _ = turn
        subtiles = min(j["tile_m"], j["m_subtiles"] - m * j["tile_m"])
        rows = min(j["tile_rows"], j["out_rows"] - y * j["tile_rows"])
        columns = min(j["tile_columns"], j["out_columns"] - x * j["tile_columns"])
        groups = j["share_k"] if j["grouped"] else min(j["tile_k"], j["k_groups"] - k * j["tile_k"])
        return subtiles, rows, columns, groups

    todo = turns_of(p, j)
    has_a = has_b = None
    for turn in range(len(todo) + 2):
        load = todo[turn] if turn < len(todo) else None
        compute = todo[turn - 1] if 0 < turn <= len(todo) else None
        send = todo[turn - 2] if turn > 1 and todo[turn - 2][3] == k_tiles - 1 else None
        if send:
            subtiles = size(send)[0]
            say(
                "load_a",
                params=1,
                words=ceil(subtiles * sm * 8, word),
                address=j["p_address"] + send[0] * j["p_tile_words"],
            )
        pieces, fill = 0, {}
        if load:
            m, y, x, k, _ = load
            subtiles, _, _, groups = size(load)
            steps = subtiles * taps * groups
            if (m, k) != has_a:
                has_a = (m, k)
                words = ceil(steps * sm * sk, word)
                say("load_a", words=words, address=j["a_address"] + (m * k_tiles + k) * j["a_tile_words"])
                say("arbiter_a", words=words)
                # A word is cut into pieces whole, those beyond the tile too.
                pieces = words * p["word_pieces"] if p["word_pieces"] > 1 else steps * p["a_pieces"]
            if (y, x, m if j["grouped"] else k) != has_b:
                has_b = (y, x, m if j["grouped"] else k)
                fields, words, fill = window_of(p, j, m, y, x, k)
                say("load_b", **fields)
                say("arbiter_b", words=words)
        read_a, read_b = {}, {}
        if compute:
            subtiles, rows, columns, groups = size(compute)
            across = ceil(rows * columns, p["step_n"])
            read_a = {"subtiles_m": subtiles, "groups_n": across, "pieces": taps * groups * p["a_pieces"]}
            read_b = {"subtiles_m": subtiles, "groups_n": across, "out_columns": columns, "k_groups": groups}
        if pieces or compute:
            say("buffer_a", fill_pieces=pieces, **read_a)
        if fill or compute:
            say("buffer_b", **geometry, **fill, **read_b)
        fold, drain = {}, {}
        if compute:
            for name in ("interconnect", "pe_array"):
                say(name, window=j["window"], steps_k=taps * groups, subtiles=subtiles * across)
            fold = {"first": compute[3] == 0, "fold_slot": compute[4], "fold_m": subtiles, "fold_n": across}
        if send:
            subtiles, rows, columns, _ = size(send)
            blocks, words = subtiles * p["subtile_blocks"], ceil(rows * columns, p["pixels_word"])
            drain = {"drain_slot": send[4], "drain_blocks": blocks, "drain_words": words}
        if fold and drain and fold["fold_slot"] % 2 == drain["drain_slot"] % 2:
            say("buffer_c", **drain)
            drain = {}
        if fold or drain:
            say("buffer_c", **fold, **drain)
        if send:
            say(
                "post",
                zero_point=j["zero_point"],
                low=j["low"],
                high=j["high"],
                channels=subtiles * sm,
                blocks=blocks,
                words=words,
            )
            whole = columns == j["out_columns"]
            pixel = send[1] * j["tile_rows"] * j["out_columns"] + send[2] * j["tile_columns"]
            say(
                "store_c",
                blocks=blocks,
                segments=1 if whole else rows,
                words=words if whole else columns // p["pixels_word"],
                address=j["c_address"]
                + send[0] * j["tile_m"] * p["subtile_blocks"] * j["out_plane"]
                + pixel // p["pixels_word"],
                plane=j["out_plane"],
                stride=j["out_columns"] // p["pixels_word"],
            )
    return {f"{name}_commands": [*words, 1] for name, words in out.items()}


def job(rng, p, **given):
    """Return a job with made-up addresses; what is not given follows from the rest."""
    j = {
        "m_subtiles": 3,
        "tile_m": 2,
        "out_rows": 1,
        "out_columns": 4 * p["pixels_word"],
        "k_groups": 3,
        "tile_k": 3,
        "kernel_rows": 1,
        "kernel_columns": 1,
        "dilation": 1,
        "stride": 1,
        "row_step": 1,
        "pad_top": 0,
        "pad_left": 0,
        "grouped": 0,
        "share_m": 65535,
        "share_k": 0,
        "window": 0,
        "padding": 0,
        "zero_point": 0,
        "low": -128,
        "high": 127,
        "group": 1,
        **given,
    }
    j.setdefault("tile_rows", j["out_rows"])
    j.setdefault("tile_columns", j["out_columns"])
    j.setdefault("row_stride", 1 if j["row_step"] > 1 else j["stride"])
    j.setdefault("span_rows", (j["kernel_rows"] - 1) * j["dilation"] + 1)
    j.setdefault("span_columns", (j["kernel_columns"] - 1) * j["dilation"] + 1)
    j.setdefault("row_phases", min(j["row_stride"], j["span_rows"]))
    j.setdefault("column_phases", min(j["stride"], j["span_columns"]))
    j.setdefault("in_rows", (j["out_rows"] - 1) * j["stride"] + j["span_rows"] - 2 * j["pad_top"])
    j.setdefault("in_columns", (j["out_columns"] - 1) * j["stride"] + j["span_columns"] - 2 * j["pad_left"])
    j.setdefault("in_pitch", j["in_columns"])
    j.setdefault("in_plane", ceil(j["in_rows"] * j["in_pitch"], p["pixels_word"]))
    j.setdefault("out_plane", ceil(j["out_rows"] * j["out_columns"], p["pixels_word"]))
    j.setdefault("pitch", j["tile_columns"] + j["span_columns"])
    j.setdefault("plane", (j["tile_rows"] + j["span_rows"]) * j["pitch"])
    j.setdefault("step_positions", j["plane"] * j["row_phases"] * j["column_phases"])
    j.setdefault("a_tile_words", 50)
    j.setdefault("p_tile_words", 9)
    for place, name in enumerate(("a_address", "p_address", "b_address", "c_address")):
        j.setdefault(name, int(rng.integers(0, 1 << 20)) + (place << 20))
    return j


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    p = parameters
    wide = max(p["pixels_word"], p["step_n"])
    jobs = {
        "one tile": {"m_subtiles": 1, "tile_m": 1, "k_groups": 1, "tile_k": 1, "out_columns": 1},
        "tiles of m": {"m_subtiles": 5, "tile_m": 2, "padding": -3, "zero_point": -128, "low": 0, "high": 96},
        "tiles of k": {"m_subtiles": 3, "tile_m": 1, "k_groups": 7, "tile_k": 3, "out_rows": 4, "tile_rows": 2},
        "groups": {"m_subtiles": 5, "tile_m": 1, "k_groups": 4, "tile_k": 2, "out_rows": 5, "tile_rows": 1, "group": 2},
        "odd groups": {
            "m_subtiles": 4,
            "tile_m": 2,
            "k_groups": 5,
            "tile_k": 2,
            "out_rows": 7,
            "tile_rows": 2,
            "group": 4,
        },
        "3 x 3, padded": {
            "out_rows": 6,
            "out_columns": 7,
            "tile_rows": 4,
            "kernel_rows": 3,
            "kernel_columns": 3,
            "pad_top": 1,
            "pad_left": 1,
        },
        "columns in tiles": {
            "out_rows": 3,
            "out_columns": 3 * wide,
            "tile_rows": 2,
            "tile_columns": wide,
            "kernel_rows": 3,
            "kernel_columns": 5,
            "pad_top": 1,
            "pad_left": 2,
            "in_pitch": 3 * wide + 1,
        },
        "stride 2, dilated": {
            "out_rows": 5,
            "out_columns": 5,
            "tile_rows": 2,
            "kernel_rows": 3,
            "kernel_columns": 3,
            "stride": 2,
            "dilation": 2,
            "pad_top": 2,
            "pad_left": 2,
        },
        "stride 4": {
            "out_rows": 3,
            "out_columns": 9,
            "kernel_rows": 5,
            "kernel_columns": 7,
            "stride": 4,
            "pad_left": 2,
        },
        "1 x 1 with stride 2": {
            "out_rows": 4,
            "out_columns": 6,
            "stride": 2,
            "row_step": 2,
            "in_rows": 8,
            "in_columns": 12,
        },
        "grouped": {
            "m_subtiles": 5,
            "tile_m": 2,
            "k_groups": 10,
            "tile_k": 4,
            "grouped": 1,
            "share_m": 1,
            "share_k": 2,
            "out_rows": 4,
            "tile_rows": 2,
        },
        "windows": {
            "m_subtiles": 3,
            "tile_m": 2,
            "k_groups": 3,
            "tile_k": 2,
            "grouped": 1,
            "share_m": 1,
            "share_k": 1,
            "window": 1,
            "kernel_rows": 3,
            "kernel_columns": 2,
            "stride": 2,
            "span_columns": 3,
            "out_rows": 4,
            "pad_top": 1,
        },
    }
    found = []
    for name, given in jobs.items():
        values = job(rng, p, **given)
        found.append(
            {
                "name": name,
                "scalars_in": {scalar: value & 0xFFFFFFFF for scalar, value in values.items()},
                "streams_out": commands_of(p, values),
            }
        )
    return found
