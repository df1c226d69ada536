"""C simulation of a module: its code, compiled to WebAssembly, against the vectors of the numpy model, bit for bit.

The expected outputs stay outside the sandbox: the code can only give back words, and the comparison happens here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aigchip.template.vectors import Vector
from aigchip.toolchain import contract as contracts
from aigchip.toolchain import harness
from aigchip.toolchain.compare import compare, run_error
from aigchip.toolchain.contract import Contract
from aigchip.toolchain.diagnostics import compile_errors
from aigchip.toolchain.errors import ValidationError
from aigchip.toolchain.probe import PROBE, probed
from aigchip.toolchain.sandbox import Instance, Program, RunLimits
from aigchip.toolchain.words import decode, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class CsimResult:
    """What validation by simulation says.

    Attributes:
        ok: every vector gave exactly the expected words, and no input was left.
        errors: why not; the first is the one to repair first.
        vectors: number of vectors given.
        fuel: WebAssembly instructions of the run over all vectors, the same on every machine.
        compile_seconds: wall time of the confined compiler and linker.
        seconds: wall time altogether.
    """

    ok: bool
    errors: tuple[ValidationError, ...]
    vectors: int
    fuel: int = 0
    compile_seconds: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A program to simulate, or the reasons why there is none."""

    program: Program | None
    errors: tuple[ValidationError, ...]
    seconds: float


def _link_errors(messages: Sequence[str], contract: Contract) -> tuple[ValidationError, ...]:
    text = " ".join(messages)
    kind = "redefinition" if "duplicate symbol" in text else "undefined"
    what = (
        "a function is defined twice, here and in a module that it calls"
        if kind == "redefinition"
        else "a function is missing"
    )
    error = ValidationError(
        stage="contract",
        error_class=kind,
        message=f"{what}: {messages[0] if messages else 'unknown'}",
        location=contract.file,
        remedy="Make helper functions static, and define each function once.",
    )
    return (error,)


def build(code: str, contract: Contract, callees: Mapping[str, str] | None = None) -> Built:
    """Check the contract, compile in confinement and link.

    Args:
        code: the module's C++ source, untrusted.
        contract: its interface.
        callees: source of each function of another module that is called, directly or not, by the function's name.
    """
    started = time.monotonic()
    checked = contracts.check(code, contract)
    objects, errors = [checked.data], checked.errors
    for name, source in (callees or {}).items():
        if not errors:
            other = contracts.check_callee(source, name)
            objects.append(other.data)
            errors = other.errors
    if errors:
        return Built(program=None, errors=errors, seconds=time.monotonic() - started)
    linked = harness.link(contract, objects)
    if not linked.ok:
        errors = (
            _link_errors([d.message for d in linked.diagnostics], contract)
            if linked.status == "errors"
            else compile_errors(linked, contract.file)
        )
        return Built(program=None, errors=errors, seconds=time.monotonic() - started)
    seconds = time.monotonic() - started
    try:
        return Built(program=Program(linked.output), errors=(), seconds=seconds)
    except ValueError as error:
        refused = ValidationError(
            stage="contract",
            error_class="forbidden",
            message=str(error).removeprefix("simulation: "),
            location=contract.file,
            remedy="Remove attributes that import or export functions.",
        )
        return Built(program=None, errors=(refused,), seconds=seconds)


def _call(instance: Instance, vector: Vector, contract: Contract) -> tuple[tuple[ValidationError, ...], int, bool]:
    """Run one vector.

    Returns:
        The errors, the fuel used, and whether the instance can be called again.
    """
    result = instance.call(encode(vector, contract))
    if result.outcome != "ok":
        return (run_error(result, vector, contract),), result.fuel, False
    try:
        answer = decode(result.output, contract)
    except ValueError:
        return (run_error(replace(result, outcome="invalid"), vector, contract),), result.fuel, False
    return compare(answer, vector, contract), result.fuel, True


def _size(vector: Vector) -> int:
    words = (*vector.streams_in.values(), *vector.memories_in.values(), *vector.streams_out.values())
    return sum(len(sequence) for sequence in words)


def _smallest(
    program: Program, vectors: Sequence[Vector], contract: Contract, limits: RunLimits
) -> tuple[ValidationError, ...]:
    """Find the smallest vector that fails in a fresh program; none means that state is kept between calls."""
    for vector in sorted(vectors, key=_size):
        instance = program.start(limits)
        if not isinstance(instance, Instance):
            return (run_error(instance, vector, contract),)
        errors, _, _ = _call(instance, vector, contract)
        if errors:
            return errors
    return ()


def run(program: Program, contract: Contract, vectors: Sequence[Vector], limits: RunLimits | None = None) -> CsimResult:
    """Give the vectors to a program, one after another in the same state, as the hardware gets them.

    A failure is looked at again with each vector in a fresh program, to report the smallest that fails.
    """
    limits = limits or RunLimits()
    started = time.monotonic()
    fuel, errors = 0, ()
    instance = program.start(limits)
    if not vectors:
        return CsimResult(ok=True, errors=(), vectors=0)
    if not isinstance(instance, Instance):
        errors = (run_error(instance, vectors[0], contract),)
        return CsimResult(ok=False, errors=errors, vectors=len(vectors))
    for index, vector in enumerate(vectors):
        errors, used, _ = _call(instance, vector, contract)
        fuel += used
        if errors:
            if errors[0].error_class not in {"timeout", "memory"}:
                small = _smallest(program, vectors, contract, limits)
                errors = small or tuple(
                    replace(
                        error,
                        error_class="state",
                        message=f"{error.message}, but only after {index} other call(s): state is kept between calls",
                        remedy="Initialise every variable and array inside the function.",
                    )
                    for error in errors
                )
            break
    return CsimResult(ok=not errors, errors=errors, vectors=len(vectors), fuel=fuel, seconds=time.monotonic() - started)


def _outside_arrays(
    code: str,
    contract: Contract,
    vectors: Sequence[Vector],
    callees: Mapping[str, str] | None,
    limits: RunLimits | None,
) -> tuple[ValidationError, ...]:
    """Run again with a probe at each array; return the errors of an index that left its array, with its place."""
    text = probed(code)
    built = build(text, contract, callees) if text != code else None
    if built is None or built.program is None:
        return ()
    result = run(built.program, contract, vectors, limits)
    if result.ok or PROBE not in result.errors[0].message:
        return ()
    first = result.errors[0]
    message = re.sub(rf"'[^']*{PROBE}\[(\d+)\]'", r"an array of \1 elements", first.message)
    where = ":".join(first.location.split(":")[:2])  # the probe moves the columns
    return (replace(first, message=message, location=where),)


def simulate(
    code: str,
    contract: Contract,
    vectors: Sequence[Vector],
    *,
    callees: Mapping[str, str] | None = None,
    limits: RunLimits | None = None,
) -> CsimResult:
    """Validate a module's code: contract, confined compilation, and every vector.

    Args:
        code: the module's C++ source, untrusted.
        contract: `Contract.of(module, params)`.
        vectors: `module.vectors(params, seed)`.
        callees: source of each function of another module that is called, directly or not, by the function's name.
        limits: bounds of each call.

    Returns:
        The result; wrong or hostile code never raises.

    Raises:
        AigchipError: the project's own files are at fault (harness, vectors) or the compiler is missing.
    """
    started = time.monotonic()
    built = build(code, contract, callees)
    if built.program is None:
        seconds = time.monotonic() - started
        return CsimResult(
            ok=False, errors=built.errors, vectors=len(vectors), compile_seconds=built.seconds, seconds=seconds
        )
    result = run(built.program, contract, vectors, limits)
    placed = not result.ok and (
        ":" in result.errors[0].location or result.errors[0].error_class in {"timeout", "memory"}
    )
    outside = () if placed else _outside_arrays(code, contract, vectors, callees, limits)
    if outside:
        result = replace(result, ok=False, errors=outside)
    return replace(result, compile_seconds=built.seconds, seconds=time.monotonic() - started)
