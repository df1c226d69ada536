"""On small random graphs the scheduler reaches the least interval there is, found by trying every schedule; bounds never exceed it."""

import dataclasses
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from csynth.schedule.bounds import Bounds, Recurrence, bounds_of
from csynth.schedule.check import ScheduleViolationError, verify
from csynth.schedule.lifetimes import longest_path_ps, register_bits, shorten
from csynth.schedule.problem import Edge, Node, Problem, Solution
from csynth.schedule.solve import solve

BUDGET_PS = 3000
HORIZON = 8


@st.composite
def small_problems(draw):
    count = draw(st.integers(2, 4))
    nodes, edges = [], []
    for index in range(count):
        latency = draw(st.sampled_from([0, 0, 1]))
        nodes.append(
            Node(
                key=f"n{index}",
                delay_ps=draw(st.sampled_from([0, 700, 1600, 2400])),
                latency_cycles=latency,
                output_ps=draw(st.sampled_from([100, 900])) if latency else 0,
                resource=draw(st.sampled_from([None, "port a", "port a", "port b"])),
                width_bits=draw(st.sampled_from([0, 1, 8, 32])),
            )
        )
        for source in range(index):
            if draw(st.integers(0, 2)) == 0:
                edges.append(Edge(source=f"n{source}", sink=f"n{index}", chained=draw(st.booleans())))
    for _ in range(draw(st.integers(0, 2))):
        source, sink = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))
        edges.append(
            Edge(source=f"n{source}", sink=f"n{sink}", distance=draw(st.integers(1, 2)), chained=True, latency_cycles=1)
        )
    if draw(st.booleans()) and count > 2:
        nodes[0] = dataclasses.replace(nodes[0], alternatives=frozenset({"n1"}))
        nodes[1] = dataclasses.replace(nodes[1], alternatives=frozenset({"n0"}))
    return Problem(
        name="small",
        nodes=tuple(nodes),
        edges=tuple(edges),
        budget_ps=BUDGET_PS,
        clock_to_q_ps=100,
        exit_node=draw(st.sampled_from([None, "n1"])),
    )


def holds(problem, start):
    try:
        verify(problem, Solution(start_cycle=start, longest_path_ps=0))
    except ScheduleViolationError:
        return False
    return True


def exists(problem):
    keys = [node.key for node in problem.nodes]
    return any(
        holds(problem, dict(zip(keys, cycles, strict=True))) for cycles in product(range(HORIZON), repeat=len(keys))
    )


@settings(max_examples=40, deadline=None)
@given(small_problems())
def test_the_least_interval_is_found(problem):
    for interval in range(1, 5):
        tried = dataclasses.replace(problem, initiation_interval=interval)
        outcome = solve(tried)
        possible = exists(tried)
        assert isinstance(outcome, Solution) == possible
        if possible:
            assert isinstance(outcome, Solution)
            verify(tried, outcome)
            assert bounds_of(tried).minimum <= interval
            return


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_recurrences_and_exits_alone_give_their_bound(problem):
    free = dataclasses.replace(
        problem, nodes=tuple(dataclasses.replace(node, resource=None) for node in problem.nodes), exit_node=None
    )
    bound = bounds_of(dataclasses.replace(free, initiation_interval=1)).recurrence_interval
    for interval in range(1, bound + 1):
        outcome = solve(dataclasses.replace(free, initiation_interval=interval))
        assert isinstance(outcome, Solution) == (interval == bound)


@settings(max_examples=30, deadline=None)
@given(small_problems())
def test_registers_are_fewest(problem):
    for interval in range(1, 9):
        tried = dataclasses.replace(problem, initiation_interval=interval)
        early = solve(tried)
        if isinstance(early, Solution):
            break
    else:
        return
    late = shorten(tried, early)
    verify(tried, late)
    assert late.longest_path_ps <= max(BUDGET_PS, early.longest_path_ps)
    assert late.longest_path_ps == longest_path_ps(tried, late.start_cycle) or late is early
    fixed = {n.key for n in tried.nodes if n.resource is not None or n.pinned}
    fixed |= {key for edge in tried.edges if not edge.chained for key in (edge.source, edge.sink)}
    end = max(early.start_cycle[n.key] + n.latency_cycles for n in tried.nodes)
    ranges = [[early.start_cycle[n.key]] if n.key in fixed else range(end - n.latency_cycles + 1) for n in tried.nodes]
    if end > HORIZON:
        return
    keys = [node.key for node in tried.nodes]
    every = (dict(zip(keys, cycles, strict=True)) for cycles in product(*ranges))
    assert register_bits(tried, late.start_cycle) == min(register_bits(tried, s) for s in every if holds(tried, s))


def test_another_slot_is_found_when_the_first_come_fails():
    nodes = (
        Node(key="late", delay_ps=0, resource="port"),
        Node(
            key="early", delay_ps=0, latency_cycles=1, resource="port"
        ),  # ready in cycle 1 only when it starts in cycle 0
    )
    problem = Problem(
        name="p",
        nodes=nodes,
        edges=(),
        budget_ps=BUDGET_PS,
        clock_to_q_ps=0,
        initiation_interval=2,
        exit_node="early",
    )
    outcome = solve(problem)
    assert isinstance(outcome, Solution)
    assert outcome.start_cycle == {"late": 1, "early": 0}


def test_the_bounds_of_one_problem():
    nodes = (
        Node(key="i", delay_ps=0),
        Node(key="load", delay_ps=400, latency_cycles=1, output_ps=1000, resource="port"),
        Node(key="add", delay_ps=800),
        Node(key="store", delay_ps=300, resource="other"),
        Node(key="again", delay_ps=400, resource="port"),
    )
    edges = (
        Edge(source="i", sink="load", chained=True),
        Edge(source="load", sink="add", chained=True),
        Edge(source="add", sink="store", chained=True),
        Edge(source="store", sink="load", latency_cycles=1, distance=1),
    )
    problem = Problem(
        name="p",
        nodes=nodes,
        edges=edges,
        budget_ps=BUDGET_PS,
        clock_to_q_ps=100,
        initiation_interval=1,
        exit_node="add",
    )
    assert bounds_of(problem) == Bounds(
        recurrence_interval=2,
        recurrence=Recurrence(nodes=("load", "add", "store"), cycles=2, distance=1),
        resource_interval=2,
        resource=("port", ("load", "again")),
        exit_interval=2,
        exit_path=("load", "add"),
    )


def test_the_worst_of_many_recurrences_is_the_bound():
    latencies = [(1, 1), (7, 3), (5, 2), (1, 2), (8, 3)] * 200  # cycles, distance; 7 / 3, 5 / 2 and 8 / 3 need 3 cycles
    nodes = tuple(Node(key=f"n{at}", delay_ps=0, latency_cycles=cycles) for at, (cycles, _) in enumerate(latencies))
    edges = [
        Edge(source=f"n{at}", sink=f"n{at}", latency_cycles=cycles, distance=distance)
        for at, (cycles, distance) in enumerate(latencies)
    ]
    edges += [Edge(source=f"n{at}", sink=f"n{at + 1}", latency_cycles=1) for at in range(len(nodes) - 1)]
    edges += [
        Edge(source="n700", sink="n703", latency_cycles=2),
        Edge(source="n703", sink="n700", latency_cycles=5, distance=2),
    ]
    problem = Problem(
        name="p", nodes=nodes, edges=tuple(edges), budget_ps=BUDGET_PS, clock_to_q_ps=0, initiation_interval=1
    )
    assert bounds_of(problem) == Bounds(
        recurrence_interval=4, recurrence=Recurrence(nodes=("n700", "n701", "n702", "n703"), cycles=8, distance=2)
    )
