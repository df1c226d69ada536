"""The RTL with a file list (.f), as simulators and linters read it with -f."""

from __future__ import annotations

from aigchip.export import common, driver, registers
from aigchip.export.description import Description, Files


def files(description: Description) -> Files:
    """Return the RTL and `<design>.f`, whose paths are relative to its folder."""
    return {
        **common.told(description, registers.made_with(description)),
        **common.rtl(description),
        f"{description.identifier}.f": text(description),
        **registers.files(description),
        **driver.files(description),
    }


def text(description: Description) -> str:
    """Return the list: one file a line, the top last."""
    top = f"{description.shell}.v"
    names = [*(file.name for file in description.rtl if file.name != top), top]
    head = common.header(description, f"The RTL, Verilog 2005; the top is {description.shell}", "//")
    return head + "".join(f"rtl/{name}\n" for name in names)
