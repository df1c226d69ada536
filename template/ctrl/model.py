"""Model of ctrl: the list of steps, written as plain loops over tiles, and the commands that follow from each."""

STREAMS = (
    "load_a",
    "load_b",
    "arbiter_a",
    "arbiter_b",
    "buffer_a",
    "buffer_b",
    "interconnect",
    "pe_array",
    "buffer_c",
    "post",
    "store_c",
)


def ceil(value, unit):
    """Return how many units cover the value."""
    return -(-value // unit)


def fields(*placed):
    """Pack (lowest bit, value) pairs."""
    return sum(int(value) << low for low, value in placed)


def steps_of(p, m, k, n):
    """Every step as (m0, n0, k0, slot), in the order of the reuse pattern."""
    tile_m, tile_n, tile_k, group = p["tile_m"], p["tile_n"], p["tile_k"], p["group"]
    found = []
    if p["reuse"] == "second":
        for n0 in range(0, n, tile_n):
            for start in range(0, m, group * tile_m):
                members = range(start, min(m, start + group * tile_m), tile_m)
                found += [(m0, n0, k0, slot) for k0 in range(0, k, tile_k) for slot, m0 in enumerate(members)]
    else:
        for m0 in range(0, m, tile_m):
            for start in range(0, n, group * tile_n):
                members = range(start, min(n, start + group * tile_n), tile_n)
                found += [(m0, n0, k0, slot) for k0 in range(0, k, tile_k) for slot, n0 in enumerate(members)]
    return found


def commands_of(p, *, m, k, n, multiplier, shift, relu, bias_offset):
    """Return every command of every stream for one GEMM."""
    a_stride, b_stride = ceil(m, 8), ceil(n, 8)
    out = {name: [] for name in STREAMS}
    steps = steps_of(p, m, k, n)
    for turn in range(len(steps) + 1):
        fill = {"a": (0, 0), "b": (0, 0)}
        if turn < len(steps):
            m0, n0, k0, slot = steps[turn]
            products = min(p["tile_k"], k - k0)
            tile_rows = ceil(products, p["step_k"]) * p["step_k"]
            for operand, start, size, tile, step, stride in (
                ("a", m0, m, p["tile_m"], p["step_m"], a_stride),
                ("b", n0, n, p["tile_n"], p["step_n"], b_stride),
            ):
                if slot and operand == ("b" if p["reuse"] == "second" else "a"):
                    continue
                valid = min(tile, size - start)
                words = ceil(ceil(valid, step) * step, 8)
                out[f"load_{operand}"].append(
                    fields(
                        (8, products),
                        (16, tile_rows),
                        (24, ceil(valid, 8)),
                        (32, words),
                        (40, k0 * stride + start // 8),
                        (72, stride),
                    )
                )
                out[f"arbiter_{operand}"].append(fields((16, tile_rows * words)))
                fill[operand] = (words, tile_rows * words)
        sub_m = sub_n = steps_k = 0
        if turn > 0:
            m0, n0, k0, slot = steps[turn - 1]
            rows, columns = min(p["tile_m"], m - m0), min(p["tile_n"], n - n0)
            sub_m, sub_n = ceil(rows, p["step_m"]), ceil(columns, p["step_n"])
            steps_k = ceil(min(p["tile_k"], k - k0), p["step_k"])
        total = sub_m * sub_n * steps_k
        for operand in "ab":
            row_words, tile_words = fill[operand]
            out[f"buffer_{operand}"].append(
                fields((8, row_words), (16, tile_words), (32, sub_m), (40, sub_n), (48, steps_k), (56, total))
            )
        if turn > 0:
            last = k0 + p["tile_k"] >= k
            row_words = ceil(columns, 8)
            out["interconnect"].append(fields((8, steps_k), (16, total)))
            out["pe_array"].append(fields((8, steps_k), (16, total)))
            out["buffer_c"].append(
                fields(
                    (1, k0 == 0),
                    (2, last),
                    (4, slot),
                    (8, sub_m),
                    (16, sub_n),
                    (24, sub_m * sub_n),
                    (40, rows),
                    (48, columns),
                    (56, row_words),
                    (64, rows * row_words),
                )
            )
            if last:
                out["load_a"].append(
                    fields(
                        (1, 1), (8, 1), (16, 1), (24, ceil(rows, 2)), (32, ceil(rows, 2)), (40, bias_offset + m0 // 2)
                    )
                )
                out["post"].append(
                    fields((1, relu), (8, shift), (16, multiplier), (32, rows), (40, row_words), (48, rows * row_words))
                )
                out["store_c"].append(
                    fields(
                        (8, rows),
                        (16, row_words),
                        (24, rows * row_words),
                        (40, m0 * b_stride + n0 // 8),
                        (72, b_stride),
                    )
                )
    return {f"{name}_commands": [*words, 1] for name, words in out.items()}


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    p = parameters
    tile_m, tile_n, tile_k, group = p["tile_m"], p["tile_n"], p["tile_k"], p["group"]
    sizes = [
        ("smallest", 1, 1, 1),
        ("one tile", tile_m, tile_k, tile_n),
        ("one more than a tile", tile_m + 1, tile_k + 1, tile_n + 1),
        ("one less than a tile", tile_m - 1, tile_k - 1, tile_n - 1),
        ("whole groups", tile_m * group, tile_k * 2, tile_n * group),
        ("a group and a part", tile_m * (group + 1) + 5, tile_k * 2 + 7, tile_n * (group + 1) + 3),
        ("only a row", 1, 3 * tile_k, 3 * tile_n - 2),
        ("only a column", 3 * tile_m - 2, 2 * tile_k, 1),
        *((f"random {i}", *(int(rng.integers(1, 4 * tile)) for tile in (tile_m, tile_k, tile_n))) for i in range(4)),
    ]
    found = []
    for name, m, k, n in sizes:
        spans = {"multiplier": (0, 65536), "shift": (1, 32), "relu": (0, 2), "bias_offset": (0, 9999)}
        drawn = {scalar: int(rng.integers(*span)) for scalar, span in spans.items()}
        scalars = {"m": m, "k": k, "n": n, **drawn}
        found.append(
            {
                "name": f"{name}: m {m}, k {k}, n {n}",
                "scalars_in": scalars,
                "streams_out": commands_of(p, **scalars),
            }
        )
    return found
