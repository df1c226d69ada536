"""Apply array_partition, array_reshape and bind_storage to an array.

Reference: UG1399, "HLS Pragmas" (bind_storage: types, implementations and latencies of RAMs and ROMs).
"""

from __future__ import annotations

from csynth.errors import UnsupportedError
from csynth.frontend.layout import Array
from csynth.frontend.regions import VariableMark

_PORTS = {
    "ram_1p": "1p",
    "ram_2p": "2p",
    "ram_s2p": "s2p",
    "ram_t2p": "t2p",
    "rom_1p": "1p",
    "rom_2p": "t2p",
    "rom_np": "np",
}
_LATENCIES = range(1, 4)


def apply_storage(array: Array, mark: VariableMark) -> None:
    """Change the layout or the memories of `array` as one pragma says.

    Raises:
        UnsupportedError: the pragma asks for what the array cannot be.
    """
    pragma = mark.pragma
    if array.interface:
        raise UnsupportedError(
            "partition" if pragma.kind in {"array_partition", "array_reshape"} else pragma.kind,
            f"{pragma.kind}: {array.name!r} is an argument of the top; must be an array of the function",
            pragma.location,
            "Copy it to a local array first",
        )
    if pragma.kind in {"array_partition", "array_reshape"}:
        array.split(pragma.kind, pragma.options.get("type", "complete"), mark.first, mark.second, pragma.location)
    elif pragma.kind == "bind_storage":
        _bind(array, mark)


def _bind(array: Array, mark: VariableMark) -> None:
    options, name = mark.pragma.options, array.name

    def refuse(what: str, remedy: str) -> UnsupportedError:
        return UnsupportedError("bind_storage", f"bind_storage: {what}", mark.pragma.location, remedy)

    kind, impl = options.get("type", ""), options.get("impl", "auto")
    if kind == "fifo" or impl == "srl":
        raise refuse(
            f"{name!r} is an array; must be an hls::stream for type=fifo and impl=srl", "Use type=ram_s2p impl=lutram"
        )
    if kind.startswith("rom") and not array.read_only:
        raise refuse(
            f"type is {kind!r} for {name!r}, which is no constant; must be a RAM",
            "Declare the array const, or use type=ram_2p",
        )
    if kind == "ram_t2p" and impl == "lutram":
        raise refuse(
            "impl is 'lutram' for type=ram_t2p; must be 'bram' or 'uram', a LUT RAM has one write port",
            "Use type=ram_2p, or impl=bram",
        )
    if impl == "uram" and any(array.init or ()):
        raise refuse(
            f"impl is 'uram' for {name!r}, which has initial values; must be 'bram' or 'lutram', UltraRAM starts at zero",
            "Use impl=bram",
        )
    if impl == "uram" and kind.startswith("rom"):
        raise refuse(f"impl is 'uram' for type={kind}; must be 'bram' or 'lutram'", "Use impl=bram")
    if "latency" in options:
        if mark.first not in _LATENCIES:
            raise refuse(f"latency is {mark.first}; must be 1 to 3", "Use latency=2")
        array.latency_cycles = mark.first
    array.storage = impl
    array.ports = _PORTS.get(kind, "auto")
