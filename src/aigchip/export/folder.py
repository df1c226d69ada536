"""The design as a folder that stands alone: C++, RTL, report, register map and driver."""

from __future__ import annotations

from aigchip.export import common, driver, registers
from aigchip.export.description import Description, Files


def files(description: Description) -> Files:
    """Return the folder's files."""
    return {
        **common.told(description, registers.made_with(description)),
        **{f"cpp/{file.name}": file.text for file in description.modules},
        **common.rtl_with_data(description),
        "rtl/filelist.txt": "".join(f"{file.name}\n" for file in description.rtl if file.name.endswith(".v")),
        **{file.name: file.text for file in description.reports},
        **registers.files(description),
        **driver.files(description),
    }
