"""How yosys counts for each family of parts: its script, the files that the script reads, and what its cells take."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from csynth.report.model import Resources
from csynth.resources.cells import BRAM_CELLS, BRAM_LIBRARY, bram_map, cells_verilog
from csynth.resources.yosys import version

# What cells take: a pattern of their names, the resource, and how much of it.
_Costs = tuple[tuple[str, str, int], ...]
_AMD: _Costs = (
    (r"LUT[1-6]|INV|\$lut", "lut", 1),
    (r"RAM32X1S|RAM64X1S|SRL16E|SRLC32E|SRLC16E", "lut", 1),
    (r"RAM32X1D|RAM64X1D|RAM128X1S", "lut", 2),
    (r"RAM128X1D|RAM256X1S|RAM32M|RAM64M", "lut", 4),
    (r"RAM256X1D|RAM512X1S|RAM32M16|RAM64M8", "lut", 8),
    (r"FD[RSCP]E(_1)?|LD[CP]E", "ff", 1),
    (r"DSP48E[12]", "dsp", 1),
    (r"URAM288.*", "uram", 1),
)
_ECP5: _Costs = (
    (r"LUT4|INV", "lut", 1),
    (r"CCU2C", "lut", 2),
    (r"TRELLIS_DPR16X4", "lut", 6),  # four, and two for its write port
    (r"TRELLIS_FF", "ff", 1),
    (r"MULT18X18D", "dsp", 1),
    (r"DP16KD", "bram18", 1),
)
_XCUP = """\
read_verilog -lib -specify cells.v
read_verilog design.v
read_verilog -lib stubs.v
hierarchy
synth_xilinx -family xcup -noiopad -noclkbuf -run prepare:map_memory
{memory}
synth_xilinx -family xcup -noiopad -noclkbuf -run map_ffram:map_luts
opt_expr -mux_undef -noclkinv
abc -luts 2:2,3,6:5,10,20 -script +strash;&get,-n;&fraig,-x;&put;dc2;strash;if;mfs2
clean
tee -q -o stat.json stat -json
"""
_XCUP_MEMORY = """\
memory_libmap -lib +/xilinx/lutrams_xcu.txt -lib +/xilinx/brams_xc4v.txt {uram_lib}{flags}
techmap -map +/xilinx/lutrams_xc5v_map.v -map brams.v{uram_map}
"""
_SIMPLE = """\
read_verilog design.v
read_verilog -lib stubs.v
{command}
tee -q -o stat.json stat -json
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """How one family's modules are counted.

    Attributes:
        command: yosys's command for the family.
        script: the yosys script for a module's Verilog and its name; it reads design.v and stubs.v and writes stat.json.
        costs: what cells take; those that no pattern names take nothing.
        files: further files that the script reads, by name.
        stubs: Verilog that goes before the stubs of known modules.
    """

    command: str
    script: Callable[[str, str], str]
    costs: _Costs
    files: Callable[[], Mapping[str, str]] = dict
    stubs: str = ""

    @property
    def tool(self) -> str:
        """Name and version of the tool, and what it was told."""
        return f"yosys {version()} ({self.command})"

    def resources(self, cells: Mapping[str, int]) -> Resources:
        """What `cells`, numbers by type, take."""
        found: Counter[str] = Counter()
        for name, number in cells.items():
            for pattern, resource, each in self.costs:
                if re.fullmatch(pattern, name):
                    found[resource] += each * number
        return Resources(
            lut=found["lut"],
            ff=found["ff"],
            dsp=found["dsp"],
            bram18=found["bram18"],
            uram=found["uram"],
            tool=self.tool,
        )


def _xcup_script(design: str, _top: str) -> str:
    """Reading memory maps costs most, so it is left out without memories."""
    if not re.search(r"\breg [^;\n]*\w \[0:", design):
        return _XCUP.format(memory="")
    uram = 'ram_style = "ultra"' in design
    memory = _XCUP_MEMORY.format(
        flags="-D HAS_SIZE_36 -D HAS_CASCADE -D HAS_MIXWIDTH_SDP -D HAS_ADDRCE",
        uram_lib="-lib +/xilinx/urams.txt " if uram else "",
        uram_map=" -map +/xilinx/urams_map.v" if uram else "",
    )
    return _XCUP.format(memory=memory)


FLOWS = {
    "UltraScale+": Flow(
        command="synth_xilinx -family xcup",
        script=_xcup_script,
        costs=(*_AMD, *((re.escape(name), "bram18", number) for name, number in BRAM_CELLS.items())),
        files=lambda: {"cells.v": cells_verilog(), "brams.v": bram_map()},
        stubs=BRAM_LIBRARY,
    ),
    "7-series": Flow(
        command="synth_xilinx -family xc7",
        script=lambda _design, top: _SIMPLE.format(command=f"synth_xilinx -family xc7 -noiopad -noclkbuf -top {top}"),
        costs=(*_AMD, ("RAMB18E1", "bram18", 1), ("RAMB36E1", "bram18", 2)),
    ),
    "ECP5": Flow(
        command="synth_ecp5",
        script=lambda _design, top: _SIMPLE.format(command=f"synth_ecp5 -top {top}"),
        costs=_ECP5,
    ),
}
