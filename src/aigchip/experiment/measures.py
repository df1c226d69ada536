"""Shares of attempts that succeed, with their uncertainty.

References: Fu et al., ICCAD 2023 (pass rate over k attempts); Chen et al. 2021, equation 1 (unbiased pass@k); Wilson 1927
(score interval of a proportion); Efron 1979 (bootstrap).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

CONFIDENCE = 0.95
RESAMPLES = 2000
_SEED = 20231028


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its confidence interval, all 0 to 1."""

    value: float
    low: float
    high: float

    def percent(self) -> str:
        """Write it as `83 % (70 to 91)`."""
        return f"{100 * self.value:.0f} % ({100 * self.low:.0f} to {100 * self.high:.0f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Attempts at one task.

    Args:
        attempts: How many were made.
        passed: How many of them succeeded.
    """

    attempts: int
    passed: int


def pass_rate(tasks: Sequence[Task]) -> Share:
    """Return the share of attempts that succeed, over all tasks: the paper's pass rate over k attempts.

    The interval is Wilson's, which takes the attempts for independent: those at one task are not quite.

    Raises:
        ValueError: There is no attempt.
    """
    attempts, passed = sum(task.attempts for task in tasks), sum(task.passed for task in tasks)
    if not attempts:
        raise ValueError("attempts is 0; must be at least 1")
    return wilson(passed, attempts)


def wilson(passed: int, attempts: int) -> Share:
    """Return a proportion with Wilson's score interval."""
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    share = passed / attempts
    middle = (share + z * z / (2 * attempts)) / (1 + z * z / attempts)
    half = z / (1 + z * z / attempts) * math.sqrt(share * (1 - share) / attempts + z * z / (4 * attempts**2))
    return Share(value=share, low=min(share, max(0.0, middle - half)), high=max(share, min(1.0, middle + half)))


def pass_at(k: int, task: Task) -> float:
    """Return the unbiased estimate of the chance that one of k attempts at a task succeeds.

    Raises:
        ValueError: The task has fewer than k attempts.
    """
    if not 1 <= k <= task.attempts:
        raise ValueError(f"k is {k}; must be 1 to {task.attempts}, the attempts that were made")
    failed = task.attempts - task.passed
    return 1.0 - math.comb(failed, k) / math.comb(task.attempts, k)


def pass_at_k(k: int, tasks: Sequence[Task]) -> Share:
    """Return pass@k over tasks, with a bootstrap interval over the tasks (percentiles of resampled means, fixed seed).

    Raises:
        ValueError: There is no task, or one has fewer than k attempts.
    """
    if not tasks:
        raise ValueError("tasks is empty; must hold at least one")
    each = [pass_at(k, task) for task in tasks]
    rng = random.Random(_SEED)  # noqa: S311 - no secret
    means = sorted(fmean(rng.choices(each, k=len(each))) for _ in range(RESAMPLES))
    tail = (1 - CONFIDENCE) / 2
    return Share(value=fmean(each), low=means[int(tail * RESAMPLES)], high=means[-1 - int(tail * RESAMPLES)])
