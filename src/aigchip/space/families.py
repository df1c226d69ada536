"""The paper's five families of design parameters, as data: what may vary, over which values, and what each means."""

from collections.abc import Iterator
from dataclasses import dataclass

UNICAST = "unicast"
MULTICAST = "multicast"
BROADCAST = "broadcast"
NOC_STYLES = (UNICAST, MULTICAST, BROADCAST)

HEIGHT = "height"
WIDTH = "width"

REUSE_FIRST = "first"
REUSE_SECOND = "second"
REUSE_OUTPUT = "output"

LEVELS = ("mac", "lane", "array")
OPERANDS = ("a", "b", "c")

BRAM = "bram"
URAM = "uram"
LUTRAM = "lutram"
STORAGES = (BRAM, URAM, LUTRAM)

NO_WINDOW = "none"
WINDOW = "window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gene:
    """One scalar of a design.

    Attributes:
        name: the field of `Design` that it names.
        values: every value that the field may have, smallest first where they are numbers.
        doc: what the value means for the hardware.
    """

    name: str
    values: tuple[int, ...] | tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A group of genes that the paper treats as one design parameter."""

    name: str
    doc: str
    genes: tuple[Gene, ...]


def _noc_genes() -> tuple[Gene, ...]:
    units = {
        "mac": "the multipliers of a MAC unit",
        "lane": "the MAC units of a lane",
        "array": "the lanes of the array",
    }
    verb = {
        "a": "How operand A reaches {}",
        "b": "How operand B reaches {}",
        "c": "How {} share their results C",
    }
    return tuple(
        Gene(
            name=f"noc_{operand}_{level}",
            values=NOC_STYLES,
            doc=f"{verb[operand].format(units[level])}: one each, one a group, or one for all.",
        )
        for level in LEVELS
        for operand in OPERANDS
    )


def _buffer_genes() -> tuple[Gene, ...]:
    return tuple(
        gene
        for buffer in ("a", "b", "c")
        for gene in (
            Gene(
                name=f"buffer_{buffer}_kib",
                values=tuple(2 << exponent for exponent in range(10)),
                doc=f"Size of buffer {buffer.upper()} [KiB], both halves or all slots together.",
            ),
            Gene(
                name=f"buffer_{buffer}_storage",
                values=STORAGES,
                doc=f"Memory that buffer {buffer.upper()} is made of.",
            ),
        )
    )


def _partition_genes() -> tuple[Gene, ...]:
    shapes = {
        "a": "height is m, width is k",
        "b": "height is k, width is n",
        "c": "height is m, width is n",
    }
    return tuple(
        gene
        for buffer, shape in shapes.items()
        for gene in (
            Gene(
                name=f"buffer_{buffer}_dimension",
                values=(HEIGHT, WIDTH),
                doc=f"The dimension of buffer {buffer.upper()} that is spread over banks ({shape}).",
            ),
            Gene(
                name=f"buffer_{buffer}_factor",
                values=(1, 2, 4, 8, 16, 32, 64),
                doc=f"Cyclic banks of buffer {buffer.upper()} that are read or written together.",
            ),
        )
    )


FAMILIES: tuple[Family, ...] = (
    Family(
        name="mac_array",
        doc="Size of the MAC array at its three levels.",
        genes=(
            Gene(name="mac_width", values=(1, 2, 4, 8, 16), doc="Multipliers in a MAC unit."),
            Gene(name="lane_macs", values=(1, 2, 4, 8, 16, 32), doc="MAC units in a lane."),
            Gene(name="array_lanes", values=(1, 2, 4, 8, 16, 32, 64), doc="Lanes in the array."),
            Gene(name="pack", values=(1, 2), doc="int8 products that a multiplier forms in a cycle."),
        ),
    ),
    Family(
        name="noc",
        doc="Network-on-chip style of each operand at each level; the three styles fix what the units of a level span.",
        genes=_noc_genes(),
    ),
    Family(
        name="buffer_size",
        doc="Sizes of the three buffers and what they are made of; tiles are chosen for each layer within them.",
        genes=_buffer_genes(),
    ),
    Family(
        name="partition",
        doc="Partition of each buffer into banks: along which dimension, and into how many.",
        genes=_partition_genes(),
    ),
    Family(
        name="reuse",
        doc="Data reuse pattern: which of the three stays in its buffer while the others change.",
        genes=(
            Gene(
                name="reuse",
                values=(REUSE_FIRST, REUSE_SECOND, REUSE_OUTPUT),
                doc="The operand that is kept: a tile of A, a window of B, or one output tile at a time.",
            ),
            Gene(name="slots", values=(2, 4, 8), doc="Output tiles in buffer C, which may share a kept operand."),
        ),
    ),
    Family(
        name="memory",
        doc="Ports to memory (beyond the paper).",
        genes=(
            Gene(name="port_bits", values=(64, 128, 256, 512), doc="Width of a memory port [bits]."),
            Gene(name="ports", values=(1, 2, 4), doc="Ports over which each operand is striped."),
        ),
    ),
    Family(
        name="arithmetic",
        doc="Accumulators, depthwise layers and the clock (beyond the paper).",
        genes=(
            Gene(name="accumulator_bits", values=(24, 28, 32), doc="Width of an accumulator [bits]."),
            Gene(
                name="depthwise",
                values=(NO_WINDOW, WINDOW),
                doc="Whether each lane can take a channel of its own from a window of pixels.",
            ),
            Gene(name="clock_mhz", values=(100, 150, 200, 250, 300), doc="Clock that synthesis aims at [MHz]."),
        ),
    ),
)


def genes() -> Iterator[Gene]:
    """Yield every gene, in the order of the fields of `Design`' families."""
    for family in FAMILIES:
        yield from family.genes


GENES: dict[str, Gene] = {gene.name: gene for gene in genes()}
