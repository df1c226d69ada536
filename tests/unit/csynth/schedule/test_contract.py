"""The contract that every scheduler of csynth keeps, on random graphs, judged by the independent checker."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csynth.schedule.check import ScheduleViolationError, verify
from csynth.schedule.problem import Edge, Infeasible, Node, Problem, Solution
from csynth.schedule.solve import solve

BUDGET_PS, CLOCK_TO_Q_PS = 3000, 100


@st.composite
def problems(draw, interval=None):
    count = draw(st.integers(1, 14))
    nodes, edges = [], []
    for index in range(count):
        latency = draw(st.sampled_from([0, 0, 0, 1, 2]))
        nodes.append(
            Node(
                key=f"n{index}",
                delay_ps=draw(st.integers(0, 2500)),
                latency_cycles=latency,
                output_ps=draw(st.integers(100, 1000)) if latency else 0,
                resource=draw(st.sampled_from([None, None, "port a", "port b"])),
                label=f"n{index}",
            )
        )
        for source in draw(st.lists(st.integers(0, index), max_size=3)):
            if source < index:
                chained = draw(st.booleans())
                edges.append(
                    Edge(source=f"n{source}", sink=f"n{index}", chained=chained, latency_cycles=draw(st.integers(0, 2)))
                )
    for _ in range(draw(st.integers(0, 3))):
        source, sink = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))
        edges.append(
            Edge(
                source=f"n{source}",
                sink=f"n{sink}",
                distance=draw(st.integers(1, 2)),
                chained=draw(st.booleans()),
                latency_cycles=1,
            )
        )
    return Problem(
        name="random",
        nodes=tuple(nodes),
        edges=tuple(edges),
        budget_ps=BUDGET_PS,
        clock_to_q_ps=CLOCK_TO_Q_PS,
        initiation_interval=interval,
    )


@settings(max_examples=150, deadline=None)
@given(problems())
def test_a_block_always_has_a_valid_schedule(problem):
    solution = solve(problem)
    assert isinstance(solution, Solution)
    verify(problem, solution)


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(1, 4))
def test_a_pipeline_has_a_valid_schedule_from_some_interval_on(problem, interval):
    for tried in range(interval, 200):
        outcome = solve(dataclasses.replace(problem, initiation_interval=tried))
        if isinstance(outcome, Solution):
            verify(dataclasses.replace(problem, initiation_interval=tried), outcome)
            return
        assert outcome.reason
    pytest.fail("no interval below 200 works")


@settings(max_examples=100, deadline=None)
@given(problems(), st.data())
def test_the_checker_sees_a_dependence_that_is_broken(problem, data):
    solution = solve(problem)
    assert isinstance(solution, Solution)
    tight = [edge for edge in problem.edges if not edge.distance and edge.source != edge.sink]
    if not tight:
        return
    edge = data.draw(st.sampled_from(tight))
    start = dict(solution.start_cycle)
    start[edge.source] = start[edge.sink] + 1
    with pytest.raises(ScheduleViolationError):
        verify(problem, Solution(start_cycle=start, longest_path_ps=0))


def chain(*delays, interval=None, carried=False):
    nodes = tuple(Node(key=f"n{i}", delay_ps=delay, label=f"step {i}") for i, delay in enumerate(delays))
    edges = [Edge(source=f"n{i}", sink=f"n{i + 1}", chained=True) for i in range(len(delays) - 1)]
    if carried:
        edges.append(Edge(source=f"n{len(delays) - 1}", sink="n0", distance=1, chained=True))
    return Problem(
        name="chain",
        nodes=nodes,
        edges=tuple(edges),
        budget_ps=BUDGET_PS,
        clock_to_q_ps=CLOCK_TO_Q_PS,
        initiation_interval=interval,
    )


def test_operators_chain_until_the_clock_is_full():
    solution = solve(chain(1000, 1000, 1000, 100))
    assert isinstance(solution, Solution)
    assert solution.start_cycle == {"n0": 0, "n1": 0, "n2": 1, "n3": 1}


def test_the_checker_sees_a_path_that_is_too_long():
    with pytest.raises(ScheduleViolationError, match="the path to n2 takes 3100 ps; must be at most 3000 ps"):
        verify(chain(1000, 1000, 1000), Solution(start_cycle={"n0": 0, "n1": 0, "n2": 0}, longest_path_ps=0))


def test_the_checker_sees_two_users_of_one_port():
    nodes = tuple(Node(key=key, delay_ps=0, resource="port a") for key in "xy")
    problem = Problem(name="p", nodes=nodes, edges=(), budget_ps=BUDGET_PS, clock_to_q_ps=0, initiation_interval=2)
    with pytest.raises(ScheduleViolationError, match="x and y use port a in one cycle"):
        verify(problem, Solution(start_cycle={"x": 0, "y": 2}, longest_path_ps=0))
    verify(problem, Solution(start_cycle={"x": 0, "y": 1}, longest_path_ps=0))


def test_a_recurrence_that_forbids_the_interval_is_named():
    outcome = solve(chain(2000, 2000, 2000, interval=2, carried=True))
    assert outcome == Infeasible(reason="the recurrence step 0 -> step 1 -> step 2 -> step 0", minimum=None)
    assert isinstance(solve(chain(2000, 2000, 2000, interval=3, carried=True)), Solution)


def test_a_port_that_forbids_the_interval_is_named():
    nodes = tuple(Node(key=key, delay_ps=0, resource="port a") for key in "xyz")
    problem = Problem(name="p", nodes=nodes, edges=(), budget_ps=BUDGET_PS, clock_to_q_ps=0, initiation_interval=2)
    assert solve(problem) == Infeasible(reason="port a is used 3 times in an iteration and needs II >= 3", minimum=3)
