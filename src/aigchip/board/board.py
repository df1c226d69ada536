"""A board: what its device has, how fast it may run, and what its memory delivers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core.config import load_yaml
from aigchip.core.errors import AigchipError, nearest
from aigchip.core.paths import boards_dir, relative
from csynth.part import FAMILIES, family


class BoardError(AigchipError):
    """A board that is unknown, or whose description is malformed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The external memory as the accelerator's ports see it.

    Attributes:
        kind: for example DDR4.
        peak_bytes_per_second: by the standard.
        effective_bytes_per_second: what all ports together get [bytes/s].
        read_latency_ns: from a read request to its first data [ns].
        write_latency_ns: from the last written data to the answer [ns].
        ports: ports of the processing system that the logic may use.
        port_width_bits: width of one port [bits].
        fastest_port_hz: highest clock of a port [Hz].
    """

    kind: str
    peak_bytes_per_second: int
    effective_bytes_per_second: int
    read_latency_ns: int
    write_latency_ns: int
    ports: int
    port_width_bits: int
    fastest_port_hz: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Clock periods of the logic [ps]."""

    default_period_ps: int
    fastest_period_ps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The system that runs on the board, as far as a deployment has to know it; a target may say otherwise.

    Attributes:
        pynq: versions of pynq that its images bring.
        user: who logs in.
        python: absolute path of the interpreter that has pynq.
        sudo: whether the runner has to be root.
        environment: variables that the runner needs.
    """

    pynq: tuple[str, ...]
    user: str
    python: str
    sudo: bool
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How a host reaches a board that has no processing system: a UART, and memory on the chip.

    Attributes:
        baud: bits a second on the line.
        clock_hz: the oscillator that the logic's clock is made of [Hz].
        memory_bytes: memory of the accelerator and the host; a power of two.
        programmer: what openFPGALoader calls the board.
    """

    baud: int
    clock_hz: int
    memory_bytes: int
    programmer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that a design needs to know of a board.

    Attributes:
        name: name of its folder under `boards/`.
        description: one line for people.
        part: device, package and speed grade as the vendor writes them.
        board_part: the vendor's name of the board; empty without a processing system.
        processing_system: zynqmp (Zynq UltraScale+) or zynq (Zynq-7000): which block design fits; none where there is none.
        resources: what the device has, by name (lut, ff, dsp, bram18, uram).
        clock: clock periods.
        memory: external memory.
        image: the system on it; None without a processing system.
        link: how a host reaches it; None with a processing system.
    """

    name: str
    description: str
    part: str
    board_part: str
    processing_system: str
    resources: Mapping[str, int]
    clock: Clock
    memory: Memory
    image: Image | None
    link: Link | None = None

    @property
    def has_processing_system(self) -> bool:
        """Whether a processor on the board runs the host's programs."""
        return self.processing_system != NO_PROCESSING_SYSTEM


PROCESSING_SYSTEMS = ("zynqmp", "zynq")
NO_PROCESSING_SYSTEM = "none"
_RESOURCES = ("lut", "ff", "dsp", "bram18", "uram")
_SHAPE: dict[str, Any] = {
    "name": str,
    "description": str,
    "part": str,
    "processing_system": str,
    "resources": dict.fromkeys(_RESOURCES, int),
    "clock": {"default_period_ps": int, "fastest_period_ps": int},
    "memory": {
        "kind": str,
        "peak_bytes_per_second": int,
        "effective_bytes_per_second": int,
        "read_latency_ns": int,
        "write_latency_ns": int,
        "ports": int,
        "port_width_bits": int,
        "fastest_port_hz": int,
    },
}
#: What stands beside that: of a board with a processing system, and of one without.
_HOSTED: dict[str, Any] = {
    "board_part": str,
    "image": {"pynq": list, "user": str, "python": str, "sudo": bool, "environment": dict},
}
_LINKED: dict[str, Any] = {"link": {"baud": int, "clock_hz": int, "memory_bytes": int, "programmer": str}}
_RULES: Mapping[Any, str] = {
    str: "a text",
    bool: "true or false",
    list: "a list of texts",
    dict: "a mapping of texts to texts",
}


def boards(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of all boards."""
    return tuple(sorted(path.parent.name for path in (folder or boards_dir()).glob("*/board.yaml")))


def hosted_boards(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the boards whose processor runs the host's programs."""
    return tuple(name for name in boards(folder) if load(name, folder).has_processing_system)


def load(name: str, folder: Path | None = None) -> Board:
    """Read a board.

    Args:
        name: name of a folder under `boards/`.
        folder: where the boards are; `boards/` of the project by default.

    Raises:
        BoardError: there is no such board, or its description is malformed.
    """
    known = boards(folder)
    if name not in known:
        close = nearest(name, known)
        raise BoardError(
            "board",
            f"board is {name}; must be one of {', '.join(known)}",
            f"Did you mean {close}?" if close else f"Use board={known[0]}." if known else "Restore the folder boards/.",
        )
    path = (folder or boards_dir()) / name / "board.yaml"
    where = relative(path)
    data = load_yaml(path, where=where, error=BoardError)
    _check(data, _SHAPE | (_LINKED if _is_linked(data) else _HOSTED), where, "")
    if data["name"] != name:
        raise BoardError(where, f"name is {data['name']}; must be {name}, as its folder", f"Set name: {name}.")
    if family(data["part"]) is None:
        raise BoardError(
            where,
            f"part is {data['part']!r}; must be of a known family ({', '.join(known.name for known in FAMILIES)})",
            "Write it as the vendor does, for example xczu7ev-ffvc1156-2-e.",
        )
    if data["processing_system"] not in (*PROCESSING_SYSTEMS, NO_PROCESSING_SYSTEM):
        raise BoardError(
            where,
            f"processing_system is {data['processing_system']!r}; must be one of "
            f"{', '.join((*PROCESSING_SYSTEMS, NO_PROCESSING_SYSTEM))}",
            "Write zynqmp for Zynq UltraScale+, zynq for Zynq-7000, none for a board without one.",
        )
    if _is_linked(data):
        size = data["link"]["memory_bytes"]
        if size < 4096 or size & (size - 1):
            raise BoardError(
                where,
                f"link.memory_bytes is {size}; must be a power of two of at least 4096",
                "Write for example 131072.",
            )
    elif not data["image"]["python"].startswith("/"):
        raise BoardError(
            where,
            f"image.python is {data['image']['python']!r}; must be an absolute path",
            "Write for example /usr/local/share/pynq-venv/bin/python3.",
        )
    clock = Clock(**data["clock"])
    if clock.default_period_ps < clock.fastest_period_ps:
        raise BoardError(
            where,
            f"clock.default_period_ps is {clock.default_period_ps}; must be at least fastest_period_ps, "
            f"{clock.fastest_period_ps}",
            f"Set default_period_ps: {clock.fastest_period_ps}.",
        )
    return Board(
        name=name,
        description=data["description"],
        part=data["part"],
        board_part=data.get("board_part", ""),
        processing_system=data["processing_system"],
        resources=data["resources"],
        clock=clock,
        memory=Memory(**data["memory"]),
        image=None if "link" in data else Image(**{**data["image"], "pynq": tuple(data["image"]["pynq"])}),
        link=Link(**data["link"]) if "link" in data else None,
    )


def _is_linked(data: Any) -> bool:
    return isinstance(data, dict) and data.get("processing_system") == NO_PROCESSING_SYSTEM


def _check(data: Any, shape: Mapping[str, Any], where: str, prefix: str) -> None:
    """Compare a mapping with its shape: names to types, or to shapes of inner mappings."""
    if not isinstance(data, dict):
        raise BoardError(
            where,
            f"{prefix.rstrip('.') or 'the content'} is {data!r}; must be a mapping",
            f"Give {', '.join(shape)}.",
        )
    for name in data:
        if name not in shape:
            close = nearest(str(name), shape)
            remedy = f"Did you mean {close}?" if close else f"Use only {', '.join(shape)}."
            raise BoardError(where, f"the entry {prefix}{name} is unknown", remedy)
    for name, kind in shape.items():
        if name not in data:
            raise BoardError(where, f"the entry {prefix}{name} is missing", f"Add {name}.")
        if isinstance(kind, Mapping):
            _check(data[name], kind, where, f"{prefix}{name}.")
        elif not _fits(data[name], kind, prefix):
            rule = _RULES.get(kind, f"a whole number of at least {_smallest(prefix)}")
            raise BoardError(where, f"{prefix}{name} is {data[name]!r}; must be {rule}", f"Correct {name}.")


def _fits(value: Any, kind: type, prefix: str) -> bool:
    """Compare a value with its type; what a list or a mapping holds has to be text."""
    if type(value) is not kind:
        return False
    if kind is int:
        return value >= _smallest(prefix)
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(type(item) is str for item in inner)


def _smallest(prefix: str) -> int:
    """A device may lack a resource; a clock period, a width or a bandwidth of 0 is none."""
    return 0 if prefix == "resources." else 1
