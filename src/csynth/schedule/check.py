"""Judge a schedule. Shares no code with the solver: everything is recomputed from the problem."""

from __future__ import annotations

from itertools import combinations

from csynth.schedule.problem import Problem, Solution


class ScheduleViolationError(AssertionError):
    """A schedule breaks a constraint: a bug in the scheduler, never the user's fault."""


def verify(problem: Problem, solution: Solution) -> None:
    """Check dependences, chaining, shared resources and the exit condition.

    Raises:
        ScheduleViolationError: the first constraint that does not hold.
    """
    start, interval = solution.start_cycle, problem.initiation_interval
    nodes = {node.key: node for node in problem.nodes}
    if set(start) != set(nodes) or any(cycle < 0 for cycle in start.values()):
        raise ScheduleViolationError(f"{problem.name}: every node needs one cycle >= 0")
    for edge in problem.edges:
        if edge.distance and interval is None:
            continue
        wait = edge.latency_cycles
        if edge.chained:
            wait = nodes[edge.source].latency_cycles + (1 if edge.distance else 0)
        if start[edge.sink] + (interval or 0) * edge.distance < start[edge.source] + wait:
            raise ScheduleViolationError(
                f"{problem.name}: {edge.sink} in cycle {start[edge.sink]} must come {wait} after {edge.source} in cycle"
                f" {start[edge.source]} (distance {edge.distance}, II {interval})"
            )
    _verify_chains(problem, start)
    _verify_resources(problem, start)
    if interval is not None and problem.exit_node is not None:
        node = nodes[problem.exit_node]
        if start[node.key] + node.latency_cycles > interval - 1:
            raise ScheduleViolationError(f"{problem.name}: the exit condition is ready after cycle {interval - 1}")


def _verify_chains(problem: Problem, start: dict[str, int]) -> None:
    """Follow every combinational path; a node alone in its cycle may exceed the budget, wires behind it too, a chain may not."""
    feeds: dict[str, list[str]] = {node.key: [] for node in problem.nodes}
    nodes = {node.key: node for node in problem.nodes}
    for edge in problem.edges:
        if edge.chained and not edge.distance:
            feeds[edge.sink].append(edge.source)
    arrival: dict[str, int] = {}
    pending = [node.key for node in reversed(problem.nodes)]
    while pending:
        key = pending[-1]
        if key in arrival:
            pending.pop()
            continue
        here = [source for source in feeds[key] if nodes[source].latency_cycles == 0 and start[source] == start[key]]
        missing = [source for source in here if source not in arrival]
        if missing:
            pending.extend(missing)
            continue
        pending.pop()
        at = problem.clock_to_q_ps
        for source in feeds[key]:
            if source in here:
                at = max(at, arrival[source])
            elif start[source] + nodes[source].latency_cycles == start[key]:
                at = max(at, nodes[source].output_ps)
        arrival[key] = at + nodes[key].delay_ps
        if nodes[key].delay_ps and arrival[key] > problem.budget_ps and at > problem.clock_to_q_ps:
            raise ScheduleViolationError(
                f"{problem.name}: the path to {key} takes {arrival[key]} ps; must be at most {problem.budget_ps} ps"
            )


def _verify_resources(problem: Problem, start: dict[str, int]) -> None:
    interval = problem.initiation_interval
    users: dict[str, list[str]] = {}
    alternatives = {node.key: node.alternatives for node in problem.nodes}
    for node in problem.nodes:
        if node.resource is not None:
            users.setdefault(node.resource, []).append(node.key)
    for node in problem.nodes:
        if start[node.key] % node.alignment:
            raise ScheduleViolationError(
                f"{problem.name}: {node.key} starts in cycle {start[node.key]}; must be a multiple of {node.alignment}"
            )
    for resource, keys in users.items():
        if problem.capacities.get(resource, 1) > 1:
            _verify_copies(problem, start, resource, keys)
            continue
        for one, two in combinations(keys, 2):
            same = start[one] == start[two]
            if same and (two in alternatives[one] or one in alternatives[two]):
                continue
            collide = same if interval is None else start[one] % interval == start[two] % interval
            if collide:
                raise ScheduleViolationError(f"{problem.name}: {one} and {two} use {resource} in one cycle")


def _verify_copies(problem: Problem, start: dict[str, int], resource: str, keys: list[str]) -> None:
    """Count the copies that are busy in each cycle; nodes that exclude each other count once when they start together."""
    interval = problem.initiation_interval
    alternatives = {node.key: node.alternatives for node in problem.nodes}
    busy: dict[int, list[set[str]]] = {}
    for key in keys:
        copies = busy.setdefault(start[key] if interval is None else start[key] % interval, [])
        free = (c for c in copies if all(start[k] == start[key] and k in alternatives[key] for k in c))
        mine = next(free, None)
        if mine is None:
            copies.append({key})
        else:
            mine.add(key)
        if len(copies) > problem.capacities[resource]:
            raise ScheduleViolationError(
                f"{problem.name}: {len(copies)} nodes use {resource} in the cycle of {key}; must be at most {problem.capacities[resource]}"
            )
