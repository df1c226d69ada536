import dataclasses
import json

import pytest

from csynth.link import ChannelSpec, MaxiSpec, Network, Port, ProcessInstance, ScalarSpec, StreamSpec, link
from csynth.link.axilite import register_map
from csynth.link.model import LinkError

READER = ProcessInstance(
    name="reader",
    module="load",
    ports=(
        Port(name="n", kind="scalar_in", width_bits=32),
        Port(name="g_AR", kind="stream_out", width_bits=96),
        Port(name="g_R", kind="stream_in", width_bits=64),
        Port(name="words", kind="stream_out", width_bits=64),
    ),
)
WRITER = ProcessInstance(
    name="writer",
    module="sink",
    ports=(Port(name="words", kind="stream_in", width_bits=64), Port(name="out", kind="stream_out", width_bits=8)),
)
NETWORK = Network(
    name="pair",
    processes=(READER, WRITER),
    channels=(
        ChannelSpec(name="words", width_bits=64, depth=4, producer=("reader", "words"), consumer=("writer", "words")),
    ),
    scalars=(ScalarSpec(name="n", width_bits=32, consumers=(("reader", "n"),)),),
    streams=(StreamSpec(name="out", width_bits=8, end=("writer", "out")),),
    maxi=(MaxiSpec(name="gmem", width_bits=64, ends={"AR": ("reader", "g_AR"), "R": ("reader", "g_R")}),),
    control="s_axilite",
)


def test_a_network_is_written_whole(tmp_path, golden):
    result = link(NETWORK, tmp_path)
    assert [path.name for path in result.sources] == ["pair.v", "pair_control.v", "csynth_fifo.v", "csynth_maxi.v"]
    golden("csynth_rtl/link.pair.v", (tmp_path / "rtl" / "pair.v").read_text())
    golden("csynth_rtl/link.pair_control.v", (tmp_path / "rtl" / "pair_control.v").read_text())
    description = json.loads(result.description.read_text())
    assert description["fifos"] == [
        {
            "name": "words",
            "path": "pair.fifo_words",
            "width_bits": 64,
            "depth": 4,
            "producer": "reader.words",
            "consumer": "writer.words",
        }
    ]


def test_the_register_map_is_that_of_vitis():
    network = dataclasses.replace(
        NETWORK, scalars=tuple(ScalarSpec(name=f"s{i}", width_bits=32, consumers=()) for i in range(7)),
        maxi=tuple(MaxiSpec(name=name, width_bits=64, ends={}) for name in "abc"),
    )  # fmt: skip
    assert [register.offset for register in register_map(network)] == [
        0x10,
        0x18,
        0x20,
        0x28,
        0x30,
        0x38,
        0x40,
        0x48,
        0x54,
        0x60,
    ]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"channels": ()},
            "csynth: pair: reader.words is connected 0 times; must be once. Add or remove a channel.",
        ),
        (
            {"channels": (dataclasses.replace(NETWORK.channels[0], width_bits=32),)},
            "csynth: pair: channel words is 32 bits wide; must be 64 bits as reader.words. Give both ends one width.",
        ),
        (
            {"channels": (dataclasses.replace(NETWORK.channels[0], depth=0),)},
            "csynth: pair: channel words has depth 0; must be at least 1. Give it depth 2.",
        ),
        (
            {"channels": (dataclasses.replace(NETWORK.channels[0], consumer=("writer", "out")),)},
            "csynth: pair: channel words ends at writer.out, a stream_out; must be a stream_in. Swap or correct the ends.",
        ),
        (
            {"channels": (dataclasses.replace(NETWORK.channels[0], consumer=("nobody", "x")),)},
            "csynth: pair: nobody.x is not a port of a process; must be one. Correct the channel's end.",
        ),
    ],
)
def test_what_cannot_be_built_is_refused(change, text):
    with pytest.raises(LinkError) as caught:
        dataclasses.replace(NETWORK, **change).check()
    assert str(caught.value) == text
