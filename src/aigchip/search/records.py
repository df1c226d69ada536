"""Designs of a study with their scores, in memory and as files; needs no Optuna."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from aigchip.core.atomic import write_json
from aigchip.core.figures import Figure
from aigchip.core.paths import relative
from aigchip.search.settings import SearchError
from aigchip.space.design import Design

Status = Literal["feasible", "infeasible", "rejected"]
#: What a design was judged by: the performance model alone, or C synthesis of its modules too.
Level = Literal["model", "csynth"]

LATENCY = "latency"
DSP = "dsp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What an evaluator found out about one design.

    Attributes:
        figures: at least `latency` [ms] and `dsp` [blocks], unless the design was rejected.
        generator: which generator made its modules.
        level: what it was judged by.
        modules: a key for each module of the design that was synthesised; equal keys are the same module.
        courses: how each of its modules that a model wrote came about, by the module's name and settings; see
            `aigchip.generate.request.Provenance.how`, and `never` for one that no attempt got right.
        rejected: why the design cannot be built or scored; None where it was scored.
    """

    figures: Mapping[str, Figure] = field(default_factory=dict)
    generator: str
    level: Level = "csynth"
    modules: tuple[str, ...] = ()
    courses: Mapping[str, str] = field(default_factory=dict)
    rejected: str | None = None

    def __post_init__(self) -> None:
        if self.rejected is None:
            for name in (LATENCY, DSP):
                if name not in self.figures or self.figures[name].value is None:
                    raise ValueError(f"evaluation has no figure {name}; must have latency and dsp, or a rejection")


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignRecord:
    """One design of a study.

    Attributes:
        number: its number in the study, from 0.
        design: the genome.
        status: feasible; infeasible (scored, over a limit); rejected (not scored).
        reason: why it is not feasible, in a sentence; None where it is.
        figures: its scores by name.
        generator: which generator made its modules.
        level: what it was judged by.
        modules: keys of its modules; none where it was judged by the model.
        courses: how its modules came about; see `Evaluation`.
    """

    number: int
    design: Design
    status: Status
    reason: str | None
    figures: Mapping[str, Figure]
    generator: str
    level: Level
    modules: tuple[str, ...]
    courses: Mapping[str, str] = field(default_factory=dict)

    @property
    def objectives(self) -> tuple[float, float]:
        """Latency [ms] and DSP blocks of a scored design; both are to be small."""
        latency, dsp = self.figures[LATENCY].value, self.figures[DSP].value
        if latency is None or dsp is None:
            raise ValueError(f"design {self.number} has no latency or no dsp; must be scored")
        return float(latency), float(dsp)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "number": self.number,
            "design": self.design.to_dict(),
            "status": self.status,
            "reason": self.reason,
            "figures": {name: asdict(figure) for name, figure in self.figures.items()},
            "generator": self.generator,
            "level": self.level,
            "modules": list(self.modules),
            "courses": dict(self.courses),
        }

    @staticmethod
    def from_dict(data: Mapping[str, Any], *, where: str) -> "DesignRecord":
        """Read what `to_dict` returned."""
        try:
            return DesignRecord(
                number=data["number"],
                design=Design.from_dict(data["design"], where=where),
                status=data["status"],
                reason=data["reason"],
                figures={name: Figure(**figure) for name, figure in data["figures"].items()},
                generator=data["generator"],
                level=data["level"],
                modules=tuple(data["modules"]),
                courses=dict(data["courses"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SearchError(
                where, f"not the record of a design: {error}", "Delete the file and run the search again."
            ) from None


def design_path(folder: Path, number: int) -> Path:
    """Return the file of design `number` in the folder of its study."""
    return folder / "designs" / f"{number}.json"


def write_record(folder: Path, record: DesignRecord) -> None:
    """Write the file of a design in one step."""
    write_json(design_path(folder, record.number), record.to_dict())


def read_record(folder: Path, number: int) -> DesignRecord:
    """Read the file of a design.

    Raises:
        SearchError: there is no such design, or its file is damaged.
    """
    path = design_path(folder, number)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SearchError(
            f"design={number}", f"the study {folder.name} has no design {number}", _numbers_remedy(folder)
        ) from None
    except (ValueError, OSError) as error:
        raise SearchError(str(path), f"not JSON: {error}", "Delete the file and run the search again.") from None
    return DesignRecord.from_dict(data, where=str(path))


def read_settings(folder: Path) -> dict[str, Any]:
    """Return the settings that a study was begun with.

    Raises:
        SearchError: its `study.json` is damaged.
    """
    path = folder / "study.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))["settings"]
    except (ValueError, KeyError, TypeError) as error:
        raise SearchError(
            relative(path),
            f"not the settings of a study: {error}",
            f"Delete {relative(folder)} and run the search again; synthesised modules are kept.",
        ) from None


def numbers(folder: Path) -> list[int]:
    """Return the numbers of the designs that a study has so far, in order."""
    return sorted(int(path.stem) for path in (folder / "designs").glob("*.json") if path.stem.isdigit())


def read_records(folder: Path) -> list[DesignRecord]:
    """Read every design that a study has so far, in order."""
    return [read_record(folder, number) for number in numbers(folder)]


def _numbers_remedy(folder: Path) -> str:
    known = numbers(folder)
    return f"Use design={known[0]} to {known[-1]}." if known else "Run the search first."
