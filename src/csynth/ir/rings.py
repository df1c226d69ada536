"""Rings of things that depend on each other (Tarjan's strongly connected components)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def rings_of(arrows: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Number the rings of a graph: a number for each name that is in a ring of two or more, the same for all of one ring.

    Args:
        arrows: what each name depends on; names that are no key are left out.
    """
    rings: dict[str, int] = {}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for start, first in arrows.items():
        if start in index:
            continue
        walk = [(start, iter(first))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while walk:
            name, following = walk[-1]
            for after in following:
                if after not in arrows:
                    continue
                if after not in index:
                    index[after] = low[after] = len(index)
                    stack.append(after)
                    on_stack.add(after)
                    walk.append((after, iter(arrows[after])))
                    break
                if after in on_stack:
                    low[name] = min(low[name], index[after])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[name])
                if low[name] == index[name]:
                    members = stack[stack.index(name) :]
                    del stack[-len(members) :]
                    on_stack.difference_update(members)
                    if len(members) > 1:
                        rings.update(dict.fromkeys(members, index[name]))
    return rings
