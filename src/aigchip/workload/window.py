"""How a kernel walks over a picture; the one place that knows which windows are valid and how large their output is.

Reference: ONNX operators Conv and MaxPool (output shape with explicit padding, rounded down).
"""

from dataclasses import dataclass, replace

from aigchip.workload.errors import WorkloadError

#: Code of the error of a picture that has become smaller than a kernel.
TOO_SMALL = "too-small"

#: Pixels added at the top, left, bottom and right of a picture.
Padding = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A kernel of a convolution or of a pooling operator, and its steps.

    Attributes:
        kernel: height and width [pixels].
        stride: vertical and horizontal step of the kernel [pixels].
        padding: added at the top, left, bottom and right [pixels].
        dilation: vertical and horizontal distance between neighbouring taps [pixels].
    """

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: Padding = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)

    @property
    def extent(self) -> tuple[int, int]:
        """Height and width of what the kernel covers [pixels]."""
        return (self.kernel[0] - 1) * self.dilation[0] + 1, (self.kernel[1] - 1) * self.dilation[1] + 1

    def rounded_up(self, size: tuple[int, int]) -> "Window":
        """Return a window that pads more at the bottom and right, so that no pixel of a picture of `size` is left out.

        The last window may hang over the edge, but starts in the picture or in the padding at the top and left.
        """
        top, left, bottom, right = self.padding
        down, across = (
            self._over(axis, pixels, before, after)
            for axis, (pixels, before, after) in enumerate(((size[0], top, bottom), (size[1], left, right)))
        )
        return replace(self, padding=(top, left, bottom + down, right + across))

    def _over(self, axis: int, pixels: int, before: int, after: int) -> int:
        stride, extent, padded = self.stride[axis], self.extent[axis], pixels + before + after
        steps = -((extent - padded) // stride)
        if padded < extent or steps * stride >= pixels + before:
            return 0
        return steps * stride + extent - padded

    def output_size(self, size: tuple[int, int], where: str) -> tuple[int, int]:
        """Return the height and width of the output [pixels]: the kernel's positions inside the padded picture.

        Args:
            size: height and width of the picture [pixels].
            where: whose window this is, for the error.

        Raises:
            WorkloadError: the window is malformed, or larger than the padded picture.
        """
        for name, values, count, least in (
            ("kernel", self.kernel, 2, 1),
            ("stride", self.stride, 2, 1),
            ("padding", self.padding, 4, 0),
            ("dilation", self.dilation, 2, 1),
        ):
            if len(values) != count or min(values) < least:
                raise WorkloadError(
                    where, f"{name} is {_by(values)}; must be {count} numbers of at least {least}", f"Correct {name}."
                )
        top, left, bottom, right = self.padding
        padded = size[0] + top + bottom, size[1] + left + right
        if padded[0] < self.extent[0] or padded[1] < self.extent[1]:
            raise WorkloadError(
                where,
                f"the padded input is {_by(padded)}, smaller than the kernel's {_by(self.extent)}; "
                "must be at least as large",
                "Give a larger resolution.",
                code=TOO_SMALL,
            )
        return (
            (padded[0] - self.extent[0]) // self.stride[0] + 1,
            (padded[1] - self.extent[1]) // self.stride[1] + 1,
        )


def _by(values: tuple[int, ...]) -> str:
    return " x ".join(map(str, values))
