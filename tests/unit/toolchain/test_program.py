"""Programs of the shell's walker, word by word."""

import pytest

from aigchip.toolchain import program


def words(made: program.Program) -> list[int]:
    return [int.from_bytes(made.image[at : at + 8], "little") for at in range(0, len(made.image), 8)]


def test_a_program_writes_runs_and_ends():
    made = program.assemble([[(0x10, 7), (0x4C, 0xFFFFFFFF)], [(0x10, 7), (0x4C, 5)]])
    assert words(made) == [
        *(0x0100001000000007, 0x0100004CFFFFFFFF, 0x0200000000000000, 0),
        *(0x0100004C00000005, 0x0200000000000000, 0),
        0x0300000000000000,
    ]
    assert made.slots == (24, 48)
    assert made.writes == (2, 1)
    memory = bytearray(made.image)
    memory[24:26], memory[48:50] = b"\x01\x02", b"\x03\x00"
    assert made.cycles(bytes(memory)) == [513, 3]


def test_every_register_is_written_where_the_kernel_may_have_changed_it():
    made = program.assemble([[(0x10, 7)], [(0x10, 7)]], changes_only=False)
    assert made.writes == (1, 1)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        ((0x00, 1), "register 0x0 is not an argument; must be 0x10 to 0xffc, a multiple of 4"),
        ((0x12, 1), "register 0x12 is not an argument; must be 0x10 to 0xffc, a multiple of 4"),
        ((0x1010, 1), "register 0x1010 is not an argument; must be 0x10 to 0xffc, a multiple of 4"),
        ((0x10, 1 << 32), "the value of register 0x10 is 4294967296; must have 32 bits"),
        ((0x10, -1), "the value of register 0x10 is -1; must have 32 bits"),
    ],
)
def test_what_a_program_cannot_say_is_refused(write, message):
    with pytest.raises(ValueError) as caught:
        program.assemble([[write]])
    assert str(caught.value) == message
