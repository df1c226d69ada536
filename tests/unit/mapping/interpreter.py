"""What the accelerator does with ctrl's commands, by template/README.md and nothing else: slow, plain, and exact."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aigchip.mapping.geometry import Geometry
from aigchip.mapping.job import Job


def ctrl_model() -> Any:
    """Load template/ctrl/model.py."""
    path = Path(__file__).parents[3] / "template" / "ctrl" / "model.py"
    spec = importlib.util.spec_from_file_location("ctrl_model", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parameters(geometry: Geometry) -> dict[str, Any]:
    """Return ctrl's parameters."""
    return {
        "reuse": geometry.reuse,
        "step_m": geometry.step.m,
        "step_n": geometry.step.n,
        "step_k": geometry.step.k,
        "word_bytes": geometry.word_bytes,
        "a_pieces": geometry.a_pieces,
        "channel_block": geometry.block,
        "pixels_word": geometry.word_pixels,
        "subtile_blocks": geometry.subtile_blocks,
        "group_blocks": geometry.group_blocks,
        "word_pieces": max(1, geometry.word_bytes // geometry.a_piece_bytes),
    }


def run(job: Job, geometry: Geometry, memory_a: bytes, memory_b: bytes, before: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the memory of C after a job, from what it was before."""
    model = ctrl_model()
    layouts = {name: [f.split(":") for f in text.split()] for name, text in model.LAYOUTS.items()}

    def unpack(stream: str, word: int) -> dict[str, int]:
        low, fields = 1, {}
        for name, width in layouts[stream]:
            value = word >> low & ((1 << int(width)) - 1)
            signed = name in ("index", "padding", "zero_point", "low", "high")
            fields[name] = value - (1 << int(width)) if signed and value >> (int(width) - 1) else value
            low += int(width)
        assert word >> low == 0
        return fields

    out = model.commands_of(parameters(geometry), job.to_dict())
    commands = {name: [unpack(name, w) for w in out[f"{name}_commands"][:-1]] for name in layouts}
    assert all(words[-1] == 1 for words in out.values())
    g, sm, sn, sk = geometry, geometry.step.m, geometry.step.n, geometry.step.k
    word, pw, cb = g.word_bytes, g.word_pixels, g.block

    # Loads.
    tiles_a, parameter_words = [], b""
    for c in commands["load_a"]:
        data = memory_a[c["address"] * word : (c["address"] + c["words"]) * word]
        assert len(data) == c["words"] * word
        if c["params"]:
            parameter_words += data
        else:
            tiles_a.append(data)
    windows = []
    planes = np.frombuffer(memory_b, dtype=np.int8).reshape(-1, pw, cb)
    for c, d in zip(commands["load_b"], commands["arbiter_b"], strict=True):
        rows, count = [], 0
        for block in range(c["blocks"]):
            for row in range(c["rows"]):
                first = c["index"] + row * c["row_pixels"]
                lead = first % pw
                words = []
                for w in range(-(-(lead + c["columns"]) // pw)):
                    low, high = w * pw - lead, (w + 1) * pw - lead
                    inside = c["row_first"] <= row < c["row_end"]
                    inside = inside and low < c["column_end"] and high > c["column_first"]
                    place = c["address"] + block * c["plane"] + (first - lead) // pw + w
                    words.append(planes[place] if inside else np.zeros((pw, cb), np.int8))
                count += len(words)
                rows.append((lead, np.concatenate(words)))
        assert count == d["words"]
        windows.append((c, rows))

    # Buffers, turn by turn.
    steps_a, back = [], None
    tiles = iter(tiles_a)
    half: bytes = b""
    for c in commands["buffer_a"]:
        if c["subtiles_m"]:
            size = c["pieces"] * g.a_piece_bytes
            found = []
            for subtile in range(c["subtiles_m"]):
                data = np.frombuffer(half[subtile * size : (subtile + 1) * size], np.int8).reshape(-1, sm, sk)
                found += [data] * c["groups_n"]
            steps_a.append(np.concatenate(found))
        if c["fill_pieces"]:
            assert c["fill_pieces"] <= g.a_half_pieces
            back = next(tiles)
            assert c["fill_pieces"] * g.a_piece_bytes == len(back), "buffer_a takes what arbiter_a gives"
            half = back
    steps_b, taps, memory = [], {}, np.zeros((0, sk), np.int8)
    window = iter(windows)
    for c in commands["buffer_b"]:
        if c["tap"]:
            taps[c["subtiles_m"]] = c["tap_offset"]
            continue
        if c["subtiles_m"]:
            found = []
            for subtile in range(c["subtiles_m"]):
                for group in range(c["groups_n"]):
                    for tap in range(c["taps"]):
                        for k in range(c["k_groups"]):
                            base = (k + subtile // c["share_m"] * c["k_groups"]) * c["step_positions"] + taps[tap]
                            places = []
                            for j in range(sn):
                                row, column = divmod(group * sn + j, c["out_columns"])
                                places.append(base + row * c["pitch"] + column)
                            if job.window:
                                assert c["out_columns"] % sn == 0
                                places = [places[0] + j for j in range(g.b_factor)]
                            elif not g.b_by_height:
                                width = min(g.b_factor, sn)
                                for piece in range(0, sn, width):
                                    banks = {place % g.b_factor for place in places[piece : piece + width]}
                                    real = min(width, max(0, c["out_columns"] * 1 << 30))
                                    assert len(banks) == real, "pixels of a piece share a bank"
                            found.append(memory[np.array(places) % len(memory)])
            steps_b.append(np.array(found))
        if c["fill_blocks"]:
            rows = next(window)[1]
            memory = np.full((g.b_half_positions, sk), 77, np.int8)
            for block in range(c["fill_blocks"]):
                for row in range(c["fill_rows"]):
                    lead, pixels = rows[block * c["fill_rows"] + row]
                    assert lead == (c["lead"] + row * c["lead_step"]) % pw
                    row_phase, row_place = row % c["row_stride"], row // c["row_stride"]
                    if row_phase >= c["row_phases"]:
                        continue
                    for column in range(c["fill_columns"]):
                        phase = column % c["column_stride"]
                        if phase >= c["column_phases"]:
                            continue
                        place = block // g.group_blocks * c["step_positions"]
                        place += (row_phase * c["column_phases"] + phase) * c["plane"]
                        place += row_place * c["pitch"] + column // c["column_stride"]
                        inside = c["row_first"] <= row < c["row_end"]
                        inside = inside and c["column_first"] <= column < c["column_end"]
                        part = block % g.group_blocks * cb
                        memory[place, part : part + cb] = pixels[lead + column] if inside else c["padding"]

    # The array.
    results = []
    for c, a, b in zip(commands["pe_array"], steps_a, steps_b, strict=True):
        assert len(a) == len(b) == c["subtiles"] * c["steps_k"]
        for subtile in range(c["subtiles"]):
            total = np.zeros((sm, sn), np.int64)
            for step in range(subtile * c["steps_k"], (subtile + 1) * c["steps_k"]):
                if c["window"]:
                    for lane in range(sm):
                        seen = np.array([[b[step][n + j][lane % sk] for n in range(sn)] for j in range(g.window_taps)])
                        total[lane] += a[step][lane, : g.window_taps].astype(np.int64) @ seen.astype(np.int64)
                else:
                    total += a[step].astype(np.int64) @ b[step].astype(np.int64).T
            results.append(total)

    # Buffer C, post and store.
    slots: dict[int, NDArray[np.int64]] = {}
    sent = []
    queue = iter(results)
    for c in commands["buffer_c"]:
        if c["drain_blocks"]:
            tile = slots[c["drain_slot"]]
            pixels = c["drain_words"] * pw
            flat = np.zeros((tile.shape[0], max(pixels, tile.shape[1])), np.int64)
            flat[:, : tile.shape[1]] = tile
            sent.append(flat[: c["drain_blocks"] * cb, :pixels])
        if c["fold_m"]:
            assert not c["drain_blocks"] or (c["drain_slot"] ^ c["fold_slot"]) & 1
            assert c["fold_slot"] < g.c_slots
            assert g.slot_lines(c["fold_m"], c["fold_n"]) <= g.c_slot_lines
            tile = np.block([[next(queue) for _ in range(c["fold_n"])] for _ in range(c["fold_m"])])
            slots[c["fold_slot"]] = tile if c["first"] else slots[c["fold_slot"]] + tile
    found_c = before.copy()
    at = 0
    for c, d, sums in zip(commands["post"], commands["store_c"], sent, strict=True):
        words = -(-c["channels"] * 8 // word)
        table = np.frombuffer(parameter_words[at * word : (at + words) * word], np.uint8)[: c["channels"] * 8]
        at += words
        table = table.reshape(-1, 8)
        bias = table[:, :4].copy().view("<i4")[:, 0].astype(object)
        factor = table[:, 4:6].copy().view("<u2")[:, 0].astype(object)
        shift = table[:, 6].astype(int)
        for block in range(c["blocks"]):
            data = bytearray()
            for pixel in range(c["words"] * pw):
                for e in range(cb):
                    m = block * cb + e
                    value = (int(sums[m, pixel]) + bias[m]) * factor[m]
                    value = (value + (1 << (shift[m] - 1) if shift[m] else 0)) >> int(shift[m])
                    data.append(min(max(value + c["zero_point"], c["low"]), c["high"]) & 0xFF)
            for segment in range(d["segments"]):
                place = (d["address"] + block * d["plane"] + segment * d["stride"]) * word
                size = d["words"] * word
                found_c[place : place + size] = np.frombuffer(
                    bytes(data[segment * size : (segment + 1) * size]), np.uint8
                )
    return found_c
