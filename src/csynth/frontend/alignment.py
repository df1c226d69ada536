"""Structs on AXI ports: Vitis HLS pads them there as C does; csynth's words have no padding, so that only equal layouts pass."""

from __future__ import annotations

from collections.abc import Mapping

from csynth.errors import UnsupportedError
from csynth.frontend.regions import Signature
from csynth.ir.model import Location

PADDED = 8000  # a description at this index + a parameter's says how many bits C stores the struct in
_AXI = frozenset({"axis", "m_axi", "s_axilite"})


def check_alignment(
    described: Mapping[int, tuple[int, int, bool]],
    signature: Signature,
    interfaces: Mapping[str, str],
    location: Location | None,
) -> None:
    """Refuse a struct with padding on an AXI port of the top.

    Reference: UG1399, "Vitis HLS Alignment Rules and Semantics": compact=none for AXI protocols, compact=bit for the others.

    Raises:
        UnsupportedError: with the names and the widths.
    """
    for index, parameter in enumerate(signature.parameters):
        stored = described.get(PADDED + index)
        mode = interfaces.get(parameter.name, "default")
        if stored is not None and mode in _AXI and stored[1] != parameter.width_bits:
            raise UnsupportedError(
                "struct_padding",
                f"the struct of port {parameter.name!r} has {parameter.width_bits} bits, and {stored[1]} with the padding of"
                f" mode {mode}; must be equal",
                location,
                "Add members that fill the gaps, pack it into an ap_uint, or use mode=ap_fifo",
            )
