"""What mapping has to know of a design: sizes of steps, words, pieces and buffers."""

from __future__ import annotations

from dataclasses import dataclass

from aigchip.space.constraints import ACCUMULATOR_BYTES
from aigchip.space.design import Design
from aigchip.space.families import HEIGHT
from aigchip.space.spans import Span, array_step

#: Bytes of a channel's parameters.
PARAMETER_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Sizes that follow from a design; `template/README.md` defines the words.

    Attributes:
        step: sm x sn x sk.
        word_bytes: of a memory word.
        a_piece_bytes, a_pieces: of a piece of A, and pieces in a step.
        a_half_pieces: pieces that a half of buffer A holds.
        b_factor, b_by_height, b_pieces: banks of buffer B, whether they divide k, and pieces in a step.
        b_half_positions: pixels (of sk channels) that a half of buffer B holds.
        c_factor, c_by_height, c_pieces: banks of buffer C, whether they divide m, and pieces of a sub-tile.
        c_slots, c_slot_lines: slots of buffer C, and lines of each bank in a slot.
        accumulator_bits: of an accumulator.
        window: whether the array does depthwise layers by windows.
        reuse: output, first or second.
    """

    step: Span
    word_bytes: int
    a_by_height: bool
    a_factor: int
    a_half_pieces: int
    b_factor: int
    b_by_height: bool
    b_half_positions: int
    c_factor: int
    c_by_height: bool
    c_slots: int
    c_slot_lines: int
    accumulator_bits: int
    window: bool
    reuse: str

    @staticmethod
    def of(design: Design) -> Geometry:
        """Return the sizes of a valid design."""
        step = array_step(design)
        a_by_height = design.buffer_a_dimension == HEIGHT
        c_by_height = design.buffer_c_dimension == HEIGHT
        a_piece = design.buffer_a_factor * (step.k if a_by_height else 1)
        c_line = design.buffer_c_factor * (1 if c_by_height else step.m)
        accumulators = design.buffer_c_kib * 1024 // ACCUMULATOR_BYTES // design.slots
        return Geometry(
            step=step,
            word_bytes=design.port_bits * design.ports // 8,
            a_by_height=a_by_height,
            a_factor=design.buffer_a_factor,
            a_half_pieces=design.buffer_a_kib * 512 // a_piece,
            b_factor=design.buffer_b_factor,
            b_by_height=design.buffer_b_dimension == HEIGHT,
            b_half_positions=design.buffer_b_kib * 512 // step.k,
            c_factor=design.buffer_c_factor,
            c_by_height=c_by_height,
            c_slots=design.slots,
            c_slot_lines=accumulators // c_line,
            accumulator_bits=design.accumulator_bits,
            window=design.depthwise == "window",
            reuse=design.reuse,
        )

    @property
    def block(self) -> int:
        """Channels of a block, cb."""
        return min(self.step.m, self.step.k, self.word_bytes)

    @property
    def word_pixels(self) -> int:
        """Pixels in a memory word, pw."""
        return self.word_bytes // self.block

    @property
    def group_blocks(self) -> int:
        """Blocks of a k-group, q."""
        return self.step.k // self.block

    @property
    def subtile_blocks(self) -> int:
        """Blocks of a sub-tile of m."""
        return self.step.m // self.block

    @property
    def channel_unit(self) -> int:
        """Channels in whose multiples a map is laid out."""
        return max(self.step.m, self.step.k)

    @property
    def a_piece_bytes(self) -> int:
        """Bytes of a piece of A."""
        return self.a_factor * (self.step.k if self.a_by_height else 1)

    @property
    def a_pieces(self) -> int:
        """Pieces of A in a step."""
        return self.step.m * self.step.k // self.a_piece_bytes

    @property
    def b_pieces(self) -> int:
        """Pieces of B in a step."""
        if self.b_by_height:
            return self.step.n * self.step.k // self.b_factor
        return self.step.n // min(self.b_factor, self.step.n)

    @property
    def c_pieces(self) -> int:
        """Pieces of a sub-tile of C."""
        if self.c_by_height:
            return self.step.n * self.step.m // self.c_factor
        return self.step.n // self.c_factor

    @property
    def step_cycles(self) -> int:
        """Cycles in which the buffers deliver a step."""
        return max(self.a_pieces, self.b_pieces)

    @property
    def fill_cycles(self) -> int:
        """Cycles in which buffer B takes a memory word; with banks along n for each column phase that is kept."""
        if self.b_by_height:
            return self.word_bytes // min(self.block, self.b_factor)
        return self.word_pixels // min(self.word_pixels, self.b_factor)

    @property
    def results(self) -> int:
        """Results that leave buffer C in a cycle, R."""
        if self.c_by_height:
            return min(self.c_factor, self.block)
        return min(self.c_factor, self.word_pixels) * self.block

    @property
    def window_taps(self) -> int:
        """Taps of a row that a window has in a step; 0 without windows."""
        return self.b_factor - self.step.n + 1 if self.window else 0

    def slot_lines(self, subtiles_m: int, groups_n: int) -> int:
        """Return the lines of a slot that a tile takes."""
        pixels = groups_n * self.step.n
        lines = -(-pixels // self.c_factor) if not self.c_by_height else pixels * self.step.m // self.c_factor
        return subtiles_m * lines

    def plane_words(self, pixels: int) -> int:
        """Return the words of a plane of so many pixels."""
        return -(-pixels // self.word_pixels)

    def planes(self, channels: int) -> int:
        """Return the planes of a map of so many channels."""
        return -(-channels // self.channel_unit) * self.channel_unit // self.block
