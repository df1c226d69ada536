"""What a STAND-IN for Vivado does: it runs the script with stand-in commands in a real Tcl interpreter, then writes artefacts.

`behaviour["vivado"]`: `silent` names artefacts that are not written; `wns` the slack; `old_place` puts the .hwh where
Vivado 2019 does; `boards` the
board parts it knows; `run_says` what the failed implementation says; `device` what the .hwh names.
"""

import sys
from pathlib import Path

from support.vendor_tools import run_tcl

TIMING = """| Tool Version : Vivado v.{version} (stand-in)
| Design Timing Summary

    WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints      WHS(ns)      THS(ns)  THS Failing Endpoints  THS Total Endpoints     WPWS(ns)     TPWS(ns)  TPWS Failing Endpoints  TPWS Total Endpoints
    -------      -------  ---------------------  -------------------      -------      -------  ---------------------  -------------------     --------     --------  ----------------------  --------------------
    {wns:.3f}        0.000                      0                27271        0.027        0.000                      0                27271        1.000        0.000                       0                  9063

Clock       Waveform(ns)       Period(ns)      Frequency(MHz)
-----       ------------       ----------      --------------
{clock}  {{0.000 {half:.3f}}}      {period:.3f}          {mhz:.3f}

"""
UTILISATION = """| Tool Version : Vivado v.{version} (stand-in)
| CLB LUTs                 | 4423 |     0 |          0 |    230400 |  1.92 |
| CLB Registers            | 6991 |     0 |          0 |    460800 |  1.51 |
| Block RAM Tile           | 10.5 |     0 |          0 |       312 |  3.36 |
| URAM                     |    0 |     0 |          0 |        96 |  0.00 |
| DSPs                     |   64 |     0 |          0 |      1728 |  3.70 |
"""


def main(behaviour: dict, words: list[str]) -> int:
    """Run the script and write what it should leave."""
    wanted = ["-mode", "batch", "-nojournal", "-log", "vivado.log", "-source"]
    if words[:6] != wanted or len(words) != 7:
        print(f"ERROR: [Common 17-163] STAND-IN: unknown command line {words}", file=sys.stderr)
        return 1
    known = {"standin_boards": behaviour["vivado"]["boards"]} if "boards" in behaviour.get("vivado", {}) else {}
    done = run_tcl("vivado_commands.tcl", Path(words[6]).resolve(), Path.cwd(), **known)
    Path("vivado.log").write_text(done.stdout + done.stderr)
    print(done.stdout, end="")
    if done.returncode != 0:
        print(f"ERROR: [Common 17-69] Command failed: {done.stderr.splitlines()[0]}" if done.stderr else "")
        return 1
    facts = dict(line.split("=", 1) for line in Path(".stand-in-calls").read_text().splitlines())
    options = behaviour.get("vivado", {})
    if "run_says" in options:
        runme = Path(facts["folder"]) / f"{facts['project']}.runs" / "impl_1" / "runme.log"
        runme.parent.mkdir(parents=True, exist_ok=True)
        runme.write_text(options["run_says"] + "\n")
        print("ERROR: [Common 17-39] 'open_run' failed due to earlier errors.")
        return 1
    silent = options.get("silent", ())
    root = Path(facts["folder"])
    mhz = float(facts["clock"])
    zynq7 = facts["part"].startswith("xc7")
    values = {"version": behaviour["version"], "wns": options.get("wns", 0.25), "mhz": mhz, "period": 1000 / mhz,
              "half": 500 / mhz, "clock": options.get("clock", "clk_fpga_0" if zynq7 else "clk_pl_0")}  # fmt: skip
    design, project = facts["design"], facts["project"]
    place = "srcs" if options.get("old_place") else "gen"
    device = options.get("device", facts["part"].split("-")[0] if not zynq7 else facts["part"][2:7])
    files = {
        facts["timing"]: TIMING.format(**values),
        facts["utilisation"]: UTILISATION.format(**values),
        str(root / f"{project}.runs/impl_1/{design}_wrapper.bit"): f"stand-in bitstream {Path('bitstream.xdc').read_text()}",
        str(root / f"{project}.{place}/sources_1/bd/{design}/hw_handoff/{design}.hwh"):
            f'<EDKSYSTEM><SYSTEMINFO ARCH="x" BOARD="" DEVICE="{device}" NAME="{design}" PACKAGE="x" SPEEDGRADE="x"/></EDKSYSTEM>',
    }  # fmt: skip
    for name, text in files.items():
        if Path(name).name not in silent:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text)
    return 0
