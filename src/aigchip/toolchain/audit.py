"""Audits a module's test bench: before it may judge code, it must pass the expert and fail every wrong version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from aigchip.core.errors import AigchipError
from aigchip.template.vectors import Vector
from aigchip.toolchain.contract import Contract
from aigchip.toolchain.csim import simulate
from aigchip.toolchain.sandbox import RunLimits
from aigchip.toolchain.wrong_versions import wrong_versions

FAMILIES = ("no-op", "off-by-one", "saturating", "input-independent")
_BUILD_STAGES = frozenset({"contract", "compile"})


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
        verdicts: one for each version that is certainly wrong.
        loops: one for each version with a shortened loop; one that is not caught is either a gap of the bench or a loop
            whose last round does not matter, which a person has to look at.
    """

    function: str
    vectors: int
    verdicts: tuple[Verdict, ...]
    loops: tuple[Verdict, ...]

    @property
    def missed(self) -> tuple[Verdict, ...]:
        """Give the wrong versions that the bench passed."""
        return tuple(verdict for verdict in self.verdicts if not verdict.caught)

    @property
    def ok(self) -> bool:
        """Say whether the bench may judge: it caught every version, and every family has one."""
        return not self.missed and {verdict.family for verdict in self.verdicts} == set(FAMILIES)

    @property
    def unclear(self) -> tuple[Verdict, ...]:
        """Give the shortened loops that the bench passed."""
        return tuple(verdict for verdict in self.loops if not verdict.caught)

    def counts(self) -> dict[str, int]:
        """Return the number of wrong versions caught in each family."""
        return dict(Counter(verdict.family for verdict in (*self.verdicts, *self.loops) if verdict.caught))

    def to_dict(self) -> dict[str, object]:
        """Return the fields for a JSON report."""
        return {**asdict(self), "ok": self.ok}

    def check(self) -> None:
        """Refuse a bench that must not judge.

        Raises:
            AuditError: it passed a wrong version.
        """
        if self.missed:
            first = self.missed[0]
            what = f"the vectors pass a wrong version that {first.name}"
            raise AuditError(f"test bench of {self.function}", what, "Add a vector that tells it from the right one.")


def audit(
    expert: str,
    contract: Contract,
    vectors: Sequence[Vector],
    *,
    callees: Mapping[str, str] | None = None,
    limits: RunLimits | None = None,
) -> AuditReport:
    """Let the bench judge the expert's code and every wrong version of it.

    Args:
        expert: the expert's code for these parameters.
        contract: the module's interface.
        vectors: the bench.
        callees: expert code of the functions that the module calls.
        limits: bounds of each call.

    Raises:
        AuditError: the bench refuses the expert, or one of our wrappers does not compile.
    """
    limits = limits or RunLimits(fuel=300_000_000, seconds=10.0)
    where = f"test bench of {contract.function}"
    right = simulate(expert, contract, vectors, callees=callees, limits=limits)
    if not right.ok:
        raise AuditError(where, f"the expert's code fails: {right.errors[0]}", "Correct model.py or expert.cpp.j2.")
    memory_words = max((len(words) for vector in vectors for words in vector.memories_in.values()), default=0)
    verdicts: list[Verdict] = []
    loops: list[Verdict] = []
    for version in wrong_versions(expert, contract, memory_words):
        result = simulate(version.code, contract, vectors, callees=callees, limits=limits)
        if not result.ok and result.errors[0].stage in _BUILD_STAGES:
            if version.certain:
                what = f"the wrong version that {version.name} does not compile: {result.errors[0]}"
                raise AuditError(where, what, "Report this as a bug of the audit.")
            continue
        reason = result.errors[0].error_class if result.errors else ""
        verdict = Verdict(family=version.family, name=version.name, caught=not result.ok, reason=reason)
        (verdicts if version.certain else loops).append(verdict)
    return AuditReport(function=contract.function, vectors=len(vectors), verdicts=tuple(verdicts), loops=tuple(loops))
