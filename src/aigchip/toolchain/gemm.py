"""A GEMM to run on the accelerator: its data, their layout in memory, and the result by numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Operands:
    """The memories' contents before the run.

    Attributes:
        image_a: A, k rows of m int8, rows padded to 8 bytes, then the bias, m int32 padded to 8 bytes.
        image_b: B, k rows of n int8, rows padded to 8 bytes.
        bias_offset_words: Where the bias begins in image_a [64-bit words].
        stride_c: Bytes from one row of C to the next.
    """

    image_a: bytes
    image_b: bytes
    bias_offset_words: int
    stride_c: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gemm:
    """C[m, n] = requantised (A[m, k] x B[k, n] + bias[m]) with random int8 data.

    Attributes:
        m: Rows of A and C.
        k: Columns of A, rows of B.
        n: Columns of B and C.
        seed: Seed of the data and of the back-pressure.
        multiplier: Requantisation factor, 16 bits unsigned.
        shift: Requantisation shift, 1 to 31.
        relu: Clamp at 0 from below.
        stall: Mean probability that a memory channel rests in a cycle, 0 to 0.9.
        latency_cycles: From a read request to its first word [cycles].
    """

    m: int
    k: int
    n: int
    seed: int = 1
    multiplier: int = 77
    shift: int = 14
    relu: bool = False
    stall: float = 0.0
    latency_cycles: int = 0

    def __post_init__(self) -> None:
        ranges = {"m": (1, 1 << 20), "k": (1, 1 << 20), "n": (1, 1 << 20), "multiplier": (0, 65535), "shift": (1, 31)}
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}; must be {low} to {high}")
        if not 0 <= self.stall <= 0.9:
            raise ValueError(f"stall is {self.stall}; must be 0 to 0.9")

    @property
    def name(self) -> str:
        """The sizes, for texts."""
        return f"m {self.m}, k {self.k}, n {self.n}"

    @property
    def macs(self) -> int:
        """Multiplications."""
        return self.m * self.k * self.n

    def matrices(self) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.int32]]:
        """Return A (m, k), B (k, n) and the bias (m); extremes of int8 are frequent."""
        rng = np.random.default_rng([self.seed, self.m, self.k, self.n])

        def values(*shape: int) -> NDArray[np.int8]:
            data = rng.integers(-128, 128, shape)
            extreme = rng.random(shape) < 0.05
            return np.where(extreme, rng.choice([-128, 127], shape), data).astype(np.int8)

        a, b = values(self.m, self.k), values(self.k, self.n)
        return a, b, rng.integers(-30_000, 30_001, self.m).astype(np.int32)

    def operands(self) -> Operands:
        """Lay the operands out as the accelerator reads them; padding holds random bytes."""
        a, b, bias = self.matrices()
        rng = np.random.default_rng([self.seed, 7])
        image_a, image_b = _padded(a.T, rng), _padded(b, rng)
        bias_bytes = bias.astype("<i4").tobytes()
        return Operands(
            image_a=image_a + bias_bytes + bytes(-len(bias_bytes) % 8),
            image_b=image_b,
            bias_offset_words=len(image_a) // 8,
            stride_c=-(-self.n // 8) * 8,
        )

    def reference(self) -> NDArray[np.int8]:
        """Return C (m, n): y = clamp(((acc + bias) * multiplier + (1 << (shift - 1))) >> shift, low, 127)."""
        a, b, bias = self.matrices()
        total = a.astype(np.int64) @ b.astype(np.int64) + bias[:, None].astype(np.int64)
        scaled = (total * self.multiplier + (1 << (self.shift - 1))) >> self.shift
        return np.clip(scaled, 0 if self.relu else -128, 127).astype(np.int8)


def _padded(matrix: NDArray[np.int8], rng: np.random.Generator) -> bytes:
    rows, columns = matrix.shape
    image = rng.integers(-128, 128, (rows, -(-columns // 8) * 8)).astype(np.int8)
    image[:, :columns] = matrix
    return image.tobytes()
