"""The two processing systems that a board may have: how a hand-off file tells of them, and where the logic and the memory lie."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CLOCKS = range(4)
_UNUSED = (15, 1)  # the divisors of a clock that the design does not use


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A part, taken apart as the vendor's files write it.

    Attributes:
        device: The device in a hand-off file.
        package: Its package.
        speed: Its speed grade.
        in_bit: The part in the header of a .bit file.
    """

    device: str
    package: str
    speed: str
    in_bit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingSystem:
    """A family's processing system.

    Attributes:
        architecture: What a hand-off file calls the family.
        kind: The module's type, by which pynq knows it.
        vlnv: The module's vendor, library, name and version.
        pll_mhz: What divisors divide to the logic's clocks, as a board with pynq leaves it [MHz].
        clock: The port of the logic's clock.
        reset: The port of its reset.
        control: The master that reaches the logic's registers.
        memory: The slaves for the logic's memory ports, with their number open.
        port_bits: Width of the widest of them; wider ports of the logic are converted.
        window: Where the logic's registers are in the address space.
        memory_base: First address of the memory for buffers.
        memory_bytes: Its size: that of the contiguous memory of PYNQ's images [bytes].
        part: Takes a part apart.
        parameters: The module's parameters, of the divisors, pll_mhz and the memory ports of network.json.
    """

    architecture: str
    kind: str
    vlnv: str
    pll_mhz: float
    clock: str
    reset: str
    control: str
    memory: str
    port_bits: int
    window: int
    memory_base: int
    memory_bytes: int
    part: Callable[[str], Device]
    parameters: Callable[[tuple[int, int], float, Sequence[Mapping[str, Any]]], dict[str, object]]

    @property
    def instance(self) -> str:
        """The name of the only one in a design."""
        return f"{self.kind}_0"


def _part_of_zynqmp(part: str) -> Device:
    device, package, speed, *_ = (*part.split("-"), "", "")
    return Device(device=device, package=package, speed=f"-{speed}", in_bit=part)


def _part_of_zynq(part: str) -> Device:
    """Take apart for example xc7z020clg400-1; the header of a .bit file leaves out the `xc` and the speed grade."""
    found = re.fullmatch(r"xc(7z\d+s?)([a-z]+\d+)(-.+)?", part)
    device, package, speed = found.groups(default="") if found else (part, "", "")
    return Device(device=device, package=package, speed=speed, in_bit=f"{device}{package}")


def _of_zynqmp(divisors: tuple[int, int], pll_mhz: float, memories: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    values: dict[str, object] = {"C_MAXIGP0_DATA_WIDTH": 32}
    for index, memory in enumerate(memories):
        values[f"C_SAXIGP{index + 2}_DATA_WIDTH"] = memory["width_bits"]
    for index in _CLOCKS:
        first, second = divisors if index == 0 else _UNUSED
        prefix = f"PSU__CRL_APB__PL{index}_REF_CTRL__"
        values |= {
            f"PSU__FPGA_PL{index}_ENABLE": int(index == 0),
            f"{prefix}DIVISOR0": first,
            f"{prefix}DIVISOR1": second,
            f"{prefix}SRCSEL": "IOPLL",
            f"{prefix}ACT_FREQMHZ": f"{pll_mhz / (first * second):.6f}",
        }
    return values


def _of_zynq(divisors: tuple[int, int], pll_mhz: float, memories: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    values: dict[str, object] = {}
    for index, memory in enumerate(memories):
        values[f"C_S_AXI_HP{index}_DATA_WIDTH"] = memory["width_bits"]
    for index in _CLOCKS:
        first, second = divisors if index == 0 else _UNUSED
        prefix = f"PCW_FCLK{index}_PERIPHERAL_"
        values |= {
            f"PCW_FPGA_FCLK{index}_ENABLE": int(index == 0),
            f"{prefix}DIVISOR0": first,
            f"{prefix}DIVISOR1": second,
            f"{prefix}CLKSRC": "IO PLL",
            f"PCW_ACT_FPGA{index}_PERIPHERAL_FREQMHZ": f"{pll_mhz / (first * second):.6f}",
        }
    return values


PROCESSING_SYSTEMS: Mapping[str, ProcessingSystem] = {
    "zynqmp": ProcessingSystem(
        architecture="zynquplus",
        kind="zynq_ultra_ps_e",
        vlnv="xilinx.com:ip:zynq_ultra_ps_e:3.4",
        pll_mhz=33.333 * 45,
        clock="pl_clk0",
        reset="pl_resetn0",
        control="M_AXI_HPM0_FPD",
        memory="S_AXI_HP{}_FPD",
        port_bits=128,
        window=0xA000_0000,
        memory_base=0x6000_0000,
        memory_bytes=512 << 20,
        part=_part_of_zynqmp,
        parameters=_of_zynqmp,
    ),
    "zynq": ProcessingSystem(
        architecture="zynq",
        kind="processing_system7",
        vlnv="xilinx.com:ip:processing_system7:5.5",
        pll_mhz=50.0 * 20,
        clock="FCLK_CLK0",
        reset="FCLK_RESET0_N",
        control="M_AXI_GP0",
        memory="S_AXI_HP{}",
        port_bits=64,
        window=0x43C0_0000,
        memory_base=0x1800_0000,
        memory_bytes=128 << 20,
        part=_part_of_zynq,
        parameters=_of_zynq,
    ),
}
"""By the name in board.yaml."""
