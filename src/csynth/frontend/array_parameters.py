"""Arrays and scalars that processes hand on: what lies behind each pointer parameter of a process, known from its callers."""

from __future__ import annotations

from dataclasses import dataclass

from csynth.errors import UnsupportedError
from csynth.frontend.affine import AddressReader
from csynth.frontend.layout import Array, dimensions, make_array
from csynth.frontend.llvm_text import LlvmFunction, Module
from csynth.frontend.regions import VariableMark
from csynth.frontend.units import Unit

Place = tuple[str, str]  # (linker name of a function, LLVM name of a variable in it)


@dataclass(frozen=True, slots=True)
class Cut:
    """One array_partition pragma."""

    kind: str
    factor: int
    dim: int


@dataclass(slots=True)
class Shape:
    """The variable behind a parameter: its LLVM type, and how it is partitioned."""

    kind: str
    cuts: tuple[Cut, ...] = ()

    def is_array(self, types: dict[str, str]) -> bool:
        """Whether it has elements."""
        return bool(dimensions(self.kind, types)[0])

    def array(self, base: str, name: str, types: dict[str, str], unit: Unit) -> Array:
        """The array as its function sees it."""
        array = make_array(base, name, self.kind, types)
        for cut in self.cuts:
            assert unit.location is not None
            array.split("array_partition", cut.kind, cut.factor, cut.dim, unit.location)
        array.outside = True
        array.width_bits = 8 * array.element_bytes
        return array


def cuts_of(marks: list[VariableMark], base: str) -> tuple[Cut, ...]:
    """The array_partition pragmas of one variable."""
    return tuple(
        Cut(mark.pragma.options.get("type", "complete"), mark.first, mark.second)
        for mark in marks
        if mark.base == base and mark.pragma.kind == "array_partition"
    )


def parameter_shapes(
    functions: dict[str, LlvmFunction], module: Module, units: dict[str, Unit], marks: dict[str, list[VariableMark]]
) -> dict[Place, Shape]:
    """Shapes of the pointer parameters of all processes.

    Args:
        functions: the functions by linker name, as far as they are known; callers before callees in `units`.
        module: their module.
        units: the kept functions.
        marks: pragmas on variables, by linker name.

    Raises:
        UnsupportedError: two calls pass arrays of unequal shape, or two pragmas cut one array differently.
    """
    shapes: dict[Place, Shape] = {}
    for symbol, unit in units.items():
        if not unit.dataflow:
            continue
        function = functions[symbol]
        reader = AddressReader(module, function)
        users: dict[str, list[Place]] = {}
        for i in (i for block in function.blocks.values() for i in block.instructions):
            if i.opcode != "call" or i.callee not in units:
                continue
            for parameter, operand in zip(functions[i.callee].parameters, i.operands, strict=True):
                if parameter.type == "ptr":
                    users.setdefault(reader.address(operand).base, []).append((i.callee, parameter.name))
        for base, places in users.items():
            definition = reader.definitions.get(base)
            known = shapes.get((symbol, base))
            kind = known.kind if known else definition.element if definition and definition.opcode == "alloca" else None
            if kind is None:
                continue
            cuts = known.cuts if known else cuts_of(marks.get(symbol, []), base)
            for place in places:
                own = cuts_of(marks.get(place[0], []), place[1])
                if cuts and own and set(own) != set(cuts):
                    raise UnsupportedError(
                        "dataflow-partition",
                        f"the array {base[1:]!r} of the dataflow function {unit.name!r} is partitioned in two ways",
                        unit.location,
                        "Put one array_partition pragma where the array is declared",
                    )
                cuts = cuts or own
            for place in places:
                shape = Shape(kind, cuts)
                if shapes.setdefault(place, shape) != shape:
                    raise UnsupportedError(
                        "dataflow-shape",
                        f"the process {units[place[0]].name!r} is called with arrays of different sizes or partitions",
                        unit.location,
                        "Use two functions, or a template",
                    )
    return shapes
