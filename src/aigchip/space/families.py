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
OPERANDS = ("a", "b")


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
    fed = {
        "mac": "the multipliers of a MAC unit",
        "lane": "the MAC units of a lane",
        "array": "the lanes of the array",
    }
    return tuple(
        Gene(
            name=f"noc_{operand}_{level}",
            values=NOC_STYLES,
            doc=f"How operand {operand.upper()} reaches {fed[level]}: a value each, a value a group, or one for all.",
        )
        for level in LEVELS
        for operand in OPERANDS
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
                values=(1, 2, 4, 8),
                doc=f"Cyclic banks of buffer {buffer.upper()}; each serves one element a cycle.",
            ),
        )
    )


FAMILIES: tuple[Family, ...] = (
    Family(
        name="mac_array",
        doc="Size of the MAC array at its three levels.",
        genes=(
            Gene(name="mac_width", values=(1, 2, 4), doc="Multipliers in a MAC unit."),
            Gene(name="lane_macs", values=(1, 2, 4, 8), doc="MAC units in a lane."),
            Gene(name="array_lanes", values=(1, 2, 4, 8), doc="Lanes in the array."),
        ),
    ),
    Family(
        name="noc",
        doc="Network-on-chip style of each operand at each level; the two styles fix what the units of a level span.",
        genes=_noc_genes(),
    ),
    Family(
        name="buffer_size",
        doc="Tile sizes, which fix the sizes of the three buffers.",
        genes=(
            Gene(name="tile_m", values=(16, 32, 64), doc="Rows of A and C in a tile."),
            Gene(name="tile_n", values=(16, 32, 64), doc="Columns of B and C in a tile."),
            Gene(name="tile_k", values=(32, 64, 128), doc="Columns of A and rows of B in a tile."),
            Gene(name="group", values=(1, 2, 4), doc="Output tiles in buffer C that share one kept operand tile."),
        ),
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
                doc="The operand that is kept: a tile of A, a tile of B, or one output tile at a time.",
            ),
        ),
    ),
)


def genes() -> Iterator[Gene]:
    """Yield every gene, in the order of the fields of `Design`' families."""
    for family in FAMILIES:
        yield from family.genes


GENES: dict[str, Gene] = {gene.name: gene for gene in genes()}
