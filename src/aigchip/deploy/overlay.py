"""What configures a board's logic: a .bit and its .hwh of the same stem."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from aigchip.core.figures import Figure
from aigchip.deploy.errors import DeployError


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """One design as a board takes it.

    Attributes:
        bit: The bitstream; no other design's is equal to it, because pynq tells overlays apart by it alone.
        hwh: The hardware handoff, of the same stem.
        part: The part that it is for, as the vendor writes it.
        closed_mhz: The highest clock at which its timing is met [MHz].
        made_by: That clock as a figure: its kind, and the tool that made the overlay.
    """

    bit: Path
    hwh: Path
    part: str
    closed_mhz: float
    made_by: Figure

    def __post_init__(self) -> None:
        if self.bit.stem != self.hwh.stem or self.bit.suffix != ".bit" or self.hwh.suffix != ".hwh":
            raise DeployError(
                str(self.bit), f"the handoff is {self.hwh.name}; must be {self.bit.stem}.hwh", "Make the overlay again."
            )
        for path in (self.bit, self.hwh):
            if not path.is_file():
                raise DeployError(str(path), "there is no such file", "Make the overlay again.")
        if self.closed_mhz <= 0:
            raise DeployError(
                str(self.bit), f"closed_mhz is {self.closed_mhz:g}; must be more than 0", "Make the overlay again."
            )


def read(folder: Path) -> Overlay:
    """Read the overlay that the step `bitstream` left: .bit, .hwh, and overlay.json.

    Raises:
        DeployError: There is none, or it is not whole.
    """
    path = folder / "overlay.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Overlay(
            bit=folder / data["bit"],
            hwh=folder / data["hwh"],
            part=data["part"],
            closed_mhz=float(data["closed_mhz"]),
            made_by=Figure.from_dict(data["figures"]["clock"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeployError(
            str(path), f"this is no overlay ({type(error).__name__}: {error})", "Make it with ./doit bitstream."
        ) from None
