"""What interface pragmas say, put together by argument, and what of it has no effect.

Reference: UG1399, "pragma HLS interface".
"""

from __future__ import annotations

from collections.abc import Iterable

from csynth.errors import UnsupportedError
from csynth.frontend.pragmas import Pragma
from csynth.frontend.regions import Signature
from csynth.ir.model import Interface, Location

CONTROL_MODES = frozenset({"ap_ctrl_hs", "ap_ctrl_chain", "ap_ctrl_none"})
_NUMBERS = {  # option: greatest value
    "max_read_burst_length": 256,
    "max_write_burst_length": 256,
    "num_read_outstanding": 256,
    "num_write_outstanding": 256,
}
_OFFSETS = ("slave", "direct", "off")
_STORAGE = ("ram_1p", "ram_2p")


def read_interfaces(pragmas: list[Pragma]) -> dict[str, Interface]:
    """One `Interface` an argument from its pragmas, in the order in which arguments are first named.

    Raises:
        UnsupportedError: two protocols for one argument, or a value out of range.
    """
    found: dict[str, Interface] = {}
    for pragma in pragmas:
        argument, mode = pragma.options["port"], pragma.options.get("mode", "default")
        before = found.get(argument, Interface(argument=argument))
        _check(pragma, argument, mode)
        options = {k: v for k, v in pragma.options.items() if k not in {"port", "mode"}}
        registers = before.registers
        if mode == "s_axilite":
            registers = options.pop("bundle", "control")
            mode = before.mode if before.mode != "default" else mode
        elif before.mode not in {"default", "s_axilite", mode}:
            raise UnsupportedError(
                "interface",
                f"pragma HLS interface: {argument!r} is {mode} and {before.mode}; must be one of them",
                pragma.location,
                "Remove one of the pragmas",
            )
        found[argument] = Interface(
            argument=argument, mode=mode, registers=registers, options=tuple((dict(before.options) | options).items())
        )
    return found


def _check(pragma: Pragma, argument: str, mode: str) -> None:
    def refuse(what: str, value: str, rule: str, remedy: str) -> UnsupportedError:
        return UnsupportedError(
            "interface", f"pragma HLS interface: {what} is {value!r}; must be {rule}", pragma.location, remedy
        )

    if (argument == "return") != (mode in CONTROL_MODES) and mode not in {"s_axilite", "default"}:
        rule = "an ap_ctrl mode or s_axilite for return" if argument == "return" else "a mode of an argument"
        raise refuse("mode", mode, rule, "Correct port or mode")
    for name, most in _NUMBERS.items():
        value = pragma.options.get(name, "1")
        if not value.isdecimal() or not 1 <= int(value) <= most:
            raise refuse(name, value, f"a number from 1 to {most}", "Use 16")
    if (offset := pragma.options.get("offset", "slave")) not in _OFFSETS and mode == "m_axi":
        raise refuse("offset", offset, "slave, direct or off", "Use offset=slave")
    if mode == "ap_memory" and (storage := pragma.options.get("storage_type", "ram_2p")) not in _STORAGE:
        raise refuse("storage_type", storage, "ram_1p or ram_2p", "Use storage_type=ram_1p")


def array_interfaces(
    signature: Signature, interfaces: dict[str, Interface], location: Location | None
) -> dict[str, str]:
    """What `Memory.interface` is of each array argument.

    Raises:
        UnsupportedError: an array, or a pointer, with a protocol that it cannot have here.
    """
    found = {}
    for formal in signature.parameters:
        interface = interfaces.get(formal.name, Interface(argument=formal.name))
        allowed = _ALLOWED.get(
            formal.kind, frozenset[str]()
        )  # an object behind a reference of a function inside has no protocol
        if interface.mode not in allowed | {"default"}:
            raise UnsupportedError(
                "interface",
                f"pragma HLS interface: {formal.name!r} is {interface.mode}; must be one of {', '.join(sorted(allowed))}",
                location,
                _REMEDY.get(formal.kind, "Use one of these"),
            )
        if formal.kind == "array":
            found[formal.name] = "ap_memory_1p" if interface.option("storage_type") == "ram_1p" else "ap_memory"
    return found


_NUMBER = frozenset({"ap_none", "ap_vld", "ap_ack", "ap_hs", "s_axilite"})
_ALLOWED = {
    "scalar": _NUMBER,
    "output": _NUMBER,
    "inout": _NUMBER | {"ap_ovld"},
    "stream": frozenset({"axis", "ap_fifo", "ap_hs"}),
    "maxi": frozenset({"m_axi"}),
    "bus": frozenset({"m_axi"}),
    "array": frozenset({"ap_memory", "m_axi"}),
}
_REMEDY = {
    "array": "Pass an hls::stream for a stream",
    "scalar": "Pass a pointer for memory, an hls::stream for a stream",
}

_NO_EFFECT = {
    "name": "the port keeps the argument's name",
    "register": "outputs come from registers anyway",
    "latency": "requests are made as early as the schedule allows",
    "depth": "it sizes a test bench only",
    "max_widen_bitwidth": "the bus is as wide as an element",
}


def notes_of(interfaces: Iterable[Interface]) -> list[str]:
    """A sentence for each option that has no effect."""
    return [
        f"interface of {interface.argument}: {name} has no effect: {_NO_EFFECT[name]}"
        for interface in interfaces
        for name, _ in interface.options
        if name in _NO_EFFECT
    ]
