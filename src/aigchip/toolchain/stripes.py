"""Connect a memory port of the kernel to the AXI masters on which its words lie in stripes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from aigchip.toolchain.axi_master import MASTER, MemoryPort, at_rest, width_of

_REQUEST = tuple(f"{channel}{signal}" for channel in ("AR", "AW") for signal in ("ADDR", "VALID", "READY"))
_ALIKE = tuple(
    f"{channel}{name}" for channel in ("AR", "AW") for name in ("ID", "LEN", "BURST", "CACHE", "PROT", "QOS")
)
_JOINED = ("RDATA", "RRESP", "RLAST", "RVALID", "RREADY", "WVALID", "WREADY", "BRESP", "BVALID", "BREADY")


@dataclass(frozen=True, slots=True)
class Wire:
    """A wire of the shell between the kernel and the stripes."""

    name: str
    width_bits: int


@dataclass(frozen=True, slots=True)
class Connection:
    """A port of the module `<shell>_stripe` and what is connected to it."""

    port: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripe:
    """The stripes of one memory port, as the shell's template wants them.

    Attributes:
        memory: The memory port's name.
        width_bits: Its width.
        wires: Wires `k_<memory>_<signal>` of the kernel's side.
        assigns: Assignments to them and to the masters, without `assign`.
        connections: The ports of the module that splits and joins.
        unused: What is driven and read by nobody.
    """

    memory: str
    width_bits: int
    wires: tuple[Wire, ...]
    assigns: tuple[str, ...]
    connections: tuple[Connection, ...]
    unused: tuple[str, ...]


def stripe_of(memory: MemoryPort, given: Collection[str], ports: int) -> Stripe:
    """Describe the stripes of a memory port.

    Args:
        memory: The kernel's port.
        given: The AXI signals that the kernel has there.
        ports: Masters that it lies on.
    """
    table = [row for row in MASTER if not row[0].endswith("LOCK")]
    own = [f"m_axi_{memory.name}_{part}_" for part in range(ports)]
    kernel = f"k_{memory.name}_"
    part_bits = memory.width_bits // ports
    assigns: list[str] = []
    unused: list[str] = []
    for signal, direction, _, constant in table:
        if signal not in given:
            if direction == "output":
                assigns.append(f"{kernel}{signal} = {at_rest(signal, constant, memory)}")
            else:
                unused.append(kernel + signal)
    for part, prefix in enumerate(own):
        assigns += [f"{prefix}{signal} = {kernel}{signal}" for signal in (*_ALIKE, "WLAST")]
        assigns += [f"{prefix}{channel}LOCK = 1'b0" for channel in ("AR", "AW")]
        assigns += [f"{prefix}{channel}SIZE = 3'd{(part_bits // 8).bit_length() - 1}" for channel in ("AR", "AW")]
        assigns.append(f"{prefix}WDATA = {kernel}WDATA[{part * part_bits} +: {part_bits}]")
        assigns.append(f"{prefix}WSTRB = {kernel}WSTRB[{part * part_bits // 8} +: {part_bits // 8}]")
    assigns += [f"{kernel}{signal} = {own[0]}{signal}" for signal in ("RID", "BID")]
    unused += [f"{prefix}{signal}" for prefix in own[1:] for signal in ("RID", "BID")]
    unused += [f"{kernel}{channel}SIZE" for channel in ("AR", "AW")]
    connections = [Connection("bases", _joined([f"base_{memory.name}_{part}" for part in range(ports)]))]
    for signal in (*_REQUEST, *_JOINED):
        if signal != "RDATA":
            connections.append(Connection(f"k_{signal.lower()}", kernel + signal))
        connections.append(Connection(f"m_{signal.lower()}", _joined([prefix + signal for prefix in own])))
    connections.append(Connection("k_rdata", f"{kernel}RDATA"))
    return Stripe(
        memory=memory.name,
        width_bits=memory.width_bits,
        wires=tuple(Wire(kernel + signal, width_of(width, memory)) for signal, _, width, _ in table),
        assigns=tuple(assigns),
        connections=tuple(connections),
        unused=tuple(unused),
    )


def _joined(names: list[str]) -> str:
    """Return the concatenation with the first name lowest."""
    return "{" + ", ".join(reversed(names)) + "}"
