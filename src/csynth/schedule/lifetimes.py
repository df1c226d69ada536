"""Shorten the lives of values in a pipeline without moving its ends: fewer registers at the same interval and latency.

A value of w bits that is used c cycles after it is ready takes w * c register bits. With the difference constraints of the problem
this is a linear program whose vertices are integral. What acts on streams, memories and outputs stays where the scheduler put it.

Reference: Cong and Zhang, "An efficient and versatile scheduling algorithm based on SDC formulation" (DAC 2006), section 4.
"""

from __future__ import annotations

import os

from csynth.schedule.constraints import difference_constraints, topological
from csynth.schedule.problem import Problem, Solution

MAX_NODES = 3000  # above this the schedule stays as early as possible
MAX_CONSTRAINTS = 40_000
_BIT = 1000.0  # weight of a register bit against a cycle of delay, which breaks ties towards early starts


def register_bits(problem: Problem, start: dict[str, int]) -> int:
    """Bits of the registers that carry results from the cycle in which they are ready to the last that uses them."""
    nodes = {node.key: node for node in problem.nodes}
    last = {key: start[key] + node.latency_cycles for key, node in nodes.items()}
    for edge in problem.edges:
        if edge.chained:
            last[edge.source] = max(last[edge.source], start[edge.sink])
    return sum(n.width_bits * (last[key] - start[key] - n.latency_cycles) for key, n in nodes.items())


def shorten(problem: Problem, solution: Solution) -> Solution:
    """`solution` with as few register bits as its interval, its latency and its pinned operations allow."""
    if problem.initiation_interval is None or len(problem.nodes) > MAX_NODES:
        return solution
    fixed = {key for edge in problem.edges if not edge.chained for key in (edge.source, edge.sink)} | {
        node.key for node in problem.nodes if node.pinned or node.resource is not None
    }
    if all(node.key in fixed or not node.width_bits for node in problem.nodes):
        return solution
    constraints = difference_constraints(problem)
    if len(constraints) > MAX_CONSTRAINTS or not register_bits(problem, solution.start_cycle):
        return solution
    start = _optimum(
        problem, solution.start_cycle, fixed, [(c.source, c.sink, c.cycles, c.distance) for c in constraints]
    )
    if register_bits(problem, start) >= register_bits(problem, solution.start_cycle):
        return solution
    return Solution(start_cycle=start, longest_path_ps=longest_path_ps(problem, start))


def _optimum(
    problem: Problem, start: dict[str, int], fixed: set[str], constraints: list[tuple[str, str, int, int]]
) -> dict[str, int]:
    import highspy  # noqa: PLC0415 - takes half a second, and many programs have no pipeline to improve

    interval = problem.initiation_interval or 1
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:  # the constructor prints its licence, whatever the options
        os.dup2(nowhere, 1)
        solver = highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    solver.setOptionValue("output_flag", False)
    last = max(start[node.key] + node.latency_cycles for node in problem.nodes)
    begin, end = {}, {}
    for node in problem.nodes:
        key = node.key
        low, high = (start[key], start[key]) if key in fixed else (0, last - node.latency_cycles)
        if key == problem.exit_node:
            high = min(high, interval - 1 - node.latency_cycles)
        begin[key] = solver.addVariable(lb=low, ub=high, obj=1.0 - _BIT * node.width_bits)
        end[key] = solver.addVariable(lb=0, ub=last + interval, obj=_BIT * node.width_bits)
        solver.addConstr(end[key] - begin[key] >= node.latency_cycles)
    for source, sink, cycles, distance in dict.fromkeys(constraints):
        if source != sink:
            solver.addConstr(begin[sink] - begin[source] >= cycles - interval * distance)
    for edge in problem.edges:
        if edge.chained and edge.source != edge.sink:
            solver.addConstr(end[edge.source] - begin[edge.sink] >= 0)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return start
    values = solver.getSolution().col_value
    return {key: round(values[variable.index]) for key, variable in begin.items()}


def longest_path_ps(problem: Problem, start: dict[str, int]) -> int:
    """The longest combinational path of a schedule."""
    nodes = {node.key: node for node in problem.nodes}
    begins = dict.fromkeys(nodes, problem.clock_to_q_ps)
    following: dict[str, list[str]] = {key: [] for key in nodes}
    for edge in problem.edges:
        if edge.chained and not edge.distance:
            following[edge.source].append(edge.sink)
    longest = 0
    for key in topological(problem):
        node = nodes[key]
        finish = begins[key] + node.delay_ps
        longest = max(longest, finish)
        at = node.output_ps if node.latency_cycles else finish
        for sink in following[key]:
            if start[key] + node.latency_cycles == start[sink]:
                begins[sink] = max(begins[sink], at)
    return longest
