"""Sums that are kept within bounds which change with each term, for many rows of terms at once."""

from __future__ import annotations

import numpy as np

from aigchip.mapping.layer_arrays import Floats, Ints


def bounded_sums(start: Ints, repeats: Ints, terms: Floats, least: Floats, most: Floats) -> Floats:
    """Return the sum after each term, which is brought between the term's bounds before the next is added.

    A step of such a sum is `clip(sum + term, least, most)`. Any number of steps in a row is of the same form, so that they are
    joined in pairs, then in fours, and so on.

    Args:
        start: the first term of each row; the sum begins with its least.
        repeats: how often each term is added.
        terms: row after row.
        least: of the sum after each term.
        most: of it.
    """
    step = terms * repeats
    more = step - terms
    low = np.minimum(np.maximum(least + more, least), most)
    high = np.minimum(np.maximum(most + more, least), most)
    low[start] = high[start] = least[start]
    step[start] = 0.0
    longest = int(np.diff(start, append=terms.size).max())
    joined = 1
    while joined < longest:
        later, bottom, top = step[joined:], low[joined:], high[joined:]
        new_low = np.minimum(np.maximum(low[:-joined] + later, bottom), top)
        new_high = np.minimum(np.maximum(high[:-joined] + later, bottom), top)
        step[joined:] = step[:-joined] + later
        low[joined:], high[joined:] = new_low, new_high
        joined *= 2
    return high
