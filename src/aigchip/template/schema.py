"""What a module.yaml holds, read and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pydantic
import yaml

from aigchip.core import paths
from aigchip.template.errors import TemplateError


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class ParameterSpec(_Strict):
    """A local parameter.

    Attributes:
        type: int or str.
        values: every value that it may have.
        unit: what an int counts; empty for a str.
        meaning: what it means for this module.
    """

    type: Literal["int", "str"]
    values: tuple[int, ...] | tuple[str, ...]
    unit: str = ""
    meaning: str


class PortSpec(_Strict):
    """A port of the signature.

    `width` is an expression over the parameters and constants, `meaning` a template over them, `unread` an expression that says
    where no output depends on what comes in here.
    """

    name: str
    kind: Literal["stream_in", "stream_out", "maxi", "scalar_in", "return"]
    width: int | str
    meaning: str
    unread: str = ""


class ModuleSpec(_Strict):
    """A module.yaml.

    Attributes:
        level: place in the hierarchy: control, memory, buffer, network, mac, lane, array or output.
        doc: what the module does, in a sentence.
        function: template of the C++ function's name.
        parameters: the local parameters, by name.
        derived: constants computed from them, in order, by name; expressions with `min`, `max` and
            `grid(level, units, noc_a, noc_b, noc_c)`, the m, n and k that the units of a level span, and the operands that they
            hand on to each other.
        ports: the arguments in order; a returned value last.
        calls: modules whose functions this one calls, with a template of their signatures.
    """

    level: Literal["control", "memory", "buffer", "network", "mac", "lane", "array", "output"]
    doc: str
    function: str
    parameters: dict[str, ParameterSpec]
    derived: dict[str, str] = {}
    ports: tuple[PortSpec, ...]
    calls: dict[str, str] = {}


def load_spec(path: Path) -> ModuleSpec:
    """Read and check a module.yaml.

    Raises:
        TemplateError: it is not YAML, or does not have the fields of `ModuleSpec`.
    """
    where = paths.relative(path)
    try:
        return ModuleSpec.model_validate(yaml.safe_load(path.read_text()))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"the YAML is malformed: {error.problem}"
        raise TemplateError(f"{where}:{line}", what, "Correct the line.") from error
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        raise TemplateError(where, f"{place}: {first['msg']}", "Compare with another module.yaml.") from error
