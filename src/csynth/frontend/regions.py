"""Read the markers of pragmas from inlined IR, take them out, and tell LLVM which loops to unroll."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from csynth.errors import UnsupportedError
from csynth.frontend.affine import AddressReader
from csynth.frontend.layout import Array
from csynth.frontend.llvm_loops import NaturalLoop, innermost, natural_loops
from csynth.frontend.llvm_text import LlvmFunction, Module
from csynth.frontend.locations import Locations
from csynth.frontend.nests import Nest
from csynth.frontend.pragmas import Pragma
from csynth.ir.model import Location, Pipeline, TripCount

_METADATA_START = 900_000
_PIPELINE_NOTES = {
    (
        "style",
        "stp",
    ): "style=stp: the pipeline is flushable (flp) all the same: a stalled input never holds back what is inside",
    (
        "style",
        "frp",
    ): "style=frp: the pipeline is flushable (flp); stalls hold its stages, no output FIFO is sized for free running",
    ("rewind", "rewind"): "rewind: the loop starts again only when its last iteration has ended",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableMark:
    """A pragma on a variable: the object's LLVM name ("" = all) and its evaluated operands."""

    pragma: Pragma
    base: str
    element_bits: int
    first: int
    second: int


@dataclass(slots=True)
class Marks:
    """What the pragmas of one kept function say, apart from its loops."""

    variables: list[VariableMark] = field(default_factory=list)
    operators: list[VariableMark] = field(default_factory=list)
    dependences: list[VariableMark] = field(default_factory=list)
    limits: list[tuple[Pragma, int]] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    interfaces: dict[str, str] = field(default_factory=dict)
    bundles: dict[str, str] = field(default_factory=dict)  # of m_axi, by argument
    memories: dict[str, str] = field(default_factory=dict)  # what `Memory.interface` is of an array argument

    def interface(self, port: str) -> str:
        """The interface mode of a port."""
        return self.interfaces.get(port, "default")


@dataclass(slots=True, kw_only=True)
class LoopFacts:
    """A loop of the source and its pragmas."""

    number: int
    name: str
    location: Location | None
    pipeline: Pipeline | None = None
    unroll: int | None = None  # None = no; 0 = fully
    trip_count: TripCount = field(default_factory=lambda: TripCount(None, None))
    flatten: str = ""  # loop_flatten: "" (decide), on, off
    nest: Nest = ()  # levels of a flattened nest
    flattened: tuple[str, ...] = ()  # names of the loops it was made of, outermost first
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Add a remark for the report, once."""
        if text not in self.notes:
            self.notes.append(text)

    @property
    def initiation_interval(self) -> int | None:
        """The wanted II, None when the loop is not pipelined."""
        return self.pipeline.initiation_interval if self.pipeline else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Formal:
    """One parameter of a kept function.

    Attributes:
        kind: scalar, stream, maxi, output, value (the object behind a reference, see `by_value`), inout (a number of the top that is read
            and written), bus (a pointer to memory behind m_axi), array (an argument of the top: memory outside, of `extent` elements) or
            memory (an array that lies outside a process).
        written: a value that may be written, and goes out again.
        by_address: a scalar that reaches the function by address (ap_int and ap_uint).
        llvm_bits: width of the LLVM value, or of the memory behind the address.
    """

    name: str
    llvm_name: str
    kind: str
    width_bits: int = 0
    signed: bool = False
    by_address: bool = False
    llvm_bits: int = 0
    extent: int = 0
    fields: tuple[tuple[str, int], ...] = ()  # of an axis word with side channels
    written: bool = False


@dataclass(slots=True, kw_only=True)
class Signature:
    """The parameters of a kept function and how its value returns."""

    parameters: list[Formal]
    return_bits: int = 0
    return_signed: bool = False
    return_address: str = ""
    by_value: bool = False
    outputs: dict[str, tuple[str, int]] = field(default_factory=dict)
    calls: dict[str, Signature] = field(default_factory=dict)
    arrays: list[Array] = field(default_factory=list)
    fifo_arrays: dict[str, Location] = field(default_factory=dict)
    start_propagation_off: bool = False
    region: bool = False  # the body of a dataflow loop: its calls overlap


def read_marks(
    module: Module, function: LlvmFunction, pragmas: list[Pragma], locations: Locations, scope_kinds: set[int]
) -> tuple[Marks, dict[str, LoopFacts]]:
    """Read all markers of a function.

    Args:
        module: the module that the function belongs to.
        function: the function as LLVM left it.
        pragmas: every pragma of the source, by index.
        locations: source lines of instructions.
        scope_kinds: indices of pragmas of function scope, which are not the loops' own.

    Returns:
        The marks, and the facts of each loop by the name of its latch.

    Raises:
        UnsupportedError: a pragma stands where it has no loop, or a value is out of range.
    """
    marks = Marks()
    loops = natural_loops(function)
    facts = {id(loop): _facts(loop, at, function, locations) for at, loop in enumerate(loops)}
    reader = AddressReader(module, function)
    for name, block in function.blocks.items():
        for i in block.instructions:
            if i.opcode != "call":
                continue
            if i.callee == "__csynth_scope":
                number = int(i.operands[0])
                if pragmas[number].kind == "allocation":
                    marks.limits.append((pragmas[number], _constant(i.operands[1], pragmas[number])))
                elif number not in scope_kinds:
                    _on_loop(pragmas[number], i.operands, innermost(loops, name), facts)
            elif i.callee == "__csynth_variable":
                pragma = pragmas[int(i.operands[0])]
                base = reader.address(i.operands[1]).base
                if not re.fullmatch(r"-?\d+", i.operands[8]) or not re.fullmatch(r"-?\d+", i.operands[9]):
                    raise UnsupportedError(
                        "pragma_value",
                        f"pragma HLS {pragma.kind}: an operand is not constant",
                        pragma.location,
                        "Use a constant",
                    )
                mark = VariableMark(
                    pragma=pragma,
                    base=base,
                    element_bits=int(i.operands[2]),
                    first=int(i.operands[8]),
                    second=int(i.operands[9]),
                )
                kinds = {"dependence": marks.dependences, "bind_op": marks.operators}
                kinds.get(pragma.kind, marks.variables).append(mark)
            elif i.callee == "hls.maxi_alias":
                copy, original = (reader.address(o).base for o in i.operands[:2])
                marks.aliases[copy] = original
    for loop in loops:
        own = facts[id(loop)]
        if own.pipeline is not None:
            _unroll_inside(loop, facts)
        if _declares_streams(loop, function):
            own.unroll = 0
    # Of nested pipelines the innermost one that is not unrolled away counts.
    by_latch = {latch: facts[id(loop)] for loop in loops for latch in loop.latches}
    return marks, by_latch


def _declares_streams(loop: NaturalLoop, function: LlvmFunction) -> bool:
    """Whether a loop does nothing but construct the elements of an array of streams."""
    instructions = [i for name in loop.blocks for i in function.blocks[name].instructions]
    calls = {i.callee for i in instructions if i.opcode == "call"}
    return calls == {"hls.stream_declare"} and all(
        i.opcode in {"phi", "getelementptr", "icmp", "br", "add", "call"} for i in instructions
    )


def _facts(loop: NaturalLoop, number: int, function: LlvmFunction, locations: Locations) -> LoopFacts:
    places = []
    for block in (loop.header, *loop.latches):
        for i in function.blocks[block].instructions:
            place = locations.of(i.metadata.get("dbg"))
            if place is not None and i.opcode in {"br", "switch"}:
                places.append(place)
    place = min(places, key=lambda p: (p.line, p.column)) if places else None
    return LoopFacts(number=number, name=f"loop_{place.line}" if place else f"loop_n{number}", location=place)


def _constant(text: str, pragma: Pragma) -> int:
    if not re.fullmatch(r"-?\d+", text):
        raise UnsupportedError(
            "pragma_value", f"pragma HLS {pragma.kind}: an operand is not constant", pragma.location, "Use a constant"
        )
    return int(text)


def _on_loop(pragma: Pragma, operands: list[str], loop: NaturalLoop | None, facts: dict[int, LoopFacts]) -> None:
    if loop is None:
        if pragma.kind in {"pipeline", "dependence"}:
            raise UnsupportedError(
                "pragma_place",
                f"pragma HLS {pragma.kind} stands outside a loop",
                pragma.location,
                "Put it first into the body of the loop that it is for",
            )
        if pragma.kind in {"unroll", "loop_tripcount", "loop_flatten"}:
            raise UnsupportedError(
                "pragma_place",
                f"pragma HLS {pragma.kind} stands outside a loop",
                pragma.location,
                "Put it first into a loop's body",
            )
        return
    own = facts[id(loop)]
    first, second = (_constant(o, pragma) for o in operands[1:3])
    if pragma.kind == "label":
        own.name, own.location = pragma.options["name"], pragma.location
    elif pragma.kind == "pipeline":
        if "off" in pragma.options:
            own.pipeline = None
            return
        if first < 1 and "ii" in pragma.options:
            raise UnsupportedError(
                "pragma_value", f"pragma HLS pipeline: II is {first}; must be 1 or more", pragma.location, "Use II=1"
            )
        own.pipeline = Pipeline(initiation_interval=max(1, first), explicit="ii" in pragma.options)
        for option in ("style", "rewind"):
            if (note := _PIPELINE_NOTES.get((option, pragma.options.get(option, "")))) is not None:
                own.note(note)
    elif pragma.kind == "loop_flatten":
        own.flatten = "off" if "off" in pragma.options else "on"
    elif pragma.kind == "unroll":
        if first < 0:
            raise UnsupportedError(
                "pragma_value",
                f"pragma HLS unroll: factor is {first}; must be 1 or more",
                pragma.location,
                "Use a positive factor",
            )
        own.unroll = first if first != 1 else None
    elif pragma.kind == "loop_tripcount":
        own.trip_count = TripCount(first if "min" in pragma.options else None, second if second >= 0 else None)


def _unroll_inside(loop: NaturalLoop, facts: dict[int, LoopFacts]) -> None:
    for child in loop.children:
        facts[id(child)].unroll = 0
        facts[id(child)].pipeline = None
        _unroll_inside(child, facts)


def unroll_and_clean(text: str, functions: dict[str, dict[str, LoopFacts]]) -> str:
    """Take the markers out of IR text and put loop metadata in; `functions` maps name -> latch -> facts."""
    out: list[str] = []
    metadata: list[str] = []
    latches: dict[str, LoopFacts] = {}
    current, counter = "", _METADATA_START
    for line in text.split("\n"):
        if line.startswith("define"):
            match = re.search(r'@("[^"]*"|[\w.$-]+)\(', line)
            latches = functions.get(match.group(1).strip('"') if match else "", {})
            current = "entry"
        elif line and line[0] not in " \t};!" and (label := re.match(r'("[^"]+"|[-\w.$]+):', line)):
            current = label.group(1).strip('"')
        elif "@__csynth_" in line and re.search(r"call void @__csynth_(scope|variable)\(", line):
            continue
        elif line.startswith("  br ") and (facts := latches.get(current)) is not None:
            unroll = (
                '!{!"llvm.loop.unroll.disable"}'
                if facts.unroll is None
                else '!{!"llvm.loop.unroll.full"}'
                if facts.unroll == 0
                else f'!{{!"llvm.loop.unroll.count", i32 {facts.unroll}}}'
            )
            n = counter
            counter += 4
            metadata += [
                f"!{n} = distinct !{{!{n}, !{n + 1}, !{n + 2}, !{n + 3}}}",
                f"!{n + 1} = {unroll}",
                f'!{n + 2} = !{{!"llvm.loop.mustprogress"}}',
                f'!{n + 3} = !{{!"csynth.loop", i32 {facts.number}}}',
            ]
            line = re.sub(r", !llvm\.loop !\d+", "", line) + f", !llvm.loop !{n}"
        out.append(line)
    return "\n".join([*out, *metadata, ""])
