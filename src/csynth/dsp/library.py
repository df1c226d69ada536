"""The cells of all families by module name, and what a design that has some of them needs beside them."""

from __future__ import annotations

from collections.abc import Iterable

from csynth.dsp.cells import CELLS as _DSP48E2_CELLS
from csynth.dsp.model import DSP48E2
from csynth.dsp.mult18x18d import MULT18, MULT18X18D

CELLS = {**_DSP48E2_CELLS, "csynth_mult18": MULT18}
MODELS = {"DSP48E2": DSP48E2, "MULT18X18D": MULT18X18D}


def models_of(cells: Iterable[str]) -> dict[str, str]:
    """Simulation models of the primitives in the cells named, by name of the primitive."""
    return {name: text for name, text in MODELS.items() if any(f"{name} #(" in CELLS[cell] for cell in cells)}
