"""The steps that the accelerator takes for a GEMM, in groups that repeat; see `template/README.md`."""

from collections.abc import Iterator
from dataclasses import dataclass

from aigchip.space.design import Design
from aigchip.space.families import REUSE_FIRST, REUSE_SECOND
from aigchip.workload import Gemm


@dataclass(frozen=True, slots=True)
class Step:
    """One tile product: rows x columns of C from `products` of each (fewer at the edges than the tile holds).

    Attributes:
        rows, columns, products: size of the matrices in the tile.
        load_a, load_b: whether the tile of the operand is loaded for this step, or still there.
        last: whether these are the last products of the tile of C, which is then drained.
    """

    rows: int
    columns: int
    products: int
    load_a: bool
    load_b: bool
    last: bool


#: The steps between two changes of the outer loops: all products for the output tiles of one group.
Group = tuple[Step, ...]


def groups(gemm: Gemm, design: Design) -> Iterator[tuple[Group, int]]:
    """Yield the groups of one GEMM in their order, equal neighbours together with how many there are."""
    second = design.reuse == REUSE_SECOND
    row_sizes = _cut(gemm.m, design.tile_m)
    column_sizes = _cut(gemm.n, design.tile_n)
    product_sizes = _cut(gemm.k, design.tile_k)
    outer, inner = (column_sizes, row_sizes) if second else (row_sizes, column_sizes)
    bundles = [tuple(inner[i : i + design.group]) for i in range(0, len(inner), design.group)]
    for outer_size in outer:
        run: tuple[tuple[int, ...], int] | None = None
        for bundle in bundles:
            if run is not None and run[0] == bundle:
                run = (bundle, run[1] + 1)
                continue
            if run is not None:
                yield _group(outer_size, run[0], product_sizes, design), run[1]
            run = (bundle, 1)
        if run is not None:
            yield _group(outer_size, run[0], product_sizes, design), run[1]


def _cut(size: int, tile: int) -> list[int]:
    return [min(tile, size - start) for start in range(0, size, tile)]


def _group(outer: int, bundle: tuple[int, ...], product_sizes: list[int], design: Design) -> Group:
    second = design.reuse == REUSE_SECOND
    return tuple(
        Step(
            inner if second else outer,
            outer if second else inner,
            products,
            load_a=slot == 0 or design.reuse != REUSE_FIRST,
            load_b=slot == 0 or design.reuse != REUSE_SECOND,
            last=index == len(product_sizes) - 1,
        )
        for index, products in enumerate(product_sizes)
        for slot, inner in enumerate(bundle)
    )
