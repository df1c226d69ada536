"""The memory of a fast simulation: what a board's description becomes, and what is refused."""

import pytest

from aigchip.board.board import load
from aigchip.toolchain.fastsim import MemorySystem, PhysicalPort, board_memory


def test_a_board_s_memory_is_in_cycles_of_the_accelerator():
    attached = {"gmem_a": "HP0", "gmem_b": "HP1", "gmem_c": "HP2"}
    memory = board_memory(load("zcu104"), 3333, attached)
    assert memory.read_latency_cycles == 46
    assert memory.write_latency_cycles == 31
    assert memory.bytes_per_cycle == pytest.approx(48, abs=0.01)
    assert [port.name for port in memory.ports] == ["HP0", "HP1", "HP2", "HP3"]
    assert memory.ports[0].read_bytes_per_cycle == 16
    fast = board_memory(load("zcu104"), 2000, attached)  # 500 MHz: the port stays at 333
    assert fast.ports[0].read_bytes_per_cycle == pytest.approx(16 * 333 / 500)


def test_a_memory_is_the_harness_s_commands():
    port = PhysicalPort(name="HP0", read_bytes_per_cycle=16, write_bytes_per_cycle=0, reads=8, writes=4)
    memory = MemorySystem(
        read_latency_cycles=45,
        write_latency_cycles=30,
        bytes_per_cycle=48.5,
        ports=[port],
        attached={"gmem_a": "HP0"},
        base=4096,
    )
    assert memory.commands() == [
        "window 4096 4294967296",
        "ddr 45 30 48.5 0.0 0.0 8192 16",
        "port HP0 16 0 8 4 0",
        "attach gmem_a HP0",
        "stall 0.0 1",
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"attached": {"gmem_a": "HP7"}}, "gmem_a is on port HP7; must be one of HP0"),
        ({"read_latency_cycles": 0}, "a latency is below 1 cycle"),
        ({"bytes_per_cycle": 0}, "bytes_per_cycle is 0; must be above 0"),
        ({"stall": 1.0}, "stall is 1.0; must be 0 to 0.9"),
    ],
)
def test_what_no_memory_can_be_is_refused(wrong, message):
    right = {
        "read_latency_cycles": 1,
        "write_latency_cycles": 1,
        "bytes_per_cycle": 16,
        "ports": [PhysicalPort(name="HP0", read_bytes_per_cycle=16, write_bytes_per_cycle=16)],
        "attached": {"gmem_a": "HP0"},
    }
    with pytest.raises(ValueError) as caught:
        MemorySystem(**{**right, **wrong})
    assert str(caught.value) == message


def test_a_port_needs_sensible_numbers():
    with pytest.raises(ValueError, match="port HP0: bytes per cycle are negative; must be 0 or more"):
        PhysicalPort(name="HP0", read_bytes_per_cycle=-1, write_bytes_per_cycle=1)
    with pytest.raises(ValueError, match="port HP0: bursts under way are below 1"):
        PhysicalPort(name="HP0", read_bytes_per_cycle=1, write_bytes_per_cycle=1, reads=0)
