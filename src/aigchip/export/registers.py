"""The register map: SystemRDL of ours, and from it a C header and HTML pages by PeakRDL."""

from __future__ import annotations

import importlib.metadata
import re
import tempfile
from pathlib import Path

from peakrdl_cheader.exporter import CHeaderExporter
from peakrdl_html import HTMLExporter
from systemrdl.compiler import RDLCompiler

from aigchip.core.hashing import digest_text
from aigchip.export import common
from aigchip.export.description import Description, Field, Files

FOLDER = "registers"
_LICENCE = "LGPL-3.0"  # of PeakRDL's exporters, which put their own scripts and templates into what they write


def rdl(description: Description) -> str:
    """Return the SystemRDL 2.0 text of the control registers."""
    lines = [common.header(description, "The control registers of the accelerator, SystemRDL 2.0", "//")]
    lines.append(f"addrmap {description.kernel} {{")
    lines.append(f'  name = "{description.kernel}";')
    lines.append(f'  desc = "Control registers of the design {description.design}: s_axi_control.";')
    lines.append("  default regwidth = 32;")
    lines.append("  addressing = compact;")
    for register in description.registers:
        lines.append("  reg {")
        lines.append(f'    desc = "{register.meaning}";')
        for field in register.fields:
            high = field.low + field.width_bits - 1
            lines.append(f"    field {{ {_properties(field)} }} {field.name}[{high}:{field.low}];")
        lines.append(f"  }} {register.name} @ 0x{register.offset:x};")
    lines.append("};")
    return "\n".join(lines) + "\n"


def _properties(field: Field) -> str:
    hardware = "r" if field.access == "rw" and not field.toggles else "w" if field.access == "r" else "rw"
    words = [f"sw = {field.access};", f"hw = {hardware};"]
    if field.clears_on_read:
        words.append("onread = rclr;")
    if field.toggles:
        words.append("onwrite = wot;")
    if field.access != "r":
        words.append("reset = 0;")
    return " ".join((*words, f'desc = "{field.meaning}";'))


def files(description: Description) -> Files:
    """Return registers.rdl, the C header and the pages, all under registers/.

    Raises:
        RDLCompileError: The text is no SystemRDL; a bug of ours.
    """
    text = rdl(description)
    found: Files = {f"{FOLDER}/registers.rdl": text}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source = folder / "registers.rdl"
        source.write_text(text, encoding="utf-8")
        compiler = RDLCompiler()
        compiler.compile_file(str(source))
        top = compiler.elaborate().top
        name = header_name(description)
        CHeaderExporter().export(top, str(folder / name), generate_bitfields=True)
        title = f"Registers of the design {description.design}"
        HTMLExporter().export(top, str(folder / "html"), title=title)  # type: ignore[arg-type] # their annotation is wrong
        head = common.header(description, "The control registers of the accelerator, made from registers.rdl", "//")
        found[f"{FOLDER}/{name}"] = head + (folder / name).read_text(encoding="utf-8")
        for path in sorted((folder / "html").rglob("*")):
            if path.is_file():
                found[f"{FOLDER}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    index = f"{FOLDER}/html/index.html"
    found[index] = _without_time(found[index], text)
    return found


def _without_time(page: str | bytes, source: str) -> bytes:
    """Replace the time by which the page tells browsers that it is another one: equal registers give equal pages."""
    mark = str(int(digest_text(source)[:7], 16)).encode()
    data = page.encode() if isinstance(page, str) else page
    return re.sub(rb"(BUILD_TS = |\?ts=)\d+", rb"\g<1>" + mark, data)


def header_name(description: Description) -> str:
    """Return the name of the C header; its include guard is made from it."""
    return f"{description.identifier}_registers.h"


def made_with(description: Description) -> dict[str, str]:
    """Name the tools behind the files that are not ours, with version and licence."""
    packages = {f"{FOLDER}/html": "peakrdl-html", f"{FOLDER}/{header_name(description)}": "peakrdl-cheader"}
    return {path: f"{name} {importlib.metadata.version(name)} ({_LICENCE})" for path, name in packages.items()}
