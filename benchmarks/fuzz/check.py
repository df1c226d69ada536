"""C simulation = IR interpreter = RTL at full rate and under random stalls, for many programs at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core.errors import AigchipError
from aigchip.toolchain.rtlsim import verilated
from aigchip.toolchain.rtlsim.from_csynth import design_of
from aigchip.toolchain.rtlsim.model import Call, Design, Job
from benchmarks.kernels import native
from csynth.driver import make_hardware
from csynth.errors import CsynthError
from csynth.frontend import compile_source
from csynth.ir.interpret import Machine

CLOCK_PERIOD_PS = 3333
STALLS = ((0.0, 0.0), (0.4, 0.4), (0.0, 0.75))
_COMPILE_SECONDS = 60
_WATCHDOG_CYCLES = 100_000  # nested loops that divide move no word for thousands of cycles


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A program with its stimuli.

    Attributes:
        name: For messages and files.
        source: C++.
        top: Its top function.
        calls: For each call `{"scalars": {name: word}, "streams": {name: words}}`.
        seed: Of the stalls and of the registers' first values in RTL.
    """

    name: str
    source: str
    top: str
    calls: Sequence[Mapping[str, Any]]
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`kind` is equal, refused (csynth says no, with its code), or a kind of difference; `detail` says where."""

    kind: str
    detail: str = ""

    @property
    def is_difference(self) -> bool:
        """Whether something is wrong."""
        return self.kind not in ("equal", "refused")


@dataclass(frozen=True, slots=True)
class _Ready:
    case: Case
    design: Design
    calls: tuple[Call, ...]
    wanted: list[native.NativeCall]  # what the interpreter gave


class TooSlowError(Exception):
    """What ran under `limit` took too long."""


@contextmanager
def limit(seconds: int) -> Iterator[None]:
    """Raise `TooSlowError` in what runs under it after so many seconds; in the main thread alone."""

    def stop(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def check(cases: Sequence[Case], folder: Path) -> list[Verdict]:
    """Judge all cases; one native binary and one Verilator program serve them all."""
    verdicts: list[Verdict | None] = [None] * len(cases)
    ready: list[tuple[int, _Ready]] = []
    for number, case in enumerate(cases):
        found = _prepare(case, folder / f"p{number}")
        if isinstance(found, Verdict):
            verdicts[number] = found
        else:
            ready.append((number, found))
    _judge(ready, verdicts, folder)
    return [verdict or Verdict(kind="equal") for verdict in verdicts]


def _prepare(case: Case, folder: Path) -> _Ready | Verdict:
    try:
        with limit(_COMPILE_SECONDS):
            program = compile_source((f"{case.name}.cpp", case.source), top=case.top)
            hardware = make_hardware(program, clock_period_ps=CLOCK_PERIOD_PS)
            machine = Machine(program)
            calls = tuple(
                Call(scalars=call["scalars"], streams={k: tuple(v) for k, v in call["streams"].items()})
                for call in case.calls
            )
            wanted = []
            for call in calls:
                outcome = machine.run(scalars=call.scalars, streams={k: list(v) for k, v in call.streams.items()})
                wanted.append(
                    native.NativeCall(
                        streams=outcome.streams,
                        left={name: len(words) for name, words in outcome.left.items()},
                        memories={},
                        returned=outcome.scalars.get("ap_return"),
                    )
                )
    except CsynthError as error:
        if type(error).__name__ == "UnsupportedError":
            return Verdict(kind="refused", detail=str(error))
        return Verdict(kind="csynth error", detail=f"{type(error).__name__}: {error}")
    except TooSlowError:
        return Verdict(kind="slow", detail=f"csynth and interpreter took more than {_COMPILE_SECONDS} s")
    except Exception as error:  # a crash is a finding
        return Verdict(kind="crash", detail=f"{type(error).__name__}: {error}")
    used = {port.name for port in program.function(program.top).ports}
    calls = tuple(
        Call(
            scalars={k: v for k, v in call.scalars.items() if k in used},
            streams={k: v for k, v in call.streams.items() if k in used},
        )
        for call in calls
    )
    design = design_of(program, hardware.verilog, name=case.name, folder=folder)
    return _Ready(case, design, calls, wanted)


def _judge(ready: Sequence[tuple[int, _Ready]], verdicts: list[Verdict | None], folder: Path) -> None:
    """Fill in the verdicts; where a build of several fails, judge halves."""
    if not ready:
        return
    items = [item for _, item in ready]
    try:
        binary = native.build([item.case.source for item in items], [item.design for item in items], folder=folder)
        program = verilated.build([item.design for item in items], cache=folder / "models", optimisation="-O0")
    except (AigchipError, RuntimeError) as error:
        if len(ready) == 1:
            kind = "C++ refused" if isinstance(error, RuntimeError) else "RTL refused"
            verdicts[ready[0][0]] = Verdict(kind=kind, detail=str(error)[:2000])
            return
        half = len(ready) // 2
        _judge(ready[:half], verdicts, folder / "a")
        _judge(ready[half:], verdicts, folder / "b")
        return
    for index, (number, item) in enumerate(ready):
        verdicts[number] = _native_difference(binary, index, item)
    jobs = [
        Job(
            design=index,
            calls=item.calls,
            stall_in=a,
            stall_out=b,
            seed=item.case.seed,
            watchdog_cycles=_WATCHDOG_CYCLES,
        )
        for index, item in enumerate(items)
        for a, b in STALLS
    ]
    for job, result in zip(jobs, verilated.run(program, jobs), strict=True):
        number, item = ready[job.design]
        for k, wanted in enumerate(item.wanted):
            if verdicts[number] is not None or k >= len(result.outcomes):
                break
            outcome = result.outcomes[k]
            text = "; ".join(outcome.waiting) or "no port waits" if outcome.waiting is not None else ""
            if not text:
                text = _difference(wanted, outcome.streams, outcome.left, outcome.scalars.get("ap_return")) or ""
            if text:
                where = f"call {k}, stalls {job.stall_in}/{job.stall_out}: {text}"
                verdicts[number] = Verdict(kind="RTL differs" if outcome.waiting is None else "RTL stuck", detail=where)


def _native_difference(binary: Path, index: int, item: _Ready) -> Verdict | None:
    try:
        found = native.run(binary, index, item.design, item.calls)
    except RuntimeError as error:
        return Verdict(kind="C simulation stopped", detail=str(error))
    for k, (wanted, got) in enumerate(zip(item.wanted, found, strict=True)):
        text = _difference(wanted, got.streams, got.left, got.returned)
        if text:
            return Verdict(kind="interpreter differs", detail=f"call {k}, C simulation against interpreter: {text}")
    return None


def _difference(
    wanted: native.NativeCall, streams: Mapping[str, list[int]], left: Mapping[str, int], returned: int | None
) -> str | None:
    for name, words in streams.items():
        if words != wanted.streams[name]:
            other = wanted.streams[name]
            return f"{name} is {words[:12]}; interpreter says {other[:12]} ({len(words)} and {len(other)} words)"
    for name, count in left.items():
        if count != wanted.left[name]:
            return f"{name}: {count} words are left; interpreter says {wanted.left[name]}"
    if returned != wanted.returned:
        return f"the returned value is {returned}; interpreter says {wanted.returned}"
    return None
