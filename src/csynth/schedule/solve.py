"""Solve a scheduling problem: the least fixed point of its constraints.

Every node starts as early as possible. Start cycles only grow, from pass to pass over the nodes in program order, until nothing moves:
difference constraints and chaining are monotone, so without shared resources the result is the earliest schedule there is, and an
initiation interval that a recurrence forbids shows as nodes that never settle. Shared resources go to the first node in program order
that wants the slot; when that fails, a depth-first search tries the other slots of small problems.

Reference: Cong and Zhang, "An efficient and versatile scheduling algorithm based on SDC formulation" (DAC 2006), for the constraint
form; Rau, "Iterative modulo scheduling" (MICRO 1994), for the modulo reservation table.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from csynth.schedule.bounds import resource_bound
from csynth.schedule.problem import Edge, Infeasible, Node, Problem, Solution

_MAX_CONTENDED = 64  # users of shared resources, and nodes, up to which other slots are tried
_MAX_NODES_OF_SEARCH = 2000
_SEARCH_STEPS = 200


@dataclass(slots=True)
class _State:
    start: dict[str, int] = field(default_factory=dict)
    finish_ps: dict[str, int] = field(default_factory=dict)
    cause: dict[str, str | None] = field(default_factory=dict)


def _bound_from(edge: Edge, problem: Problem, state: _State, source: Node) -> tuple[int, int]:
    """Earliest (cycle, ps after the edge) at which `edge` lets its sink start."""
    interval = problem.initiation_interval or 0
    cycle = state.start[edge.source] - interval * edge.distance
    if not edge.chained:
        return cycle + edge.latency_cycles, problem.clock_to_q_ps
    cycle += source.latency_cycles
    if edge.distance:
        return cycle + 1, problem.clock_to_q_ps  # through the register of a loop-carried value
    return cycle, source.output_ps if source.latency_cycles else state.finish_ps[edge.source]


def _place(
    node: Node, problem: Problem, state: _State, incoming: list[Edge], by_key: dict[str, Node]
) -> tuple[int, int]:
    cycle, arrival = state.start[node.key], problem.clock_to_q_ps
    for edge in incoming:
        bound_cycle, bound_ps = _bound_from(edge, problem, state, by_key[edge.source])
        if bound_cycle > cycle:
            cycle, arrival = bound_cycle, max(bound_ps, problem.clock_to_q_ps)
            state.cause[node.key] = edge.source
        elif bound_cycle == cycle:
            arrival = max(arrival, bound_ps)
    if node.delay_ps and arrival + node.delay_ps > problem.budget_ps and arrival > problem.clock_to_q_ps:
        late = max(
            (edge for edge in incoming if edge.chained and not edge.distance),
            key=lambda edge: _bound_from(edge, problem, state, by_key[edge.source]),
            default=None,
        )
        if late is not None:
            state.cause[node.key] = late.source
        cycle, arrival = cycle + 1, problem.clock_to_q_ps
    if cycle % node.alignment:
        return cycle + node.alignment - cycle % node.alignment, problem.clock_to_q_ps
    return cycle, arrival


_Table = dict[tuple[str, int], list[list[tuple[Node, int]]]]
"""For each resource and slot the nodes that use each of its copies."""


def _conflicting(node: Node, cycle: int, problem: Problem, table: _Table) -> Node | None:
    """Take a copy of the resource of `node` in `cycle`; when none is free, return a node that holds one."""
    assert node.resource is not None
    slot = cycle % problem.initiation_interval if problem.initiation_interval else cycle
    copies = table.setdefault((node.resource, slot), [])
    if node.alternatives:
        for users in copies:
            if all(other_cycle == cycle and other.key in node.alternatives for other, other_cycle in users):
                users.append((node, cycle))
                return None
    if len(copies) < problem.capacities.get(node.resource, 1):
        copies.append([(node, cycle)])
        return None
    return copies[0][0][0]


def _blame(problem: Problem, state: _State, key: str, by_key: dict[str, Node]) -> str:
    """Name the recurrence that pushed `key` beyond every bound."""
    seen: list[str] = []
    current: str | None = key
    while current is not None and current not in seen:
        seen.append(current)
        current = state.cause.get(current)
    cycle = seen[seen.index(current) :] if current in seen else seen
    labels: list[str] = []
    for name in reversed(cycle):
        label = by_key[name].label
        if label and (not labels or labels[-1] != label):
            labels.append(label)
    if not labels:
        labels = [key]
    if len(labels) > 6:
        labels = [*labels[:3], "...", *labels[-2:]]
    return "the recurrence " + " -> ".join([*labels, labels[0]])


def horizon(problem: Problem) -> int:
    """A cycle that no node of a feasible schedule needs to exceed."""
    latency = sum(node.latency_cycles for node in problem.nodes)
    waits = sum(max(edge.latency_cycles, 0) for edge in problem.edges if not edge.distance)
    return len(problem.nodes) + latency + waits + 2 + sum(node.alignment - 1 for node in problem.nodes)


def _critical_length(problem: Problem, incoming: dict[str, list[Edge]], by_key: dict[str, Node]) -> int:
    """Length of the schedule when nothing is carried and nothing shared, in cycles."""
    free = Problem(
        name=problem.name,
        nodes=problem.nodes,
        edges=problem.edges,
        budget_ps=problem.budget_ps,
        clock_to_q_ps=problem.clock_to_q_ps,
    )
    state = _State(start={node.key: 0 for node in problem.nodes})
    changed = True
    passes = 0
    while changed and passes <= len(problem.nodes) + 2:
        changed, passes = False, passes + 1
        for node in problem.nodes:
            same_iteration = [edge for edge in incoming[node.key] if not edge.distance]
            state.finish_ps.setdefault(node.key, 0)
            for edge in same_iteration:
                state.finish_ps.setdefault(edge.source, 0)
            cycle, arrival = _place(node, free, state, same_iteration, by_key)
            finish = arrival + node.delay_ps
            if cycle != state.start[node.key] or finish != state.finish_ps[node.key]:
                state.start[node.key], state.finish_ps[node.key], changed = cycle, finish, True
    return 1 + max((state.start[node.key] + node.latency_cycles for node in problem.nodes), default=0)


def _first_come(problem: Problem) -> Solution | Infeasible:
    """Give each shared resource to the first node in program order that wants it."""
    by_key = {node.key: node for node in problem.nodes}
    interval = problem.initiation_interval
    incoming: dict[str, list[Edge]] = {node.key: [] for node in problem.nodes}
    for edge in problem.edges:
        if interval is not None or not edge.distance:
            incoming[edge.sink].append(edge)
    needed, busiest = resource_bound(problem)
    if interval is not None and busiest is not None and needed > interval:
        resource = busiest[0]
        uses = needed
        if problem.capacities:
            uses = sum(1 for node in problem.nodes if node.resource == resource)
        plural = problem.capacities.get(resource, 1) > 1
        return Infeasible(
            reason=f"{resource} {'are' if plural else 'is'} used {uses} times in an iteration"
            f" and {'need' if plural else 'needs'} II >= {needed}",
            minimum=needed,
        )
    shared = sum(node.alignment for node in problem.nodes if node.resource is not None)
    last_cycle = _critical_length(problem, incoming, by_key) + shared + 2 * (interval or 0) + 2
    if interval is None:
        last_cycle = horizon(problem)
    state = _State(start={node.key: 0 for node in problem.nodes}, finish_ps={node.key: 0 for node in problem.nodes})
    exit_latest = None if interval is None or problem.exit_node is None else interval - 1
    changed = True
    while changed:
        changed = False
        table: _Table = {}
        for node in problem.nodes:
            cycle, arrival = _place(node, problem, state, incoming[node.key], by_key)
            if node.resource is not None:
                tried = 0
                while (other := _conflicting(node, cycle, problem, table)) is not None:
                    cycle, arrival, tried = cycle + node.alignment, problem.clock_to_q_ps, tried + node.alignment
                    state.cause[node.key] = other.key
                    if interval is not None and tried >= interval:
                        return Infeasible(reason=f"{node.resource} has no free cycle left with II = {interval}")
            finish = arrival + node.delay_ps
            if cycle != state.start[node.key] or finish != state.finish_ps[node.key]:
                state.start[node.key], state.finish_ps[node.key], changed = cycle, finish, True
            if cycle > last_cycle:
                return Infeasible(reason=_blame(problem, state, node.key, by_key))
    if exit_latest is not None and problem.exit_node is not None:
        ready = state.start[problem.exit_node] + by_key[problem.exit_node].latency_cycles
        if ready > exit_latest:
            label = by_key[problem.exit_node].label or problem.exit_node
            return Infeasible(
                reason=f"the exit condition {label} is ready in cycle {ready} of an iteration and needs II >= {ready + 1}",
                minimum=ready + 1,
            )
    return Solution(start_cycle=dict(state.start), longest_path_ps=max(state.finish_ps.values(), default=0))


def solve(problem: Problem) -> Solution | Infeasible:
    """Schedule `problem`, or say what forbids its initiation interval."""
    problem.check()
    outcome = _first_come(problem)
    if isinstance(outcome, Solution) or problem.initiation_interval is None:
        return outcome
    start = _search(problem, problem.initiation_interval)
    return start if start is not None else outcome


def _search(problem: Problem, interval: int) -> Solution | None:
    """Try other slots for the users of shared resources, depth first; None = no schedule found within the budget."""
    users: dict[str, list[Node]] = {}
    for node in problem.nodes:
        if node.resource is not None:
            users.setdefault(node.resource, []).append(node)
    contended = [node for nodes in users.values() if len(nodes) > 1 for node in nodes]
    if problem.capacities or any(node.alignment > 1 for node in problem.nodes):
        return None  # calls that share instances
    if not contended or len(contended) > _MAX_CONTENDED or len(problem.nodes) > _MAX_NODES_OF_SEARCH:
        return None
    incoming: dict[str, list[Edge]] = {node.key: [] for node in problem.nodes}
    for edge in problem.edges:
        incoming[edge.sink].append(edge)
    by_key = {node.key: node for node in problem.nodes}
    last_cycle = _critical_length(problem, incoming, by_key) + (len(contended) + 2) * interval + 2
    budget = _SEARCH_STEPS
    slots: dict[str, int] = {}

    def settle() -> _State | None:
        """The earliest start of every node with the slots given so far."""
        state = _State(start={node.key: 0 for node in problem.nodes}, finish_ps={node.key: 0 for node in problem.nodes})
        changed = True
        while changed:
            changed = False
            for node in problem.nodes:
                cycle, arrival = _place(node, problem, state, incoming[node.key], by_key)
                if node.key in slots:
                    shared = [key for key in node.alternatives if slots.get(key) == slots[node.key]]
                    together = max(
                        [cycle, *(state.start[key] for key in shared if by_key[key].resource == node.resource)]
                    )
                    together += (slots[node.key] - together) % interval
                    if together > cycle:
                        cycle, arrival = together, problem.clock_to_q_ps
                finish = arrival + node.delay_ps
                if cycle != state.start[node.key] or finish != state.finish_ps[node.key]:
                    state.start[node.key], state.finish_ps[node.key], changed = cycle, finish, True
                if cycle > last_cycle:
                    return None
        if problem.exit_node is not None:
            if state.start[problem.exit_node] + by_key[problem.exit_node].latency_cycles > interval - 1:
                return None
        return state

    def assign(state: _State) -> _State | None:
        nonlocal budget
        free = [node for node in contended if node.key not in slots]
        if not free:
            return state
        node = min(free, key=lambda node: state.start[node.key])
        for wait in range(interval):
            slot = (state.start[node.key] + wait) % interval
            others = [other for other in users[node.resource or ""] if slots.get(other.key) == slot]
            if any(other.key not in node.alternatives for other in others):
                continue
            budget -= 1
            if budget < 0:
                return None
            slots[node.key] = slot
            settled = settle()
            result = assign(settled) if settled is not None else None
            if result is not None:
                return result
            del slots[node.key]
        return None

    first = settle()
    state = assign(first) if first is not None else None
    if state is None:
        return None
    return Solution(start_cycle=dict(state.start), longest_path_ps=max(state.finish_ps.values(), default=0))
