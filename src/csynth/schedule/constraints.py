"""A scheduling problem as difference constraints: start[sink] + II * distance >= start[source] + cycles.

Dependences are such constraints already. Chaining becomes one for each pair of operations that no clock cycle has room for: the sink
starts at least one cycle after the source.

Reference: Cong and Zhang, "An efficient and versatile scheduling algorithm based on SDC formulation" (DAC 2006), section 3.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from csynth.schedule.problem import Problem


@dataclass(frozen=True, slots=True)
class Constraint:
    """start[sink] + II * distance >= start[source] + cycles; `path` are the nodes it goes through, both ends included."""

    source: str
    sink: str
    cycles: int
    distance: int
    path: tuple[str, ...]


def topological(problem: Problem) -> list[str]:
    """Keys of all nodes, each after the sources of its edges of distance 0; those that bound a cycle from above do not count."""
    following: dict[str, list[str]] = {node.key: [] for node in problem.nodes}
    waiting = {node.key: 0 for node in problem.nodes}
    for edge in problem.edges:
        if not edge.distance and edge.source != edge.sink and edge.latency_cycles >= 0:
            following[edge.source].append(edge.sink)
            waiting[edge.sink] += 1
    rank = {node.key: at for at, node in enumerate(problem.nodes)}
    ready = [(rank[key], key) for key, count in waiting.items() if not count]
    heapq.heapify(ready)
    order: list[str] = []
    while ready:
        _, key = heapq.heappop(ready)
        order.append(key)
        for sink in following[key]:
            waiting[sink] -= 1
            if not waiting[sink]:
                heapq.heappush(ready, (rank[sink], sink))
    return order


def difference_constraints(problem: Problem) -> list[Constraint]:
    """All constraints of `problem` that do not come from shared resources."""
    nodes = {node.key: node for node in problem.nodes}
    found: list[Constraint] = []
    for edge in problem.edges:
        cycles = edge.latency_cycles
        if edge.chained:
            cycles = nodes[edge.source].latency_cycles + (1 if edge.distance else 0)
        found.append(Constraint(edge.source, edge.sink, cycles, edge.distance, (edge.source, edge.sink)))
    return found + _chaining(problem)


def _chaining(problem: Problem) -> list[Constraint]:
    nodes = {node.key: node for node in problem.nodes}
    rank = {key: at for at, key in enumerate(topological(problem))}
    following: dict[str, list[str]] = {key: [] for key in nodes}
    for edge in problem.edges:
        if edge.chained and not edge.distance:
            following[edge.source].append(edge.sink)
    found: list[Constraint] = []
    for source in problem.nodes:
        begins = problem.clock_to_q_ps
        begins = max(begins, source.output_ps) if source.latency_cycles else begins + source.delay_ps
        arrival = {source.key: begins}
        came_from: dict[str, str] = {}
        pending = [(rank[source.key], source.key)]
        while pending:
            _, key = heapq.heappop(pending)
            at = arrival[key]
            if key != source.key:
                if nodes[key].delay_ps and at > problem.budget_ps and arrival[came_from[key]] > problem.clock_to_q_ps:
                    path = [key]
                    while path[-1] != source.key:
                        path.append(came_from[path[-1]])
                    cycles = source.latency_cycles + 1
                    found.append(Constraint(source.key, key, cycles, 0, tuple(reversed(path))))
                    continue
                if nodes[key].latency_cycles:
                    continue
            for sink in following[key]:
                reached = at + nodes[sink].delay_ps
                if sink not in arrival:
                    heapq.heappush(pending, (rank[sink], sink))
                if reached > arrival.get(sink, -1):
                    arrival[sink], came_from[sink] = reached, key
    return found
