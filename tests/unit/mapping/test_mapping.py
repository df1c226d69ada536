"""A job does its layer: ctrl's commands, carried out as template/README.md says, give the layer's exact results."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from unit.mapping import interpreter

from aigchip.mapping import (
    Convolution,
    Geometry,
    MappingError,
    folded,
    folded_picture,
    folded_weights,
    map_image,
    map_of_image,
    parameter_image,
    place,
    turns,
    weight_image,
)
from aigchip.space.spans import Span


def geometry(m: int, n: int, k: int, word: int, **other: object) -> Geometry:
    """Return a geometry with banks for a step a cycle."""
    values: dict[str, object] = {
        "a_by_height": True,
        "a_factor": m,
        "a_half_pieces": 64,
        "b_factor": n,
        "b_by_height": False,
        "b_half_positions": 1024,
        "c_factor": n,
        "c_by_height": False,
        "c_slots": 2,
        "c_slot_lines": 64,
        "accumulator_bits": 32,
        "window": False,
        "reuse": "second",
        **other,
    }
    return Geometry(step=Span(m=m, n=n, k=k), word_bytes=word, **values)  # type: ignore[arg-type]


GEOMETRIES = {
    "4x2x4": geometry(4, 2, 4, 16),
    "4x2x4, A kept, banks along k and m": geometry(
        4,
        2,
        4,
        16,
        a_by_height=False,
        a_factor=2,
        a_half_pieces=512,
        b_by_height=True,
        c_by_height=True,
        c_factor=4,
        reuse="first",
        c_slots=4,
    ),
    "8x4x2, output kept": geometry(8, 4, 2, 8, c_factor=2, reuse="output"),
    "2x4x8, blocks of 2": geometry(2, 4, 8, 16, c_slots=4, a_half_pieces=256, b_half_positions=256),
    "4x2x4, windows": geometry(4, 2, 4, 16, b_factor=4, window=True),
    "1x1x16": geometry(
        1, 1, 16, 8, b_by_height=True, c_by_height=True, reuse="first", a_half_pieces=128, b_half_positions=256
    ),
    "4x16x1, planar": geometry(4, 16, 1, 8, a_half_pieces=600, b_half_positions=2048, c_factor=2),
}
LAYERS = {
    "product": Convolution.of_product(10, 20, 13),
    "fully connected": Convolution.of_product(37, 50, 1),
    "3x3": Convolution(channels=20, rows=7, columns=7, outputs=10, kernel=(3, 3), padding=(1, 1, 1, 1)),
    "5x3 stride 2": Convolution(
        channels=3, rows=15, columns=14, outputs=9, kernel=(5, 3), padding=(2, 1, 2, 1), stride=2
    ),
    "1x1 stride 2": Convolution(channels=9, rows=8, columns=8, outputs=5, stride=2),
    "depthwise": Convolution(channels=8, rows=9, columns=11, outputs=8, kernel=(3, 3), padding=(1, 1, 1, 1), groups=8),
    "depthwise stride 2": Convolution(
        channels=8, rows=9, columns=11, outputs=8, kernel=(3, 3), padding=(1, 1, 1, 1), groups=8, stride=2
    ),
    "two groups": Convolution(
        channels=16, rows=6, columns=5, outputs=24, kernel=(3, 3), padding=(1, 1, 1, 1), groups=2
    ),
    "dilated": Convolution(channels=4, rows=20, columns=23, outputs=6, kernel=(3, 5), padding=(2, 4, 2, 4), dilation=2),
    "uneven padding": Convolution(
        channels=5, rows=6, columns=9, outputs=6, kernel=(3, 3), padding=(0, 2, 1, 0), stride=2
    ),
    "as large as the map": Convolution(channels=40, rows=3, columns=3, outputs=12, kernel=(3, 3)),
}


def data(layer: Convolution, seed: int) -> dict[str, np.ndarray]:
    """Return random operands of a layer."""
    rng = np.random.default_rng(seed)
    return {
        "picture": rng.integers(-128, 128, (layer.channels, layer.rows, layer.columns)).astype(np.int8),
        "weights": rng.integers(-128, 128, (layer.outputs, layer.group_channels, *layer.kernel)).astype(np.int8),
        "bias": rng.integers(-30000, 30001, layer.outputs).astype(np.int32),
        "multiplier": rng.integers(1, 65536, layer.outputs),
        "shift": rng.integers(18, 26, layer.outputs),
    }


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("shape", GEOMETRIES)
def test_commands_do_the_layer(shape: str, layer: str) -> None:
    sizes, asked = GEOMETRIES[shape], LAYERS[layer]
    try:
        job = place(asked, sizes)
    except MappingError as error:
        assert "no tile" in str(error)
        pytest.skip("the buffers of this design are too small for the layer")
    values = data(asked, 1)
    weights = weight_image(sizes, job, asked, values["weights"])
    parameters = parameter_image(sizes, job, values["bias"], values["multiplier"], values["shift"])
    job = replace(job, p_address=len(weights) // sizes.word_bytes, padding=-5, zero_point=3, low=-100, high=101)
    size = sizes.planes(asked.outputs) * job.out_plane * sizes.word_bytes
    picture = map_image(sizes, values["picture"], asked.columns)
    memory = interpreter.run(job, sizes, weights + parameters, picture, np.full(size, 0xA5, np.uint8))
    found = map_of_image(
        sizes,
        memory.tobytes(),
        channels=asked.outputs,
        rows=asked.out_rows,
        columns=asked.out_columns,
        pitch=job.out_columns,
    )
    sums = asked.sums(values["picture"], values["weights"], padding=-5) + values["bias"][:, None, None]
    shift = values["shift"][:, None, None]
    scaled = (sums * values["multiplier"][:, None, None] + (1 << (shift - 1))) >> shift
    np.testing.assert_array_equal(found, np.clip(scaled + 3, -100, 101))


@pytest.mark.parametrize("shape", GEOMETRIES)
def test_turns_are_those_of_ctrl(shape: str) -> None:
    sizes, model = GEOMETRIES[shape], interpreter.ctrl_model()
    for layer in LAYERS.values():
        try:
            job = place(layer, sizes)
        except MappingError:
            continue
        ctrl = model.turns_of(interpreter.parameters(sizes), job.to_dict())
        mine = [(t.m, *divmod(t.n, job.x_tiles), t.k, t.slot) for t in turns(job, sizes)]
        assert mine == ctrl
        words = model.commands_of(interpreter.parameters(sizes), job.to_dict())
        assert sum(t.load_a for t in turns(job, sizes)) == len(words["arbiter_a_commands"]) - 1
        assert sum(t.load_b for t in turns(job, sizes)) == len(words["arbiter_b_commands"]) - 1


@pytest.mark.parametrize("shape", GEOMETRIES)
@pytest.mark.parametrize("word", [8, 16, 32, 64])
def test_buffer_a_takes_every_piece_of_the_last_word(shape: str, word: int) -> None:
    sizes = replace(GEOMETRIES[shape], word_bytes=word)
    given = interpreter.parameters(sizes)
    for layer in LAYERS.values():
        try:
            job = place(layer, sizes)
        except MappingError:
            continue
        words = interpreter.ctrl_model().commands_of(given, job.to_dict())
        sent = [-(-(found >> 1) * word // sizes.a_piece_bytes) for found in words["arbiter_a_commands"][:-1]]
        taken = [found >> 1 & 0xFFFFFF for found in words["buffer_a_commands"][:-1]]
        assert sum(sent) == sum(taken)
        assert [number for number in taken if number] == sent
        assert max(taken) <= sizes.a_half_pieces


@pytest.mark.parametrize(
    "layer",
    [
        Convolution(channels=3, rows=15, columns=14, outputs=4, kernel=(7, 7), stride=2, padding=(3, 3, 3, 3)),
        Convolution(channels=3, rows=23, columns=20, outputs=4, kernel=(11, 9), stride=4, padding=(2, 1, 2, 3)),
        Convolution(channels=2, rows=9, columns=9, outputs=3, kernel=(3, 3), stride=2, padding=(0, 1, 1, 0)),
    ],
)
def test_folded_layers_give_the_same_sums(layer: Convolution) -> None:
    values = data(layer, 2)
    small = folded(layer)
    picture = folded_picture(layer, values["picture"], padding=9)
    found = small.sums(picture, folded_weights(layer, values["weights"]))
    np.testing.assert_array_equal(found, layer.sums(values["picture"], values["weights"], padding=9))
    assert small.stride == 1 and small.macs >= layer.macs


def test_a_layer_that_does_not_fit_is_refused_with_the_rule() -> None:
    large = Convolution(channels=3, rows=23, columns=23, outputs=6, kernel=(11, 11), stride=4)
    with pytest.raises(MappingError, match="no tile of 11 x 11 taps fits: buffer A holds 64 pieces"):
        place(large, GEOMETRIES["4x2x4"])
    deep = Convolution.of_product(4, 1 << 17, 1)
    with pytest.raises(MappingError, match="sums of 131072 products need 33 bits"):
        place(deep, GEOMETRIES["4x2x4"])
