"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aigchip.export import edalize, filelist, folder, fusesoc, hls_project, ipxact, vivado_tcl
from aigchip.export.description import Description, Files

FORMATS: Mapping[str, Callable[[Description], Files]] = {
    "folder": folder.files,
    "hls-project": hls_project.files,
    "vivado-tcl": vivado_tcl.files,
    "fusesoc": fusesoc.files,
    "edalize": edalize.files,
    "ip-xact": ipxact.files,
    "filelist": filelist.files,
}
