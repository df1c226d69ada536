"""Lower bounds of the initiation interval, from the problem alone: recurrences, shared resources, the exit condition.

References: Rau, "Iterative modulo scheduling" (MICRO 1994), sections 2.1 and 2.2, for ResMII and RecMII.
"""

from __future__ import annotations

from dataclasses import dataclass

from csynth.schedule.constraints import Constraint, difference_constraints, topological
from csynth.schedule.problem import Node, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A cycle of dependences: `cycles` cycles pass along it in `distance` iterations."""

    nodes: tuple[str, ...]
    cycles: int
    distance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What forbids a shorter interval.

    Attributes:
        recurrence_interval: RecMII, 1 when no recurrence is longer than its distance.
        recurrence: the one that needs RecMII; None when RecMII is 1.
        resource_interval: ResMII, 1 when every resource is used at most once.
        resource: the resource that needs ResMII, and the keys of its users; None when ResMII is 1.
        exit_interval: interval that the exit condition needs: it must be ready before the next iteration starts.
        exit_path: keys of the nodes that make the exit condition late; empty when exit_interval is 1.
    """

    recurrence_interval: int = 1
    recurrence: Recurrence | None = None
    resource_interval: int = 1
    resource: tuple[str, tuple[str, ...]] | None = None
    exit_interval: int = 1
    exit_path: tuple[str, ...] = ()

    @property
    def minimum(self) -> int:
        """The largest of the three."""
        return max(self.recurrence_interval, self.resource_interval, self.exit_interval)


def bounds_of(problem: Problem) -> Bounds:
    """Lower bounds of the interval of a pipelined block."""
    constraints = difference_constraints(problem)
    interval, recurrence = recurrence_bound(problem, constraints)
    resource_interval, resource = resource_bound(problem)
    exit_interval, exit_path = _exit_bound(problem, constraints)
    return Bounds(
        recurrence_interval=interval,
        recurrence=recurrence,
        resource_interval=resource_interval,
        resource=resource,
        exit_interval=exit_interval,
        exit_path=exit_path,
    )


def resource_bound(problem: Problem) -> tuple[int, tuple[str, tuple[str, ...]] | None]:
    """ResMII: the largest number of users of one resource of which no two can share a cycle."""
    users: dict[str, list[Node]] = {}
    for node in problem.nodes:
        if node.resource is not None:
            users.setdefault(node.resource, []).append(node)
    worst, name = 1, None
    for resource, nodes in users.items():
        apart: list[Node] = []
        for node in sorted(nodes, key=lambda node: len(node.alternatives)):
            if all(other.key not in node.alternatives for other in apart):
                apart.append(node)
        needed = -(-len(apart) // problem.capacities.get(resource, 1)) * max(node.alignment for node in nodes)
        if needed > worst:
            worst, name = needed, (resource, tuple(node.key for node in nodes))
    return worst, name


def recurrence_bound(problem: Problem, constraints: list[Constraint]) -> tuple[int, Recurrence | None]:
    """RecMII, the largest ratio of cycles to distance of a cycle of constraints, rounded up, and that cycle."""
    interval, critical = 1, None
    for component in _components(problem, constraints):
        while (found := _positive_cycle(component, interval)) is not None:
            interval, critical = -(-found.cycles // found.distance), found
    return interval, critical


def _components(problem: Problem, constraints: list[Constraint]) -> list[list[Constraint]]:
    """The constraints within each strongly connected component (Tarjan)."""
    following: dict[str, list[str]] = {node.key: [] for node in problem.nodes}
    for item in constraints:
        following[item.source].append(item.sink)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    component: dict[str, int] = {}
    stack: list[str] = []
    for root, sinks in following.items():
        if root in index:
            continue
        work = [(root, iter(sinks))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            key, rest = work[-1]
            for sink in rest:
                if sink not in index:
                    index[sink] = low[sink] = len(index)
                    stack.append(sink)
                    work.append((sink, iter(following[sink])))
                    break
                if sink not in component:
                    low[key] = min(low[key], index[sink])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[key])
                if low[key] == index[key]:
                    while True:
                        member = stack.pop()
                        component[member] = index[key]
                        if member == key:
                            break
    inside: dict[int, list[Constraint]] = {}
    for item in constraints:
        if component[item.source] == component[item.sink]:
            inside.setdefault(component[item.source], []).append(item)
    return list(inside.values())


def _positive_cycle(constraints: list[Constraint], interval: int) -> Recurrence | None:
    """A cycle that needs more than `interval`: Bellman and Ford's way to the longest paths, whose last steps then close a cycle."""
    longest: dict[str, int] = {}
    for item in constraints:
        longest[item.source] = longest[item.sink] = 0
    through: dict[str, Constraint] = {}
    on_cycle: str | None = None
    while on_cycle is None:
        moved = False
        for item in constraints:
            reached = longest[item.source] + item.cycles - interval * item.distance
            if reached > longest[item.sink]:
                longest[item.sink], through[item.sink], moved = reached, item, True
        if not moved:
            return None
        on_cycle = _closed(through)
    cycle: list[Constraint] = []
    at = on_cycle
    while not cycle or at != on_cycle:
        cycle.append(through[at])
        at = through[at].source
    cycle.reverse()
    start = next((k for k, item in enumerate(cycle) if cycle[k - 1].distance), 0)  # begin behind a carried dependence
    cycle = cycle[start:] + cycle[:start]
    nodes = [cycle[0].path[0], *(key for item in cycle for key in item.path[1:])][:-1]
    return Recurrence(
        nodes=tuple(nodes), cycles=sum(item.cycles for item in cycle), distance=sum(item.distance for item in cycle)
    )


def _closed(through: dict[str, Constraint]) -> str | None:
    """A node from which the last steps to it lead back to itself."""
    seen_from: dict[str, str] = {}
    for start in through:
        at = start
        while at in through and at not in seen_from:
            seen_from[at] = start
            at = through[at].source
        if seen_from.get(at) == start:
            return at
    return None


def _exit_bound(problem: Problem, constraints: list[Constraint]) -> tuple[int, tuple[str, ...]]:
    """Interval that the exit condition needs when nothing is carried and nothing shared, and the path to it."""
    if problem.exit_node is None:
        return 1, ()
    incoming: dict[str, list[Constraint]] = {}
    for item in constraints:
        if not item.distance and item.cycles >= 0:
            incoming.setdefault(item.sink, []).append(item)
    earliest: dict[str, int] = {}
    through: dict[str, Constraint] = {}
    for key in topological(problem):
        earliest[key] = 0
        for item in incoming.get(key, ()):
            reached = earliest[item.source] + item.cycles
            if reached > earliest[key]:
                earliest[key], through[key] = reached, item
    node = next(node for node in problem.nodes if node.key == problem.exit_node)
    path = [node.key]
    while path[0] in through:
        path[:0] = through[path[0]].path[:-1]
    ready = earliest[node.key] + node.latency_cycles
    return ready + 1, tuple(path) if ready else ()
