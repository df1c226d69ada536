"""One module of the template: its parameters, its fixed signature, and the texts and vectors rendered from them."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from aigchip.core import paths
from aigchip.core.errors import unknown
from aigchip.space import derive
from aigchip.space.spans import forwarded, illegal, span_of
from aigchip.template.errors import TemplateError
from aigchip.template.schema import ModuleSpec, PortSpec, load_spec
from aigchip.template.vectors import Vector

Value = int | str
Parameters = Mapping[str, Value]

_CPP_TYPES = {
    "stream_in": "hls::stream<ap_uint<{width}> >& {name}",
    "stream_out": "hls::stream<ap_uint<{width}> >& {name}",
    "maxi": "hls::burst_maxi<ap_uint<{width}> > {name}",
    "scalar_in": "ap_uint<{width}> {name}",
}


def _grid(level: str, units: int, *styles: str) -> dict[str, int | str]:
    """Return what the units of a level span, and which operands they hand on to each other; refuse what is none."""
    noc_a, noc_b, noc_c = styles
    if reason := illegal(level, units, (noc_a, noc_b, noc_c)):
        what = f"noc_a_{level}, noc_b_{level}, noc_c_{level} is {noc_a}, {noc_b}, {noc_c} for {units} unit(s); {reason}"
        raise TemplateError(f"template, level {level}", what, "Choose other styles or another number of units.")
    span = span_of(units, noc_a, noc_b, noc_c)
    return {"m": span.m, "n": span.n, "k": span.k, "forwarded": forwarded(units, noc_a, noc_b, noc_c)}


@cache
def environment() -> jinja2.Environment:
    """Return the environment that renders every text of the template: an undefined name is an error."""
    env = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is C++ and plain text, never HTML
    )
    env.globals.update(min=min, max=max, grid=_grid)
    return env


@cache
def _text(source: str) -> jinja2.Template:
    return environment().from_string(source)


@cache
def _expression(source: str) -> Callable[..., Any]:
    return environment().compile_expression(source, undefined_to_none=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port of a rendered signature.

    Attributes:
        name: name of the argument; "return" for the returned value.
        kind: stream_in, stream_out, maxi, scalar_in, or return.
        width_bits: width of one word.
        meaning: what passes here, in plain language.
        unread: no output depends on what comes in here.
    """

    name: str
    kind: str
    width_bits: int
    meaning: str
    unread: bool = False


@dataclass(frozen=True, kw_only=True)
class Module:
    """A module as its folder describes it.

    Every method takes the module's local parameters, one entry of `aigchip.space.derive.local_parameters(design)`:
    exactly the declared ones, each a value that its declaration allows; anything else raises `TemplateError`.
    """

    folder: Path
    spec: ModuleSpec

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    def values(self, params: Parameters) -> dict[str, Value | dict[str, int]]:
        """Return the parameters with the constants that module.yaml derives from them."""
        self._check(params)
        values: dict[str, Any] = dict(params)
        for name, expression in self.spec.derived.items():
            values[name] = self._evaluate(expression, values, name)
        return values

    def function(self, params: Parameters) -> str:
        """Return the name of the C++ function."""
        return _text(self.spec.function).render(self.values(params))

    def ports(self, params: Parameters) -> tuple[Port, ...]:
        """Return the ports in the order of the arguments; the returned value, if any, comes last."""
        values = self.values(params)

        def port(spec: PortSpec) -> Port:
            width = self._evaluate(str(spec.width), values, f"width of {spec.name}")
            meaning = _text(spec.meaning).render(values)
            unread = bool(spec.unread and self._evaluate(spec.unread, values, f"unread of {spec.name}"))
            return Port(name=spec.name, kind=spec.kind, width_bits=int(width), meaning=meaning, unread=unread)

        return tuple(port(spec) for spec in self.spec.ports)

    def signature(self, params: Parameters) -> str:
        """Return the C++ declaration of the function, without the final semicolon."""
        ports = self.ports(params)
        returned = next((f"ap_uint<{port.width_bits}>" for port in ports if port.kind == "return"), "void")
        taken = [port for port in ports if port.kind != "return"]
        arguments = [_CPP_TYPES[port.kind].format(width=port.width_bits, name=port.name) for port in taken]
        return f"{returned} {self.function(params)}({', '.join(arguments)})"

    def instruction(self, params: Parameters) -> str:
        """Return the module's instruction in plain language, one numbered line for each property."""
        return self._render("instruction.md.j2", params)

    def expert_code(self, params: Parameters) -> str:
        """Return the module's source as an expert writes it for these parameters."""
        return self._render("expert.cpp.j2", params)

    def callees(self, params: Parameters) -> tuple[str, ...]:
        """Return the signatures of the functions of other modules that this one calls."""
        values = self.values(params)
        return tuple(_text(text).render(values) for text in self.spec.calls.values())

    def vectors(self, params: Parameters, seed: int) -> list[Vector]:
        """Return directed, corner and random vectors with the outputs that numpy computes for them.

        Args:
            params: the local parameters.
            seed: the same seed gives the same vectors.
        """
        values = self.values(params)
        found = self._model(values, np.random.default_rng(seed))
        return [Vector.from_dict(data) for data in found]

    def digest(self) -> str:
        """Return a hash of everything in the folder that determines this module."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.iterdir()):
            if path.is_file():
                digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    @cached_property
    def _model(self) -> Callable[[Mapping[str, Any], np.random.Generator], Sequence[Mapping[str, Any]]]:
        path = self.folder / "model.py"
        spec = importlib.util.spec_from_file_location(f"aigchip_template_model_{self.name}", path)
        if spec is None or spec.loader is None or not path.is_file():
            raise TemplateError(paths.relative(path), "the numpy model is missing", "Restore the file.")
        python_module = importlib.util.module_from_spec(spec)
        written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            spec.loader.exec_module(python_module)
        finally:
            sys.dont_write_bytecode = written
        return python_module.vectors

    def _render(self, file: str, params: Parameters) -> str:
        path = self.folder / file
        values = {**self.values(params), "signature": self.signature(params), "callees": self.callees(params)}
        try:
            return _text(path.read_text()).render(values)
        except FileNotFoundError as error:
            raise TemplateError(paths.relative(path), "the file is missing", "Restore the file.") from error
        except jinja2.TemplateError as error:
            line = getattr(error, "lineno", None)
            where = f"{paths.relative(path)}:{line}" if line else paths.relative(path)
            raise TemplateError(where, str(error.message), "Use only the module's local parameters.") from error

    def _evaluate(self, expression: str, values: Mapping[str, Any], name: str) -> Any:
        try:
            result = _expression(expression)(**values)
            if isinstance(result, jinja2.Undefined):
                str(result)  # raises: StrictUndefined
        except jinja2.TemplateError as error:
            where = paths.relative(self.folder / "module.yaml")
            raise TemplateError(where, f"{name}: {error.message}", "Use only the module's local parameters.") from error
        return result

    def _check(self, params: Parameters) -> None:
        where = f"template module {self.name}"
        declared = self.spec.parameters
        for name in params:
            if name not in declared:
                listed = ", ".join(declared)
                raise TemplateError(where, f"the parameter {name} is unknown; must be one of {listed}", "Remove it.")
        for name, spec in declared.items():
            if name not in params:
                raise TemplateError(where, f"the parameter {name} is missing", f"Add {name}: {spec.meaning}")
            if params[name] not in spec.values or type(params[name]) is not type(spec.values[0]):
                allowed = ", ".join(str(value) for value in spec.values)
                what = f"{name} is {params[name]!r}; must be one of {allowed}"
                raise TemplateError(where, what, f"Set {name}: {spec.values[0]}.")


def load(name: str, root: Path | None = None) -> Module:
    """Load a module by its folder's name.

    Args:
        name: for example `mac`; an instance's name such as `arbiter_a` gives the module it is made from.
        root: the template's folder; the project's by default.
    """
    root = root or paths.template_dir()
    folder = root / derive.module_of(name)
    if not (folder / "module.yaml").is_file():
        raise unknown("template", "module", name, module_names(root))
    return Module(folder=folder, spec=load_spec(folder / "module.yaml"))


def module_names(root: Path | None = None) -> tuple[str, ...]:
    """Return the names of all generated modules (the assembled top is not one of them), sorted."""
    root = root or paths.template_dir()
    return tuple(sorted(path.parent.name for path in root.glob("*/module.yaml")))


def include_dir(root: Path | None = None) -> Path:
    """Return the folder of the headers that the modules share."""
    return (root or paths.template_dir()) / "include"
