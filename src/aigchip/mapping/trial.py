"""Small layers that try a design out: sizes that are no multiples of its step, several tiles, padding, strides, windows."""

from __future__ import annotations

from collections.abc import Iterable

from aigchip.mapping.convolution import Convolution
from aigchip.mapping.geometry import Geometry
from aigchip.mapping.tiling import MappingError, Traffic, estimate, place

_ALL_SIDES = (1, 1, 1, 1)


def odd_product(geometry: Geometry, most_cycles: int) -> Convolution:
    """Return a product of odd sizes; of several tiles along k, and along m or n too, where it may take so long.

    Args:
        geometry: of the design.
        most_cycles: what it may take [cycles]; the smallest product may take longer.

    Raises:
        MappingError: the design cannot do the smallest either.
    """
    step = geometry.step
    beyond = geometry.a_half_pieces // geometry.a_pieces + 1
    sizes = [
        (step.m + 1 | 1, beyond * step.k - 1 | 1, max(3 * step.n, 2 * geometry.b_half_positions // beyond) | 1),
        (step.m + 1 | 1, beyond * step.k - 1 | 1, 3 * step.n | 1),
        (2 * step.m | 1, 2 * step.k | 1, 3 * step.n | 1),
        (step.m | 1, step.k | 1, step.n | 1),
        (3, 3, 1),
    ]
    candidates = [Convolution.of_product(*size) for size in sizes]
    found = _first(candidates, geometry, most_cycles)
    if found is None:
        place(candidates[-1], geometry, None, "the smallest product")
        return candidates[-1]
    return found


def padded(geometry: Geometry, most_cycles: int) -> Convolution | None:
    """Return a 3 x 3 convolution with padding; None where it does not fit the design."""
    step = geometry.step
    candidates = [
        Convolution(channels=k, rows=rows, columns=columns, outputs=m, kernel=(3, 3), padding=_ALL_SIDES)
        for m, k in ((step.m + 1, 2 * step.k - 1), (step.m, step.k), (2, 3))
        for rows, columns in ((13, 11), (7, 9), (5, 6), (3, 4))
    ]
    return _first(candidates, geometry, most_cycles)


def strided(geometry: Geometry, most_cycles: int) -> Convolution | None:
    """Return a 3 x 3 convolution of stride 2, padded at the top and left; None where it does not fit the design."""
    step = geometry.step
    candidates = [
        Convolution(channels=k, rows=rows, columns=columns, outputs=m, kernel=(3, 3), stride=2, padding=(1, 1, 0, 0))
        for m, k in ((step.m + 1, step.k + 1), (step.m, step.k), (2, 3))
        for rows, columns in ((17, 14), (9, 10), (5, 6))
    ]
    return _first(candidates, geometry, most_cycles)


def depthwise(geometry: Geometry, most_cycles: int) -> Convolution | None:
    """Return a 3 x 3 depthwise convolution for a design that does them by windows; None for others."""
    if not geometry.window:
        return None
    step = geometry.step
    candidates = [
        Convolution(
            channels=count, rows=rows, columns=columns, outputs=count, kernel=(3, 3), padding=_ALL_SIDES, groups=count
        )
        for count in (2 * step.m + step.k, step.m)
        for rows, columns in ((11, 13), (6, 7), (3, 4))
    ]
    return _first(candidates, geometry, most_cycles)


def steady(geometry: Geometry, most_cycles: int) -> Convolution:
    """Return a layer that keeps the array busy as a network's do, as long as it may; a product where no 3 x 3 fits.

    Raises:
        MappingError: the design cannot do the smallest product.
    """
    step = geometry.step
    candidates = [
        Convolution(channels=k, rows=side, columns=side, outputs=m, kernel=(3, 3), padding=_ALL_SIDES)
        for m, k in ((4 * step.m, 4 * step.k), (2 * step.m, 4 * step.k), (2 * step.m, 2 * step.k))
        for side in (56, 28, 14, 7)
    ]
    candidates += [Convolution.of_product(2 * step.m, 4 * step.k, n * step.n) for n in (64, 16, 4)]
    return _first(candidates, geometry, most_cycles) or odd_product(geometry, most_cycles)


def _first(candidates: Iterable[Convolution], geometry: Geometry, most_cycles: int) -> Convolution | None:
    """Return the first layer that the design does within the cycles, as tiling estimates them."""
    for layer in candidates:
        try:
            job = place(layer, geometry)
        except MappingError:
            continue
        if estimate(job, geometry, Traffic()) <= most_cycles:
            return layer
    return None
