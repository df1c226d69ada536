"""What goes to a board, as one folder: overlay, runner, job, and the data of every layer."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.atomic import storage_errors, write_bytes, write_json
from aigchip.deploy import inference
from aigchip.deploy.errors import DeployError
from aigchip.deploy.inference import WholeNetwork
from aigchip.deploy.overlay import Overlay
from aigchip.mapping import Geometry, LayerRun, MappedLayer, Traffic, lay_out
from aigchip.toolchain import shell

VERSION = 3
IP = "accelerator_0"
RUNNER = ("runner.py", "accelerator.py", "inference.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLayer:
    """A layer that is run.

    Attributes:
        name: The layer's name.
        run: What is computed, and its data.
        count: How often an inference runs it.
        macs: Multiply-accumulates that the network asks for in a run; None where a run forms no others.
    """

    name: str
    run: LayerRun
    count: int = 1
    macs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a run does.

    Attributes:
        self_tests: Run once each before anything is measured; every byte must be right.
        layers: Run alone and, in this order, together; they are tested too.
        whole_network: Whether the layers are all of a network's; else they are samples.
        runs: Measured runs of each layer and of all together.
        warmup: Runs before them that do not count.
        deadline_s: Limit on the whole run [s].
        inference: A network that is run end to end as well, with its host operators; None where there is none.
    """

    self_tests: tuple[NamedLayer, ...]
    layers: tuple[NamedLayer, ...]
    whole_network: bool
    runs: int
    warmup: int = 3
    deadline_s: int = 600
    inference: WholeNetwork | None = None

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("layers is empty; must hold at least one")
        if self.runs < 1 or self.warmup < 0 or self.deadline_s < 1:
            raise ValueError(f"runs {self.runs}, warmup {self.warmup}, deadline_s {self.deadline_s} must be positive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A folder that is ready to go to a board.

    Attributes:
        folder: Where it is.
        job: The contents of job.json.
    """

    folder: Path
    job: Mapping[str, Any]

    @property
    def stem(self) -> str:
        """The overlay's stem: no other design has it."""
        return Path(str(self.job["overlay"])).stem

    def files(self) -> dict[str, Path]:
        """Return every file by its path in the folder."""
        return {
            path.relative_to(self.folder).as_posix(): path for path in sorted(self.folder.rglob("*")) if path.is_file()
        }

    @property
    def size_bytes(self) -> int:
        """Size of all files [bytes]."""
        return sum(path.stat().st_size for path in self.files().values())

    @property
    def memory_bytes(self) -> int:
        """Size of what the run allocates on the board [bytes]."""
        data = self.folder / "data"
        told = self.job["inference"]
        return (inference.memory_bytes(told, self.folder) if told is not None else 0) + sum(
            layer["bytes_c"] + sum((data.parent / layer[image]).stat().st_size for image in ("image_a", "image_b"))
            for layer in self.job["layers"]
        )


def runner_files() -> tuple[Path, ...]:
    """Return what goes to every board to run a job there."""
    return tuple(paths.boards_dir() / "runner" / name for name in RUNNER)


def registers(network: Mapping[str, Any]) -> dict[str, Any]:
    """Return the offsets of the shell's and the kernel's registers [bytes].

    Args:
        network: The contents of the design's network.json; of a pointer of 64 bits the low word's offset is given.
    """
    return {
        "id": shell.REGISTER_ID,
        "version": shell.REGISTER_VERSION,
        "cycles_low": shell.REGISTER_CYCLES_LOW,
        "cycles_high": shell.REGISTER_CYCLES_HIGH,
        "runs": shell.REGISTER_RUNS,
        "control": 0,
        "list": shell.REGISTER_PROGRAM,
        "list_command": shell.REGISTER_COMMAND,
        "list_jobs": shell.REGISTER_JOBS,
        "list_cycles_low": shell.REGISTER_TOTAL,
        "list_cycles_high": shell.REGISTER_TOTAL + 4,
        "list_error": shell.REGISTER_ERROR,
        "list_taken": shell.REGISTER_TAKEN,
        "arguments": {register["name"]: register["offset"] for register in network["registers"]},
    }


def make(
    out: Path,
    *,
    design: str,
    board: str,
    part: str,
    overlay: Overlay,
    network: Mapping[str, Any],
    geometry: Geometry,
    work: Work,
    requested_mhz: float,
    traffic: Traffic | None = None,
) -> Bundle:
    """Write a bundle; a folder that is there is replaced when the new one is whole.

    Args:
        out: The folder.
        design: The design's name.
        board: The board's name.
        part: The board's part.
        overlay: The design as the board takes it.
        network: The contents of the design's network.json.
        geometry: The design's sizes, by which operands lie in memory.
        work: What is run.
        requested_mhz: The clock that is asked for [MHz].
        traffic: The board's memory, for the choice of tiles.

    Raises:
        MappingError: The design cannot do a layer.
        DeployError: The overlay is for another part (`part`), or is not closed at that clock (`clock`).
        StorageError: The folder cannot be written.
    """
    if overlay.part != part:
        raise DeployError(
            f"design={design}",
            f"the overlay is for {overlay.part}; {board} has {part}",
            f"Make the overlay for this board: board={board}.",
            code="part",
        )
    if requested_mhz > overlay.closed_mhz * 1.0001:
        raise DeployError(
            f"design={design}",
            f"the clock is {requested_mhz:.3f} MHz; the overlay is closed for at most {overlay.closed_mhz:.3f} MHz",
            f"Ask for {overlay.closed_mhz:.3f} MHz or less.",
            code="clock",
        )
    with storage_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as beside:
            fresh = Path(beside) / "bundle"
            fresh.mkdir()
            job = {
                "version": VERSION,
                "design": design,
                "board": board,
                "part": part,
                "overlay": overlay.bit.name,
                "ip": IP,
                "clock": {"requested_mhz": requested_mhz, "closed_mhz": overlay.closed_mhz},
                "warmup": work.warmup,
                "runs": work.runs,
                "deadline_s": work.deadline_s,
                "registers": registers(network),
                "layers": _write_layers(fresh, work, geometry, traffic),
                "whole_network": work.whole_network,
                "inference": None if work.inference is None else inference.write(fresh, work.inference),
            }
            write_json(fresh / "job.json", job)
            for source in (overlay.bit, overlay.hwh, *runner_files()):
                shutil.copyfile(source, fresh / source.name)
            if out.exists():
                out.rename(Path(beside) / "old")
            fresh.rename(out)
    return Bundle(folder=out, job=job)


def load(folder: Path) -> Bundle:
    """Read a bundle that was made before.

    Raises:
        DeployError: There is none, or one of another version (`not-deployed`).
    """
    path = folder / "job.json"
    if not path.is_file():
        raise DeployError(
            paths.relative(folder), "nothing was deployed from here", "Run ./doit deploy first.", code="not-deployed"
        )
    job = json.loads(path.read_text(encoding="utf-8"))
    if job.get("version") != VERSION:
        raise DeployError(
            paths.relative(path),
            f"what was deployed is of version {job.get('version')}; must be {VERSION}",
            "Run ./doit deploy again.",
            code="not-deployed",
        )
    return Bundle(folder=folder, job=job)


def _write_layers(folder: Path, work: Work, geometry: Geometry, traffic: Traffic | None = None) -> list[dict[str, Any]]:
    """Write the data and return the layers; equal ones share their files."""
    told: dict[LayerRun, dict[str, Any]] = {}
    layers: list[dict[str, Any]] = []
    for named, is_test in (*((g, True) for g in work.self_tests), *((g, False) for g in work.layers)):
        run = named.run
        if run not in told:
            told[run] = _write_data(folder, len(told), run, geometry, traffic)
        layers.append(
            {
                "name": named.name,
                "layer": run.name,
                "macs": run.layer.macs if named.macs is None else named.macs,
                "count": named.count,
                **told[run],
                "self_test": is_test,
            }
        )
    return layers


def _write_data(
    folder: Path, number: int, run: LayerRun, geometry: Geometry, traffic: Traffic | None
) -> dict[str, Any]:
    """Lay a layer out for the design, write its images and what must come out, and say how the output lies in memory."""
    layer, values = run.layer, run.values()
    operands = lay_out(layer, values, geometry, traffic)
    files = {"image_a": operands.image_a, "image_b": operands.image_b, "expected": values.results(layer).tobytes()}
    names = {entry: f"data/{number}-{entry.removeprefix('image_')}.bin" for entry in files}
    for entry, data in files.items():
        write_bytes(folder / names[entry], data)
    return {
        "arguments": operands.job.to_dict(),
        **names,
        "bytes_c": operands.bytes_c,
        "output": {
            "channels": layer.outputs,
            "rows": layer.out_rows,
            "columns": layer.out_columns,
            "pitch": operands.job.out_columns,
            "block": geometry.block,
            "plane_pixels": operands.job.out_plane * geometry.word_pixels,
        },
    }


def of_network(layers: Sequence[MappedLayer]) -> tuple[NamedLayer, ...]:
    """Return a network's layers with random data whose results fill the range of int8."""
    return tuple(
        NamedLayer(
            name=mapped.name,
            run=LayerRun(layer=mapped.layer, relu=True),
            count=mapped.count,
            macs=mapped.macs,
        )
        for mapped in layers
    )
