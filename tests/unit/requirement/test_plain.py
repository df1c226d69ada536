"""What the fixed phrases make of a person's sentence."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigchip.core.errors import AigchipError
from aigchip.requirement import Specification
from aigchip.requirement.plain import read
from aigchip.requirement.specification import SpecificationError

BOARDS = ("zcu104", "pynq-z2", "kv260")

SENTENCES = [
    (
        "ResNet-50 at 224, under 8 ms, at most 1024 DSPs, ZCU104",
        Specification(network="resnet50", resolution=224, latency_ms=8.0, at_most={"dsp": 1024}, board="zcu104"),
        (),
    ),
    (
        "I want the fastest ResNet 18 accelerator on a ZCU104 board with no more than 50k LUTs and 1,024 DSP blocks or "
        "fewer.",
        Specification(network="resnet18", board="zcu104", at_most={"lut": 50_000, "dsp": 1024}, objective="latency"),
        (),
    ),
    (
        "alexnet at 30 fps, output stationary, array_lanes 8, 64 DSPs",
        Specification(
            network="alexnet",
            latency_ms=33.333333333,
            at_most={"dsp": 64},
            fixed={"array_lanes": 8, "reuse": "output"},
        ),
        (),
    ),
    (
        "resnet18, 160 x 160, less than 0.5 seconds, smallest design, buffer_a_kib=32, 20 BRAM36, 8 URAMs, 9000 flip-flops",
        Specification(
            network="resnet18",
            resolution=160,
            latency_ms=500.0,
            objective="dsp",
            at_most={"bram18": 40, "uram": 8, "ff": 9000},
            fixed={"buffer_a_kib": 32},
        ),
        (),
    ),
    (
        "models/mine.onnx at 96 x 96 pixels within 250 us per image on PYNQ-Z2",
        Specification(network="models/mine.onnx", resolution=96, latency_ms=0.25, board="pynq-z2"),
        (),
    ),
    (
        "EfficientNet please, under 5ms and at least 100 DSPs, blazing",
        Specification(latency_ms=5.0),
        ("at least 100 DSPs", "EfficientNet", "blazing"),
    ),
    (
        "resnet50 on a ZCU104 at 200 MHz with slots 4, pack 2 and noc_a_lane broadcast",
        Specification(
            network="resnet50",
            board="zcu104",
            fixed={"clock_mhz": 200, "slots": 4, "pack": 2, "noc_a_lane": "broadcast"},
        ),
        (),
    ),
    (
        "alexnet with a 150 MHz clock, 64 DSPs",
        Specification(network="alexnet", at_most={"dsp": 64}, fixed={"clock_mhz": 150}),
        (),
    ),
    (
        "alexnet at 224 clocked at 0.1k MHz",
        Specification(network="alexnet", resolution=224, fixed={"clock_mhz": 100}),
        (),
    ),
    (
        "alexnet, at least 200 MHz, under 250 MHz",
        Specification(network="alexnet"),
        ("at least 200 MHz", "under 250 MHz"),
    ),
    (
        "weight-stationary resnet-18 on a KV260",
        Specification(network="resnet18", board="kv260", fixed={"reuse": "first"}),
        (),
    ),
    ("MobileNet V2 under 5 ms", Specification(network="mobilenetv2", latency_ms=5.0), ()),
    ("SqueezeNet 1.1", Specification(network="squeezenet1_1"), ()),
    ("VGG-16", Specification(network="vgg16"), ()),
    ("Tiny YOLOv2 at 416", Specification(network="tiny_yolov2_voc", resolution=416), ()),
    ("yolov2", Specification(network="yolov2_voc"), ()),
    ("Tiny-YOLOv3 (COCO)", Specification(network="tiny_yolov3_coco"), ("COCO",)),
    ("make me coffee", Specification(), ("coffee",)),
    ("", Specification(), ()),
]


@pytest.mark.parametrize(("prompt", "wanted", "left"), SENTENCES)
def test_a_sentence_becomes_a_specification_and_the_words_that_are_left(prompt, wanted, left):
    understood = read(prompt, BOARDS)
    assert understood.specification == wanted
    assert understood.not_understood == left


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        (
            "resnet18 under 8 ms and under 9 ms",
            "prompt: under 9 ms contradicts an earlier phrase: latency_ms would be both 8.0 and 9.0. Say one of them.",
        ),
        (
            "resnet18 and resnet50",
            "prompt: resnet50 contradicts an earlier phrase: network would be both resnet18 and resnet50. Say one of them.",
        ),
        (
            "the smallest and fastest resnet18",
            "prompt: fastest contradicts an earlier phrase: objective would be both dsp and latency. Say one of them.",
        ),
        ("slots 3", "specification: slots is 3; must be one of 2, 4, 8. Choose one of them."),
        (
            "resnet18 at 220 MHz",
            "prompt: the clock is at 220 MHz; must be one of 100, 150, 200, 250, 300 MHz. Choose one of them.",
        ),
        (
            "resnet18 at 200 MHz, clock_mhz 250",
            "prompt: at 200 MHz contradicts an earlier phrase: clock_mhz would be both 250 and 200. Say one of them.",
        ),
        ("resnet18 at 224 x 160", "prompt: the picture is at 224 x 160; must be square. Give one number."),
        ("resnet18 under 0 ms", "specification: latency_ms is 0.0; must be above 0. Ask for more."),
        ("resnet18 at 0 fps", "prompt: 0 fps is no rate. Ask for more than 0."),
    ],
)
def test_a_contradiction_is_one_line(prompt, text):
    with pytest.raises(SpecificationError) as error:
        read(prompt, BOARDS)
    assert str(error.value) == text


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_one_line_and_no_number_is_lost(prompt):
    try:
        understood = read(prompt, BOARDS)
    except SpecificationError as error:
        assert "\n" not in str(error)
        return
    if understood.specification == Specification():
        assert all(number in " ".join(understood.not_understood) for number in re.findall(r"[0-9]+", prompt))


def test_a_specification_comes_back_from_its_file(tmp_path):
    specification = SENTENCES[3][1]
    path = tmp_path / "deep" / "it.yaml"
    specification.write(path, comment="two\nlines")
    assert path.read_text().startswith("# two\n# lines\nnetwork: resnet18\n")
    assert Specification.read(path, where="it.yaml") == specification


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 1\n", "it.yaml: the file is not a mapping. Write lines such as `network: resnet18`."),
        ("netwrk: resnet18\n", "it.yaml: 'netwrk' is not a key. Did you mean network?"),
        ("latency_ms: fast\n", "it.yaml: latency_ms is 'fast'; must be a number. Correct this line."),
        ("resolution: true\n", "it.yaml: resolution is True; must be a whole number. Correct this line."),
        ("at_most: {dsp: 1.5}\n", "it.yaml: at_most is {'dsp': 1.5}; must be a mapping of resources to whole numbers. Correct this line."),
        ("at_most: {dps: 15}\n", "it.yaml: 'dps' is not a resource. Did you mean dsp?"),
        ("fixed: {reuse: third}\n", "it.yaml: reuse is third; must be one of first, second, output. Choose one of them."),
        ("objective: latnecy\n", "it.yaml: 'latnecy' is not an objective. Did you mean latency?"),
        ("network: [\n", "it.yaml:2: not YAML: expected the node content, but found '<stream end>'. Correct this line."),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_line(tmp_path, text, said):
    path = tmp_path / "it.yaml"
    path.write_text(text)
    with pytest.raises(AigchipError) as error:
        Specification.read(path, where="it.yaml")
    assert str(error.value) == said
