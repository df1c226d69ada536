"""STAND-INS for the vendor's programs: they answer for their version and write artefacts, or not, as a test asks.

They run the Tcl that they are given in a real Tcl interpreter, whose vendor commands are stand-ins too. Nothing here is
the vendor's, and nothing that passes here has run on the vendor's tools.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).resolve().parent
BANNERS = {
    "vitis_hls": "****** Vitis HLS - High-Level Synthesis from C, C++ and OpenCL v{} (64-bit)",
    "vivado_hls": "****** Vivado(TM) HLS - High-Level Synthesis from C, C++ and SystemC v{} (64-bit)",
    "vitis-run": "****** vitis-run v{} (64-bit)",
    "v++": "****** v++ v{} (64-bit)",
    "vivado": "Vivado v{} (64-bit)",
}


def tcl_words(script: Path) -> list[str] | None:
    """Return how a Tcl script is run in a real interpreter; None where there is none."""
    program = shutil.which("tclsh") or shutil.which("tclsh8.6")
    if program:
        return [program, str(script)]
    try:
        import tkinter

        tkinter.Tcl()
    except Exception:
        return None
    return [sys.executable, "-c", f"import tkinter; tkinter.Tcl().call('source', {str(script)!r})"]


needs_tcl = pytest.mark.skipif(
    tcl_words(Path("x")) is None, reason="no Tcl interpreter: neither tkinter nor a tclsh program is there"
)


def run_tcl(commands: str, script: Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script after a set of stand-in commands; its error is on stderr."""
    whole = cwd / ".stand-in.tcl"
    lines = [f"set ::{name} {{{value}}}" for name, value in variables.items()]
    lines += [f"source {{{SUPPORT / name}}}" for name in ("tcl_checks.tcl", commands)]
    lines += ["rename exit standin::exit", "proc exit {args} { standin::finish; standin::exit {*}$args }"]
    lines += [f"source {{{script}}}", "standin::finish"]
    whole.write_text("\n".join(lines) + "\n")
    return subprocess.run(tcl_words(whole), cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def install(folder: Path, program: str, version: str, **behaviour: object) -> Path:
    """Put a stand-in into a folder; `behaviour` says what it does beside what it should."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / program
    settings = {"program": program, "version": version, **behaviour}
    path.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(SUPPORT.parent)!r})\n"
        f"from support.stand_in_program import main\nmain({json.dumps(settings)!r}, sys.argv[1:])\n"
    )
    path.chmod(0o755)
    return path


def install_vitis_with_rtl(folder: Path, link: Path) -> None:
    """Put a stand-in for Vitis HLS into a folder named by its version; its RTL is that of a design that csynth linked.

    Args:
        folder: The installation.
        link: What the step `link` left; it gets the register comments of Vitis' AXI-Lite slave and loses its shell.
    """
    rtl = folder / "rtl"
    shutil.copytree(link / "rtl", rtl)
    (rtl / "accelerator_shell.v").unlink()
    lines = ["// ------------------------Address Info-------------------", "// 0x00 : Control signals"]
    for register in json.loads((link / "network.json").read_text())["registers"]:
        for word in range(register["width_bits"] // 32):
            lines.append(f"// 0x{register['offset'] + 4 * word:02x} : Data signal of {register['name']}")
    (rtl / "accelerator_control_s_axi.v").write_text("\n".join(lines) + "\n")
    for program in ("vitis-run", "v++"):
        install(folder / "bin", program, folder.name, rtl=str(rtl))
