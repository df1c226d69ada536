"""The data of the hardware IR. Frozen; a pass returns a new function."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in the user's C++ source (1-based line and column; 0 = unknown)."""

    file: str
    line: int
    column: int = 0


@dataclass(frozen=True, slots=True)
class Const:
    """A literal: `value` is the unsigned two's-complement pattern, 0 <= value < 2**width_bits."""

    value: int
    width_bits: int


@dataclass(frozen=True, slots=True)
class Ref:
    """A use (or the definition) of an SSA value."""

    name: str
    width_bits: int


Operand = Const | Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One operation.

    Opcodes (w = result width; operands have equal widths unless said otherwise):

    - `add sub mul udiv sdiv urem srem and or xor shl lshr ashr`: as in LLVM, but a shift by >= w gives 0 (or the sign) and
      a division by zero gives 0: no poison.
    - `smul umul`: operands of any width, sign- or zero-extended; the product is truncated or extended to w.
    - `eq ne ult ule ugt uge slt sle sgt sge`: w = 1.
    - `select c a b`; `zext`, `sext`, `trunc`; `extract` (attribute `low_bit`): bits low_bit .. low_bit+w-1;
      `concat`: first operand is the most significant, w = sum of widths.
    - `load m i` (target: memory): word i; `store m i v`, and `store m i v mask` when the memory has several lanes: bit k of the mask
      writes lane k, lane 0 in the lowest bits. Out-of-range indices are undefined. Reads are synchronous (see `Memory.ports` and
      `Memory.latency_cycles`); a read and a write of one word in one cycle returns the old word; depth 1 means a register: any
      number of reads, combinational, one write a cycle.
    - `read s` (target: stream port or channel), `write s v`: blocking. `read_nb s`: w = data + 1, the top bit says valid;
      `write_nb s v`: w = 1, says accepted. `empty s`, `full s`: w = 1.
    - `scalar p` (target: scalar input port, stable while the function runs); `set p v` (target: scalar output port).
    - `dsp_mul_add a b c`, `dsp_mul_sub a b c`: c + a * b, c - a * b, with signed factors of at most 27 and 18 bits, and c as wide as the
      result: one DSP cell.
    - `dsp_preadd_mul_add a d b c`: c + (a + d) * b, with signed a and d of at most 26 bits, b of at most 18: one DSP cell.
    - `dsp_pair x y b`: both products of the common factor b, signed numbers of at most 8 bits, each as 18 bits: w = 36, y * b lowest;
      one DSP cell.
    - `dsp_mac a b first init`, `dsp_mac_sub` (target: memory of one word with storage `dsp`): the word becomes
      (first ? init : word) + a * b, or minus; the result is the new word.
    - `call f a...` (target: function that is kept as a module): operands are the scalar inputs in port order; `bindings` ties the
      callee's stream ports to the caller's; the result, if any, is the concatenation of its scalar outputs, the first port lowest.
      In a pipelined loop and in a static function, only of static functions (see `Function.timing`).
      With `overlap` (the callee is a dataflow region) it ends when the callee can take the next call; the function ends after all.

    `predicate`: the op has an effect only when this value is 1; only on `store read write read_nb write_nb set call`. The result of a
    predicated-off read is 0.
    """

    id: int
    opcode: str
    result: Ref | None = None
    operands: tuple[Operand, ...] = ()
    target: str | None = None
    predicate: Operand | None = None
    low_bit: int = 0
    bindings: tuple[Binding, ...] = ()
    overlap: bool = False
    impl: str = "auto"  # bind_op: auto | dsp | fabric
    latency: int | None = None  # bind_op latency, in cycles
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phi:
    """An SSA merge at the head of a block: `incoming` maps predecessor block names to operands."""

    result: Ref
    incoming: tuple[tuple[str, Operand], ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """Go on in `target`."""

    target: str


@dataclass(frozen=True, slots=True)
class Branch:
    """Go to `then_target` when `condition` is 1, else to `else_target`."""

    condition: Operand
    then_target: str
    else_target: str


@dataclass(frozen=True, slots=True)
class Return:
    """End of the function."""


Terminator = Jump | Branch | Return


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A basic block: phis, then ops in program order, then one terminator."""

    name: str
    phis: tuple[Phi, ...] = ()
    ops: tuple[Op, ...] = ()
    terminator: Terminator


class PortKind(StrEnum):
    """What a port is. `maxi` groups five streams `<name>_AR _R _AW _W _B` that are listed as stream ports too."""

    SCALAR_IN = "scalar_in"
    SCALAR_OUT = "scalar_out"
    STREAM_IN = "stream_in"
    STREAM_OUT = "stream_out"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port of a function. `maxi` and `role` say that a stream belongs to a burst_maxi argument.

    A burst_maxi argument `g` of element width W becomes, as far as used: `g_AR` (out, 96 bits: length[31:0] above offset[63:0], both in
    elements), `g_R` (in, W), `g_AW` (out, 96), `g_W` (out, W), `g_B` (in, 1). `ap_return` is the scalar output of a returned value.

    A `memory` port is one bank of an array that lies outside the function: `load` and `store` may target it as they do a Memory of
    `depth` words of `width_bits`. `reads` and `writes` say which sides exist.
    """

    name: str
    kind: PortKind
    width_bits: int
    signed: bool = False
    maxi: str | None = None
    role: str | None = None  # AR | R | AW | W | B
    interface: str = "default"  # the mode of `Interface`
    fields: tuple[
        tuple[str, int], ...
    ] = ()  # of an axis word, least significant first: TDATA TKEEP TSTRB TUSER TLAST TID TDEST, width in bits
    depth: int = 0
    reads: bool = False
    writes: bool = False
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """What the interface pragmas say of one argument of the top, or of `return`.

    Attributes:
        mode: axis, m_axi, ap_none, ap_vld, ap_ovld, ap_ack, ap_hs, ap_fifo, ap_memory, s_axilite or default; of `return`: ap_ctrl_hs,
            ap_ctrl_chain or ap_ctrl_none.
        registers: the s_axilite bundle that holds the argument or its address, None = a port of its own.
        options: bundle, offset, max_read_burst_length and so on, as written.
    """

    argument: str
    mode: str = "default"
    registers: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    def option(self, name: str, default: str = "") -> str:
        """The text of an option."""
        return dict(self.options).get(name, default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One bank of an array, after partitioning. `array` is the name in the source, for reports.

    Attributes:
        init: first values, which the first call finds; empty: it writes before it reads (uram: or finds zeros).
        storage: bind_storage impl: auto | lutram | bram | uram | register; dsp: an accumulator, 0 whenever the function starts.
        ports: what may happen in one cycle: `1p` one access; `s2p` one load and one store; `2p` two accesses, at most one a store;
            `t2p` two accesses; `np` any number of loads (read-only); `auto`: the scheduler chooses.
        latency_cycles: from the index to the word; the second and further cycles are output registers.
        lanes: equal parts of a word that a store may write alone.
        word: name of the memory whose lane `lane` this bank is going to be (array_reshape); `passes.words` makes that memory.
        interface: ap_memory: it is outside, behind ports of the top; ap_memory_1p: one port does reads and writes.
    """

    name: str
    array: str
    width_bits: int
    depth: int
    init: tuple[int, ...] = ()
    read_only: bool = False
    storage: str = "auto"
    ports: str = "auto"
    latency_cycles: int = 1
    lanes: int = 1
    word: str = ""
    lane: int = 0
    interface: str = ""
    location: Location | None = None

    @property
    def has_first_values(self) -> bool:
        """Whether words are there before the first call, which nothing but a call may change."""
        return bool(self.init) or bool(self.interface) or self.storage == "uram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What joins two processes, or a FIFO inside a function (a local stream).

    `kind` is `fifo` (a stream of `depth` words), `pipo` (one bank of an array: `depth` buffers of `words` words; a process fills the
    oldest empty one while another reads the oldest full one) or `scalar` (one value for each run, at most `depth` waiting).
    `depth_from` says who chose the depth: `default`, `source` or `computed`.
    """

    name: str
    width_bits: int
    depth: int = 2
    kind: str = "fifo"  # fifo | pipo | scalar
    words: int = 0
    depth_from: str = "default"  # default | source | computed
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """Ties port `formal` of a callee to port or channel `actual` of the caller (or a scalar: port name or Const)."""

    formal: str
    actual: str | Const


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One callee in a dataflow region."""

    name: str
    function: str
    bindings: tuple[Binding, ...]
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class TripCount:
    """Iterations of a loop; None = unknown."""

    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """Within one loop: op `sink` of iteration i + distance must come after op `source` of iteration i (ids). distance >= 0.

    `reason` says in words which two accesses it joins and why, for `csynth explain` and the report.
    """

    source: int
    sink: int
    distance: int
    kind: str = "memory"  # memory | order
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """`#pragma HLS pipeline`: the wanted initiation interval (1 when not given)."""

    initiation_interval: int = 1
    explicit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A natural loop. A loop with `pipeline` has exactly one block, which ends in a Branch with itself as one target.

    Attributes:
        flattened: names of the loops of the source that it was made of, outermost first; empty for a loop of its own.
        keep_flat: the source asks for flattening, at whatever interval.
        notes: what the front end did with the loop or did not do, for the report.
    """

    name: str
    header: str
    blocks: tuple[str, ...]
    parent: str | None = None
    pipeline: Pipeline | None = None
    trip_count: TripCount = field(default_factory=lambda: TripCount(None, None))
    dependences: tuple[Dependence, ...] = ()
    flattened: tuple[str, ...] = ()
    keep_flat: bool = False
    notes: tuple[str, ...] = ()
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`#pragma HLS allocation`: at most `count` instances of the module of function `function` in this function."""

    function: str
    count: int
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function that becomes one Verilog module. Either `blocks` (entry first) or, for a dataflow region, `processes`.

    `notes` are sentences for the report: what could not be resolved as the source wishes, where, and the smallest remedy.
    `timing` is `handshake` (ap_start and ap_done, any number of cycles) or `static`: one block without streams, predicates on its
    outputs, or memories that are written, so that its latency is known once it is scheduled; it takes new operands every
    `initiation_interval` cycles.
    """

    name: str
    ports: tuple[Port, ...]
    blocks: tuple[Block, ...] = ()
    loops: tuple[Loop, ...] = ()
    memories: tuple[Memory, ...] = ()
    channels: tuple[Channel, ...] = ()
    processes: tuple[Process, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    notes: tuple[str, ...] = ()
    timing: str = "handshake"  # handshake | static
    initiation_interval: int = 1
    limits: tuple[Limit, ...] = ()
    notes: tuple[str, ...] = ()  # for the report: what the source asks for and does not get, or gets otherwise
    location: Location | None = None

    @property
    def banks(self) -> tuple[Memory, ...]:
        """What `load` and `store` may target: the function's memories, and its memory ports seen as memories."""
        return self.memories + tuple(
            Memory(name=p.name, array=p.name, width_bits=p.width_bits, depth=p.depth, location=p.location)
            for p in self.ports
            if p.kind is PortKind.MEMORY
        )

    @property
    def is_static(self) -> bool:
        """Whether its latency is a number that callers can schedule with."""
        return self.timing == "static"

    @property
    def outputs(self) -> tuple[Port, ...]:
        """Its scalar outputs, in the order in which the result of a call holds them, lowest first."""
        return tuple(port for port in self.ports if port.kind is PortKind.SCALAR_OUT)

    @property
    def is_dataflow(self) -> bool:
        """Whether the body is a set of concurrent processes."""
        return bool(self.processes)

    @property
    def can_overlap(self) -> bool:
        """Whether calls of a region may overlap: nothing but streams and scalar inputs, so that no two calls share a memory."""
        shared = (PortKind.SCALAR_OUT, PortKind.MEMORY)
        return self.is_dataflow and not any(port.kind in shared for port in self.ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """All functions that become modules, and the name of the top."""

    top: str
    functions: tuple[Function, ...]

    def function(self, name: str) -> Function:
        """The function called `name`.

        Raises:
            KeyError: there is none.
        """
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)
