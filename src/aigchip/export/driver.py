"""A PYNQ driver of the accelerator: one Python file for the board, for Python 3.8 and later."""

from __future__ import annotations

from aigchip.export import common
from aigchip.export.description import CORE_VERSION, VENDOR, Argument, Description, Files
from aigchip.toolchain import shell

_TEXT = '''\
"""Drive the accelerator from PYNQ: a layer's arguments and memories in, cycles out.

The accelerator does a convolution with the requantisation of its results; a matrix product is one of 1 x 1. How a layer's
arguments follow from its sizes, and how weights, parameters and maps lie in memory, depends on the design: aigchip lays a
layer out with aigchip.mapping.lay_out, and its bundles for boards hold arguments and images of every layer of a network.
Memories begin at whole memory words: @ALIGNMENT@ bytes.
"""

import time
from typing import Any, Dict, Union

from pynq import DefaultIP

ID = 0x@ID@
OFFSETS: Dict[str, int] = {
@OFFSETS@
}
WIDTHS: Dict[str, int] = {@WIDTHS@}
WORD_BYTES = @ALIGNMENT@
SCALARS = (
@SCALARS@
)


class AcceleratorError(RuntimeError):
    """Report hardware that is not this accelerator, or a run that does not end."""


class @CLASS@(DefaultIP):
    """The accelerator of the design @DESIGN@.

    Args:
        description: What PYNQ tells of the IP in the overlay.
    """

    bindto = [@BINDTO@]

    def __init__(self, description: Dict[str, Any]) -> None:
        super().__init__(description)

    @property
    def id(self) -> int:
        """The identification of the shell; `ID` for every accelerator of aigchip."""
        return self._read("id")

    @property
    def version(self) -> str:
        """The version of the shell: major.minor."""
        value = self._read("version")
        return "{}.{}".format(value >> 16, value & 0xFFFF)

    @property
    def cycles(self) -> int:
        """Clock cycles of the last run, as the hardware counted them."""
        return self._read("cycles_low") | self._read("cycles_high") << 32

    @property
    def runs(self) -> int:
        """Runs finished since reset."""
        return self._read("runs")

    @property
    def idle(self) -> bool:
        """Whether no run is under way."""
        return bool(self._read("control") & 4)

    def check(self) -> None:
        """Check that the hardware is an accelerator of aigchip.

        Raises:
            AcceleratorError: Its id is another one.
        """
        if self.id != ID:
            raise AcceleratorError("the id is 0x{:08x}; must be 0x{:08x}".format(self.id, ID))

    def run(
        self,
        arguments: Dict[str, int],
        *,
@PARAMETERS@
        timeout_s: float = 10.0
    ) -> int:
        """Run one layer and wait for its end.

        Args:
            arguments: A value for each of `SCALARS`.
@ARGUMENTS@
            timeout_s: How long to wait [s].

        Returns:
            The clock cycles of the run.

        Raises:
            ValueError: An argument is missing or unknown, does not fit into its register, or an address is no whole word.
            AcceleratorError: The hardware is another one, busy, or does not end in time.
        """
        for name in sorted(set(SCALARS) ^ set(arguments)):
            raise ValueError("the argument {} is {}".format(name, "unknown" if name in arguments else "missing"))
        self.check()
        if not self.idle:
            raise AcceleratorError("a run is under way; load the overlay again if it does not end")
        for buffer in (@READ@):
            _call(buffer, "flush")
        for name in SCALARS:
            self._set(name, int(arguments[name]))
@WRITES@
        before = self.runs
        self.write(OFFSETS["control"], 1)
        deadline = time.monotonic() + timeout_s
        while self.runs == before:
            if time.monotonic() > deadline:
                raise AcceleratorError("the run does not end within {:g} s; load the overlay again".format(timeout_s))
        for buffer in (@WRITTEN@,):
            _call(buffer, "invalidate")
        return self.cycles

    def _read(self, name: str) -> int:
        return int(self.read(OFFSETS[name])) & 0xFFFFFFFF

    def _set(self, name: str, value: int) -> None:
        width = WIDTHS[name]
        low = -(1 << width - 1) if name in SCALARS else 0
        if not low <= value < 1 << width:
            raise ValueError("{} is {}; must be {} to {}".format(name, value, low, (1 << width) - 1))
        if name not in SCALARS and value % WORD_BYTES:
            raise ValueError("{} is 0x{:x}; must be a multiple of {}".format(name, value, WORD_BYTES))
        self.write(OFFSETS[name], value & 0xFFFFFFFF)
        if width > 32:
            self.write(OFFSETS[name] + 4, value >> 32)


def _address(buffer: Any) -> int:
    """Return the physical address of a buffer of pynq.allocate, or the number itself."""
    return int(getattr(buffer, "device_address", buffer))


def _call(buffer: Any, method: str) -> None:
    """Flush or invalidate a buffer of pynq.allocate; an address is taken as it is."""
    if hasattr(buffer, method):
        getattr(buffer, method)()
'''


def files(description: Description) -> Files:
    """Return the driver under driver/."""
    return {f"driver/{description.identifier}.py": text(description)}


def bound_to(description: Description) -> tuple[str, ...]:
    """Return the names of the IP that PYNQ binds to the driver.

    They are the export's own, and that which block designs and simulated overlays give it.
    """
    return (description.vlnv, f"{VENDOR}:user:{description.kernel}:{CORE_VERSION}")


def class_name(description: Description) -> str:
    """Return the name of the driver's class."""
    return "".join(part[:1].upper() + part[1:] for part in description.identifier.split("_") if part) + "Accelerator"


def text(description: Description) -> str:
    """Return the driver's source."""
    memories = {memory.name for memory in description.memories}
    scalars = [argument for argument in description.arguments if argument.name not in memories]
    buffers = [argument for argument in description.arguments if argument.name in memories]
    offsets = {register.name: register.offset for register in description.registers}
    offsets = {
        name: offset for name, offset in offsets.items() if not name.endswith(("_low", "_high")) or "cycles" in name
    }
    offsets |= {argument.name: argument.offset for argument in description.arguments}
    buffer_type = 'Union[int, "Any"]'
    words = {
        "ID": f"{shell.ID:08x}",
        "OFFSETS": "\n".join(f'    "{name}": 0x{offset:04x},' for name, offset in sorted(offsets.items(), key=_second)),
        "WIDTHS": ", ".join(f'"{argument.name}": {argument.width_bits}' for argument in description.arguments),
        "CLASS": class_name(description),
        "DESIGN": description.design,
        "BINDTO": ", ".join(f'"{vlnv}"' for vlnv in bound_to(description)),
        "ALIGNMENT": str(max((memory.width_bits for memory in description.memories), default=64) // 8),
        "SCALARS": "\n".join(f'    "{scalar.name}",  # {_meaning(scalar, description)}' for scalar in scalars),
        "PARAMETERS": "\n".join(f"        {argument.name}: {buffer_type}," for argument in buffers),
        "ARGUMENTS": "\n".join(
            f"            {argument.name}: {_meaning(argument, description)}" for argument in buffers
        ),
        "READ": ", ".join(argument.name for argument in buffers),
        "WRITTEN": buffers[-1].name,
        "WRITES": "\n".join(f'        self._set("{argument.name}", _address({argument.name}))' for argument in buffers),
    }
    found = _TEXT
    for name, value in words.items():
        found = found.replace(f"@{name}@", value)
    return common.header(description, f"A PYNQ driver of the accelerator, part {description.part}", "#") + found


def _second(item: tuple[str, int]) -> int:
    return item[1]


def _meaning(argument: Argument, description: Description) -> str:
    low = f"{argument.name}_low"
    register = next(one for one in description.registers if one.name in (argument.name, low))
    if argument.width_bits <= 32:
        return register.meaning
    return register.meaning.replace(", the lower word.", "; a buffer of pynq.allocate, or the address.")
