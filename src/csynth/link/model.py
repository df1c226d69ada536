"""A network of processes joined by FIFOs, with the outside world's ports: plain data, checked by `Network.check`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from csynth.errors import CsynthError

CHANNEL_ENDS = {
    "fifo": ("stream_out", "stream_in"),
    "pipo": ("memory", "memory"),
    "scalar": ("scalar_out", "scalar_in"),
}
MAXI_ROLES = {"AR": "stream_out", "R": "stream_in", "AW": "stream_out", "W": "stream_out", "B": "stream_in"}
End = tuple[str, str]  # (process name, port name)


class LinkError(CsynthError):
    """A network that cannot be built."""

    kind = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port of a module: kind is scalar_in, scalar_out, stream_in, stream_out, or memory with its words and sides."""

    name: str
    kind: str
    width_bits: int
    depth: int = 0
    reads: bool = False
    writes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstance:
    """One instance of a synthesised module; it is started and awaited with the others.

    With `overlaps` it is a region that takes its next call before it has ended the last one.
    """

    name: str
    module: str
    ports: tuple[Port, ...]
    overlaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """What joins a producer to a consumer; `kind`, `depth` and `words` as in `csynth.ir.model.Channel`."""

    name: str
    width_bits: int
    depth: int
    producer: End
    consumer: End
    kind: str = "fifo"
    words: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarSpec:
    """A scalar argument of the network that feeds scalar inputs; with `constant` it is fixed and no argument."""

    name: str
    width_bits: int
    consumers: tuple[End, ...]
    constant: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarOutSpec:
    """A scalar output of one process that is a port of the network (control `ap_ctrl` only)."""

    name: str
    width_bits: int
    producer: End


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSpec:
    """A stream port of one process that becomes a port of the network."""

    name: str
    width_bits: int
    end: End


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySpec:
    """A memory port of one process that becomes a port of the network."""

    name: str
    width_bits: int
    end: End


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxiSpec:
    """An AXI4 master `m_axi_<name>`; `ends` maps the roles AR R AW W B, as far as used, to stream ports.

    The base byte address is the 64-bit argument `<name>` of the register map (control s_axilite) or an input port `<name>`.
    `read_beats` and `write_beats` bound a burst on the bus, `reads_outstanding` and `writes_outstanding` the requests without an answer.
    """

    name: str
    width_bits: int
    ends: dict[str, End]
    read_beats: int = 256
    write_beats: int = 256
    reads_outstanding: int = 16
    writes_outstanding: int = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Processes, the channels between them, and the ports of the whole.

    `control` is `ap_ctrl` (ap_start and friends are ports) or `s_axilite` (port group s_axi_control with the register map of
    Vitis HLS: scalars in order, then one 64-bit address for each of `maxi` in order). With `overlaps` it takes a call (ap_ready) while
    earlier ones run; ap_done then ends the oldest one.
    """

    name: str
    processes: tuple[ProcessInstance, ...]
    channels: tuple[ChannelSpec, ...] = ()
    scalars: tuple[ScalarSpec, ...] = ()
    scalar_outs: tuple[ScalarOutSpec, ...] = ()
    streams: tuple[StreamSpec, ...] = ()
    memories: tuple[MemorySpec, ...] = ()
    overlaps: bool = False
    maxi: tuple[MaxiSpec, ...] = ()
    control: str = "ap_ctrl"
    error_ports: bool = (
        False  # an output `<name>_axi_error` for each of `maxi`: an answer was SLVERR or DECERR since reset
    )

    def port(self, end: End) -> Port:
        """The port at `end`.

        Raises:
            LinkError: there is no such process or port.
        """
        process = next((item for item in self.processes if item.name == end[0]), None)
        port = next((item for item in process.ports if item.name == end[1]), None) if process else None
        if port is None:
            raise LinkError(
                "unknown-end", f"{self.name}: {end[0]}.{end[1]} is not a port of a process; must be one", None,
                "Correct the channel's end.",
            )  # fmt: skip
        return port

    def uses(self) -> list[tuple[str, int, End, str]]:
        """Every use of a process port: (what, width, end, kind that the port must have)."""
        found: list[tuple[str, int, End, str]] = []
        for channel in self.channels:
            producer, consumer = CHANNEL_ENDS[channel.kind]
            found.append((f"channel {channel.name}", channel.width_bits, channel.producer, producer))
            found.append((f"channel {channel.name}", channel.width_bits, channel.consumer, consumer))
        for scalar in self.scalars:
            found += [(f"scalar {scalar.name}", scalar.width_bits, end, "scalar_in") for end in scalar.consumers]
        for out in self.scalar_outs:
            found.append((f"scalar {out.name}", out.width_bits, out.producer, "scalar_out"))
        for stream in self.streams:
            found.append((f"stream {stream.name}", stream.width_bits, stream.end, self.port(stream.end).kind))
        found += [(f"memory {m.name}", m.width_bits, m.end, "memory") for m in self.memories]
        for maxi in self.maxi:
            widths = {"AR": 96, "AW": 96, "B": 1}
            for role, end in maxi.ends.items():
                found.append(
                    (f"memory port {maxi.name}_{role}", widths.get(role, maxi.width_bits), end, MAXI_ROLES[role])
                )
        return found

    def check(self) -> None:
        """Check that every port is used once, by something of its kind and width.

        Raises:
            LinkError: the first rule that does not hold.
        """
        uses = self.uses()
        for what, width_bits, end, kind in uses:
            port = self.port(end)
            where = f"{end[0]}.{end[1]}"
            if port.kind != kind:
                raise LinkError(
                    "kind",
                    f"{self.name}: {what} ends at {where}, a {port.kind}; must be a {kind}",
                    None,
                    "Swap or correct the ends.",
                )
            if port.width_bits != width_bits:
                raise LinkError(
                    "width", f"{self.name}: {what} is {width_bits} bits wide; must be {port.width_bits} bits as {where}", None,
                    "Give both ends one width.",
                )  # fmt: skip
        counts = Counter(end for _, _, end, _ in uses)
        for process in self.processes:
            for port in process.ports:
                count = counts[process.name, port.name]
                if count != 1 and not (port.kind == "scalar_out" and count == 0):
                    raise LinkError(
                        "unconnected", f"{self.name}: {process.name}.{port.name} is connected {count} times; must be once", None,
                        "Add or remove a channel.",
                    )  # fmt: skip
        for channel in self.channels:
            if channel.depth < 1:
                raise LinkError(
                    "depth", f"{self.name}: channel {channel.name} has depth {channel.depth}; must be at least 1", None,
                    "Give it depth 2.",
                )  # fmt: skip
