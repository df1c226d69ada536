"""FIFO depths of a dataflow region: the least that cannot deadlock, the least at full rate, and deadlocks that no depth helps.

The steps of a process are fixed, so whether a region deadlocks does not depend on its timing (a Kahn network with bounded channels:
Parks, "Bounded Scheduling of Process Networks", 1995, ch. 4). Processes whose steps depend on data count as an environment that always
delivers and always takes: what deadlocks even then is proven.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from csynth.errors import CsynthError
from csynth.ir.model import Channel, Function, Location, PortKind, Program
from csynth.ir.trace import NoTraceError
from csynth.link.steps import Step, steps_of
from csynth.schedule.function import FunctionSchedule

_HOPS = 2  # cycles from a write to the first cycle in which the word can be read: output register, FIFO
_FREED = 2  # cycles from a read to the first write into a full channel: the FIFO has room, then the output register
_RATE_LIMIT = 1024  # words above which a FIFO is not enlarged for the sake of the rate
_DEEP = 64  # a FIFO deeper than this holds one word more, in its output register
_WORK_LIMIT = 400_000  # steps that a region may have before the rate is not computed


class DeadlockError(CsynthError):
    """Processes of a region wait for each other whatever the data."""

    kind = "deadlock"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A process that cannot go on: it reads an empty channel or writes a full one."""

    process: str
    channel: str
    full: bool


@dataclass(slots=True)
class _Run:
    """Result of following all processes: who is blocked, when the last step was, what is left in each channel."""

    blocked: list[Blocked]
    end: int
    left: dict[str, int]
    written: dict[str, int]


def capacity(depth: int) -> int:
    """Words between a writer and its reader: the FIFO and the writer's output register."""
    return depth + (2 if depth > _DEEP else 1)


def follow(steps: Mapping[str, list[Step]], depths: Mapping[str, int | None]) -> _Run:
    """Let every process do its steps as early as it can; a channel of depth None holds any number of words."""
    limits = {name: None if depth is None else capacity(depth) for name, depth in depths.items()}
    wrote: dict[str, list[int]] = {name: [] for name in depths}
    took: dict[str, list[int]] = {name: [] for name in depths}
    position = dict.fromkeys(steps, 0)
    now: dict[str, tuple[int, int]] = dict.fromkeys(steps, (0, 0))  # (cycle, cycle without stalls) of the last step

    def blocking(process: str, step: Step) -> Blocked | None:
        for name in step.reads:
            if len(wrote[name]) <= len(took[name]):
                return Blocked(process, name, False)
        for name in (*step.writes, *step.drained):
            limit = limits[name]
            if limit is not None and len(wrote[name]) - len(took[name]) >= limit:
                return Blocked(process, name, True)
        return None

    moved = True
    while moved:
        moved = False
        for process, todo in steps.items():
            while position[process] < len(todo):
                step = todo[position[process]]
                if blocking(process, step) is not None:
                    break
                cycle, nominal = now[process]
                cycle += max(0, step.cycle - nominal)
                for name in step.reads:
                    cycle = max(cycle, wrote[name][len(took[name])] + _HOPS)
                for name in step.writes:
                    limit = limits[name]
                    if limit is not None and len(wrote[name]) >= limit:
                        cycle = max(cycle, took[name][len(wrote[name]) - limit] + _FREED)
                for name in step.reads:
                    took[name].append(cycle)
                for name in step.writes:
                    wrote[name].append(cycle)
                now[process] = (cycle, step.cycle)
                position[process] += 1
                moved = True
    stuck = [blocking(p, todo[position[p]]) for p, todo in steps.items() if position[p] < len(todo)]
    return _Run(
        [b for b in stuck if b is not None],
        max((cycle for cycle, _ in now.values()), default=0),
        {name: len(wrote[name]) - len(took[name]) for name in depths},
        {name: len(wrote[name]) for name in depths},
    )


def with_depths(program: Program, schedules: Mapping[str, FunctionSchedule]) -> Program:
    """Return `program` with computed depths and a note for each FIFO of its regions.

    Raises:
        DeadlockError: a region deadlocks whatever the data, with the depths that the source gives or with any.
    """
    return replace(
        program,
        functions=tuple(_Region(program, f, schedules).done() if f.is_dataflow else f for f in program.functions),
    )


class _Region:
    def __init__(self, program: Program, function: Function, schedules: Mapping[str, FunctionSchedule]) -> None:
        self.function = function
        self.channels = {c.name: c for c in function.channels}
        self.unknown: dict[str, str] = {}
        steps: dict[str, list[Step]] = {}
        for process in function.processes:
            callee = program.function(process.function)
            try:
                steps[process.name] = steps_of(process, callee, schedules.get(callee.name))
            except NoTraceError as reason:
                self.unknown[process.name] = str(reason)
        self.writers, self.readers = self._ends(program)
        known = {n for n in self.channels if self.writers.get(n) in steps and self.readers.get(n) in steps}
        self.fifos = {n for n in known if self.channels[n].kind == "fifo"}
        self.tokens = known - self.fifos
        self.steps = {name: self._complete(name, todo) for name, todo in steps.items()}

    def _ends(self, program: Program) -> tuple[dict[str, str], dict[str, str]]:
        writers: dict[str, str] = {}
        readers: dict[str, str] = {}
        for process in self.function.processes:
            ports = {p.name: p for p in program.function(process.function).ports}
            for binding in process.bindings:
                if isinstance(binding.actual, str) and binding.actual in self.channels:
                    port = ports[binding.formal]
                    writes = port.kind in (PortKind.STREAM_OUT, PortKind.SCALAR_OUT) or port.writes
                    (writers if writes else readers)[binding.actual] = process.name
        return writers, readers

    def _complete(self, process: str, todo: list[Step]) -> list[Step]:
        """Leave out what is not between known processes; add the start and the end, where arrays and scalars change hands."""
        kept = [
            Step(s.cycle, tuple(n for n in s.reads if n in self.fifos), tuple(n for n in s.writes if n in self.fifos))
            for s in todo
        ]
        begin = tuple(n for n in self.tokens if self.readers[n] == process)
        end = tuple(n for n in self.tokens if self.writers[n] == process)
        last = max((s.cycle for s in kept), default=0) + 1
        drained = tuple(n for n in self.fifos if self.writers[n] == process)
        return [Step(0, begin), *(s for s in kept if s.reads or s.writes), Step(last, (), end, drained)]

    def _follow(self, depths: Mapping[str, int | None], steps: Mapping[str, list[Step]] | None = None) -> _Run:
        return follow(steps or self.steps, {**dict.fromkeys(self.tokens), **depths})

    def done(self) -> Function:
        """The function with its depths."""
        if not self.fifos:
            return replace(self.function, notes=(*self.function.notes, *self._notes({}, {})))
        ideal = self._follow(dict.fromkeys(self.fifos))
        if ideal.blocked:
            raise self._never(ideal)
        base = {n: self.channels[n].depth for n in self.fifos}
        least = self._least(base, ideal)
        chosen = dict(base)
        for name in sorted(self.fifos):
            channel = self.channels[name]
            if channel.depth_from == "source" and least[name] > channel.depth:
                raise self._too_shallow(channel, least[name], base)
            chosen[name] = max(channel.depth, least[name])
        rate = self._rate(chosen, ideal) if not self.unknown else {}
        final = {n: d if self.channels[n].depth_from == "source" else max(d, rate.get(n, 0)) for n, d in chosen.items()}
        channels = tuple(
            replace(c, depth=final[c.name], depth_from="computed")
            if c.name in final and c.depth_from == "default" and (not self.unknown or final[c.name] != c.depth)
            else c
            for c in self.function.channels
        )
        function = replace(self.function, channels=channels)
        self.channels = {c.name: c for c in channels}
        notes = [*self._notes(least, rate)]
        for name, count in ideal.left.items():
            if count and name in self.fifos and not self.unknown:
                notes.append(
                    f"{self.function.name}: {self.writers[name]!r} leaves {count} words in {name!r} that {self.readers[name]!r} does not "
                    "read; the next call would read them first"
                )
        return replace(function, notes=(*self.function.notes, *notes))

    def _least(self, base: dict[str, int], ideal: _Run) -> dict[str, int]:
        """A least depth for each FIFO, at least that of `base`, with which nothing deadlocks; none of them can be lowered alone."""
        if not self._follow(base).blocked:
            return dict(base)
        depths = {n: max(base[n], ideal.written[n]) for n in base}
        for name in sorted(depths):
            depths[name] = _smallest(
                base[name], depths[name], lambda d, name=name: not self._follow({**depths, name: d}).blocked
            )
        return depths

    def _rate(self, base: dict[str, int], ideal: _Run) -> dict[str, int]:
        """Least depths with which the region ends as early as with unbounded FIFOs; empty when that is not computed."""
        if sum(map(len, self.steps.values())) * len(base) > _WORK_LIMIT:
            return {}
        steps = {p: sorted(todo, key=lambda s: s.cycle) for p, todo in self.steps.items()}
        best = self._follow(dict.fromkeys(base), steps)
        if best.blocked:
            return {}
        now = self._follow(base, steps)
        if not now.blocked and now.end == best.end:
            return dict(base)
        depths = {n: max(base[n], ideal.written[n]) for n in base}

        def good(candidate: dict[str, int]) -> bool:
            run = self._follow(candidate, steps)
            return not run.blocked and run.end == best.end

        for name in sorted(depths):
            depths[name] = _smallest(base[name], depths[name], lambda d, name=name: good({**depths, name: d}))
        return {n: d for n, d in depths.items() if d <= _RATE_LIMIT}

    # -- messages --------------------------------------------------------------------------------------------------------------------

    def _place(self, process: str) -> Location | None:
        return next(p.location for p in self.function.processes if p.name == process)

    def _never(self, run: _Run) -> DeadlockError:
        waits = []
        for b in run.blocked:
            name, writer = b.channel, self.writers[b.channel]
            if self.channels[name].kind == "fifo":
                waits.append(
                    f"{b.process!r} reads {name!r} after {run.written[name]} words, all that {writer!r} has written"
                )
            else:
                waits.append(f"{b.process!r} waits for {name!r} of {writer!r}")
        return DeadlockError(
            "dataflow-deadlock",
            f"the dataflow region {self.function.name!r} waits for ever with FIFOs of any depth: {'; '.join(waits)}",
            self._place(run.blocked[0].process) or self.function.location,
            "Write as many words as are read, and no process before what it needs",
        )

    def _too_shallow(self, channel: Channel, least: int, base: dict[str, int]) -> DeadlockError:
        waits = [
            f"{b.process!r} {'writes the full' if b.full else 'reads the empty'} {b.channel!r}"
            for b in self._follow(base).blocked
        ]
        return DeadlockError(
            "dataflow-deadlock",
            f"the FIFO {channel.name!r} from {self.writers[channel.name]!r} to {self.readers[channel.name]!r} has depth {channel.depth}; "
            f"must be {least} or more, or the region {self.function.name!r} waits for ever: {'; '.join(waits)}",
            channel.location or self.function.location,
            f"Use depth={least}",
        )

    def _notes(self, least: dict[str, int], rate: dict[str, int]) -> list[str]:
        notes = []
        for channel in self.function.channels if not self.channels else self.channels.values():
            if channel.kind != "fifo":
                continue
            who = f"{self.function.name}: FIFO {channel.name!r} has depth {channel.depth}"
            origin = {"default": "by default", "source": "from the source", "computed": "as computed"}[
                channel.depth_from
            ]
            why = [f"{least[channel.name]} without deadlock"] if channel.name in least else []
            why += [f"{rate[channel.name]} at full rate"] if channel.name in rate else []
            ends = [self.writers.get(channel.name, ""), self.readers.get(channel.name, "")]
            unknown = [f"in {p!r} {self.unknown[p]}" for p in ends if p in self.unknown]
            reason = (
                f" (at least {', '.join(why)})" if why else f" (not checked: {'; '.join(unknown)})" if unknown else ""
            )
            notes.append(f"{who} {origin}{reason}")
        return notes


def _smallest(low: int, high: int, good: Callable[[int], bool]) -> int:
    """The least number of low..high that is good; `high` is, and what is above a good one is good."""
    while low < high:
        middle = (low + high) // 2
        if good(middle):
            high = middle
        else:
            low = middle + 1
    return low
