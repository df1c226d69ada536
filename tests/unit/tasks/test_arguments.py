"""The argument schema: values, defaults, and the whole text of each refusal."""

from pathlib import Path

import pytest

from aigchip.core.errors import InputError
from aigchip.tasks import arguments
from aigchip.tasks.arguments import ARGUMENTS, parse
from aigchip.tasks.catalogue import ENTRIES


def test_given_values_and_defaults():
    given = parse(["trials=16", "design=42", "study=small"])
    assert (given.number("trials"), given.text("design"), given.text("study")) == (16, "42", "small")
    assert (given.number("seed"), given.text("network"), given.number("population")) == (1, "resnet18", 16)
    assert given.words() == "trials=16 design=42 study=small"
    with pytest.raises(KeyError):
        parse([])["design"]


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("desgin=42", "desgin=42: 'desgin' is not an argument. Did you mean design? See ./doit help."),
        ("trials=x", "trials=x: trials is 'x'; must be a whole number. Use trials=64."),
        ("trials=0", "trials=0: trials is 0; must be at least 1. Use trials=1."),
        ("resolution=9000", "resolution=9000: resolution is 9000; must be at most 8192. Use resolution=8192."),
        ("generator=exprt", "generator=exprt: 'exprt' is not a generator. Did you mean expert?"),
        ("study=", "study=: study has no value. Use study=default."),
        ("trials=", "trials=: trials has no value. Use trials=64."),
        ("trials=1e3", "trials=1e3: trials is '1e3'; must be a whole number. Use trials=64."),
        ("trials=-1", "trials=-1: trials is -1; must be at least 1. Use trials=1."),
        ("trials=2000000000", "trials=2000000000: trials is 2000000000; must be at most 100000. Use trials=100000."),
        ("seed=99999999999", "seed=99999999999: seed is 99999999999; must be at most 2147483647. Use seed=2147483647."),
        ("=42", "=42: an argument's name is missing. Write name=value without a space."),
        (
            "study=../x",
            "study=../x: study is '../x'; must be 1 to 80 letters, digits, dots, dashes or underscores, the first a "
            "letter or digit. Use study=default.",
        ),
        (
            "network=resnet81",
            "network=resnet81: 'resnet81' is not a network. Did you mean resnet18? An ONNX file ends in .onnx.",
        ),
        (
            "network=/nowhere/a.onnx",
            "network=/nowhere/a.onnx: there is no such file. Give the path of an ONNX file, or a built-in network.",
        ),
        ("network=/", "network=/: this is a folder. Give the path of an ONNX file, or a built-in network."),
        (
            "board=zcu10",
            "board=zcu10: 'zcu10' is not a board. Did you mean zcu104? The boards are the folders of boards/.",
        ),
    ],
)
def test_refusals(word, line):
    with pytest.raises(InputError) as caught:
        parse([word])
    assert str(caught.value) == line


def test_twice():
    with pytest.raises(InputError) as caught:
        parse(["seed=1", "seed=2"])
    assert str(caught.value) == "seed=2: seed is given twice. Give it once."


def test_a_network_file_is_made_absolute():
    words = arguments.with_absolute_files(["search", "network=a.onnx", "study=a.onnx"], Path("/home/me"))
    assert words == ["search", "network=/home/me/a.onnx", "study=a.onnx"]
    assert arguments.with_absolute_files(["network=alexnet"], Path("/home/me")) == ["network=alexnet"]


def test_every_argument_of_the_catalogue_is_in_the_schema_and_used():
    used = {name for entry in ENTRIES.values() for name in entry.arguments}
    assert used == set(ARGUMENTS)


def test_every_default_and_example_is_valid():
    for argument in ARGUMENTS.values():
        argument.parse(argument.example)
        if argument.default is not None:
            assert argument.parse(str(argument.default)) == argument.default
