"""The one schema of every argument of every task: `name=value`, checked before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aigchip.core import paths
from aigchip.core.errors import InputError, unknown
from aigchip.simboard.faults import FAULTS
from aigchip.workload.networks import NETWORKS

Value = int | str
SIMULATED_BOARD = "sim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """Describe one argument.

    Attributes:
        name: What stands before the `=`.
        meaning: One sentence for help.
        example: A value that differs from the default.
        default: The value where none is given; None means that the argument must be given or has no value.
        integer: Whether the value is a whole number.
        smallest: The least value of an integer.
        largest: The greatest value of an integer.
        choices: The only valid words, where there is a fixed set.
        pattern: What a word must match, as a regular expression.
        words: The values that are valid in words, for help; required with a pattern.
        otherwise: What help says of the default, where it is not the same for every task.
    """

    name: str
    meaning: str
    example: str
    default: Value | None = None
    integer: bool = False
    smallest: int = 0
    largest: int = 2**31 - 1
    choices: tuple[str, ...] = ()
    pattern: str = ""
    words: str = ""
    otherwise: str = ""

    def parse(self, text: str) -> Value:
        """Turn the text after the `=` into a value.

        Raises:
            InputError: The text is no value of this argument.
        """
        where = f"{self.name}={text}"
        if not text:
            raise InputError(where, f"{self.name} has no value", f"Use {self.name}={self._good()}.")
        if self.integer:
            if not re.fullmatch(r"[+-]?[0-9][0-9_]{0,17}", text):
                raise InputError(
                    where, f"{self.name} is {text!r}; must be a whole number", f"Use {self.name}={self._good()}."
                )
            value = int(text)
            if not self.smallest <= value <= self.largest:
                rule = f"at least {self.smallest}" if value < self.smallest else f"at most {self.largest}"
                close = self.smallest if value < self.smallest else self.largest
                raise InputError(where, f"{self.name} is {value}; must be {rule}", f"Use {self.name}={close}.")
            return value
        if self.choices and text not in self.choices:
            raise unknown(where, self.name, text, self.choices)
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise InputError(
                where, f"{self.name} is {text!r}; must be {self.words}", f"Use {self.name}={self._good()}."
            )
        return text

    def _good(self) -> str:
        return str(self.example if self.default is None else self.default)

    def rule(self) -> str:
        """Say what values are valid, for help."""
        if self.choices:
            return " | ".join(self.choices)
        if self.integer:
            return f"whole number from {self.smallest:,} to {self.largest:,}"
        return self.words or "word"


ARGUMENTS: Mapping[str, Argument] = {
    argument.name: argument
    for argument in (
        Argument(
            name="network",
            meaning="The network: a built-in one, or an ONNX file.",
            words=f"{', '.join(NETWORKS)}, or the path of a .onnx file",
            default="resnet18",
            example="models/mine.onnx",
        ),
        Argument(
            name="resolution",
            meaning="Height and width of the network's input in pixels; by default 224 for a built-in network (227 for "
            "alexnet_caffe, 416 for the YOLO networks), and what an ONNX file says.",
            example="160",
            integer=True,
            smallest=1,
            largest=8192,
        ),
        Argument(
            name="gemm",
            meaning="A product of matrices instead of networks: rows of the weights, what is summed over, columns of the result.",
            pattern=r"[1-9][0-9]{0,4}(x[1-9][0-9]{0,4}){2}",
            words="three whole numbers up to 99,999 with x between",
            example="1024x1024x1024",
        ),
        Argument(name="board", meaning="The board: a folder of boards/.", words="name of a folder", default="zcu104", example="zcu104"),
        Argument(
            name="fault",
            meaning="What the simulated board is to do wrong: " + "; ".join(f"{name}, {what}" for name, what in FAULTS.items()) + ".",
            example="hang",
            choices=tuple(FAULTS),
        ),
        Argument(
            name="trials",
            meaning="How many designs to evaluate.",
            default=64,
            example="16",
            integer=True,
            smallest=1,
            largest=100_000,
        ),
        Argument(
            name="population",
            meaning="How many designs take part in evolution at a time.",
            default=16,
            example="8",
            integer=True,
            smallest=2,
            largest=100_000,
        ),
        Argument(
            name="seed", meaning="Seed of every random draw: the same seed gives the same designs.", default=1,
            example="7", integer=True,
        ),
        Argument(
            name="sampler",
            meaning="How the search proposes designs.",
            default="ageing_evolution",
            example="random",
            choices=("ageing_evolution", "random"),
        ),
        Argument(
            name="level",
            meaning="What judges every design of a study: the performance model alone, after which the best are synthesised "
            "and co-simulated; or the synthesis of each one's modules (the paper's way), which takes minutes for a large one.",
            default="model",
            example="csynth",
            choices=("model", "csynth"),
        ),
        Argument(
            name="generator",
            meaning="Who writes the modules: the template's own code, the language model that aigchip.yaml names, or "
            "a model's recorded replies.",
            default="expert",
            otherwise="default recorded for a search, where the replies that ship answer the present template, else expert; for "
            "a numbered design what its study used",
            example="llm",
            choices=("expert", "llm", "recorded"),
        ),
        Argument(
            name="max_dsp",
            meaning="DSP blocks that a design may use; by default what the board has.",
            example="256",
            integer=True,
            smallest=1,
        ),
        Argument(
            name="study",
            meaning="Name of the study under build/studies/.",
            default="default",
            example="small",
            pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}",
            words="1 to 80 letters, digits, dots, dashes or underscores, the first a letter or digit",
        ),
        Argument(
            name="design",
            meaning="A design: its number in the study, or the name of a folder of designs/.",
            words="number or name",
            example="42",
        ),
        Argument(name="model", meaning="The model that is asked, or whose recorded replies count.", words="name", example="gpt-4o"),
        Argument(
            name="max_requests",
            meaning="How many requests to a language model one study may send, restarts included; else aigchip.yaml says it, or 100.",
            example="40",
            integer=True,
            largest=1_000_000,
        ),
        Argument(
            name="budget_tokens",
            meaning="How many tokens of prompts and replies one study may use, restarts included.",
            example="500000",
            integer=True,
            largest=10**12,
        ),
        Argument(
            name="budget_usd",
            meaning="How much money one study may spend on requests, restarts included; needs the model's price.",
            pattern=r"[0-9]{1,6}(\.[0-9]{1,6})?",
            words="US dollars such as 2.50",
            example="2.50",
        ),
        Argument(name="module", meaning="A module of the template.", words="name of a folder of template/", example="mac"),
        Argument(
            name="outcome",
            meaning="What became of a reply.",
            words="passed, corrected, no reply, not judged, or a stage that refused it (contract, compile, csim, csynth)",
            example="csim",
        ),
        Argument(name="file", meaning="Where records go, as JSON lines.", words="path", example="records/mine.jsonl"),
        Argument(
            name="format",
            meaning="The form of an export: the design as a folder, a project of Vitis HLS, a Vivado script, a FuseSoC core, "
            "an EDAM file for Edalize, an IP-XACT component, or a file list.",
            default="folder",
            example="fusesoc",
            choices=("folder", "hls-project", "vivado-tcl", "fusesoc", "edalize", "ip-xact", "filelist"),
        ),
        Argument(name="into", meaning="The folder that is written.", words="path", example="out/mine"),
        Argument(name="date", meaning="When answers were given.", words="date", example="2026-11-24"),
        Argument(name="source", meaning="Where answers come from.", words="word", default="import", example="by-hand"),
        Argument(
            name="cover",
            meaning="In how many modules each value of a local parameter has to stand at least.",
            default=1,
            example="2",
            integer=True,
            smallest=1,
            largest=20,
        ),
        Argument(
            name="designs",
            meaning="How many designs can be put together from the modules; with study=, how many of its designs count.",
            default=0,
            example="200",
            integer=True,
            largest=5000,
        ),
        Argument(
            name="selection",
            meaning="How the demonstrations of a prompt are chosen: by the model itself (the paper's way; one further "
            "request a module), by their text, by embeddings, at random, the least similar, or none. By default "
            "llm-ranked with generator=llm, lexical else.",
            example="lexical",
            choices=("llm-ranked", "lexical", "embeddings", "random", "dissimilar", "none"),
        ),
        Argument(
            name="demonstrations",
            meaning="How many demonstrations a prompt shows at most.",
            default=2,
            example="3",
            integer=True,
            largest=5,
        ),
        Argument(
            name="prompt_format",
            meaning="What a prompt holds: demonstrations and the whole instruction (the paper's), the whole instruction "
            "alone, or only what the module is for and its parameters.",
            default="demo-augmented",
            example="no-demo",
            choices=("demo-augmented", "no-demo", "high-level"),
        ),
        Argument(
            name="tables",
            meaning="Tables of the paper: 1 prompt format, 2 selection, 3 number of demonstrations, 4 models.",
            default="1,2,3,4",
            example="1,3",
            pattern=r"[1-4](,[1-4])*",
            words="numbers from 1 to 4 with commas",
        ),
        Argument(
            name="samples", meaning="Attempts at each task under each setting.", default=1, example="5", integer=True,
            smallest=1, largest=200,
        ),
        Argument(
            name="tasks",
            meaning="How many settings of each module are tasks; the inner product comes on top.",
            default=1,
            example="2",
            integer=True,
            smallest=1,
            largest=20,
        ),
        Argument(name="models", meaning="Models that are compared, the usual one first.", words="names with commas", example="gpt-4o,mine"),
        Argument(
            name="prompt",
            meaning="What is asked for, in plain words: network, resolution, board, latency, resources, fixed parameters.",
            words="a sentence in quotation marks",
            example='"ResNet-18 at 224, under 120 ms, at most 100 DSPs, ZCU104"',
        ),
        Argument(
            name="specification",
            meaning="A file that says what is asked for, as ./doit design prompt=... writes it.",
            words="path of a .yaml file",
            example="build/specifications/mine.yaml",
        ),
        Argument(
            name="host",
            meaning="The board's SSH server; without it the simulated board is meant. User and port may be left out.",
            words="user@address:port",
            example="xilinx@192.168.2.99",
        ),
        Argument(
            name="key",
            meaning="The private key for the board; without it the SSH agent is asked.",
            words="path",
            example="~/.ssh/id_ed25519",
        ),
        Argument(
            name="port",
            meaning="The serial port of a board without a processor, on the machine of host= or on this one.",
            words="device",
            example="/dev/ttyUSB0",
        ),
        Argument(
            name="overlay",
            meaning="A folder with a bitstream that ./doit bitstream made before, here or elsewhere.",
            words="path",
            example="out/overlay",
        ),
        Argument(
            name="runs",
            meaning="How many runs of each layer and of all together are measured.",
            example="1000",
            otherwise="default 100 on a board, 3 on the simulated board, whose cycles repeat",
            integer=True,
            smallest=1,
            largest=100_000,
        ),
        Argument(
            name="toolchain",
            meaning="What makes RTL of C++: csynth, or a Vitis HLS that is installed.",
            default="csynth",
            example="vitis",
            choices=("csynth", "vitis"),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The arguments of one command line.

    Attributes:
        given: What the person wrote, parsed.
    """

    given: Mapping[str, Value]

    def __getitem__(self, name: str) -> Value:
        """Return the given value or the default."""
        value = self.given.get(name, ARGUMENTS[name].default)
        if value is None:
            raise KeyError(name)
        return value

    def text(self, name: str) -> str:
        """Return a value as text."""
        return str(self[name])

    def number(self, name: str) -> int:
        """Return a value that the schema declares an integer."""
        return int(self[name])

    def words(self) -> str:
        """Write the given arguments as on the command line."""
        return " ".join(f"{name}={value}" for name, value in self.given.items())


def parse(words: Iterable[str]) -> Arguments:
    """Read `name=value` words.

    Raises:
        InputError: A name is unknown or given twice, or a value is not valid.
    """
    given: dict[str, Value] = {}
    for word in words:
        name, _, text = word.partition("=")
        if not name:
            raise InputError(word, "an argument's name is missing", "Write name=value without a space.")
        if name not in ARGUMENTS:
            raise unknown(word, "argument", name, ARGUMENTS, remedy="See ./doit help.")
        if name in given:
            raise InputError(word, f"{name} is given twice", "Give it once.")
        given[name] = ARGUMENTS[name].parse(text)
    if "board" in given:
        check_board(str(given["board"]))
    if "network" in given:
        check_network(str(given["network"]))
    return Arguments(given=given)


def check_board(name: str) -> None:
    """Check that the board is known.

    Raises:
        InputError: There is no folder of this name under boards/.
    """
    known = sorted(path.parent.name for path in paths.boards_dir().glob("*/board.yaml"))
    if name not in known and name != SIMULATED_BOARD:
        raise unknown(f"board={name}", "board", name, known, remedy="The boards are the folders of boards/.")


def check_network(name: str) -> None:
    """Check that the network is built in, or names a file.

    Raises:
        InputError: It is neither.
    """
    where = f"network={name}"
    if not _is_file(name):
        if name not in NETWORKS:
            raise unknown(where, "network", name, NETWORKS, remedy="An ONNX file ends in .onnx.")
    elif not Path(name).is_file():
        what = "this is a folder" if Path(name).is_dir() else "there is no such file"
        raise InputError(where, what, "Give the path of an ONNX file, or a built-in network.")


def _is_file(network: str) -> bool:
    return "/" in network or network.endswith(".onnx")


def of_command_line() -> Arguments:
    """Return the arguments of the running command, from doit's own variables."""
    from doit import get_var

    words = ((name, get_var(name)) for name in ARGUMENTS)
    return parse(f"{name}={text}" for name, text in words if text is not None)


_FILES = {"file", "into", "specification", "key", "overlay"}


def with_absolute_files(words: Sequence[str], folder: Path) -> list[str]:
    """Make a person's files absolute, because doit runs in the project's folder and the person may not."""
    absolute: list[str] = []
    for position, word in enumerate(words):
        name, equals, text = word.partition("=")
        is_file = bool(equals) and (name in _FILES or (name == "network" and _is_file(text)))
        if position >= 2 and list(words[:2]) == ["llm", "import"] and not equals:
            absolute.append(str((folder / word).resolve()))
        else:
            absolute.append(f"{name}={(folder / Path(text).expanduser()).resolve()}" if is_file and text else word)
    return absolute
