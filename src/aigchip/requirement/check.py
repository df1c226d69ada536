"""Whether a specification can be met at all; an impossible one is answered with the bound that forbids it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from aigchip.board import Board
from aigchip.requirement.specification import OBJECTIVES, RESOURCES, Specification, SpecificationError
from aigchip.space import sampling
from aigchip.space.families import GENES
from aigchip.workload.layers import Workload

CLOCK = "clock_mhz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What no design of the space can be better than, by arithmetic alone.

    Args:
        products: The most that an array forms in a cycle, of those that the specification allows.
        dsp_limits: Whether these are so few because of the DSP blocks that are allowed.
        clock_mhz: The fastest clock that is allowed, and that the board is used with. [MHz]
        compute_ms: All products on that array at that clock. [ms]
        memory_ms: Every weight, input and output of each layer moved once at the board's bandwidth. [ms]
    """

    products: int
    dsp_limits: bool
    clock_mhz: float
    compute_ms: float
    memory_ms: float

    @property
    def latency_ms(self) -> float:
        """The larger of both [ms]."""
        return max(self.compute_ms, self.memory_ms)


def bounds(specification: Specification, workload: Workload, board: Board) -> Bounds:
    """Compute the bounds of a specification: a DSP block forms at most as many products a cycle as a multiplier.

    Raises:
        DesignError: No design has the fixed parameters.
    """
    most, of_multiplier = sampling.most_products(tuple(specification.fixed.items()))
    allowed = specification.at_most.get("dsp", board.resources["dsp"]) * of_multiplier
    clocks = [specification.fixed[CLOCK]] if CLOCK in specification.fixed else GENES[CLOCK].values
    clock_mhz = min(max(map(int, clocks)), 1e6 / board.clock.default_period_ps)
    moved = sum(layer.weight_bytes + layer.input_bytes + layer.output_bytes for layer in workload.layers)
    return Bounds(
        products=min(most, allowed),
        dsp_limits=allowed < most,
        clock_mhz=clock_mhz,
        compute_ms=workload.macs / min(most, allowed) / clock_mhz / 1e3,
        memory_ms=moved / board.memory.effective_bytes_per_second * 1e3,
    )


def check(specification: Specification, workload: Workload, board: Board) -> Bounds:
    """Refuse a specification that no design can meet.

    A specification that passes need not be met by any design: the bounds are those that arithmetic proves.

    Raises:
        SpecificationError: It is impossible; the text names the bound.
        DesignError: No design has the fixed parameters.
    """
    fixed = tuple(specification.fixed.items())
    if fixed:
        sampling.count(fixed)
    fewest = sampling.fewest_multipliers(fixed)
    dsp = specification.at_most.get("dsp")
    if dsp is not None and dsp < fewest:
        words = ", ".join(f"{name} {value}" for name, value in fixed)
        raise SpecificationError(
            "at most",
            f"dsp is {dsp}; must be at least {fewest}, a DSP block for each multiplier of the smallest array with {words}",
            f"Allow {fewest} or more, or fix less.",
            code="impossible",
        )
    found = bounds(specification, workload, board)
    limit = specification.latency_ms
    if limit is not None and limit < found.latency_ms:
        size = f" at {workload.resolution}" if workload.resolution else ""
        if found.compute_ms >= found.memory_ms:
            why = (
                f"{workload.macs / 1e6:,.0f} million products of {workload.name}{size}, {found.products:,} a cycle, "
                f"{_reason(specification, found)}, at {found.clock_mhz:,.0f} MHz"
            )
        else:
            rate = board.memory.effective_bytes_per_second / 1e9
            why = f"weights, inputs and outputs of {workload.name}{size} through a memory of {rate:.3g} GB/s"
        raise SpecificationError(
            "latency",
            f"latency is {limit:g} ms; must be at least {_up(found.latency_ms)} ms: {why}",
            f"Ask for {_up(found.latency_ms)} ms or more, or a smaller network or picture.",
            code="impossible",
        )
    return found


def _reason(specification: Specification, found: Bounds) -> str:
    if found.dsp_limits:
        owner = "are allowed" if "dsp" in specification.at_most else "the board has"
        return f"the most on the DSP blocks that {owner}"
    return "the most with the fixed parameters" if specification.fixed else "the most that the template builds"


def _up(value: float) -> str:
    """Write a number with three digits, rounded up."""
    digits = max(0, 2 - math.floor(math.log10(value)))
    return f"{math.ceil(value * 10**digits) / 10**digits:.{digits}f}"


def described(specification: Specification) -> list[tuple[str, str]]:
    """Return what a specification says, as lines of a table: what, and its value."""
    yes: list[tuple[str, str]] = []
    if specification.network is not None:
        yes.append(("network", specification.network))
    if specification.resolution is not None:
        yes.append(("resolution", f"{specification.resolution} x {specification.resolution} pixels"))
    if specification.board is not None:
        yes.append(("board", specification.board))
    if specification.latency_ms is not None:
        yes.append(("latency", f"at most {specification.latency_ms:g} ms an inference"))
    yes += [(RESOURCES[name], f"at most {amount:,}") for name, amount in specification.at_most.items()]
    if specification.objective is not None:
        yes.append(("objective", OBJECTIVES[specification.objective]))
    return yes + [(f"fixed: {name}", str(value)) for name, value in specification.fixed.items()]
