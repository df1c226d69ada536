"""What is synthesised, and the scripts that ask for it in the words of each version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2

from aigchip.core.errors import InputError
from aigchip.vendor.probe import HlsTools

STAGES = ("csim", "csynth", "cosim", "export")
PROJECT = "project"
SOLUTION = "solution"
COMPONENT = "component"
SCRIPT = "run_hls.tcl"
CONFIG = "hls_config.cfg"
TEMPLATES = Path(__file__).resolve().parent / "templates"
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsProject:
    """A function to synthesise.

    Attributes:
        top: The function.
        sources: File name to text; those that end in .h are only included.
        testbench: File name to text; empty where neither csim nor cosim is asked for.
        part: The device.
        clock_period_ps: The clock [ps].
    """

    top: str
    sources: Mapping[str, str]
    part: str
    clock_period_ps: int
    testbench: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (self.top, self.part, *self.sources, *self.testbench):
            if not _NAME.fullmatch(name):
                raise InputError(
                    "vitis", f"a name is {name!r}; must be letters, digits, dots, dashes and underscores", "Rename it."
                )

    @property
    def files(self) -> dict[str, str]:
        """All files by name."""
        return {**self.sources, **self.testbench}


def environment() -> jinja2.Environment:
    """Return what renders the vendor's scripts."""
    return jinja2.Environment(  # noqa: S701 (Tcl, never HTML)
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def script(project: HlsProject, stages: Sequence[str], tools: HlsTools) -> str:
    """Return run_hls.tcl for some stages, from the beginning."""
    return (
        environment().get_template(f"{SCRIPT}.j2").render(**_values(project, stages), components=tools.has_components)
    )


def config(project: HlsProject) -> str:
    """Return hls_config.cfg, which serves every stage."""
    return environment().get_template(f"{CONFIG}.j2").render(**_values(project, STAGES))


def _values(project: HlsProject, stages: Sequence[str]) -> dict[str, Any]:
    return {
        "top": project.top,
        "sources": [name for name in project.sources if not name.endswith((".h", ".hpp"))],
        "testbench": list(project.testbench),
        "part": project.part,
        "period_ns": f"{project.clock_period_ps / 1000:g}",
        "stages": tuple(stages),
        "project": PROJECT,
        "solution": SOLUTION,
        "component": COMPONENT,
    }
