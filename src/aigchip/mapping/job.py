"""A job: one layer as the values of ctrl's arguments, and the turns that ctrl makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from aigchip.mapping.geometry import Geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The scalar arguments of ctrl, in their order; addresses are in memory words from the base of their port.

    Attributes:
        m_subtiles: sub-tiles of m in all.
        tile_m: sub-tiles of m in a tile.
        out_rows, out_columns: pixels of the output as it is computed and stored (padded columns counted).
        tile_rows, tile_columns: output pixels of a tile; whole rows, or rows of which a whole number of words is taken.
        k_groups: k-groups of the input map (in all).
        tile_k: k-groups in a window of B.
        kernel_rows, kernel_columns: taps; with window the rows of the kernel, and column phases.
        dilation, stride: of the convolution.
        row_step: rows of the map from a loaded row to the next.
        row_stride: rows of the window from an output row to the next.
        row_phases, column_phases: phases of rows and columns that are kept.
        span_rows, span_columns: pixels that a kernel covers.
        pad_top, pad_left: padding.
        in_rows, in_columns, in_pitch: the input map; pixels from a row to the next.
        in_plane, out_plane: words from a plane to the next.
        grouped: 1: every `share_m` sub-tiles of m have k-groups of their own, `share_k` each.
        window: 1: depthwise by windows.
        pitch, plane, step_positions: positions in buffer B.
        a_address, a_tile_words: where the weights begin, and words from a tile to the next.
        p_address, p_tile_words: the same of the parameters.
        b_address, c_address: where the maps begin.
        padding: value of padding pixels.
        zero_point, low, high: of the output.
        group: tiles of a group.
    """

    m_subtiles: int
    tile_m: int
    out_rows: int
    out_columns: int
    tile_rows: int
    tile_columns: int
    k_groups: int
    tile_k: int
    kernel_rows: int
    kernel_columns: int
    dilation: int
    stride: int
    row_step: int
    row_stride: int
    row_phases: int
    column_phases: int
    span_rows: int
    span_columns: int
    pad_top: int
    pad_left: int
    in_rows: int
    in_columns: int
    in_pitch: int
    in_plane: int
    out_plane: int
    grouped: int
    share_m: int
    share_k: int
    window: int
    pitch: int
    plane: int
    step_positions: int
    a_address: int
    a_tile_words: int
    p_address: int
    p_tile_words: int
    b_address: int
    c_address: int
    padding: int
    zero_point: int
    low: int
    high: int
    group: int

    def to_dict(self) -> dict[str, int]:
        """Return the arguments by name, in order."""
        return asdict(self)

    @property
    def taps(self) -> int:
        """Taps that a sub-tile sums over."""
        return self.kernel_rows * self.kernel_columns

    @property
    def m_tiles(self) -> int:
        """Tiles along m."""
        return -(-self.m_subtiles // self.tile_m)

    @property
    def x_tiles(self) -> int:
        """Tiles in a row of output pixels."""
        return -(-self.out_columns // self.tile_columns)

    @property
    def n_tiles(self) -> int:
        """Tiles along n."""
        return -(-self.out_rows // self.tile_rows) * self.x_tiles

    @property
    def k_tiles(self) -> int:
        """Tiles along k."""
        return 1 if self.grouped else -(-self.k_groups // self.tile_k)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One tile product of a job.

    Attributes:
        m, n, k: numbers of the tiles.
        slot: slot of buffer C.
        subtiles_m: sub-tiles of m.
        rows, columns: output pixels.
        k_groups: k-groups in the window.
        load_a, load_b: whether the tile is loaded for this turn, or still there.
        first, last: whether this begins or ends the sums of its tile of C.
    """

    m: int
    n: int
    k: int
    slot: int
    subtiles_m: int
    rows: int
    columns: int
    k_groups: int
    load_a: bool
    load_b: bool
    first: bool
    last: bool

    @property
    def pixels(self) -> int:
        """Output pixels."""
        return self.rows * self.columns


def turns(job: Job, geometry: Geometry) -> Iterator[Turn]:
    """Yield the turns of a job in their order, without the two that only drain."""
    inner, outer = (job.n_tiles, job.m_tiles) if geometry.reuse != "second" else (job.m_tiles, job.n_tiles)
    group = 1 if geometry.reuse == "output" else job.group
    at_a: tuple[int, int] | None = None
    at_b: tuple[int, int] | None = None
    for out in range(outer):
        for start in range(0, inner, group):
            for k in range(job.k_tiles):
                for slot, member in enumerate(range(start, min(inner, start + group))):
                    m, n = (out, member) if geometry.reuse != "second" else (member, out)
                    place_a, place_b = (m, k), (n, m if job.grouped else k)
                    y, x = divmod(n, job.x_tiles)
                    # With one tile in a group the slots alternate.
                    parity = (out * -(-inner // group) + start // group) % 2 if group == 1 else slot
                    yield Turn(
                        m=m,
                        n=n,
                        k=k,
                        slot=parity,
                        subtiles_m=min(job.tile_m, job.m_subtiles - m * job.tile_m),
                        rows=min(job.tile_rows, job.out_rows - y * job.tile_rows),
                        columns=min(job.tile_columns, job.out_columns - x * job.tile_columns),
                        k_groups=min(job.tile_k, job.k_groups - (m if job.grouped else k) * job.tile_k),
                        load_a=place_a != at_a,
                        load_b=place_b != at_b,
                        first=k == 0,
                        last=k == job.k_tiles - 1,
                    )
                    at_a, at_b = place_a, place_b
