"""Audits a module's test bench: before it may judge code, it must pass the expert and fail every wrong version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from aigchip.core.errors import AigchipError
from aigchip.template.vectors import Vector
from aigchip.toolchain import confined, harness
from aigchip.toolchain.compare import compare, run_error
from aigchip.toolchain.contract import COMPILE_ARGS, Contract, check_callee, include_dirs, unit
from aigchip.toolchain.csim import simulate
from aigchip.toolchain.errors import ValidationError
from aigchip.toolchain.sandbox import Instance, Program, RunLimits
from aigchip.toolchain.words import decode, encode
from aigchip.toolchain.wrong_versions import FAMILIES, SELECT, combined, shorter_loops, wrong_versions
from csynth.frontend import clang

_LIMITS = clang.Limits(output_bytes=16 << 20, source_bytes=4 << 20, cpu_seconds=60, wall_seconds=180.0)
_FUEL_FACTOR = 10
_LEAST_FUEL = 1_000_000  # WebAssembly instructions


class AuditError(AigchipError):
    """A test bench that must not judge: it refuses the expert, or passes a wrong version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the bench said about one wrong version.

    Attributes:
        family: one of `FAMILIES`.
        name: what is wrong with it.
        caught: whether the bench failed it, as it must.
        reason: class of the error that caught it; empty otherwise.
    """

    family: str
    name: str
    caught: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The audit of one module's bench at one point of its parameters.

    Attributes:
        function: the module's function.
        vectors: number of vectors of the bench.
        verdicts: one for each wrong version.
    """

    function: str
    vectors: int
    verdicts: tuple[Verdict, ...]

    @property
    def missed(self) -> tuple[Verdict, ...]:
        """Give the wrong versions that the bench passed."""
        return tuple(verdict for verdict in self.verdicts if not verdict.caught)

    @property
    def ok(self) -> bool:
        """Say whether the bench may judge: it caught every version, and every family has one."""
        return not self.missed and {verdict.family for verdict in self.verdicts} == set(FAMILIES)

    def counts(self) -> dict[str, int]:
        """Return the number of wrong versions caught in each family."""
        return dict(Counter(verdict.family for verdict in self.verdicts if verdict.caught))

    def to_dict(self) -> dict[str, object]:
        """Return the fields for a JSON report."""
        return {**asdict(self), "ok": self.ok}

    def check(self, parameters: Mapping[str, int | str]) -> None:
        """Refuse a bench that must not judge.

        Args:
            parameters: the module's, for the message.

        Raises:
            AuditError: it passed a wrong version, or a family has none.
        """
        values = ", ".join(f"{name}={value}" for name, value in parameters.items()) or "no parameters"
        where = f"test bench of {self.function} ({values})"
        if self.missed:
            first = self.missed[0]
            what = f"the vectors pass a wrong version that {first.name}"
            raise AuditError(where, what, "Add a vector to model.py that tells it from the right one.", code="audit")
        lacking = [family for family in FAMILIES if family not in {verdict.family for verdict in self.verdicts}]
        if lacking:
            what = f"there is no {lacking[0]} version of a module with these ports"
            raise AuditError(where, what, "Add one to wrong_versions.", code="audit")


def audit(
    expert: str, contract: Contract, vectors: Sequence[Vector], *, callees: Mapping[str, str] | None = None
) -> AuditReport:
    """Let the bench judge the expert's code and every wrong version of it, all in one program.

    A version may use a multiple of the instructions that the expert needs; more counts as caught, like any run that
    does not end.

    Args:
        expert: the expert's code for these parameters.
        contract: the module's interface.
        vectors: the bench.
        callees: expert code of the functions that the module calls.

    Raises:
        AuditError: the bench refuses the expert, or one of our wrong versions does not compile.
    """
    memory_words = max((len(words) for vector in vectors for words in vector.memories_in.values()), default=0)
    versions = tuple(wrong_versions(contract, max(1, memory_words)))
    program = _build(combined(expert, contract, versions), contract, callees or {})
    given = [encode(vector, contract) for vector in vectors]
    right = _judge(program, 0, contract=contract, vectors=vectors, given=given, limits=RunLimits())
    if right.error is not None:
        what = f"the expert's code fails: {right.error}"
        raise AuditError(_where(contract), what, "Correct model.py or expert.cpp.j2.")
    limits = RunLimits(fuel=_FUEL_FACTOR * right.fuel + _LEAST_FUEL)
    verdicts: list[Verdict] = []
    for number, version in enumerate(versions, 1):
        judged = _judge(program, number, contract=contract, vectors=vectors, given=given, limits=limits)
        error = judged.error
        reason = error.error_class if error else ""
        verdicts.append(Verdict(family=version.family, name=version.name, caught=error is not None, reason=reason))
    return AuditReport(function=contract.function, vectors=len(vectors), verdicts=tuple(verdicts))


def audit_loops(
    expert: str, contract: Contract, vectors: Sequence[Vector], *, callees: Mapping[str, str] | None = None
) -> tuple[Verdict, ...]:
    """Let the bench judge the expert's code with each of its loops a round shorter.

    One that is not caught is either a gap of the bench or a loop whose last round does not matter, which a person has
    to look at; a loop that does not compile so is left out.
    """
    verdicts: list[Verdict] = []
    for loop in shorter_loops(expert, contract):
        result = simulate(loop.code, contract, vectors, callees=callees, limits=RunLimits(fuel=300_000_000))
        if result.ok or result.errors[0].stage not in {"contract", "compile"}:
            reason = result.errors[0].error_class if result.errors else ""
            verdicts.append(Verdict(family="off-by-one", name=loop.name, caught=not result.ok, reason=reason))
    return tuple(verdicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    error: ValidationError | None
    fuel: int


def _where(contract: Contract) -> str:
    return f"test bench of {contract.function}"


def _first(result: clang.ClangResult) -> str:
    return result.first_error.message if result.first_error else result.status


def _build(source: str, contract: Contract, callees: Mapping[str, str]) -> Program:
    """Compile the template's own code; unlike a generator's, it may export the function that selects a version."""
    compiled = confined.run_clang(unit(source, contract), contract.file, COMPILE_ARGS, include_dirs(), _LIMITS)
    if not compiled.ok:
        what = f"the wrong versions do not compile: {_first(compiled)}"
        raise AuditError(_where(contract), what, "Correct expert.cpp.j2, or report this as a bug of the audit.")
    objects = [compiled.output]
    for name, code in callees.items():
        callee = check_callee(code, name)
        if callee.errors:
            raise AuditError(_where(contract), f"the expert's {name} fails: {callee.errors[0]}", "Correct it.")
        objects.append(callee.data)
    linked = harness.link(contract, objects)
    if not linked.ok:
        what = f"the wrong versions do not link: {_first(linked)}"
        raise AuditError(_where(contract), what, "Correct expert.cpp.j2, or report this as a bug of the audit.")
    return Program(linked.output)


def _judge(
    program: Program,
    version: int,
    *,
    contract: Contract,
    vectors: Sequence[Vector],
    given: Sequence[bytes],
    limits: RunLimits,
) -> _Judged:
    """Run one version on the vectors, one after another in the same state, up to the first that fails.

    Returns:
        The first error, and the most instructions that a vector took.
    """
    instance = program.start(limits)
    if not isinstance(instance, Instance):
        return _Judged(error=run_error(instance, vectors[0], contract), fuel=0)
    instance.set(SELECT, version)
    most = 0
    for vector, record in zip(vectors, given, strict=True):
        result = instance.call(record)
        most = max(most, result.fuel)
        if result.outcome != "ok":
            return _Judged(error=run_error(result, vector, contract), fuel=most)
        try:
            errors = compare(decode(result.output, contract), vector, contract)
        except ValueError:
            errors = (run_error(replace(result, outcome="invalid"), vector, contract),)
        if errors:
            return _Judged(error=errors[0], fuel=most)
    return _Judged(error=None, fuel=most)
