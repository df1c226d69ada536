"""Make a flow's nodes outside doit, for the search: two at once, each as soon as what it needs is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from aigchip.core.errors import AigchipError
from aigchip.tasks import session
from aigchip.tasks.context import make_in_worker
from aigchip.tasks.flow import Flow


def with_needs(flow: Flow, names: Iterable[str], *, without: str = "") -> list[str]:
    """Return the names and everything that they need, in the flow's order.

    Args:
        flow: The design's flow.
        names: Nodes.
        without: A stage that is left out, with what only it needs.
    """
    wanted: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name not in wanted and flow.nodes[name].stage != without:
            wanted.add(name)
            stack.extend(flow.nodes[name].needs)
    return [name for name in flow.nodes if name in wanted]


def make(flow: Flow, name: str) -> None:
    """Make one node whose needs are made; in a worker, unless its result is there.

    Raises:
        AigchipError: It cannot be made.
    """
    if flow.result(name) is not None:
        return
    step = flow.nodes[name].step()
    if step is None:
        raise AigchipError(name, "what it needs is not made", "Run the same command again.")
    session.workers().run(make_in_worker, session.store().root, step)


def make_all(
    flow: Flow, names: Iterable[str], on_done: Callable[[str], None] = lambda name: None, *, without: str = ""
) -> None:
    """Make the named nodes and all that they need.

    Args:
        flow: The design's flow.
        names: Nodes.
        on_done: Called in this thread after each node.
        without: See `with_needs`.

    Raises:
        AigchipError: The first failure; nodes under way are let finish.
    """
    waiting = with_needs(flow, names, without=without)
    done = {name for name in flow.nodes if name not in waiting}
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(max_workers=session.workers().count) as threads:
        while waiting or running:
            for name in [name for name in waiting if done.issuperset(flow.nodes[name].needs)]:
                waiting.remove(name)
                running[threads.submit(make, flow, name)] = name
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                name = running.pop(future)
                future.result()
                done.add(name)
                on_done(name)
