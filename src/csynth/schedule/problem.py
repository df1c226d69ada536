"""A scheduling problem and its solution: plain data, independent of the algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Something that happens in one clock cycle.

    Attributes:
        key: unique name.
        delay_ps: from the inputs to the result, or to the first register when latency_cycles > 0.
        latency_cycles: cycles until the result can be used; 0 = combinational.
        output_ps: result's delay after the clock edge when latency_cycles > 0.
        resource: what it occupies for one cycle (modulo the initiation interval), if anything.
        alignment: it starts in a multiple of so many cycles.
        alternatives: keys of nodes that never happen in the same iteration as this one and may share its resource and cycle.
        width_bits: of the result, for the registers that carry it on; 0 = none.
        pinned: it acts on something outside, so nothing may move it but a constraint.
        label: how a message names it.
    """

    key: str
    delay_ps: int
    latency_cycles: int = 0
    output_ps: int = 0
    resource: str | None = None
    alignment: int = 1
    alternatives: frozenset[str] = frozenset()
    width_bits: int = 0
    pinned: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`sink` of iteration i + distance comes after `source` of iteration i.

    With `chained` the sink uses the source's result: it starts when that is ready, in the same cycle if the delays fit.
    Otherwise it starts at least `latency_cycles` after the source starts.
    """

    source: str
    sink: str
    latency_cycles: int = 0
    distance: int = 0
    chained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What to schedule. `nodes` are in program order; `deadlines` gives the last allowed cycle of a node's result.

    `initiation_interval` None means a block that is not pipelined: edges with a distance do not constrain it.
    """

    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    budget_ps: int
    clock_to_q_ps: int
    initiation_interval: int | None = None
    exit_node: str | None = None  # its result must be ready by cycle initiation_interval - 1
    capacities: Mapping[str, int] = field(default_factory=dict[str, int])  # of a resource, when it is more than 1

    def check(self) -> None:
        """Check the problem itself.

        Raises:
            ValueError: two nodes have one key, or an edge names an unknown node.
        """
        keys = {node.key for node in self.nodes}
        if len(keys) != len(self.nodes):
            raise ValueError(f"{self.name}: node keys are not unique; must be unique. Give each node its own key.")
        for edge in self.edges:
            for key in (edge.source, edge.sink):
                if key not in keys:
                    raise ValueError(
                        f"{self.name}: edge end is {key!r}; must be a node. Add the node or drop the edge."
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Cycle in which each node starts, and the longest combinational path in ps."""

    start_cycle: dict[str, int]
    longest_path_ps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Infeasible:
    """Why there is no schedule with this initiation interval. `minimum` is a lower bound when one is known."""

    reason: str
    minimum: int | None = None
