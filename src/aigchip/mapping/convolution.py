"""What a layer asks of the accelerator: a convolution of one feature map, of which matrix products are a special case."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """A convolution of one map of `channels` x `rows` x `columns`.

    Attributes:
        channels, rows, columns: the input.
        outputs: output channels.
        kernel: rows and columns of the kernel [taps].
        stride: of rows and columns alike: 1, 2 or 4.
        padding: rows and columns of padding: top, left, bottom, right.
        dilation: pixels from a tap to the next.
        groups: independent parts that the channels are divided into.
    """

    channels: int
    rows: int
    columns: int
    outputs: int
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: int = 1
    groups: int = 1

    @staticmethod
    def of_product(m: int, k: int, n: int) -> Convolution:
        """Return the matrix product (m x k) x (k x n): a 1 x 1 convolution of n pixels in a row."""
        return Convolution(channels=k, rows=1, columns=n, outputs=m)

    def flattened(self) -> Convolution:
        """Return a 1 x 1 convolution of one row of all pixels, where that is the same; else the layer itself."""
        if self.kernel != (1, 1) or self.stride > 1 or any(self.padding) or self.rows == 1:
            return self
        return replace(self, rows=1, columns=self.rows * self.columns)

    @property
    def out_rows(self) -> int:
        """Rows of the output."""
        top, _, bottom, _ = self.padding
        return (self.rows + top + bottom - self.dilation * (self.kernel[0] - 1) - 1) // self.stride + 1

    @property
    def out_columns(self) -> int:
        """Columns of the output."""
        _, left, _, right = self.padding
        return (self.columns + left + right - self.dilation * (self.kernel[1] - 1) - 1) // self.stride + 1

    @property
    def name(self) -> str:
        """The sizes, for texts."""
        if self.kernel == (1, 1) and self.rows == 1 and self.groups == 1:
            return f"m {self.outputs}, k {self.channels}, n {self.columns}"
        text = f"{self.kernel[0]} x {self.kernel[1]}, {self.channels} x {self.rows} x {self.columns} to {self.outputs}"
        text += f", stride {self.stride}" if self.stride > 1 else ""
        text += f", dilation {self.dilation}" if self.dilation > 1 else ""
        return text + (f", {self.groups} groups" if self.groups > 1 else "")

    @property
    def depthwise(self) -> bool:
        """Whether every channel is a group of its own."""
        return self.groups > 1 and self.groups == self.channels == self.outputs

    @property
    def group_channels(self) -> int:
        """Input channels of a group."""
        return self.channels // self.groups

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        taps = self.kernel[0] * self.kernel[1]
        return self.outputs * self.group_channels * taps * self.out_rows * self.out_columns

    def sums(self, picture: NDArray[np.int8], weights: NDArray[np.int8], *, padding: int = 0) -> NDArray[np.int64]:
        """Return the exact sums (outputs, out_rows, out_columns), tap by tap.

        Args:
            picture: (channels, rows, columns).
            weights: (outputs, channels of a group, kernel rows, kernel columns).
            padding: value of the padding pixels.
        """
        top, left, bottom, right = self.padding
        padded = np.pad(
            picture.astype(np.float64), ((0, 0), (top, bottom), (left, right)), constant_values=float(padding)
        )
        found = np.zeros((self.outputs, self.out_rows * self.out_columns))
        per_group = self.outputs // self.groups
        for row in range(self.kernel[0]):
            for column in range(self.kernel[1]):
                y, x = row * self.dilation, column * self.dilation
                seen = padded[:, y :: self.stride, x :: self.stride][:, : self.out_rows, : self.out_columns]
                flat = seen.reshape(self.channels, -1)
                for group in range(self.groups):
                    rows = slice(group * per_group, (group + 1) * per_group)
                    channels = slice(group * self.group_channels, (group + 1) * self.group_channels)
                    found[rows] += weights[rows, :, row, column].astype(np.float64) @ flat[channels]
        return found.astype(np.int64).reshape(self.outputs, self.out_rows, self.out_columns)
